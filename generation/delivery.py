# SPDX-License-Identifier: Apache-2.0
"""Seal what passed, and write everything about a batch in one transaction.

Rules:
1. every picture is marked before it is sealed: none ever leaves without its marks
2. the bytes lie in the blob store before their row; nobody can open them until the row lands
3. rendered, moderated and asset rows, with their effect entries, appear together or not at all
4. a refusal spends its generate permit and leaves its reason; nothing of the picture is kept, or
   where the policy holds it back it lies in the quarantine
5. who withdrew in the meantime gets no row; what another worker finished first is left as it is
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table

from consent import cards, effects
from consent.cards import Card
from consent.gate import Denial, Generate, Moderate, Permit, S, Store
from consent.policy import ModerationRules
from consent.vault import Sealed as InVault
from consent.vault import Vault
from consent.words import SECOND, ObjectId
from consent.writing import Writing
from generation import orders, portraits, quarantine
from generation.batching import Batch
from generation.marking import Marked, Marking
from generation.portraits import Portrait, Refusal, Request
from generation.provenance import Provenance
from generation.quarantine import Sealed
from generation.tables import asset, issued, mark, moderated, portrait, refusal, rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Permits:
    """What the gate allowed for a batch, by request."""

    generate: Mapping[ObjectId, Permit[Generate]]
    moderate: Mapping[ObjectId, Permit[Moderate]]
    store: Mapping[ObjectId, Permit[Store]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A picture that passed, still or moving (`generation.frames`), and how it came to be."""

    picture: NDArray[np.uint8]
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A portrait that lies sealed, and the marks that it will leave with."""

    sealed: InVault
    marked: Marked


def seal(
    vault: Vault,
    marking: Marking,
    batch: Batch,
    permits: Mapping[ObjectId, Permit[Store]],
    finished: Mapping[ObjectId, Finished],
) -> dict[ObjectId, Kept]:
    """Mark every finished picture and put it into the vault, in the order of the requests."""
    going = [(permits[one.id], finished[one.id]) for one in batch.open]
    marks = marking.put_all([(permit, one.picture, one.provenance) for permit, one in going])
    packed = [
        (permit, mark, portraits.pack(mark.file, one.provenance))
        for (permit, one), mark in zip(going, marks, strict=True)
        if mark is not None
    ]
    sealed = vault.seal_all([(permit, content) for permit, _, content in packed])
    kept = {
        permit.object: Kept(sealed=one, marked=mark)
        for (permit, mark, _), one in zip(packed, sealed, strict=True)
        if not isinstance(one, Denial)
    }
    late = [permit for permit, _ in going if permit.object not in kept]
    batch.outcomes |= {permit.object: effects.too_late(permit) for permit in late}
    return kept


def settle(
    writing: Writing,
    batch: Batch,
    permits: Permits,
    kept: Mapping[ObjectId, Kept],
    finished: Mapping[ObjectId, Finished],
    *,
    held: Mapping[ObjectId, Sealed],
    rules: ModerationRules,
    card: Card,
    retention_seconds: int,
) -> None:
    """Write what became of a batch, in the open transaction; every request gets its outcome.

    What another worker finished first is recalled (`orders.outcomes`) before this.
    """
    cards.keep(writing, card)
    _spend(writing, batch, rendered, permits.generate, {}, recipe=card.sha256)
    quarantine.land(writing, batch, permits.moderate, held, rules)
    _refuse(writing, batch, permits.generate)
    store(
        writing,
        batch,
        permits,
        kept,
        finished,
        card_sha256=card.sha256,
        retention_seconds=retention_seconds,
    )


def store(
    writing: Writing,
    batch: Batch,
    permits: Permits,
    kept: Mapping[ObjectId, Kept],
    finished: Mapping[ObjectId, Finished],
    *,
    card_sha256: str,
    retention_seconds: int,
) -> None:
    """Write what passed, in the open transaction: moderated, asset, and what lists say of it."""
    passed = {obj: {"verdict": "pass"} for obj in kept}
    _spend(writing, batch, moderated, permits.moderate, passed)
    expires = {"expires_at": writing.now + retention_seconds * SECOND}
    rows = {
        obj: one.sealed.columns() | expires | {"about": finished[obj].provenance.scenario}
        for obj, one in kept.items()
    }
    _spend(writing, batch, asset, permits.store, rows)
    made = [(one, finished[one.id].provenance) for one in batch.open]
    drawn = {"recipe_sha256": card_sha256, "made_at": writing.now}
    writing.insert(portrait, [_facts(permits.store[one.id], how) | drawn for one, how in made])
    _remember(writing, [(permits.store[one.id], kept[one.id].marked) for one, _ in made])
    batch.outcomes |= {one.id: Portrait(request=one, recipe=how.recipe) for one, how in made}


def _remember(writing: Writing, made: Sequence[tuple[Permit[Store], Marked]]) -> None:
    """Write what every portrait was marked with, and that its reference is given out."""
    writing.insert(issued, [{"reference": marked.reference} for _, marked in made])
    writing.insert(mark, [orders.key(permit) | marked.columns() for permit, marked in made])


def _spend(
    writing: Writing,
    batch: Batch,
    table: Table,
    permits: Mapping[ObjectId, Permit[S]],
    rows: Mapping[ObjectId, Mapping[str, Any]],
    *,
    recipe: str | None = None,
) -> None:
    """Write one step's rows for all who hold its permit and have no outcome yet."""
    mine = [permits[one.id] for one in batch.requests if _waits(batch, one, permits)]
    columns = [rows.get(permit.object, {}) for permit in mine]
    for done in effects.spend(writing, mine, table, columns, recipe=recipe):
        if isinstance(done, Denial):
            batch.outcomes[done.object] = done


def _waits(batch: Batch, one: Request, permits: Mapping[ObjectId, Permit[S]]) -> bool:
    return one.id in permits and one.id not in batch.outcomes


def _refuse(writing: Writing, batch: Batch, permits: Mapping[ObjectId, Permit[Generate]]) -> None:
    """Write why a picture was refused; whoever withdrew meanwhile has their denial already."""
    refused = [one for one in batch.requests if one.id in batch.refused.keys() - batch.outcomes]
    rows = [
        orders.key(permits[one.id]) | {"reason": batch.refused[one.id], "at": writing.now}
        for one in refused
    ]
    writing.insert(refusal, rows)
    for one in refused:
        batch.outcomes[one.id] = Refusal(request=one, reason=batch.refused[one.id])


def _facts(permit: Permit[Store], how: Provenance) -> dict[str, Any]:
    return orders.key(permit) | {
        "recipe": how.recipe,
        "policy_sha256": how.policy_sha256,
        "media_type": how.media_type,
    }
