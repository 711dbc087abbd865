# SPDX-License-Identifier: Apache-2.0
"""Open the selfies of everybody in a batch, each selfie under its own permit for its own request.

Rules:
1. every selfie that a request may read is asked for; one no, and the request drops out
2. the vault opens what the gate allowed, and writes that it did
3. selfies of somebody else than the rest do not sit; if nobody can say who it is, nobody does
"""

from collections.abc import Mapping, Sequence

from consent.errors import Misused
from consent.gate import Ask, Denial, Gate, Permit, Read
from consent.ledger import Ledger
from consent.vault import Vault
from consent.words import ObjectId, Reason, Step
from generation import orders, selfies
from generation.batching import Batch
from generation.portraits import Request
from generation.recipes import Likeness

Allowed = tuple[Request, Permit[Read]]


def read(batch: Batch, *, ledger: Ledger, gate: Gate, vault: Vault) -> Mapping[ObjectId, Reason]:
    """Give every open request the likenesses to draw from; say where there are none, and why."""
    try:
        opened = _opened(batch, _asked(batch, ledger, gate), vault)
    except Misused:
        # a selfie was deleted between the question and its opening: ask for what is left
        opened = _opened(batch, _asked(batch, ledger, gate), vault)
    limit = gate.policy.selfies.same_person_distance
    faults: dict[ObjectId, Reason] = {}
    for one in batch.open:
        every = opened.get(one.id, [])
        batch.likenesses[one.id] = selfies.agreeing(every, limit)
        if not batch.likenesses[one.id]:
            faults[one.id] = Reason.DIFFERENT_PERSON if every else Reason.SELFIES_REQUIRED
    return faults


def _asked(batch: Batch, ledger: Ledger, gate: Gate) -> Sequence[Allowed]:
    now = ledger.now()
    with ledger.read() as connection:
        named = orders.selfies_for(connection, batch.open, now)
    wanted = [(one, selfie) for one in batch.open for selfie in named[one.id]]
    answers = gate.ask_all([_question(one, selfie) for one, selfie in wanted])
    allowed: list[Allowed] = []
    for (one, _), answer in zip(wanted, answers, strict=True):
        if isinstance(answer, Denial):
            batch.outcomes.setdefault(one.id, answer)
        else:
            allowed.append((one, answer))
    return [each for each in allowed if each[0].id not in batch.outcomes]


def _question(one: Request, selfie: ObjectId) -> Ask[Read]:
    return Ask(
        step=Step.READ, subject=one.subject, purpose=one.purpose, object=selfie, request=one.id
    )


def _opened(
    batch: Batch, allowed: Sequence[Allowed], vault: Vault
) -> dict[ObjectId, list[Likeness]]:
    opened: dict[ObjectId, list[Likeness]] = {}
    contents = vault.read([permit for _, permit in allowed])
    for (one, _), content in zip(allowed, contents, strict=True):
        if isinstance(content, Denial):
            batch.outcomes.setdefault(one.id, content)
        else:
            opened.setdefault(one.id, []).append(selfies.unpack(content))
    return opened
