# SPDX-License-Identifier: Apache-2.0
"""Log what is about to go, before it goes, or the trail would be lost.

Rules:
1. one `destroy` entry for every share, portrait and selfie; that of a share names the basis it
   hung on, since the portrait, which stays, bears the same name
2. views go together, in one block
3. every portrait and selfie leaves a stone: what it was and when, and nothing of what it showed
"""

from collections.abc import Sequence
from typing import Any, Final

from consent import merkle
from consent.doomed import Doomed
from consent.tables import block, tombstone
from consent.words import ObjectId, Seq, Step, Subject
from consent.writing import Writing

_LASTING: Final = (Step.SHARE, Step.STORE, Step.MODERATE, Step.ENROL)
"""Steps whose effects are destroyed one by one, in this order; views go in one block.

Of MODERATE only what is held back: a picture that passed goes with its STORE."""


def lasts(row: Doomed) -> bool:
    """Say whether an effect stays until it is destroyed by an entry of its own."""
    return row.step in _LASTING and (row.step is not Step.MODERATE or row.blob is not None)


def bury(writing: Writing, subject: Subject, rows: Sequence[Doomed]) -> None:
    """Log what goes, one by one, and leave a stone for every portrait and selfie."""
    stones = []
    for step in _LASTING:
        for row in rows:
            if row.step is step and lasts(row):
                seq = _destroyed(writing, subject, row)
                if row.blob:
                    stones.append(_stone(writing, subject, row, seq))
    writing.insert(tombstone, stones)
    views = sorted(row.object for row in rows if row.step is Step.VIEW)
    if views:
        _bury_views(writing, subject, views)


def _destroyed(writing: Writing, subject: Subject, row: Doomed) -> Seq:
    hung: dict[str, Any] = {}
    if row.step is Step.SHARE:
        hung = {"purpose": row.purpose, "epoch": row.epoch}
    return writing.append("destroy", subject=subject, object=row.object, **hung)


def _stone(writing: Writing, subject: Subject, row: Doomed, seq: Seq) -> dict[str, object]:
    return {
        "subject": subject,
        "object": row.object,
        "purpose": row.purpose,
        "kind": "selfie" if row.step is Step.ENROL else "portrait",
        "about": row.about,
        "made_at": row.at,
        "destroyed_at": writing.now,
        "seq": seq,
    }


def _bury_views(writing: Writing, subject: Subject, views: Sequence[ObjectId]) -> None:
    """Log many views in one block entry: one 32-byte record each, under an inner root."""
    records = [writing.commit_object(subject, obj) for obj in views]
    inner = merkle.root_of([merkle.leaf_hash(record) for record in records])
    seq = writing.append("block", step=Step.VIEW, n=len(records), denied=0, inner=inner.hex())
    writing.insert(block, [{"seq": seq, "records": b"".join(records)}])
