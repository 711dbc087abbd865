# SPDX-License-Identifier: Apache-2.0
"""New versions beside the portrait they are a version of, in the order in which they were made.

A new version is a portrait that its person asked for, of the same idea, after the one in the feed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from consent.words import Purpose
from engine.api import portraits
from engine.web.visitors import Visitor


def reels(viewer: Visitor, placed: Sequence[str]) -> Mapping[str, list[dict[str, Any]]]:
    """Give each portrait of the feed the pictures of its card: itself, then newer versions."""
    if not placed:
        return {}
    every = portraits.listed(viewer.rooms, viewer.subject)
    known = {str(one["id"]): one for one in every}
    return {one: [known[one], *_newer(known[one], every)] for one in placed if one in known}


def _newer(first: dict[str, Any], every: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Find the versions of a portrait, oldest first."""
    found = [
        one
        for one in every
        if one["state"] == "ready"
        and one["purpose"] == Purpose.IMAGINE
        and one["scenario"] == first["scenario"]
        and one["created_at"] > first["created_at"]
    ]
    return found[::-1]
