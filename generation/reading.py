# SPDX-License-Identifier: Apache-2.0
"""Open the selfies of everybody in a batch, each selfie under its own permit for its own request.

Rules:
1. every selfie that a request may read is asked for; one no, and the request drops out
2. the vault opens what the gate allowed, and writes that it did
3. a selfie whose bytes are missing or changed does not sit; nobody else is kept waiting by it
4. selfies of somebody else than the rest do not sit; if nobody can say who it is, nobody does
"""

from collections.abc import Mapping, Sequence

from consent.companions import Companion
from consent.errors import Misused
from consent.gate import Ask, Denial, Gate, Permit, Read
from consent.ledger import Ledger
from consent.vault import Vault
from consent.words import ObjectId, Reason, Step
from generation import orders, selfies
from generation.batching import Batch, Source
from generation.portraits import Request
from generation.recipes import Likeness
from generation.tables import conditioning

Allowed = tuple[Request, Permit[Read]]
Sat = tuple[Likeness, Source]


def read(
    batch: Batch, *, ledger: Ledger, gate: Gate, vault: Vault, encoder: str | None = None
) -> Mapping[ObjectId, Reason]:
    """Give every open request the likenesses to draw from; say where there are none, and why.

    With an `encoder`, what it made of them before is opened under the same permits.
    """
    beside = None if encoder is None else Companion(table=conditioning, encoder=encoder)
    try:
        opened = _opened(batch, _asked(batch, ledger, gate), vault, beside)
    except Misused:
        # a selfie was deleted between the question and its opening: ask for what is left
        opened = _opened(batch, _asked(batch, ledger, gate), vault, beside)
    limit = gate.policy.selfies.same_person_distance
    faults: dict[ObjectId, Reason] = {}
    for one in batch.open:
        every = opened.get(one.id, [])
        sitting = selfies.agreeing([likeness for likeness, _ in every], limit)
        batch.likenesses[one.id] = sitting
        batch.sources[one.id] = tuple(
            source for likeness, source in every if any(likeness is each for each in sitting)
        )
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
    batch: Batch, allowed: Sequence[Allowed], vault: Vault, beside: Companion | None
) -> dict[ObjectId, list[Sat]]:
    opened: dict[ObjectId, list[Sat]] = {}
    answers = vault.read_beside([permit for _, permit in allowed], beside)
    for (one, _), answer in zip(allowed, answers, strict=True):
        if isinstance(answer, Denial):
            if answer.reason is not Reason.UNAVAILABLE:
                batch.outcomes.setdefault(one.id, answer)
        else:
            source = Source(permit=answer.permit, beside=answer.beside)
            opened.setdefault(one.id, []).append((selfies.unpack(answer.content), source))
    return opened
