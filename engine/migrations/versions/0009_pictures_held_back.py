# SPDX-License-Identifier: Apache-2.0
"""Pictures that a gate held back, and what was found when their owners appealed."""

import sqlalchemy as sa
from alembic import op

from consent import triggers

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    before = sa.inspect(connection).get_table_names()
    op.create_table(
        "quarantined",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), server_default="moderate", nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_t", sa.Text(), server_default="effect", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_quarantined_effect_t")),
        sa.CheckConstraint(
            "reason IN ('nsfw', 'identity-failed', 'no-face', 'multi-face', 'moderation-failed', "
            "'unavailable')",
            name=op.f("ck_quarantined_reason"),
        ),
        sa.CheckConstraint("step IN ('moderate')", name=op.f("ck_quarantined_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_quarantined_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_quarantined_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["rendered.object", "rendered.subject", "rendered.purpose", "rendered.epoch"],
            name=op.f("fk_quarantined_rendered"),
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
            name=op.f("fk_quarantined_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_quarantined_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_quarantined")),
        sa.UniqueConstraint(
            "object",
            "subject",
            "purpose",
            "epoch",
            name=op.f("uq_quarantined_object_subject_purpose_epoch"),
        ),
        sa.UniqueConstraint("object", "subject", name=op.f("uq_quarantined_object_subject")),
    )
    op.create_index(
        "ix_quarantined_basis", "quarantined", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_table(
        "appealed",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), server_default="moderate", nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_t", sa.Text(), server_default="effect", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_appealed_effect_t")),
        sa.CheckConstraint(
            "reason IN ('nsfw', 'identity-failed', 'no-face', 'multi-face', 'moderation-failed', "
            "'unavailable')",
            name=op.f("ck_appealed_reason"),
        ),
        sa.CheckConstraint("step IN ('moderate')", name=op.f("ck_appealed_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_appealed_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_appealed_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            [
                "quarantined.object",
                "quarantined.subject",
                "quarantined.purpose",
                "quarantined.epoch",
            ],
            name=op.f("fk_appealed_quarantined"),
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
            name=op.f("fk_appealed_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_appealed_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_appealed")),
    )
    op.create_index("ix_appealed_basis", "appealed", ["subject", "purpose", "epoch"], unique=False)
    op.create_index(
        "ix_appealed_object", "appealed", ["object", "subject", "purpose", "epoch"], unique=False
    )
    for statement in triggers.added(connection.dialect.name, before, ("quarantined", "appealed")):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
