# SPDX-License-Identifier: Apache-2.0
"""The schema in which a violation cannot be written, declared once for SQLite and PostgreSQL.

`entry` is the ledger. `basis` is what holds now. A `permit` is one decision for one subject, step,
purpose, basis epoch and object. Every effect table has one shape (`effect_table`): it spends one
permit once, hangs on the basis and on the effect before it, so that deleting a basis row takes
everything that was made under it. No basis row is ever updated.

All rooms share this `metadata`; their tables may point here, never the other way.
"""

from consent.tables.consents import (
    attestation,
    basis,
    ended,
    erasure,
    granted,
    notice_served,
    permit,
    preview,
    spent,
    subject_key,
)
from consent.tables.log import (
    account,
    aggregate,
    block,
    card,
    chain,
    cosignature,
    entry,
    log_head,
    opening,
    published,
    subject,
)
from consent.tables.portraits import (
    asset,
    asset_view,
    moderated,
    rendered,
    request,
    selfie,
    selfie_read,
    selfie_use,
    selfie_view,
    tombstone,
)
from consent.tables.shapes import (
    BASIS,
    OBJECT,
    effect_table,
    effect_tables,
    foreign,
    metadata,
    number,
    of_subject,
    one_of,
    raw,
    text,
)

__all__ = [
    "BASIS",
    "OBJECT",
    "account",
    "aggregate",
    "asset",
    "asset_view",
    "attestation",
    "basis",
    "block",
    "card",
    "chain",
    "cosignature",
    "effect_table",
    "effect_tables",
    "ended",
    "entry",
    "erasure",
    "foreign",
    "granted",
    "log_head",
    "metadata",
    "moderated",
    "notice_served",
    "number",
    "of_subject",
    "one_of",
    "opening",
    "permit",
    "preview",
    "published",
    "raw",
    "rendered",
    "request",
    "selfie",
    "selfie_read",
    "selfie_use",
    "selfie_view",
    "spent",
    "subject",
    "subject_key",
    "text",
    "tombstone",
]
