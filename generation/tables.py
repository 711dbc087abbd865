# SPDX-License-Identifier: Apache-2.0
"""What this room remembers of a portrait beside the consent room's chain.

Every table hangs on that chain by (object, subject, purpose, epoch) with ON DELETE CASCADE, so
that a withdrawal takes its rows along without knowing this room. None holds a face or a pixel.
Exceptions: `issued` and `render_pass`, which name nobody, and `conditioning`, which hangs on a
selfie and holds a description of that face, sealed.
"""

from typing import Final

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.schema import SchemaItem

from consent.tables import (
    COMPANION,
    OBJECT,
    appealed,
    asset,
    asset_view,
    effect_table,
    foreign,
    metadata,
    moderated,
    number,
    one_of,
    quarantined,
    raw,
    rendered,
    request,
    selfie,
    selfie_read,
    selfie_use,
    text,
    tombstone,
)
from consent.words import Reason, Step

__all__ = [
    "appealed",
    "asset",
    "asset_view",
    "conditioning",
    "issued",
    "lease",
    "mark",
    "moderated",
    "portrait",
    "portrait_order",
    "quarantined",
    "refusal",
    "render_pass",
    "rendered",
    "request",
    "saved",
    "selfie",
    "selfie_read",
    "selfie_use",
    "tombstone",
]


def _of_portrait(name: str, parent: str, *columns: SchemaItem) -> Table:
    """Declare one row a portrait, living as long as the row of `parent` it hangs on."""
    return Table(
        name,
        metadata,
        number("object"),
        number("subject"),
        text("purpose"),
        number("epoch"),
        *columns,
        PrimaryKeyConstraint("object"),
        foreign(OBJECT, parent, cascade=True),
    )


#: what was asked for, so that a crash loses no request: the same wish gives the same picture;
#: `words` are a person's own, sealed under their key for this purpose
portrait_order: Final = _of_portrait(
    "portrait_order",
    "request",
    text("scenario"),
    number("seed"),
    raw("words", nullable=True),
    text("form", server_default="still"),
)

#: what lists and the why panel say of a portrait without opening it
portrait: Final = _of_portrait(
    "portrait",
    "asset",
    text("recipe"),
    text("recipe_sha256"),
    text("policy_sha256"),
    text("media_type"),
    number("made_at"),
)

#: made or begun, and not shown; why
refusal: Final = _of_portrait(
    "refusal", "request", text("reason"), number("at"), one_of("reason", Reason)
)

#: a request waits as long as this row stands: who is making it, and until when nobody else should
#: (nobody holds it where there is no name). Whoever takes it over has a later term, and what an
#: earlier one still brings is not written
lease: Final = _of_portrait(
    "lease",
    "request",
    text("holder"),
    number("term"),
    number("until"),
    Index("ix_lease_until", "until"),
)

#: the marks that a portrait left with: what its watermark says, how it looks (under a mask), and
#: the commitment to its label and credential that its insert repeats in the ledger
mark: Final = _of_portrait(
    "mark",
    "asset",
    number("reference"),
    raw("fingerprint"),
    text("commitment"),
    UniqueConstraint("reference"),
)

#: a portrait that left as a file: a look of its owner, decided and logged each time
saved: Final = effect_table("saved", Step.VIEW, under="asset", once=False)

#: every reference a watermark ever said: bare numbers, of nobody and of no time
issued: Final = Table("issued", metadata, number("reference", primary_key=True))

#: what an encoder made of a selfie, encrypted under that selfie's own key: it opens under a permit
#: to read the selfie, and goes with it (`consent.companions` finds the table by its mark)
conditioning: Final = Table(
    "conditioning",
    metadata,
    number("selfie"),
    number("subject"),
    text("encoder"),
    raw("sealed"),
    PrimaryKeyConstraint("selfie", "encoder"),
    foreign(("selfie", "subject"), "selfie", ("object", "subject"), cascade=True),
    info={COMPANION: True},
)

#: one pass of a network over a batch: what it took, on what, of nobody in particular
render_pass: Final = Table(
    "render_pass",
    metadata,
    number("id", primary_key=True),
    number("at"),
    text("recipe"),
    text("recipe_sha256"),
    text("device"),
    text("dtype"),
    number("size"),
    number("rows"),
    number("micros"),
)
