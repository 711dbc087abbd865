# SPDX-License-Identifier: Apache-2.0
"""The first schema: every room's tables, the backstop triggers, an empty log."""

import sqlalchemy as sa
from alembic import op

from consent import triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "entry",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("t", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(leaf) = 32", name=op.f("ck_entry_leaf")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_entry")),
        sa.UniqueConstraint("seq", "t", name=op.f("uq_entry_seq_t")),
    )
    op.create_table(
        "log_head",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("now", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("one = 1", name=op.f("ck_log_head_one")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_log_head")),
    )
    op.create_table(
        "plan_run",
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("opened_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("closed_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("outcome", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("policy", "slot", name=op.f("pk_plan_run")),
    )
    op.create_table(
        "post",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.Column("alt", sa.Text(), nullable=True),
        sa.Column("neighbour", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "neighbour IN ('ordinary', 'ad', 'sensitive', 'grief', 'unknown')",
            name=op.f("ck_post_neighbour"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    op.create_index("ix_post_created_at", "post", ["created_at", "id"], unique=False)
    op.create_table(
        "stage",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stage")),
    )
    op.create_table(
        "subject",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
    )
    op.create_table(
        "account",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_account_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        sa.UniqueConstraint("place", name=op.f("uq_account_place")),
    )
    op.create_table(
        "answered",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_answered_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_answered")),
    )
    op.create_index("ix_answered_at", "answered", ["at"], unique=False)
    op.create_index("ix_answered_subject", "answered", ["subject"], unique=False)
    op.create_table(
        "block",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("records", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["entry.seq"], name=op.f("fk_block_entry")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_block")),
    )
    op.create_table(
        "chain",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_chain_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_chain")),
        sa.UniqueConstraint("tag", name=op.f("uq_chain_tag")),
    )
    op.create_table(
        "ended",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("portraits", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("inserts", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shares", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shredded", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["entry.seq"], name=op.f("fk_ended_entry")),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_ended_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ended")),
    )
    op.create_index("ix_ended_subject", "ended", ["subject", "purpose"], unique=False)
    op.create_table(
        "feed_event",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_feed_event_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject", "event", name=op.f("pk_feed_event")),
    )
    op.create_index("ix_feed_event_subject", "feed_event", ["subject"], unique=False)
    op.create_table(
        "notice_served",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("t", sa.Text(), server_default="notice.served", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("served_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.CheckConstraint("t IN ('notice.served')", name=op.f("ck_notice_served_t")),
        sa.ForeignKeyConstraint(
            ["seq", "t"], ["entry.seq", "entry.t"], name=op.f("fk_notice_served_entry")
        ),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_notice_served_subject")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_notice_served")),
        sa.UniqueConstraint(
            "seq", "subject", "purpose", name=op.f("uq_notice_served_seq_subject_purpose")
        ),
        sa.UniqueConstraint("served_id", name=op.f("uq_notice_served_served_id")),
    )
    op.create_table(
        "opening",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["entry.seq"], name=op.f("fk_opening_entry")),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_opening_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_opening")),
    )
    op.create_index("ix_opening_subject", "opening", ["subject"], unique=False)
    op.create_table(
        "permit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("t", sa.Text(), server_default="decision", nullable=False),
        sa.Column("slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "step IN ('enrol', 'select', 'read', 'generate', 'moderate', 'store', 'insert', 'view', 'share', 'learn')",
            name=op.f("ck_permit_step"),
        ),
        sa.CheckConstraint("t IN ('decision', 'block')", name=op.f("ck_permit_t")),
        sa.ForeignKeyConstraint(
            ["seq", "t"], ["entry.seq", "entry.t"], name=op.f("fk_permit_entry")
        ),
        sa.PrimaryKeyConstraint("seq", "slot", name=op.f("pk_permit")),
        sa.UniqueConstraint(
            "seq",
            "slot",
            "subject",
            "step",
            "purpose",
            "epoch",
            "object",
            "not_after",
            name=op.f("uq_permit_seq_slot_subject_step_purpose_epoch_object_not_after"),
        ),
    )
    op.create_index("ix_permit_used", "permit", ["subject", "step", "purpose", "at"], unique=False)
    op.create_table(
        "post_act",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("item", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_post_act_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject", "event", name=op.f("pk_post_act")),
    )
    op.create_index("ix_post_act_subject", "post_act", ["subject"], unique=False)
    op.create_table(
        "published",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("t", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "t IN ('policy.publish', 'notice.publish')", name=op.f("ck_published_t")
        ),
        sa.ForeignKeyConstraint(
            ["seq", "t"], ["entry.seq", "entry.t"], name=op.f("fk_published_entry")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_published")),
    )
    op.create_table(
        "tombstone",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("destroyed_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_tombstone_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("object", name=op.f("pk_tombstone")),
    )
    op.create_index("ix_tombstone_subject", "tombstone", ["subject"], unique=False)
    op.create_table(
        "granted",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("t", sa.Text(), server_default="grant", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("served_seq", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("term_end", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "(kind = 'implied') OR (served_seq IS NOT NULL AND served_seq < seq)",
            name=op.f("ck_granted_noticed"),
        ),
        sa.CheckConstraint(
            "kind IN ('explicit', 'parental', 'implied')", name=op.f("ck_granted_kind")
        ),
        sa.CheckConstraint(
            "purpose IN ('likeness', 'imagine', 'feed_insert', 'avatar_pack', 'profile_picture', 'story', 'share', 'ads', 'training', 'personalisation', 'experiment', 'telemetry')",
            name=op.f("ck_granted_purpose"),
        ),
        sa.CheckConstraint("t IN ('grant', 'renew')", name=op.f("ck_granted_t")),
        sa.ForeignKeyConstraint(
            ["seq", "t"], ["entry.seq", "entry.t"], name=op.f("fk_granted_entry")
        ),
        sa.ForeignKeyConstraint(
            ["served_seq", "subject", "purpose"],
            ["notice_served.seq", "notice_served.subject", "notice_served.purpose"],
            name=op.f("fk_granted_notice_served"),
        ),
        sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f("fk_granted_subject")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_granted")),
        sa.UniqueConstraint(
            "seq",
            "t",
            "subject",
            "purpose",
            "kind",
            name=op.f("uq_granted_seq_t_subject_purpose_kind"),
        ),
        sa.UniqueConstraint("served_seq", name=op.f("uq_granted_served_seq")),
    )
    op.create_index("ix_granted_subject", "granted", ["subject", "purpose", "seq"], unique=False)
    op.create_table(
        "basis",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("t", sa.Text(), server_default="grant", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_purpose", sa.Text(), nullable=True),
        sa.Column("parent_epoch", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.CheckConstraint(
            "(purpose IN ('experiment', 'likeness', 'personalisation', 'telemetry')) = (parent_purpose IS NULL)",
            name=op.f("ck_basis_rooted"),
        ),
        sa.CheckConstraint("parent_purpose = 'likeness'", name=op.f("ck_basis_parent_purpose")),
        sa.CheckConstraint("t IN ('grant')", name=op.f("ck_basis_t")),
        sa.CheckConstraint(
            "(parent_purpose IS NULL) = (parent_epoch IS NULL)", name=op.f("ck_basis_parent_whole")
        ),
        sa.ForeignKeyConstraint(
            ["epoch", "t", "subject", "purpose", "kind"],
            ["granted.seq", "granted.t", "granted.subject", "granted.purpose", "granted.kind"],
            name=op.f("fk_basis_granted"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "parent_purpose", "parent_epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_basis_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subject", "purpose", name=op.f("pk_basis")),
        sa.UniqueConstraint(
            "subject", "purpose", "epoch", name=op.f("uq_basis_subject_purpose_epoch")
        ),
    )
    op.create_index(
        "ix_basis_parent", "basis", ["subject", "parent_purpose", "parent_epoch"], unique=False
    )
    op.create_table(
        "decision",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scenario", sa.Text(), nullable=True),
        sa.Column("propensity", sa.Double(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=False),
        sa.Column("eligible_sha256", sa.Text(), nullable=False),
        sa.Column("model_sha256", sa.Text(), nullable=False),
        sa.Column("policy_sha256", sa.Text(), nullable=False),
        sa.Column("temperature", sa.Double(), nullable=False),
        sa.Column("exploration", sa.Double(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("draw_key", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("personalised", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_decision_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_basis", "decision", ["subject", "purpose", "epoch"], unique=False)
    op.create_table(
        "feed_act",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("item", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lesson", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_feed_act_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subject", "event", name=op.f("pk_feed_act")),
    )
    op.create_index("ix_feed_act_basis", "feed_act", ["subject", "purpose", "epoch"], unique=False)
    op.create_table(
        "feed_listed",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_feed_listed_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subject", "object", name=op.f("pk_feed_listed")),
    )
    op.create_index(
        "ix_feed_listed_basis", "feed_listed", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_table(
        "learned",
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
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_learned_effect_t")),
        sa.CheckConstraint("step IN ('learn')", name=op.f("ck_learned_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_learned_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_learned_entry")
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
            name=op.f("fk_learned_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_learned_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_learned")),
        sa.UniqueConstraint(
            "object",
            "subject",
            "purpose",
            "epoch",
            name=op.f("uq_learned_object_subject_purpose_epoch"),
        ),
    )
    op.create_index("ix_learned_basis", "learned", ["subject", "purpose", "epoch"], unique=False)
    op.create_table(
        "preview",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("answer IN ('accepted', 'later')", name=op.f("ck_preview_answer")),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_preview_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subject", "purpose", name=op.f("pk_preview")),
    )
    op.create_index("ix_preview_basis", "preview", ["subject", "purpose", "epoch"], unique=False)
    op.create_table(
        "request",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), server_default="select", nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_t", sa.Text(), server_default="effect", nullable=False),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_request_effect_t")),
        sa.CheckConstraint("step IN ('select')", name=op.f("ck_request_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_request_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_request_entry")
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
            name=op.f("fk_request_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_request_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_request")),
        sa.UniqueConstraint(
            "object",
            "subject",
            "purpose",
            "epoch",
            name=op.f("uq_request_object_subject_purpose_epoch"),
        ),
    )
    op.create_index("ix_request_basis", "request", ["subject", "purpose", "epoch"], unique=False)
    op.create_table(
        "selfie",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), server_default="enrol", nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_t", sa.Text(), server_default="effect", nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_selfie_effect_t")),
        sa.CheckConstraint("step IN ('enrol')", name=op.f("ck_selfie_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_selfie_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_selfie_entry")
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
            name=op.f("fk_selfie_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_selfie_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_selfie")),
        sa.UniqueConstraint(
            "object",
            "subject",
            "purpose",
            "epoch",
            name=op.f("uq_selfie_object_subject_purpose_epoch"),
        ),
        sa.UniqueConstraint("object", "subject", name=op.f("uq_selfie_object_subject")),
    )
    op.create_index("ix_selfie_basis", "selfie", ["subject", "purpose", "epoch"], unique=False)
    op.create_table(
        "subject_key",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_subject_key_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subject", "purpose", name=op.f("pk_subject_key")),
    )
    op.create_index(
        "ix_subject_key_basis", "subject_key", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_table(
        "decision_part",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("effect", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision"],
            ["decision.id"],
            name=op.f("fk_decision_part_decision"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_decision_part_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("decision", "feature", name=op.f("pk_decision_part")),
    )
    op.create_index(
        "ix_decision_part_basis", "decision_part", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_table(
        "portrait_order",
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["request.object", "request.subject", "request.purpose", "request.epoch"],
            name=op.f("fk_portrait_order_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("object", name=op.f("pk_portrait_order")),
    )
    op.create_table(
        "refusal",
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "reason IN ('not-granted', 'withdrawn', 'expired', 'notice-outdated', 'notice-missing', 'paused', 'purpose-mismatch', 'policy-silent', 'policy-forbids', 'cap', 'quota', 'selfies-required', 'age', 'guardian-required', 'stale', 'permit-used', 'moderation-failed', 'identity-failed', 'nsfw', 'no-face', 'multi-face', 'too-small', 'blurred', 'dark', 'duplicate', 'different-person', 'attestation-missing', 'unreadable', 'unavailable', 'stopped', 'unknown-subject', 'unknown-key', 'schema-version')",
            name=op.f("ck_refusal_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["request.object", "request.subject", "request.purpose", "request.epoch"],
            name=op.f("fk_refusal_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("object", name=op.f("pk_refusal")),
    )
    op.create_table(
        "rendered",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), server_default="generate", nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_t", sa.Text(), server_default="effect", nullable=False),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_rendered_effect_t")),
        sa.CheckConstraint("step IN ('generate')", name=op.f("ck_rendered_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_rendered_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_rendered_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["request.object", "request.subject", "request.purpose", "request.epoch"],
            name=op.f("fk_rendered_request"),
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
            name=op.f("fk_rendered_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_rendered_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_rendered")),
        sa.UniqueConstraint(
            "object",
            "subject",
            "purpose",
            "epoch",
            name=op.f("uq_rendered_object_subject_purpose_epoch"),
        ),
    )
    op.create_index("ix_rendered_basis", "rendered", ["subject", "purpose", "epoch"], unique=False)
    op.create_table(
        "selfie_use",
        sa.Column("selfie", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["selfie", "subject"],
            ["selfie.object", "selfie.subject"],
            name=op.f("fk_selfie_use_selfie"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_selfie_use_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("selfie", "purpose", name=op.f("pk_selfie_use")),
        sa.UniqueConstraint(
            "selfie",
            "subject",
            "purpose",
            "epoch",
            name=op.f("uq_selfie_use_selfie_subject_purpose_epoch"),
        ),
    )
    op.create_index(
        "ix_selfie_use_basis", "selfie_use", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_table(
        "selfie_view",
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
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_selfie_view_effect_t")),
        sa.CheckConstraint("step IN ('view')", name=op.f("ck_selfie_view_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_selfie_view_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_selfie_view_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["selfie.object", "selfie.subject", "selfie.purpose", "selfie.epoch"],
            name=op.f("fk_selfie_view_selfie"),
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
            name=op.f("fk_selfie_view_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_selfie_view_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_selfie_view")),
    )
    op.create_index(
        "ix_selfie_view_basis", "selfie_view", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_index(
        "ix_selfie_view_object",
        "selfie_view",
        ["object", "subject", "purpose", "epoch"],
        unique=False,
    )
    op.create_table(
        "moderated",
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
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_moderated_effect_t")),
        sa.CheckConstraint("step IN ('moderate')", name=op.f("ck_moderated_step")),
        sa.CheckConstraint("verdict IN ('pass')", name=op.f("ck_moderated_verdict")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_moderated_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_moderated_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["rendered.object", "rendered.subject", "rendered.purpose", "rendered.epoch"],
            name=op.f("fk_moderated_rendered"),
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
            name=op.f("fk_moderated_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_moderated_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_moderated")),
        sa.UniqueConstraint(
            "object",
            "subject",
            "purpose",
            "epoch",
            name=op.f("uq_moderated_object_subject_purpose_epoch"),
        ),
    )
    op.create_index(
        "ix_moderated_basis", "moderated", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_table(
        "selfie_read",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), server_default="read", nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_t", sa.Text(), server_default="effect", nullable=False),
        sa.Column("selfie", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("request", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_selfie_read_effect_t")),
        sa.CheckConstraint("step IN ('read')", name=op.f("ck_selfie_read_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_selfie_read_in_time")),
        sa.CheckConstraint("selfie = object", name=op.f("ck_selfie_read_object")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_selfie_read_entry")
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
            name=op.f("fk_selfie_read_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["selfie", "subject", "purpose", "epoch"],
            ["selfie_use.selfie", "selfie_use.subject", "selfie_use.purpose", "selfie_use.epoch"],
            name=op.f("fk_selfie_read_selfie_use"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_selfie_read_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_selfie_read")),
    )
    op.create_index(
        "ix_selfie_read_basis", "selfie_read", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_index(
        "ix_selfie_read_object",
        "selfie_read",
        ["object", "subject", "purpose", "epoch"],
        unique=False,
    )
    op.create_index("ix_selfie_read_request", "selfie_read", ["subject", "request"], unique=False)
    op.create_index("ix_selfie_read_selfie", "selfie_read", ["selfie"], unique=False)
    op.create_table(
        "asset",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), server_default="store", nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_t", sa.Text(), server_default="effect", nullable=False),
        sa.Column("kind", sa.Text(), server_default="portrait", nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_asset_effect_t")),
        sa.CheckConstraint("kind IN ('portrait')", name=op.f("ck_asset_kind")),
        sa.CheckConstraint("step IN ('store')", name=op.f("ck_asset_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_asset_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_asset_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["moderated.object", "moderated.subject", "moderated.purpose", "moderated.epoch"],
            name=op.f("fk_asset_moderated"),
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
            name=op.f("fk_asset_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_asset_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_asset")),
        sa.UniqueConstraint(
            "object",
            "subject",
            "purpose",
            "epoch",
            name=op.f("uq_asset_object_subject_purpose_epoch"),
        ),
        sa.UniqueConstraint("object", "subject", name=op.f("uq_asset_object_subject")),
    )
    op.create_index("ix_asset_basis", "asset", ["subject", "purpose", "epoch"], unique=False)
    op.create_table(
        "asset_view",
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
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_asset_view_effect_t")),
        sa.CheckConstraint("step IN ('view')", name=op.f("ck_asset_view_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_asset_view_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_asset_view_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["asset.object", "asset.subject", "asset.purpose", "asset.epoch"],
            name=op.f("fk_asset_view_asset"),
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
            name=op.f("fk_asset_view_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_asset_view_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_asset_view")),
    )
    op.create_index(
        "ix_asset_view_basis", "asset_view", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_index(
        "ix_asset_view_object",
        "asset_view",
        ["object", "subject", "purpose", "epoch"],
        unique=False,
    )
    op.create_table(
        "feed_insert",
        sa.Column("permit_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("permit_slot", sa.Integer(), server_default="0", nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), server_default="insert", nullable=False),
        sa.Column("not_after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effect_t", sa.Text(), server_default="effect", nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_feed_insert_effect_t")),
        sa.CheckConstraint("step IN ('insert')", name=op.f("ck_feed_insert_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_feed_insert_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_feed_insert_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["asset.object", "asset.subject", "asset.purpose", "asset.epoch"],
            name=op.f("fk_feed_insert_asset"),
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
            name=op.f("fk_feed_insert_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_feed_insert_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_feed_insert")),
        sa.UniqueConstraint(
            "object",
            "subject",
            "purpose",
            "epoch",
            name=op.f("uq_feed_insert_object_subject_purpose_epoch"),
        ),
    )
    op.create_index(
        "ix_feed_insert_basis", "feed_insert", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_table(
        "portrait",
        sa.Column("object", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("recipe_sha256", sa.Text(), nullable=False),
        sa.Column("policy_sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            ["asset.object", "asset.subject", "asset.purpose", "asset.epoch"],
            name=op.f("fk_portrait_asset"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("object", name=op.f("pk_portrait")),
    )
    op.create_table(
        "feed_view",
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
        sa.CheckConstraint("effect_t IN ('effect')", name=op.f("ck_feed_view_effect_t")),
        sa.CheckConstraint("step IN ('view')", name=op.f("ck_feed_view_step")),
        sa.CheckConstraint("at < not_after", name=op.f("ck_feed_view_in_time")),
        sa.ForeignKeyConstraint(
            ["effect_seq", "effect_t"], ["entry.seq", "entry.t"], name=op.f("fk_feed_view_entry")
        ),
        sa.ForeignKeyConstraint(
            ["object", "subject", "purpose", "epoch"],
            [
                "feed_insert.object",
                "feed_insert.subject",
                "feed_insert.purpose",
                "feed_insert.epoch",
            ],
            name=op.f("fk_feed_view_feed_insert"),
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
            name=op.f("fk_feed_view_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["subject", "purpose", "epoch"],
            ["basis.subject", "basis.purpose", "basis.epoch"],
            name=op.f("fk_feed_view_basis"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("permit_seq", "permit_slot", name=op.f("pk_feed_view")),
    )
    op.create_index(
        "ix_feed_view_basis", "feed_view", ["subject", "purpose", "epoch"], unique=False
    )
    op.create_index(
        "ix_feed_view_object", "feed_view", ["object", "subject", "purpose", "epoch"], unique=False
    )
    connection = op.get_bind()
    there = sa.inspect(connection).get_table_names()
    for statement in triggers.statements(connection.dialect.name, there):
        connection.exec_driver_sql(statement)
    connection.execute(sa.text("INSERT INTO log_head (one, size, now) VALUES (1, 0, 0)"))


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
