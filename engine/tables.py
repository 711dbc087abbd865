# SPDX-License-Identifier: Apache-2.0
"""What the engine remembers besides the rooms: plans, jobs, answers, who leads, where shards lie.

Knows consent's tables, for the keys that let an erasure take a person's rows along.
"""

from sqlalchemy import Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table

from consent.tables import foreign, metadata, number, of_subject, one_of, raw, text

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
job = of_subject(
    "job",
    number("id"),
    text("kind"),
    text("asked"),
    number("total"),
    number("at"),
    number("stopped_at", nullable=True),
    text("onward", nullable=True),
    PrimaryKeyConstraint("id"),
    under_basis=False,
)
"""Something a person asked for that takes a while. Its state is what became of its parts; `asked`
is the purpose, `onward` what they confirmed should happen to what is made."""
job_part = Table(
    "job_part",
    metadata,
    number("job"),
    number("object"),
    PrimaryKeyConstraint("job", "object"),
    foreign(("job",), "job", ("id",), cascade=True),
    Index("ix_job_part_object", "object"),
)
"""Which requests a job is made of; they go with their basis, the job's line stays."""
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
leader = Table(
    "leader",
    metadata,
    text("name", primary_key=True),
    text("holder"),
    number("term"),
    number("until"),
)
"""Who does what only one should do at a time. It saves work; what keeps order are the unique slot
and the term, which is looked at in every commit."""
cell = Table("cell", metadata, text("id", primary_key=True), number("since"))
"""The places where shards can lie. How each is reached stands in settings, never here."""
shard = Table(
    "shard",
    metadata,
    number("number", primary_key=True),
    text("cell"),
    number("term"),
    text("state", server_default="open"),
    text("beside", nullable=True),
    foreign(("cell",), "cell", ("id",), cascade=False),
    foreign(("beside",), "cell", ("id",), cascade=False, name="fk_shard_beside"),
    one_of("state", ("open", "moving", "carried")),
)
"""The directory: in which cell each shard of the people lies now, and in which term. `beside` is
the other cell that has rows of it: where it goes, or what it left until that is cleared."""
global_checkpoint = Table(
    "global_checkpoint",
    metadata,
    number("number", primary_key=True),
    number("at"),
    text("heads"),
    text("note"),
)
"""One signature over the heads of all shards: `heads` names each one's size and root."""
