# SPDX-License-Identifier: Apache-2.0
"""What was said and what holds now: notices, grants, bases, permits, and how they ended."""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from consent.tables.shapes import (
    BASIS,
    PERMIT,
    foreign,
    metadata,
    number,
    of_subject,
    one_of,
    raw,
    text,
)
from consent.words import ROOTS, Actor, Kind, Purpose, Step

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
    Index("ix_granted_subject", "subject", "purpose", "seq", "kind", "term_end", "served_seq"),
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
    UniqueConstraint(*PERMIT),
    Index("ix_permit_used", "subject", "step", "purpose", "at"),
)
spent = Table(
    "spent",
    metadata,
    number("permit_seq"),
    Column("permit_slot", Integer, nullable=False),
    number("effect_seq", unique=True),
    PrimaryKeyConstraint("permit_seq", "permit_slot"),
    foreign(("permit_seq", "permit_slot"), "permit", ("seq", "slot"), cascade=True),
    foreign(("effect_seq",), "entry", ("seq",), cascade=False),
)
"""Which permits were used, in whichever table and whether or not what they made is still there."""
preview = of_subject(
    "preview",
    text("answer"),
    number("at"),
    PrimaryKeyConstraint("subject", "purpose"),
    one_of("answer", ("accepted", "later")),
    Index("ix_preview_answered", "subject", "purpose", "answer"),
)
subject_key = of_subject(
    "subject_key",
    raw("wrapped_key"),
    number("week", server_default="0"),
    PrimaryKeyConstraint("subject", "purpose"),
)
"""`week` names the wrapping key; 0 is that of schema 0001, the root key, until the next sweep."""
pause = of_subject(
    "pause",
    number("until", nullable=True),
    number("at"),
    number("seq"),
    PrimaryKeyConstraint("subject"),
    under_basis=False,
)
"""Who has stopped everything for a while: no time is until they say so. `seq` is its entry."""
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
