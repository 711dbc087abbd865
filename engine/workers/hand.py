# SPDX-License-Identifier: Apache-2.0
"""What an actor runs: rooms of its own, and answers of ids, counts and closed words.

Rules:
1. it opens the home by itself: no face, no picture, no key and no word of anybody's comes to it
   from another process, and none leaves it; those go through the database and the blob store
2. it asks the gate itself, takes leases in its own name and writes its own entries
3. of an error only its kind goes back: what it says could be anybody's
4. it calls what the home's settings name, this machine and Ray, nothing else (engine/egress.py)
"""

import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from consent import fencing
from consent.errors import OnlyouError
from consent.gate import Denial
from consent.words import Micros, ObjectId
from engine import egress, leading, planning, settings, working
from engine.leading import Term
from engine.planning import Part
from engine.plans import Plan
from engine.rooms import Rooms
from generation.batching import Made
from generation.portraits import Elsewhere, HeldBack, Portrait, Refusal

OPENER: Final = "engine.wiring:open_home"
"""What opens a home, as module:function; a benchmark or a test may name another."""
Slot = tuple[str, int]
Lead = tuple[str, str, int]
Planned = tuple[tuple[int, ...], dict[str, int]]
"""Shapes: ids of requests, and how many of each kind there were."""


class Told(NamedTuple):
    """What came of one request: an id, and closed words."""

    id: int
    end: str
    word: str = ""
    seq: int | None = None
    step: str = ""


class Answer(NamedTuple):
    """What a call came to: something plain, or the kind of the error that broke it."""

    value: Any = None
    broke: str = ""
    reason: str = ""


def _plainly(act: Callable[..., Any]) -> Callable[..., Answer]:
    def acted(*given: Any) -> Answer:  # noqa: ANN401 - whatever the act takes
        try:
            return Answer(value=act(*given))
        except OnlyouError as error:
            return Answer(broke=type(error).__name__, reason=str(error.reason))
        except Exception as error:  # noqa: BLE001 - of whatever kind: its kind is all that is told
            return Answer(broke=type(error).__name__)

    return acted


class Hand:
    """One worker. Told Ray's address, it has a process of its own, which is held to its calls.

    `elsewhere`: it may be on another machine, whose own word on where the home lies is taken.
    """

    def __init__(
        self, home: str, opener: str = OPENER, address: str = "", elsewhere: bool = False
    ) -> None:
        module, function = opener.split(":")
        place = Path(os.environ.get("ONLYOU_HOME", home) if elsewhere else home)
        if address:
            chosen = replace(settings.read(place), workers="ray", ray_address=address)
            egress.guard(chosen)
        self._rooms: Rooms = getattr(importlib.import_module(module), function)(place)

    def ready(self) -> int:
        """Say that the home is open, by the number of this process."""
        return os.getpid()

    def make(self, ids: Sequence[int]) -> Answer:
        """Make these requests, as far as they wait and nobody else holds them."""
        return _plainly(self._make)(ids)

    def take_turn(self) -> Answer:
        """Make some of whatever waits."""
        return _plainly(lambda: dict(working.take_turn(self._rooms)))()

    def order(self, slot: Slot, part: tuple[int, int], lead: Lead | None) -> Answer:
        """Plan a part of the people by the lead of whoever asks; a lead that is over plans none.

        Shapes: policy and slot; the part's number and of how many; the lead's name, holder, term.
        """
        return _plainly(self._order)(slot, part, lead)

    def _make(self, ids: Sequence[int]) -> tuple[Told, ...]:
        studio = self._rooms.studio
        requests = studio.pending([ObjectId(one) for one in ids])
        return tuple(_told(one) for one in studio.making(requests))

    def _order(self, slot: Slot, part: tuple[int, int], lead: Lead | None) -> Planned:
        policy, at = slot
        number, of = part
        plan = Plan(policy=policy, slot=Micros(at), outcome=None)
        with _by(lead):
            done = planning.order(self._rooms, plan, Part(number=number, of=of))
        return tuple(one.id for one in done.requests), dict(done.counted)


@contextmanager
def _by(lead: Lead | None) -> Iterator[None]:
    """Write nothing in a block unless whoever asked still leads."""
    if lead is None:
        yield
        return
    name, holder, number = lead
    term = Term(name=name, holder=holder, number=number)
    with fencing.behind(partial(leading.check, term)):
        yield


def _told(made: Made) -> Told:
    match made:
        case Portrait():
            return Told(made.request.id, "portrait", made.recipe)
        case HeldBack():
            return Told(made.request.id, "held", str(made.reason))
        case Refusal():
            return Told(made.request.id, "refusal", str(made.reason))
        case Elsewhere():
            return Told(made.request.id, "elsewhere")
        case Denial():
            return Told(made.object, "denial", str(made.reason), made.seq, str(made.step))
