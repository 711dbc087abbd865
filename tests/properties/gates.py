# SPDX-License-Identifier: Apache-2.0
"""Every gate as a race needs it: what must stand before its step, and what the step leaves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Table

from consent import effects, policies, tables
from consent.gate import Ask, Permit
from consent.policy import Policy
from consent.words import DAY, Micros, ObjectId, Purpose, Step, Subject
from feed import tables as feed_tables
from tests.rooms import Rooms

Columns = Callable[[Rooms, ObjectId], Mapping[str, Any]]
SEALED: Final = {"blob": "", "wrapped_dek": b""}
MADE: Final = Purpose.PROFILE_PICTURE


def uncapped() -> Policy:
    """Return the default policy without caps: a race asks for more in a minute than a day has."""
    return replace(policies.load("strict-opt-in"), caps=MappingProxyType({}))


def _none(_rooms: Rooms, _obj: ObjectId) -> Mapping[str, Any]:
    return {}


def _kept(rooms: Rooms, _obj: ObjectId) -> Mapping[str, Any]:
    return {**SEALED, "expires_at": rooms.clock.now() + DAY}


def _told(rooms: Rooms, _obj: ObjectId) -> Mapping[str, Any]:
    until = Micros(rooms.clock.now() + DAY)
    return {"share": rooms.object(), "audience": "story", "ends_at": until}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One step under one purpose: where it lands, and what came before, each with its place."""

    step: Step
    purpose: Purpose
    table: Table
    columns: Columns = _none
    before: tuple["Gate", ...] = field(default=())

    def permits(self, rooms: Rooms, person: Subject, count: int) -> Sequence[Permit[Any]]:
        """Take so many objects through all that comes before, and ask for this step."""
        objects = [rooms.object() for _ in range(count)]
        for earlier in self.before:
            self._land(rooms, earlier, earlier._ask(rooms, person, objects))
        if self.step is Step.READ:
            objects = [rooms.selfie(person) for _ in range(count)]
        return self._ask(rooms, person, objects)

    def _ask(
        self, rooms: Rooms, person: Subject, objects: Sequence[ObjectId]
    ) -> Sequence[Permit[Any]]:
        asks: list[Ask[Any]] = [
            Ask(
                step=self.step,
                subject=person,
                purpose=self.purpose,
                object=obj,
                request=obj,
                confirmed=True,
            )
            for obj in objects
        ]
        answers = rooms.consent.gate.ask_all(asks)
        assert all(isinstance(answer, Permit) for answer in answers), answers
        return [answer for answer in answers if isinstance(answer, Permit)]

    @staticmethod
    def _land(rooms: Rooms, gate: "Gate", given: Sequence[Permit[Any]]) -> None:
        rows = [gate.columns(rooms, permit.object) for permit in given]
        with rooms.consent.ledger.write() as writing:
            done = effects.spend(writing, given, gate.table, rows)
        assert all(isinstance(one, effects.Spent) for one in done)

    def spend(self, rooms: Rooms, permit: Permit[Any]) -> bool:
        """Turn one permit into its row, in a transaction of its own; say whether it landed."""
        with rooms.consent.ledger.write() as writing:
            (done,) = effects.spend(
                writing, [permit], self.table, [self.columns(rooms, permit.object)]
            )
        return isinstance(done, effects.Spent)


def _life(purpose: Purpose) -> tuple[Gate, ...]:
    """List the steps of a portrait's life under a purpose, each with all before it."""
    steps = (
        Gate(step=Step.SELECT, purpose=purpose, table=tables.request),
        Gate(step=Step.GENERATE, purpose=purpose, table=tables.rendered),
        Gate(
            step=Step.MODERATE,
            purpose=purpose,
            table=tables.moderated,
            columns=lambda _rooms, _obj: {"verdict": "pass"},
        ),
        Gate(step=Step.STORE, purpose=purpose, table=tables.asset, columns=_kept),
    )
    return tuple(replace(one, before=steps[:place]) for place, one in enumerate(steps))


_PLAIN: Final = _life(MADE)
_FED: Final = _life(Purpose.FEED_INSERT)
GATES: Final = (
    Gate(step=Step.ENROL, purpose=Purpose.LIKENESS, table=tables.selfie, columns=_kept),
    *_PLAIN,
    Gate(
        step=Step.READ,
        purpose=MADE,
        table=tables.selfie_read,
        columns=lambda _rooms, obj: {"selfie": obj, "request": obj},
    ),
    Gate(
        step=Step.INSERT,
        purpose=Purpose.FEED_INSERT,
        table=feed_tables.feed_insert,
        columns=lambda rooms, _obj: {
            "scenario": "astronaut",
            "expires_at": rooms.clock.now() + DAY,
        },
        before=_FED,
    ),
    Gate(step=Step.VIEW, purpose=MADE, table=tables.asset_view, before=_PLAIN),
    Gate(
        step=Step.SHARE,
        purpose=Purpose.STORY,
        table=feed_tables.feed_share,
        columns=_told,
        before=_PLAIN,
    ),
    Gate(
        step=Step.LEARN,
        purpose=Purpose.PERSONALISATION,
        table=feed_tables.learned,
        columns=lambda _rooms, _obj: {"kind": "like", "scenario": "astronaut"},
    ),
)
"""One gate a step, in the order of the steps."""
