# SPDX-License-Identifier: Apache-2.0
"""Every refusal as an RFC 9457 problem: one slug, one status, one clear sentence.

1. A slug has one status, named in CONTRACTS.
2. What is not yours and what does not exist answer with the same bytes.
3. `purpose` and `seq` are told to the owner only; no message repeats what was sent.
Source: RFC 9457; RFC 9110 section 15.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import orjson
from starlette.responses import Response

from consent.errors import Broken, Denied, OnlyouError
from consent.words import Purpose, Reason, Seq

_TYPES: Final = "https://onlyou.example/problems/"


class Slug(StrEnum):
    """The closed list of problem types."""

    NOT_FOUND = "not-found"
    UNAUTHENTICATED = "unauthenticated"
    SCOPE = "scope"
    CONSENT_REQUIRED = "consent-required"
    PURPOSE_MISMATCH = "purpose-mismatch"
    NOTICE_REQUIRED = "notice-required"
    NOTICE_OUTDATED = "notice-outdated"
    SELFIES_REQUIRED = "selfies-required"
    QUARANTINED = "quarantined"
    STALE = "stale"
    QUOTA = "quota"
    RATE_LIMITED = "rate-limited"
    IMAGE_REFUSED = "image-refused"
    INVALID = "invalid"
    KEY_REUSED = "key-reused"
    TOO_LARGE = "too-large"
    MEDIA_TYPE = "media-type"
    UNAVAILABLE = "unavailable"


STATUS: Final[Mapping[Slug, int]] = MappingProxyType(
    {
        Slug.NOT_FOUND: 404,
        Slug.UNAUTHENTICATED: 401,
        Slug.SCOPE: 403,
        Slug.CONSENT_REQUIRED: 403,
        Slug.PURPOSE_MISMATCH: 403,
        Slug.NOTICE_REQUIRED: 409,
        Slug.NOTICE_OUTDATED: 409,
        Slug.SELFIES_REQUIRED: 409,
        Slug.QUARANTINED: 409,
        Slug.STALE: 412,
        Slug.QUOTA: 429,
        Slug.RATE_LIMITED: 429,
        Slug.IMAGE_REFUSED: 422,
        Slug.INVALID: 422,
        Slug.KEY_REUSED: 422,
        Slug.TOO_LARGE: 413,
        Slug.MEDIA_TYPE: 415,
        Slug.UNAVAILABLE: 503,
    }
)

_TITLE: Final[Mapping[Slug, str]] = MappingProxyType(
    {
        Slug.NOT_FOUND: "Not found",
        Slug.UNAUTHENTICATED: "Sign in first",
        Slug.SCOPE: "Not what this token is for",
        Slug.CONSENT_REQUIRED: "Consent is required",
        Slug.PURPOSE_MISMATCH: "Made for another purpose",
        Slug.NOTICE_REQUIRED: "The notice comes first",
        Slug.NOTICE_OUTDATED: "The notice has changed",
        Slug.SELFIES_REQUIRED: "Selfies are required",
        Slug.QUARANTINED: "Held back",
        Slug.STALE: "It has changed since",
        Slug.QUOTA: "That is all for now",
        Slug.RATE_LIMITED: "Too fast",
        Slug.IMAGE_REFUSED: "The photo was refused",
        Slug.INVALID: "Not understood",
        Slug.KEY_REUSED: "This key was used for something else",
        Slug.TOO_LARGE: "Too large",
        Slug.MEDIA_TYPE: "Not a kind of content we read",
        Slug.UNAVAILABLE: "Not available right now",
    }
)

OF_REASON: Final[Mapping[Reason, Slug]] = MappingProxyType(
    {
        Reason.NOT_GRANTED: Slug.CONSENT_REQUIRED,
        Reason.WITHDRAWN: Slug.CONSENT_REQUIRED,
        Reason.EXPIRED: Slug.CONSENT_REQUIRED,
        Reason.PAUSED: Slug.CONSENT_REQUIRED,
        Reason.POLICY_SILENT: Slug.CONSENT_REQUIRED,
        Reason.POLICY_FORBIDS: Slug.CONSENT_REQUIRED,
        Reason.AGE: Slug.CONSENT_REQUIRED,
        Reason.GUARDIAN_REQUIRED: Slug.CONSENT_REQUIRED,
        Reason.PURPOSE_MISMATCH: Slug.PURPOSE_MISMATCH,
        Reason.NOTICE_OUTDATED: Slug.NOTICE_OUTDATED,
        Reason.NOTICE_MISSING: Slug.NOTICE_REQUIRED,
        Reason.SELFIES_REQUIRED: Slug.SELFIES_REQUIRED,
        Reason.CAP: Slug.QUOTA,
        Reason.QUOTA: Slug.QUOTA,
        Reason.STALE: Slug.STALE,
        Reason.PERMIT_USED: Slug.STALE,
        Reason.MODERATION_FAILED: Slug.QUARANTINED,
        Reason.IDENTITY_FAILED: Slug.QUARANTINED,
        Reason.NSFW: Slug.IMAGE_REFUSED,
        Reason.NO_FACE: Slug.IMAGE_REFUSED,
        Reason.MULTI_FACE: Slug.IMAGE_REFUSED,
        Reason.TOO_SMALL: Slug.IMAGE_REFUSED,
        Reason.BLURRED: Slug.IMAGE_REFUSED,
        Reason.DARK: Slug.IMAGE_REFUSED,
        Reason.DUPLICATE: Slug.IMAGE_REFUSED,
        Reason.DIFFERENT_PERSON: Slug.IMAGE_REFUSED,
        Reason.UNREADABLE: Slug.IMAGE_REFUSED,
        Reason.ATTESTATION_MISSING: Slug.INVALID,
        Reason.UNKNOWN_KEY: Slug.INVALID,
        Reason.UNKNOWN_SUBJECT: Slug.NOT_FOUND,
        Reason.UNAVAILABLE: Slug.UNAVAILABLE,
        Reason.STOPPED: Slug.UNAVAILABLE,
        Reason.SCHEMA_VERSION: Slug.UNAVAILABLE,
    }
)
"""The problem that tells each reason; every reason has one."""


class Problem(Exception):
    """Refuse a request with a slug and one clear sentence."""

    def __init__(
        self,
        slug: Slug,
        detail: str,
        *,
        reason: Reason | None = None,
        purpose: Purpose | None = None,
        seq: Seq | None = None,
        field: str | None = None,
        items: Sequence[Mapping[str, object]] | None = None,
    ) -> None:
        super().__init__(slug.value)
        self.slug = slug
        self.detail = detail
        self.reason = reason
        self.purpose = purpose
        self.seq = seq
        self.field = field
        self.items = items


def not_found() -> Problem:
    """Hide what is not yours and what never was behind the same bytes."""
    return Problem(Slug.NOT_FOUND, "There is nothing here that you can see.")


def of(error: OnlyouError) -> Problem:
    """Tell a room's refusal to the person it concerns; every caller of a route is its owner."""
    if isinstance(error, Broken):
        return Problem(Slug.UNAVAILABLE, "Nothing was done. Try again later.", reason=error.reason)
    slug = OF_REASON[error.reason]
    if slug is Slug.NOT_FOUND:
        return not_found()
    if isinstance(error, Denied):
        return Problem(
            slug, error.sentence, reason=error.reason, purpose=error.purpose, seq=error.seq
        )
    return Problem(slug, error.sentence, reason=error.reason)


def body(problem: Problem) -> dict[str, object]:
    """Write a problem as its JSON object; facts that do not exist are absent."""
    facts = {
        "type": _TYPES + problem.slug,
        "title": _TITLE[problem.slug],
        "status": STATUS[problem.slug],
        "detail": problem.detail,
        "reason": problem.reason,
        "purpose": problem.purpose,
        "seq": problem.seq,
        "field": problem.field,
        "items": problem.items,
    }
    return {name: value for name, value in facts.items() if value is not None}


def answer(problem: Problem) -> Response:
    """Answer with a problem, and say how to sign in where that is what is missing."""
    headers = {}
    if problem.slug is Slug.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'Bearer realm="onlyou"'
    if problem.slug in {Slug.UNAVAILABLE, Slug.RATE_LIMITED}:
        headers["Retry-After"] = "1"
    return Response(
        orjson.dumps(body(problem)),
        status_code=STATUS[problem.slug],
        headers=headers,
        media_type="application/problem+json",
    )


def bare(status: int, title: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a status that needs no type of its own, such as 405 or 500."""
    return Response(
        orjson.dumps({"type": "about:blank", "title": title, "status": status, "detail": title}),
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/problem+json",
    )
