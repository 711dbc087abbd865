# SPDX-License-Identifier: Apache-2.0
"""Experiments on the feed: what was started, stopped and counted; what models foretold."""

import sqlalchemy as sa
from alembic import op

from consent import triggers

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NEW = (
    "arm_stop", "arm_sum", "experiment", "experiment_day", "exposure", "predicted",
)  # fmt: skip


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    before = sa.inspect(connection).get_table_names()
    op.create_table(
        "experiment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("t", sa.Text(), server_default="experiment.start", nullable=False),
        sa.Column("started_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("t IN ('experiment.start')", name=op.f("ck_experiment_t")),
        sa.ForeignKeyConstraint(
            ["seq", "t"], ["entry.seq", "entry.t"], name=op.f("fk_experiment_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiment")),
    )
    op.create_table(
        "arm_stop",
        sa.Column("experiment", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("t", sa.Text(), server_default="experiment.stop", nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("lifted_seq", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.CheckConstraint("t IN ('experiment.stop')", name=op.f("ck_arm_stop_t")),
        sa.ForeignKeyConstraint(
            ["experiment"], ["experiment.id"], name=op.f("fk_arm_stop_experiment")
        ),
        sa.ForeignKeyConstraint(
            ["seq", "t"], ["entry.seq", "entry.t"], name=op.f("fk_arm_stop_entry")
        ),
        sa.ForeignKeyConstraint(["lifted_seq"], ["entry.seq"], name=op.f("fk_arm_stop_lifted")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_arm_stop")),
    )
    op.create_table(
        "arm_sum",
        sa.Column("experiment", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment"], ["experiment.id"], name=op.f("fk_arm_sum_experiment")
        ),
        sa.PrimaryKeyConstraint("experiment", "arm", "what", name=op.f("pk_arm_sum")),
    )
    op.create_table(
        "experiment_day",
        sa.Column("experiment", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("t", sa.Text(), server_default="aggregate", nullable=False),
        sa.CheckConstraint("t IN ('aggregate')", name=op.f("ck_experiment_day_t")),
        sa.ForeignKeyConstraint(
            ["experiment"], ["experiment.id"], name=op.f("fk_experiment_day_experiment")
        ),
        sa.ForeignKeyConstraint(
            ["seq", "t"], ["entry.seq", "entry.t"], name=op.f("fk_experiment_day_entry")
        ),
        sa.PrimaryKeyConstraint("experiment", "day", name=op.f("pk_experiment_day")),
    )
    op.create_table(
        "exposure",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), server_default="learn", nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_t", sa.Text(), server_default="effect", nullable=False),
        sa.Column("experiment", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("inserts", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_exposure_effect_t")),
        sa.CheckConstraint("purpose = 'experiment'", name=op.f("ck_exposure_purpose")),
        sa.CheckConstraint("step IN ('learn')", name=op.f("ck_exposure_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_exposure_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_exposure_entry")
        ),
        sa.ForeignKeyConstraint(
            ["experiment"], ["experiment.id"], name=op.f("fk_exposure_experiment")
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
            name=op.f("fk_exposure_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_exposure_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_exposure")),
        sa.UniqueConstraint(
            "object",
            "subject",
            "purpose",
            "epoch",
            name=op.f("uq_exposure_object_subject_purpose_epoch"),
        ),
        sa.UniqueConstraint("subject", "experiment", name=op.f("uq_exposure_subject_experiment")),
    )
    op.create_index("ix_exposure_basis", "exposure", ["subject", "purpose", "epoch"], unique=False)
    op.create_table(
        "predicted",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model_sha256", sa.Text(), nullable=False),
        sa.Column("engage", sa.Double(), nullable=True),
        sa.Column("fewer", sa.Double(), nullable=True),
        sa.Column("report", sa.Double(), nullable=True),
        sa.Column("withdrawal", sa.Double(), nullable=True),
        sa.Column("chances", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision"], ["decision.id"], name=op.f("fk_predicted_decision"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_predicted_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("decision", "model_sha256", name=op.f("pk_predicted")),
    )
    op.create_index(
        "ix_predicted_basis", "predicted", ["subject", "purpose", "epoch"], unique=False
    )
    for statement in triggers.added(connection.dialect.name, before, _NEW):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
