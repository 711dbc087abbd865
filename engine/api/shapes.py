# SPDX-License-Identifier: Apache-2.0
"""The contract's shapes, for `/openapi.json`, for reading bodies and for contract tests.

Answers are written by hand with orjson (`answers.py`); these models describe them and never
stand between a route and its bytes. Absent means absent: a `None` default is a field left out.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from consent.words import Purpose, Reason

Id = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Shape(BaseModel):
    """A strict shape: what is not named in the contract is not in the answer."""

    model_config = ConfigDict(extra="forbid")


class Scenario(Shape):
    """An idea, by id and as a title that completes "You, as ..."."""

    id: str
    title: str


class FeedPost(Shape):
    """Somebody's ordinary post."""

    id: Id
    kind: Literal["post"]
    author: str
    text: str
    image_url: str | None
    alt: str
    created_at: Time
    context: Id


class FeedImagined(Shape):
    """A portrait that only its owner sees, or the card that asks before the first one."""

    id: Id
    kind: Literal["imagined"]
    portrait_id: Id | None = None
    label: str
    ai_label: str
    visible_to: Literal["only_you"]
    is_ad: Literal[False]
    preview: bool
    image_url: str | None = None
    alt: str | None = None
    scenario: Scenario | None = None
    why: str | None = None
    created_at: Time | None = None
    expires_at: Time | None = None
    context: Id


class FeedPage(Shape):
    """One page of a person's feed."""

    items: list[Annotated[FeedPost | FeedImagined, Field(discriminator="kind")]]
    cursor: str | None = None
    req_id: Id


class Hashed(Shape):
    """Something content-addressed."""

    id: str
    sha256: Sha256


class NoticeName(Shape):
    """Which words were shown."""

    sha256: Sha256
    version: str
    language: str


class WhyReason(Shape):
    """One thing that spoke for or against the idea."""

    feature: str
    effect: float
    sentence: str


class WhyLot(Shape):
    """The draw that chose the idea: its chance, and among how many ideas (or none)."""

    chance: float
    among: int


class Explanation(Shape):
    """Everything a portrait rests on; `lot` is absent for one that was asked for."""

    portrait_id: Id
    scenario: Scenario
    selfies: list[Id]
    purpose: Purpose
    basis: Literal["explicit", "parental", "implied"]
    granted_at: Time
    grant_seq: int
    notice: NoticeName | None
    policy: Hashed
    recipe: Hashed
    reasons: list[WhyReason]
    lot: WhyLot | None = None


class Acted(Shape):
    """What became of one act."""

    event_id: str
    status: Literal["done", "duplicate"]


class Results(Shape):
    """What became of the acts, in their order."""

    results: list[Acted]


class Notice(Shape):
    """The words for one purpose, as served to one person."""

    served_id: Id
    purpose: Purpose
    sha256: Sha256
    version: str
    language: str
    text: str
    policy: Hashed


class WouldDestroy(Shape):
    """What turning a purpose off would take along."""

    portraits: int
    inserts: int
    shares: int


class Consent(Shape):
    """Where a person stands for one purpose."""

    purpose: Purpose
    state: Literal["granted", "not_granted", "paused", "outdated", "expired"]
    basis: Literal["explicit", "parental", "implied"] | None = None
    granted_at: Time | None = None
    expires_at: Time | None = None
    grant_seq: int | None = None
    notice: NoticeName | None = None
    requires: Purpose | None
    would_destroy: WouldDestroy
    etag: str


class Consents(Shape):
    """Every purpose, granted or not."""

    items: list[Consent]


class Destroyed(Shape):
    """What an act destroyed."""

    portraits: int
    inserts: int
    shares: int
    keys: int


class Receipt(Shape):
    """A signed proof that a consent event is in the log."""

    model_config = ConfigDict(extra="allow")

    schema_: Annotated[Literal["onlyou-receipt/1"], Field(alias="schema")]
    event: Literal["grant", "withdraw", "renew", "erase"]
    purpose: Purpose
    at: Time
    seq: int
    epoch: int | None
    notice: Sha256 | None = None
    destroyed: Destroyed | None = None
    checkpoint: str
    proof: list[Sha256]
    entry: str
    signature: str


class ProvedEntry(Shape):
    """One entry of the log as it was written, with its inclusion proof."""

    seq: int
    entry: str
    proof: list[Sha256]


class Portrait(Shape):
    """One image of the person, in whatever state it is; destroyed ones keep their line."""

    id: Id
    state: Literal["ready", "quarantined", "refused", "destroyed"]
    purpose: Purpose
    scenario: Scenario | None
    created_at: Time
    expires_at: Time | None
    inserted: bool
    shared: list[str]
    reason: Reason | None
    image_url: str | None
    appeal: Literal["open", "used"] | None = None
    form: Literal["still", "loop"] = "still"
    destroyed_at: Time | None = None
    destroyed_seq: int | None = None


class Portraits(Shape):
    """Every image of the person, newest first."""

    items: list[Portrait]
    cursor: str | None = None


class Sharing(BaseModel):
    """To whom a portrait is to be shown; nothing is without a confirmation."""

    audience: Literal["friends", "story", "profile"] | None = None
    confirm: Annotated[bool, Field(strict=True)] = False


class Share(Shape):
    """A portrait that somebody shows: to its owner with what it is, to its audience without."""

    share_id: Id
    audience: Literal["friends", "story", "profile"]
    url: str
    mine: bool
    by: str
    ai_label: str
    scenario: Scenario
    shared_at: Time
    ends_at: Time | None
    portrait_id: Id | None = None
    purpose: Purpose | None = None
    seq: int | None = None


class Shares(Shape):
    """What a person shows, and what they may see."""

    items: list[Share]
    cursor: str | None = None


class Selfie(Shape):
    """One selfie; its pixels are sealed."""

    id: Id
    state: Literal["ready"]
    purposes: list[Purpose]
    created_at: Time
    expires_at: Time


class Selfies(Shape):
    """The person's selfies."""

    items: list[Selfie]


class Checked(Shape):
    """What became of one uploaded photo."""

    id: Id | None = None
    accepted: bool
    reason: Reason | None = None


class Enrolled(Shape):
    """What became of an upload, photo by photo."""

    items: list[Checked]


class TokenRequest(BaseModel):
    """Whom a development token is for; nobody for staff scopes."""

    subject: Annotated[str, Field(max_length=80)] | None = None
    scopes: list[str] | None = None


class Token(Shape):
    """A short-lived token."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int


class ProblemShape(Shape):
    """RFC 9457. `type` ends in the problem's name (docs/problems.md), or is `about:blank`."""

    type: Annotated[
        str, Field(pattern=r"^(https://onlyou\.example/problems/[a-z-]+|about:blank)$")
    ]
    title: str
    status: int
    detail: str
    reason: Reason | None = None
    purpose: Purpose | None = None
    seq: int | None = None
    field: str | None = None
    items: list[Checked] | None = None
