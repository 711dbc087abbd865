# SPDX-License-Identifier: Apache-2.0
"""The life of one portrait, step by step, and the selfies it is made from.

A picture that was drawn is either `moderated` (it passed) or `quarantined` (a gate said no, or
nothing): never both, which triggers refuse. Nothing hangs on `quarantined` but what appeals found:
no asset, so no insert, no view and no share.
"""

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from consent.tables.shapes import BASIS, effect_table, foreign, metadata, number, one_of, raw, text
from consent.words import HELD_FOR, Step


def _named(table: str) -> Index:
    """Find a row by its sealed bytes, as a reaper asks, whole or by the beginning of a name."""
    return Index(f"ix_{table}_blob", "blob", postgresql_ops={"blob": "text_pattern_ops"})


request = effect_table("request", Step.SELECT)
rendered = effect_table("rendered", Step.GENERATE, under="request")
moderated = effect_table(
    "moderated", Step.MODERATE, text("verdict"), one_of("verdict", ("pass",)), under="rendered"
)
quarantined = effect_table(
    "quarantined",
    Step.MODERATE,
    text("reason"),
    raw("wrapped_dek"),
    text("blob"),
    text("about", server_default=""),
    number("expires_at"),
    one_of("reason", HELD_FOR),
    UniqueConstraint("object", "subject"),
    _named("quarantined"),
    under="rendered",
)
appealed = effect_table(
    "appealed",
    Step.MODERATE,
    text("reason"),
    one_of("reason", HELD_FOR),
    under="quarantined",
    once=False,
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
    _named("asset"),
    under="moderated",
)
selfie = effect_table(
    "selfie",
    Step.ENROL,
    raw("wrapped_dek"),
    text("blob"),
    number("expires_at"),
    UniqueConstraint("object", "subject"),
    _named("selfie"),
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
