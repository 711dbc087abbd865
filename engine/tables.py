# SPDX-License-Identifier: Apache-2.0
"""What the engine remembers besides the rooms: plans, and answers to repeated POSTs.

Knows consent's tables, for the keys that let an erasure take a person's rows along.
"""

from sqlalchemy import Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table

from consent.tables import foreign, metadata, number, raw, text

answered = Table(
    "answered",
    metadata,
    Column("name", LargeBinary, primary_key=True),
    number("subject", nullable=True),
    raw("digest"),
    number("at"),
    Column("status", Integer, nullable=True),
    raw("sealed", nullable=True),
    foreign(("subject",), "subject", ("id",), cascade=True),
    Index("ix_answered_subject", "subject"),
    Index("ix_answered_at", "at"),
)
"""One row an Idempotency-Key; no status while the first answer is under way."""
plan_run = Table(
    "plan_run",
    metadata,
    text("policy"),
    number("slot"),
    number("opened_at"),
    number("closed_at", nullable=True),
    text("outcome", server_default="{}"),
    PrimaryKeyConstraint("policy", "slot"),
)
"""One row a plan: the truth of the schedule. A slot is planned once, whoever ticks."""

stage = Table("stage", metadata, text("name", primary_key=True), number("at"))
"""The demo's journal: which of its stages were played."""
