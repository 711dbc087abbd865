# SPDX-License-Identifier: Apache-2.0
"""The person's side: pauses, shares, friends, wishes for the feed, reports, jobs and downloads."""

import sqlalchemy as sa
from alembic import op

from consent import triggers

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NEW = (
    "blocked_theme", "feed_share", "friendship", "job", "job_part", "pause", "preference",
    "report", "saved", "share_view",
)  # fmt: skip


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    before = sa.inspect(connection).get_table_names()
    op.create_table(
        "blocked_theme",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_blocked_theme_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject", "theme", name=op.f("pk_blocked_theme")),
    )
    op.create_index("ix_blocked_theme_subject", "blocked_theme", ["subject"], unique=False)
    op.create_table(
        "friendship",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("friend", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["friend"], ["subject.id"], name="fk_friendship_friend", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_friendship_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject", "friend", name=op.f("pk_friendship")),
    )
    op.create_index("ix_friendship_friend", "friendship", ["friend"], unique=False)
    op.create_index("ix_friendship_subject", "friendship", ["subject"], unique=False)
    op.create_table(
        "job",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stopped_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("onward", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_job_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_subject", "job", ["subject"], unique=False)
    op.create_table(
        "pause",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_pause_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_pause")),
    )
    op.create_index("ix_pause_subject", "pause", ["subject"], unique=False)
    op.create_table(
        "preference",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("per_week", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_preference_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_preference")),
    )
    op.create_index("ix_preference_subject", "preference", ["subject"], unique=False)
    op.create_table(
        "report",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_report_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index("ix_report_subject", "report", ["subject"], unique=False)
    op.create_table(
        "job_part",
        sa.Column("job", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["job"], ["job.id"], name=op.f("fk_job_part_job"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job", "object", name=op.f("pk_job_part")),
    )
    op.create_index("ix_job_part_object", "job_part", ["object"], unique=False)
    op.create_table(
        "feed_share",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), server_default="share", nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_t", sa.Text(), server_default="effect", nullable=False),
        sa.Column("share", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("made_for", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.CheckConstraint(
            "(audience = 'friends' AND purpose = 'share') OR (audience = 'story' AND purpose = 'story') OR (audience = 'profile' AND purpose = 'profile_picture')",
            name=op.f("ck_feed_share_audience"),
        ),
        sa.CheckConstraint(
            "(audience = 'profile') = (made_for IS NOT NULL)", name=op.f("ck_feed_share_made_for")
        ),
        sa.CheckConstraint(
            "(audience = 'story') = (ends_at IS NOT NULL)", name=op.f("ck_feed_share_ends")
        ),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_feed_share_effect_t")),
        sa.CheckConstraint("step IN ('share')", name=op.f("ck_feed_share_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_feed_share_in_time")),
        sa.CheckConstraint(
            "made_for IS NULL OR made_for = epoch", name=op.f("ck_feed_share_made_under")
        ),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_feed_share_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "made_for"],
            ["asset.object", "asset.subject", "asset.purpose", "asset.epoch"],
            name="fk_feed_share_made_for",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject"],
            ["asset.object", "asset.subject"],
            name=op.f("fk_feed_share_asset"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            [
                "permit_seq",
                "permit_slot",
                "subject",
                "step",
                "purpose",
                "epoch",
                "object",
                "not_after",
            ],
            [
                "permit.seq",
                "permit.slot",
                "permit.subject",
                "permit.step",
                "permit.purpose",
                "permit.epoch",
                "permit.object",
                "permit.not_after",
            ],
            name=op.f("fk_feed_share_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_feed_share_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_feed_share")),
        sa.UniqueConstraint(
            "object",
            "subject",
            "purpose",
            "epoch",
            name=op.f("uq_feed_share_object_subject_purpose_epoch"),
        ),
        sa.UniqueConstraint(
            "share", "object", "subject", name=op.f("uq_feed_share_share_object_subject")
        ),
        sa.UniqueConstraint("share", name=op.f("uq_feed_share_share")),
    )
    op.create_index(
        "ix_feed_share_basis", "feed_share", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_table(
        "saved",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), server_default="view", nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_t", sa.Text(), server_default="effect", nullable=False),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_saved_effect_t")),
        sa.CheckConstraint("step IN ('view')", name=op.f("ck_saved_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_saved_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_saved_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["asset.object", "asset.subject", "asset.purpose", "asset.epoch"],
            name=op.f("fk_saved_asset"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            [
                "permit_seq",
                "permit_slot",
                "subject",
                "step",
                "purpose",
                "epoch",
                "object",
                "not_after",
            ],
            [
                "permit.seq",
                "permit.slot",
                "permit.subject",
                "permit.step",
                "permit.purpose",
                "permit.epoch",
                "permit.object",
                "permit.not_after",
            ],
            name=op.f("fk_saved_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_saved_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_saved")),
    )
    op.create_index("ix_saved_basis", "saved", ["subject", "purpose", "epoch"], unique=False)
    op.create_index(
        "ix_saved_object", "saved", ["object", "subject", "purpose", "epoch"], unique=False
    )
    op.create_table(
        "share_view",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), server_default="view", nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_t", sa.Text(), server_default="effect", nullable=False),
        sa.Column("share", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_share_view_effect_t")),
        sa.CheckConstraint("step IN ('view')", name=op.f("ck_share_view_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_share_view_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_share_view_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["asset.object", "asset.subject", "asset.purpose", "asset.epoch"],
            name=op.f("fk_share_view_asset"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            [
                "permit_seq",
                "permit_slot",
                "subject",
                "step",
                "purpose",
                "epoch",
                "object",
                "not_after",
            ],
            [
                "permit.seq",
                "permit.slot",
                "permit.subject",
                "permit.step",
                "permit.purpose",
                "permit.epoch",
                "permit.object",
                "permit.not_after",
            ],
            name=op.f("fk_share_view_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["share", "object", "subject"],
            ["feed_share.share", "feed_share.object", "feed_share.subject"],
            name=op.f("fk_share_view_feed_share"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_share_view_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_share_view")),
    )
    op.create_index(
        "ix_share_view_basis", "share_view", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_index(
        "ix_share_view_object",
        "share_view",
        ["object", "subject", "purpose", "epoch"],
        unique=False,
    )
    op.create_index("ix_share_view_share", "share_view", ["share"], unique=False)
    op.add_column("portrait_order", sa.Column("words", sa.LargeBinary(), nullable=True))
    op.add_column(
        "portrait_order", sa.Column("form", sa.Text(), server_default="still", nullable=False)
    )
    for table in ("feed_act", "post_act"):
        op.add_column(table, sa.Column("page", sa.BigInteger(), autoincrement=False))
    op.add_column("learned", sa.Column("ms", sa.BigInteger(), autoincrement=False))
    for statement in triggers.added(connection.dialect.name, before, _NEW):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
