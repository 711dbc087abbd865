# SPDX-License-Identifier: Apache-2.0
"""Seal what passed, and write everything about a batch in one transaction.

Rules:
1. the bytes lie in the blob store before their row; nobody can open them until the row lands
2. rendered, moderated and asset rows, with their effect entries, appear together or not at all
3. a refusal spends its generate permit and leaves its reason; nothing of the picture is kept
4. who withdrew in the meantime gets no row; what another worker finished first is left as it is
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table

from consent import cards, effects
from consent.cards import Card
from consent.errors import Denied
from consent.gate import Denial, Generate, Moderate, Permit, S, Store
from consent.vault import Sealed, Vault
from consent.words import SECOND, ObjectId
from consent.writing import Writing
from generation import orders, portraits, provenance
from generation.batching import Batch
from generation.portraits import Portrait, Refusal, Request
from generation.provenance import Provenance
from generation.tables import asset, moderated, portrait, refusal, rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Permits:
    """What the gate allowed for a batch, by request."""

    generate: Mapping[ObjectId, Permit[Generate]]
    moderate: Mapping[ObjectId, Permit[Moderate]]
    store: Mapping[ObjectId, Permit[Store]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A picture that passed, and how it came to be."""

    picture: NDArray[np.uint8]
    provenance: Provenance


def seal(
    vault: Vault,
    batch: Batch,
    permits: Mapping[ObjectId, Permit[Store]],
    finished: Mapping[ObjectId, Finished],
) -> dict[ObjectId, Sealed]:
    """Put every finished picture into the vault, in the order of the requests."""
    sealed: dict[ObjectId, Sealed] = {}
    for one in batch.open:
        file = provenance.marked(finished[one.id].picture)
        content = portraits.pack(file, finished[one.id].provenance)
        try:
            sealed[one.id] = vault.seal(permits[one.id], content)
        except Denied as denied:
            batch.outcomes[one.id] = _denial(permits[one.id], denied)
    return sealed


def settle(
    writing: Writing,
    batch: Batch,
    permits: Permits,
    sealed: Mapping[ObjectId, Sealed],
    finished: Mapping[ObjectId, Finished],
    *,
    card: Card,
    retention_seconds: int,
) -> None:
    """Write what became of a batch, in the open transaction; every request gets its outcome."""
    batch.outcomes |= orders.outcomes(writing.connection, batch.requests)
    cards.keep(writing, card)
    _spend(writing, batch, rendered, permits.generate, {}, recipe=card.sha256)
    _refuse(writing, batch, permits.generate)
    passed = {obj: {"verdict": "pass"} for obj in sealed}
    _spend(writing, batch, moderated, permits.moderate, passed)
    expires = {"expires_at": writing.now + retention_seconds * SECOND}
    rows = {
        obj: one.columns() | expires | {"about": finished[obj].provenance.scenario}
        for obj, one in sealed.items()
    }
    _spend(writing, batch, asset, permits.store, rows)
    made = [(one, finished[one.id].provenance) for one in batch.open]
    drawn = {"recipe_sha256": card.sha256, "made_at": writing.now}
    writing.insert(portrait, [_facts(permits.store[one.id], how) | drawn for one, how in made])
    batch.outcomes |= {one.id: Portrait(request=one, recipe=how.recipe) for one, how in made}


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
        "media_type": provenance.MEDIA_TYPE,
    }


def _denial(permit: Permit[Store], denied: Denied) -> Denial:
    return Denial(
        seq=permit.seq,
        step=permit.step,
        subject=permit.subject,
        purpose=permit.purpose,
        object=permit.object,
        reason=denied.reason,
    )
