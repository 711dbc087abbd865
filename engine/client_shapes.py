# SPDX-License-Identifier: Apache-2.0
"""The contract's shapes as a client sees them. Nothing of the engine is imported here.

A field that may be absent is `NotRequired`; readers ignore what they do not know.
"""

from typing import Literal, NotRequired, TypedDict


class Scenario(TypedDict):
    """An idea, by id and title."""

    id: str
    title: str


class Item(TypedDict):
    """One item of a feed: a post, a portrait of the reader, or the card that asks (`preview`)."""

    id: str
    kind: Literal["post", "imagined"]
    context: str
    author: NotRequired[str]
    text: NotRequired[str]
    image_url: NotRequired[str | None]
    alt: NotRequired[str]
    created_at: NotRequired[str]
    expires_at: NotRequired[str]
    portrait_id: NotRequired[str]
    label: NotRequired[str]
    ai_label: NotRequired[str]
    visible_to: NotRequired[Literal["only_you"]]
    is_ad: NotRequired[bool]
    preview: NotRequired[bool]
    scenario: NotRequired[Scenario]
    why: NotRequired[str]


class FeedPage(TypedDict):
    """One page; without a cursor it is the last."""

    items: list[Item]
    req_id: str
    cursor: NotRequired[str]


class Acted(TypedDict):
    """What became of an act or a measurement."""

    event_id: str
    status: Literal["done", "duplicate"]


class Named(TypedDict):
    """Something content-addressed."""

    id: str
    sha256: str


class NoticeName(TypedDict):
    """Which words were shown."""

    sha256: str
    version: str
    language: str


class Notice(TypedDict):
    """The words for one purpose, served once."""

    served_id: str
    purpose: str
    sha256: str
    version: str
    language: str
    text: str
    policy: Named


class Counts(TypedDict):
    """What a no destroys, or has destroyed."""

    portraits: int
    inserts: int
    shares: int
    keys: NotRequired[int]


class Consent(TypedDict):
    """Where a person stands for one purpose."""

    purpose: str
    state: Literal["granted", "not_granted", "paused", "outdated", "expired"]
    basis: str | None
    granted_at: str | None
    expires_at: str | None
    grant_seq: int | None
    notice: NoticeName | None
    requires: str | None
    would_destroy: Counts
    etag: str


class Receipt(TypedDict):
    """A signed proof of a yes or a no."""

    schema: Literal["onlyou-receipt/1"]
    event: Literal["grant", "withdraw", "renew", "erase"]
    purpose: str
    at: str
    seq: int
    epoch: int | None
    notice: NotRequired[str]
    destroyed: NotRequired[Counts]
    checkpoint: str
    proof: list[str]
    entry: str
    signature: str


class Portrait(TypedDict):
    """One image of the person, in whatever state."""

    id: str
    state: Literal["ready", "quarantined", "refused", "destroyed"]
    purpose: str
    scenario: Scenario | None
    created_at: str
    expires_at: str | None
    inserted: bool
    shared: list[str]
    reason: str | None
    image_url: str | None
    appeal: Literal["open", "used"] | None


class Reason(TypedDict):
    """One thing that spoke for or against an idea."""

    feature: str
    effect: float
    sentence: str


class Why(TypedDict):
    """Everything a portrait rests on."""

    portrait_id: str
    scenario: Scenario
    selfies: list[str]
    purpose: str
    basis: str
    granted_at: str
    grant_seq: int
    notice: NoticeName | None
    policy: Named
    recipe: Named
    reasons: list[Reason]


class Selfie(TypedDict):
    """One selfie; its pixels are sealed."""

    id: str
    state: Literal["ready"]
    purposes: list[str]
    created_at: str
    expires_at: str


class Checked(TypedDict):
    """What became of one uploaded photo."""

    accepted: bool
    id: NotRequired[str]
    reason: NotRequired[str]


class Refusal(TypedDict):
    """Why one part of a job was not made."""

    reason: str


class Job(TypedDict):
    """Something asked for that takes a while."""

    id: str
    kind: Literal["imagine", "pack"]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: int
    total: int
    portraits: list[str]
    refusals: list[Refusal]
    words: NotRequired[str]
    expires_at: NotRequired[str]
    quota_left: NotRequired[int]


class Share(TypedDict):
    """A portrait that its owner shows to others."""

    share_id: str
    portrait_id: str
    purpose: str
    audience: Literal["friends", "story", "profile"]
    url: str
    seq: int


class Pause(TypedDict):
    """Whether everything is paused, and until when."""

    paused: bool
    until: str | None


class Preferences(TypedDict):
    """What a person wants less of."""

    per_week: int | None
    blocked_themes: list[str]


class Report(TypedDict):
    """What was reported, by when it is answered, and how it was."""

    id: str
    due_at: str
    outcome: Literal["upheld", "dismissed"] | None


class Proved(TypedDict):
    """One entry of the log with its inclusion proof."""

    seq: int
    entry: str
    proof: list[str]


class Certificate(TypedDict):
    """The proof that a person was erased."""

    schema: Literal["onlyou-erasure/1"]
    requested_seq: int
    done_seq: int
    keys_destroyed: int
    bytes_destroyed: int
    checkpoint: str
    proofs: list[Proved]
    signature: str


class Marks(TypedDict):
    """Which marks of an installation a picture bears."""

    c2pa: Literal["trusted", "valid", "invalid", "absent"]
    watermark: Literal["found", "absent"]
    fingerprint: Literal["found", "absent"]
