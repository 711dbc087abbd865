# SPDX-License-Identifier: Apache-2.0
"""Indexes that answer a block's questions alone: the newest yes of everybody, and the preview."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TERM = ["subject", "purpose", "seq", "kind", "term_end", "served_seq"]


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_granted_subject", "granted")
    op.create_index("ix_granted_subject", "granted", _TERM, unique=False)
    answered = ["subject", "purpose", "answer"]
    op.create_index("ix_preview_answered", "preview", answered, unique=False)


def downgrade() -> None:
    """Refuse: a ledger is never cut back."""
    raise RuntimeError("a ledger is never cut back; restore a backup instead")
