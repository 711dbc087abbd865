# SPDX-License-Identifier: Apache-2.0
"""Keep what the ranking chose, and for which reasons, under the basis it was chosen on.

Rules:
1. a decision hangs on the basis of its select permit: a withdrawal removes it
2. recording again after a crash replaces what was recorded: a choice is kept once
3. a part that rests on what a person did hangs on their basis for `personalisation`, and so does
   what models foretold of the choice: it is kept to be learned from
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from consent.among import among
from consent.gate import Permit, Select
from consent.ledger import Ledger
from consent.standing import bases
from consent.words import Epoch, Micros, ObjectId, Purpose, Subject
from consent.writing import Writing
from feed.model import HEADS
from feed.ranking import Decision
from feed.reasons import Part
from feed.shadows import Shadow
from feed.tables import decision, decision_part, predicted

Chosen = tuple[Permit[Select], Decision, tuple[Part, ...]]
"""Whose turn it was, what was chosen, and the parts of its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """The draw that chose an idea: how likely it was, among how many, "no insert" included."""

    chance: float
    among: int


class Decisions:
    """Record choices and read back their reasons."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def record(self, chosen: Sequence[Chosen], foretold: Sequence[Sequence[Shadow]] = ()) -> None:
        """Keep many choices in one transaction; a person who withdrew meanwhile leaves none.

        A choice that a crash kept from becoming a request is replaced by the one made after it.
        `foretold` is what models said of each choice; none are kept where it is empty.
        """
        if not chosen:
            return
        with self._ledger.write() as writing:
            people = sorted({permit.subject for permit, _, _ in chosen})
            held = bases(writing.connection, people, list(Purpose))
            living = [c for c in chosen if held.get((c[0].subject, c[0].purpose)) == c[0].epoch]
            again = [permit.object for permit, _, _ in living]
            writing.connection.execute(delete(decision).where(among(decision.c.id, again)))
            writing.insert(decision, [_row(p, made, writing.now) for p, made, _ in living])
            _keep_parts(writing, living, held)
            if foretold:
                _keep_words(writing, list(zip(chosen, foretold, strict=True)), living, held)

    def lot(self, viewer: Subject, portrait: ObjectId) -> Lot | None:
        """Say how an idea was drawn by lot for its viewer; None for one they asked for."""
        mine = (decision.c.id == portrait, decision.c.subject == viewer)
        with self._ledger.read() as connection:
            row = connection.execute(
                select(decision.c.propensity, decision.c.eligible).where(*mine)
            ).one_or_none()
        return None if row is None else Lot(chance=row[0], among=row[1])

    def reasons(self, viewer: Subject, portrait: ObjectId) -> tuple[Part, ...]:
        """Read why a portrait's idea was chosen, largest part first; none for what was asked."""
        with self._ledger.read() as connection:
            return tuple(
                sorted(
                    _parts(connection, viewer, portrait),
                    key=lambda part: (-abs(part.effect), part.feature),
                )
            )


def _row(permit: Permit[Select], made: Decision, now: Micros) -> dict[str, Any]:
    own = {"id": permit.object, "at": now}
    return own | _basis(permit.subject, permit.purpose, permit.epoch) | asdict(made)


def _basis(subject: Subject, purpose: Purpose, epoch: Epoch) -> dict[str, Any]:
    return {"subject": subject, "purpose": purpose, "epoch": epoch}


def _keep_parts(
    writing: Writing, chosen: Sequence[Chosen], held: dict[tuple[Subject, Purpose], Epoch]
) -> None:
    rows = []
    for permit, _, parts in chosen:
        for part in parts:
            purpose = Purpose.PERSONALISATION if part.personal else permit.purpose
            epoch = held.get((permit.subject, purpose))
            if epoch is not None:
                own = {"decision": permit.object, "feature": part.feature, "effect": part.effect}
                rows.append(own | _basis(permit.subject, purpose, epoch))
    writing.insert(decision_part, rows)


def _keep_words(
    writing: Writing,
    said: Sequence[tuple[Chosen, Sequence[Shadow]]],
    living: Sequence[Chosen],
    held: Mapping[tuple[Subject, Purpose], Epoch],
) -> None:
    """Keep what models foretold, of whoever lets us learn."""
    kept = {permit.object for permit, _, _ in living}
    rows = []
    for (permit, _, _), words in said:
        epoch = held.get((permit.subject, Purpose.PERSONALISATION))
        if epoch is not None and permit.object in kept:
            own = _basis(permit.subject, Purpose.PERSONALISATION, epoch)
            rows += [own | {"decision": permit.object} | _word(one) for one in words]
    writing.insert(predicted, rows)


def _word(one: Shadow) -> dict[str, Any]:
    heads = (None,) * len(HEADS) if one.heads is None else one.heads
    named = dict(zip(HEADS, heads, strict=True))
    return {"model_sha256": one.model_sha256, "chances": one.chances, **named}


def _parts(connection: Connection, viewer: Subject, portrait: ObjectId) -> Iterator[Part]:
    columns = (decision_part.c.feature, decision_part.c.effect, decision_part.c.purpose)
    rows = connection.execute(
        select(*columns).where(
            decision_part.c.decision == portrait, decision_part.c.subject == viewer
        )
    )
    for feature, effect, purpose in rows:
        yield Part(feature=feature, effect=effect, personal=purpose == Purpose.PERSONALISATION)
