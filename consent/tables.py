# SPDX-License-Identifier: Apache-2.0
"""The schema in which a violation cannot be written, declared once for SQLite and PostgreSQL.

`entry` is the ledger. `basis` is what holds now. A `permit` is one decision for one subject, step,
purpose, basis epoch and object. Every effect table has one shape (`effect_table`): it spends one
permit once, hangs on the basis and on the effect before it, so that deleting a basis row takes
everything that was made under it. No basis row is ever updated.

All rooms share this `metadata`; their tables may point here, never the other way.
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from consent.words import ROOTS, Actor, Kind, Purpose, Step

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

BASIS: Final = ("subject", "purpose", "epoch")
OBJECT: Final = ("object", "subject", "purpose", "epoch")


def number(name: str, **more: Any) -> Column[int]:  # noqa: ANN401 - passed on to Column as it is
    """Declare a 63-bit number that must be given."""
    more.setdefault("nullable", False)
    return Column(name, BigInteger, autoincrement=False, **more)


def text(name: str, **more: Any) -> Column[str]:  # noqa: ANN401 - passed on to Column as it is
    """Declare a text that must be given."""
    more.setdefault("nullable", False)
    return Column(name, Text, **more)


def raw(name: str, *, nullable: bool = False) -> Column[bytes]:
    """Declare bytes: BLOB on SQLite, BYTEA on PostgreSQL."""
    return Column(name, LargeBinary, nullable=nullable)


def one_of(column: str, values: Iterable[str], name: str = "") -> CheckConstraint:
    """Admit only the listed words in a column."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=name or column)


def foreign(
    columns: Iterable[str], parent: str, targets: Iterable[str] | None = None, *, cascade: bool
) -> ForeignKeyConstraint:
    """Hang columns on a parent's columns; with `cascade` the row goes when the parent goes."""
    names = tuple(columns)
    return ForeignKeyConstraint(
        names,
        [f"{parent}.{target}" for target in targets or names],
        ondelete="CASCADE" if cascade else None,
    )


def of_subject(name: str, *columns: Any, under_basis: bool = True) -> Table:  # noqa: ANN401
    """Declare a table of a person's rows that a withdrawal of their basis takes along."""
    hook = (
        foreign(BASIS, "basis", cascade=True)
        if under_basis
        else foreign(("subject",), "subject", ("id",), cascade=True)
    )
    more = (text("purpose"), number("epoch")) if under_basis else ()
    key = BASIS if under_basis else ("subject",)
    return Table(
        name,
        metadata,
        number("subject"),
        *more,
        *columns,
        hook,
        Index(f"ix_{name}_{'basis' if under_basis else 'subject'}", *key),
    )


def effect_table(name: str, step: Step, *more: Any, under: str = "", once: bool = True) -> Table:  # noqa: ANN401
    """Declare the rows that a step leaves: each spends one permit, once, under a living basis.

    `under` names the effect table it hangs on by (object, subject, purpose, epoch); `once` lets an
    object have only one such row. Extra columns and constraints follow as in `Table`.
    """
    chain = [foreign(OBJECT, under, cascade=True)] if under else []
    unique = [UniqueConstraint(*OBJECT)] if once else [Index(f"ix_{name}_object", *OBJECT)]
    return Table(
        name,
        metadata,
        number("permit_seq"),
        Column("permit_slot", Integer, nullable=False, server_default="0"),
        number("subject"),
        text("purpose"),
        number("epoch"),
        number("object"),
        text("step", server_default=str(step)),
        number("not_after"),
        number("at"),
        number("effect_seq"),
        text("effect_t", server_default="effect"),
        *more,
        PrimaryKeyConstraint("permit_seq", "permit_slot"),
        one_of("step", (step,)),
        one_of("effect_t", ("effect",)),
        CheckConstraint("at < not_after", name="in_time"),
        foreign(("effect_seq", "effect_t"), "entry", ("seq", "t"), cascade=False),
        foreign(_PERMIT_COLUMNS, "permit", _PERMIT_TARGETS, cascade=False),
        foreign(BASIS, "basis", cascade=True),
        *chain,
        *unique,
        Index(f"ix_{name}_basis", *BASIS),
        info={"step": step},
    )


_PERMIT_COLUMNS: Final = (
    "permit_seq", "permit_slot", "subject", "step", "purpose", "epoch", "object", "not_after",
)  # fmt: skip
_PERMIT_TARGETS: Final = (
    "seq", "slot", "subject", "step", "purpose", "epoch", "object", "not_after",
)  # fmt: skip


def effect_tables() -> tuple[Table, ...]:
    """List every room's effect tables."""
    return tuple(t for t in metadata.sorted_tables if "step" in t.info)


# --- the ledger ---

entry = Table(
    "entry",
    metadata,
    number("seq", primary_key=True),
    text("t"),
    raw("body"),
    raw("leaf"),
    CheckConstraint("length(leaf) = 32", name="leaf"),
    UniqueConstraint("seq", "t"),
)
log_head = Table(
    "log_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    number("size"),
    number("now"),
    CheckConstraint("one = 1", name="one"),
)
subject = Table("subject", metadata, number("id", primary_key=True))
account = Table(
    "account",
    metadata,
    number("subject", primary_key=True),
    text("name", unique=True),
    number("place", unique=True),
    number("created_at"),
    foreign(("subject",), "subject", ("id",), cascade=True),
)
chain = Table(
    "chain",
    metadata,
    number("subject", primary_key=True),
    text("tag", unique=True),
    number("last", nullable=True),
    number("slot", nullable=True),
    foreign(("subject",), "subject", ("id",), cascade=True),
)
"""Everybody's last entry; `slot` is the place inside it where that entry is a block."""
opening = Table(
    "opening",
    metadata,
    number("seq"),
    number("subject"),
    raw("sealed"),
    PrimaryKeyConstraint("seq"),
    foreign(("seq",), "entry", cascade=False),
    foreign(("subject",), "subject", ("id",), cascade=True),
    Index("ix_opening_subject", "subject"),
)
block = Table(
    "block",
    metadata,
    number("seq", primary_key=True),
    raw("records"),
    raw("nonce", nullable=True),
    raw("sealed", nullable=True),
    foreign(("seq",), "entry", cascade=False),
)
"""What a block entry commits to. For decisions, `sealed` holds the facts of each slot, hidden with
its person's secret, and `nonce` what their salts derive from."""
published = Table(
    "published",
    metadata,
    text("sha256", primary_key=True),
    text("t"),
    number("seq"),
    text("content"),
    one_of("t", ("policy.publish", "notice.publish")),
    foreign(("seq", "t"), "entry", cascade=False),
)

aggregate = Table(
    "aggregate",
    metadata,
    number("seq", primary_key=True),
    text("t", server_default="aggregate"),
    text("sha256"),
    text("content"),
    one_of("t", ("aggregate",)),
    foreign(("seq", "t"), "entry", cascade=False),
)
"""Statistics that an entry commits to by hash: daily counts, and the map of last entries."""
cosignature = Table(
    "cosignature",
    metadata,
    number("size"),
    text("witness"),
    text("checkpoint"),
    text("line"),
    number("at"),
    PrimaryKeyConstraint("size", "witness"),
)
"""What witnesses signed: a checkpoint's text and one signature line under it."""
card = Table("card", metadata, text("sha256", primary_key=True), text("content"))
"""Model cards: which models, of which licence and hash, a recipe lets touch a face."""

# --- what was said, and what holds now ---

notice_served = Table(
    "notice_served",
    metadata,
    number("seq", primary_key=True),
    text("t", server_default="notice.served"),
    number("subject"),
    text("purpose"),
    text("sha256"),
    text("served_id", unique=True),
    text("version"),
    text("language"),
    one_of("t", ("notice.served",)),
    UniqueConstraint("seq", "subject", "purpose"),
    foreign(("seq", "t"), "entry", cascade=False),
    foreign(("subject",), "subject", ("id",), cascade=False),
)
granted = Table(
    "granted",
    metadata,
    number("seq", primary_key=True),
    text("t", server_default="grant"),
    number("subject"),
    text("purpose"),
    text("kind"),
    number("served_seq", nullable=True, unique=True),
    number("at"),
    number("term_end"),
    one_of("t", ("grant", "renew")),
    one_of("purpose", Purpose),
    one_of("kind", Kind),
    CheckConstraint(
        "(kind = 'implied') OR (served_seq IS NOT NULL AND served_seq < seq)", name="noticed"
    ),
    UniqueConstraint("seq", "t", "subject", "purpose", "kind"),
    foreign(("seq", "t"), "entry", cascade=False),
    foreign(("subject",), "subject", ("id",), cascade=False),
    foreign(
        ("served_seq", "subject", "purpose"),
        "notice_served",
        ("seq", "subject", "purpose"),
        cascade=False,
    ),
    Index("ix_granted_subject", "subject", "purpose", "seq"),
)
_ROOT_WORDS: Final = ", ".join(f"'{purpose}'" for purpose in sorted(ROOTS))
basis = Table(
    "basis",
    metadata,
    number("subject"),
    text("purpose"),
    number("epoch"),
    text("t", server_default="grant"),
    text("kind"),
    text("parent_purpose", nullable=True),
    number("parent_epoch", nullable=True),
    PrimaryKeyConstraint("subject", "purpose"),
    UniqueConstraint("subject", "purpose", "epoch"),
    one_of("t", ("grant",)),
    CheckConstraint("parent_purpose = 'likeness'", name="parent_purpose"),
    CheckConstraint(f"(purpose IN ({_ROOT_WORDS})) = (parent_purpose IS NULL)", name="rooted"),
    CheckConstraint("(parent_purpose IS NULL) = (parent_epoch IS NULL)", name="parent_whole"),
    foreign(
        ("epoch", "t", "subject", "purpose", "kind"),
        "granted",
        ("seq", "t", "subject", "purpose", "kind"),
        cascade=False,
    ),
    foreign(("subject", "parent_purpose", "parent_epoch"), "basis", BASIS, cascade=True),
    Index("ix_basis_parent", "subject", "parent_purpose", "parent_epoch"),
)
permit = Table(
    "permit",
    metadata,
    number("seq"),
    text("t", server_default="decision"),
    Column("slot", Integer, nullable=False, server_default="0"),
    number("subject"),
    text("step"),
    text("purpose"),
    number("epoch"),
    number("object"),
    number("at"),
    number("not_after"),
    PrimaryKeyConstraint("seq", "slot"),
    one_of("t", ("decision", "block")),
    one_of("step", Step),
    foreign(("seq", "t"), "entry", cascade=False),
    UniqueConstraint(*_PERMIT_TARGETS),
    Index("ix_permit_used", "subject", "step", "purpose", "at"),
)
preview = of_subject(
    "preview",
    text("answer"),
    number("at"),
    PrimaryKeyConstraint("subject", "purpose"),
    one_of("answer", ("accepted", "later")),
)
subject_key = of_subject(
    "subject_key",
    raw("wrapped_key"),
    number("week", server_default="0"),
    PrimaryKeyConstraint("subject", "purpose"),
)
"""`week` names the wrapping key; 0 is that of schema 0001, the root key, until the next sweep."""
attestation = of_subject(
    "attestation",
    text("age_band", nullable=True),
    text("region", nullable=True),
    text("said_by"),
    number("at"),
    PrimaryKeyConstraint("subject"),
    CheckConstraint("age_band IN ('adult', 'minor')", name="age_band"),
    one_of("said_by", Actor),
    under_basis=False,
)
"""What was said of a person that policies decide on: an age band, a place. Never a birthday."""

# --- the life of one portrait ---

request = effect_table("request", Step.SELECT)
rendered = effect_table("rendered", Step.GENERATE, under="request")
moderated = effect_table(
    "moderated", Step.MODERATE, text("verdict"), one_of("verdict", ("pass",)), under="rendered"
)
asset = effect_table(
    "asset",
    Step.STORE,
    text("kind", server_default="portrait"),
    raw("wrapped_dek"),
    text("blob"),
    text("about", server_default=""),
    number("expires_at"),
    one_of("kind", ("portrait",)),
    UniqueConstraint("object", "subject"),
    under="moderated",
)
selfie = effect_table(
    "selfie",
    Step.ENROL,
    raw("wrapped_dek"),
    text("blob"),
    number("expires_at"),
    UniqueConstraint("object", "subject"),
)
selfie_use = Table(
    "selfie_use",
    metadata,
    number("selfie"),
    number("subject"),
    text("purpose"),
    number("epoch"),
    raw("wrapped_dek"),
    PrimaryKeyConstraint("selfie", "purpose"),
    UniqueConstraint("selfie", "subject", "purpose", "epoch"),
    foreign(("selfie", "subject"), "selfie", ("object", "subject"), cascade=True),
    foreign(BASIS, "basis", cascade=True),
    Index("ix_selfie_use_basis", *BASIS),
)
selfie_read = effect_table(
    "selfie_read",
    Step.READ,
    number("selfie"),
    number("request", nullable=True),
    foreign(
        ("selfie", "subject", "purpose", "epoch"),
        "selfie_use",
        ("selfie", "subject", "purpose", "epoch"),
        cascade=True,
    ),
    CheckConstraint("selfie = object", name="object"),
    Index("ix_selfie_read_selfie", "selfie"),
    Index("ix_selfie_read_request", "subject", "request"),
    once=False,
)
asset_view = effect_table("asset_view", Step.VIEW, under="asset", once=False)
selfie_view = effect_table("selfie_view", Step.VIEW, under="selfie", once=False)

tombstone = Table(
    "tombstone",
    metadata,
    number("subject"),
    number("object"),
    text("purpose"),
    text("kind"),
    text("about"),
    number("made_at"),
    number("destroyed_at"),
    number("seq"),
    PrimaryKeyConstraint("object"),
    foreign(("subject",), "subject", ("id",), cascade=True),
    Index("ix_tombstone_subject", "subject"),
)
ended = Table(
    "ended",
    metadata,
    number("seq"),
    number("subject"),
    text("purpose"),
    number("at"),
    *(number(counted) for counted in ("portraits", "inserts", "shares", "shredded")),
    PrimaryKeyConstraint("seq"),
    foreign(("seq",), "entry", cascade=False),
    foreign(("subject",), "subject", ("id",), cascade=True),
    Index("ix_ended_subject", "subject", "purpose"),
)
erasure = Table(
    "erasure",
    metadata,
    number("subject", primary_key=True),
    text("tag"),
    number("requested_seq"),
    number("last_seq"),
    number("keys_destroyed"),
    number("bytes_destroyed", nullable=True),
    text("blobs"),
    number("done_seq", nullable=True),
    number("done_at", nullable=True),
)
"""What is left to do for a person who asked to be erased, and for two weeks that it was done.
It hangs on nothing: all that it names is going."""
