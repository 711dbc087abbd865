# SPDX-License-Identifier: Apache-2.0
"""What a policy promises beside what it decides: the words on an insert, and until when."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The words every insert carries."""

    visible_to: str
    made_by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingRules:
    """How long a story lasts, and whether friends may have somebody drawn who is not them."""

    story_hours: int
    friends_may_ask: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRules:
    """Within how many hours a report is answered; unanswered, it counts as right."""

    answer_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PortraitRules:
    """How long an insert stays in the feed and a portrait is kept."""

    insert_hours: int
    retention_seconds: int
