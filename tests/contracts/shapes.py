# SPDX-License-Identifier: Apache-2.0
"""The contract as data: which fields an answer has, of what kind, and which it may leave out.

A field's kind is a word of KINDS, a literal after `=`, choices between `|`, another shape's name
in angle brackets, or a list of one of these in square brackets. A `?` behind the field's name says
that it may be absent.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

PURPOSES: Final = [
    *("likeness", "imagine", "feed_insert", "avatar_pack", "profile_picture", "story", "share"),
    *("ads", "training", "personalisation", "experiment", "telemetry"),
]
STATES: Final = "granted|not_granted|paused|outdated|expired"
REASONS: Final = (
    "not-granted|withdrawn|expired|notice-outdated|notice-missing|paused|purpose-mismatch|"
    "policy-silent|policy-forbids|cap|quota|selfies-required|age|guardian-required|stale|"
    "permit-used|moderation-failed|identity-failed|nsfw|no-face|multi-face|too-small|blurred|dark|"
    "duplicate|different-person|attestation-missing|unreadable|unavailable|stopped|"
    "unknown-subject|unknown-key|schema-version"
)

STATUS: Final = {
    "not-found": 404,
    "unauthenticated": 401,
    "scope": 403,
    "consent-required": 403,
    "purpose-mismatch": 403,
    "notice-required": 409,
    "notice-outdated": 409,
    "selfies-required": 409,
    "quarantined": 409,
    "stale": 412,
    "quota": 429,
    "rate-limited": 429,
    "image-refused": 422,
    "invalid": 422,
    "key-reused": 422,
    "too-large": 413,
    "media-type": 415,
    "unavailable": 503,
}

Shape = Mapping[str, str]
_NAMED: Final = {"id": "text", "sha256": "hash"}

SHAPES: Final[Mapping[str, Shape]] = {
    "page": {"items": "[item]", "cursor?": "text", "req_id": "id"},
    "post": {
        "id": "id",
        "kind": "=post",
        "author": "text",
        "text": "text",
        "image_url": "text|null",
        "alt": "text",
        "created_at": "time",
    },
    "imagined": {
        "id": "id",
        "kind": "=imagined",
        "portrait_id": "id",
        "label": "=Only you can see this",
        "ai_label": "=AI, made for you",
        "visible_to": "=only_you",
        "is_ad": "no",
        "preview": "no",
        "image_url": "text",
        "alt": "text",
        "scenario": "<scenario>",
        "why": "text",
        "created_at": "time",
        "expires_at": "time",
    },
    "card": {
        "id": "id",
        "kind": "=imagined",
        "label": "=Only you can see this",
        "ai_label": "text",
        "visible_to": "=only_you",
        "is_ad": "no",
        "preview": "yes",
        "alt": "text",
        "created_at": "time",
    },
    "scenario": {"id": "id", "title": "text"},
    "named": _NAMED,
    "notice_name": {"sha256": "hash", "version": "text", "language": "text"},
    "reason": {"feature": "text", "effect": "number"},
    "why": {
        "portrait_id": "id",
        "scenario": "<scenario>",
        "selfies": "[id]",
        "purpose": "purpose",
        "basis": "=explicit|=parental|=implied",
        "granted_at": "time",
        "grant_seq": "count",
        "notice": "<notice_name>",
        "policy": "<named>",
        "recipe": "<named>",
        "reasons": "[<reason>]",
    },
    "notice": {
        "served_id": "id",
        "purpose": "purpose",
        "sha256": "hash",
        "version": "text",
        "language": "text",
        "text": "text",
        "policy": "<named>",
    },
    "consent": {
        "purpose": "purpose",
        "state": "=" + STATES.replace("|", "|="),
        "basis": "text|null",
        "granted_at": "time|null",
        "expires_at": "time|null",
        "grant_seq": "count|null",
        "notice": "<notice_name>|null",
        "requires": "=likeness|null",
        "would_destroy": "<would_destroy>",
    },
    "would_destroy": {"portraits": "count", "inserts": "count", "shares": "count"},
    "destroyed": {"portraits": "count", "inserts": "count", "shares": "count", "keys": "count"},
    "receipt": {
        "schema": "=onlyou-receipt/1",
        "event": "=grant|=withdraw|=renew|=erase",
        "purpose": "purpose",
        "at": "time",
        "seq": "count",
        "epoch": "count|null",
        "notice?": "hash",
        "destroyed?": "<destroyed>",
        "checkpoint": "text",
        "proof": "[hash]",
        "entry": "text",
        "signature": "text",
    },
    "portrait": {
        "id": "id",
        "state": "=ready|=quarantined|=refused|=destroyed",
        "purpose": "purpose",
        "scenario": "<scenario>|null",
        "created_at": "time",
        "expires_at": "time|null",
        "inserted": "yes|no",
        "shared": "[text]",
        "reason": "reason|null",
        "image_url": "text|null",
    },
    "selfie": {
        "id": "id",
        "state": "=ready",
        "purposes": "[purpose]",
        "created_at": "time",
        "expires_at": "time",
    },
    "checked": {"id?": "id", "accepted": "yes|no", "reason?": "reason"},
    "image_answer": {
        "c2pa": "=trusted|=valid|=invalid|=absent",
        "watermark": "=found|=absent",
        "fingerprint": "=found|=absent",
    },
    "token": {"access_token": "text", "token_type": "=Bearer", "expires_in": "count"},
    "problem": {
        "type": "text",
        "title": "text",
        "status": "count",
        "detail": "text",
        "reason?": "reason",
        "purpose?": "purpose",
        "seq?": "count",
        "field?": "text",
    },
}

ENTRIES: Final[Mapping[str, tuple[str, str]]] = {
    "policy.publish": ("policy", ""),
    "notice.publish": ("notice", ""),
    "notice.served": ("tag purpose notice", "prev"),
    "grant": ("tag purpose kind not_after policy actor", "notice served facts prev"),
    "renew": ("tag purpose kind not_after policy actor", "notice served facts prev"),
    "withdraw": ("tag purpose actor", "epoch prev"),
    "decision": (
        "tag purpose step policy verdict object facts",
        "request run reasons basis epoch not_after prev",
    ),
    "effect": ("tag step object effect_of", "request recipe marks prev"),
    "block": ("n denied inner", "run step purpose policy not_after nonce"),
    "destroy": ("tag object", "prev"),
    "key.destroy": ("tag purpose epoch", "prev"),
    "aggregate": ("object", "map n"),
    "label.shown": ("tag", "purpose policy object request n prev"),
}
"""Of each type of entry the fields that it must have, and those that it may have."""

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def _text(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


KINDS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "id": _text(_ID),
    "time": _text(_TIME),
    "hash": _text(_HASH),
    "text": lambda value: isinstance(value, str),
    "count": lambda value: type(value) is int and value >= 0,
    "number": lambda value: type(value) in {int, float},
    "yes": lambda value: value is True,
    "no": lambda value: value is False,
    "null": lambda value: value is None,
    "purpose": lambda value: value in PURPOSES,
    "reason": lambda value: value in REASONS.split("|"),
    "item": lambda value: isinstance(value, dict) and not wrong(item_shape(value), value),
}


def item_shape(item: Mapping[str, Any]) -> str:
    """Name the shape that a feed item must have."""
    if item.get("kind") == "post":
        return "post"
    return "card" if item.get("preview") else "imagined"


def wrong(shape: str, body: Mapping[str, Any]) -> list[str]:
    """Name the fields that are missing or not of their kind; more fields are nobody's fault."""
    return [
        name
        for field, kind in SHAPES[shape].items()
        if not ((name := field.rstrip("?")) in body and _is(kind, body[name]))
        and not (field.endswith("?") and name not in body)
    ]


def _is(kind: str, value: Any) -> bool:
    if kind.startswith("["):
        return isinstance(value, list) and all(_is(kind[1:-1], one) for one in value)
    return any(_one(choice, value) for choice in kind.split("|"))


def _one(choice: str, value: Any) -> bool:
    if choice.startswith("="):
        return bool(value == choice[1:])
    if choice.startswith("<"):
        return isinstance(value, dict) and not wrong(choice[1:-1], value)
    return KINDS[choice](value)
