# SPDX-License-Identifier: Apache-2.0
"""The ledger's tables: entries and their openings, chains, what is published, what is counted."""

from sqlalchemy import (
    DDL,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    event,
)

from consent.tables.shapes import foreign, metadata, number, one_of, raw, text

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
    number("term", server_default="0"),
    Column("open", Integer, nullable=False, server_default="1"),
    CheckConstraint("one = 1", name="one"),
    CheckConstraint("open IN (0, 1)", name="open"),
)
"""The one row that every writer locks first. `term` grows whenever the log is given to another
server or moved; a closed log takes no entry."""
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
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": 50},
)
"""Everybody's last entry; `slot` is the place inside it where that entry is a block.

It lies in the order of its key, with room to move: a block moves ten thousand rows at once."""
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
for _wide in ("records", "sealed"):  # as random as they are, compressing them takes time alone
    _stored = f"ALTER TABLE block ALTER COLUMN {_wide} SET STORAGE EXTERNAL"
    _at_once = DDL(_stored)  # type: ignore[no-untyped-call]
    event.listen(block, "after_create", _at_once.execute_if(dialect="postgresql"))
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
