# SPDX-License-Identifier: Apache-2.0
"""Whatever fails or breaks on the way out: held back or gone, never ready."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select

from consent import policies, tables
from consent.words import SECOND, Purpose, Reason, Step
from feed import tables as feed_tables
from generation import album, quarantine
from generation import tables as own
from generation.album import State
from generation.inspection import Inspector
from generation.portraits import HeldBack, Refusal
from generation.quarantine import Resembles
from generation.recipes import Likeness, Row
from tests.conftest import Opener
from tests.generation.conftest import Housing
from tests.generation.house import House
from tests.generation.samples import Head, portrait_of
from tests.generation.test_moderation import Fixed
from tests.rooms import Rooms


class Breaking:
    """A part of a model that raises, whatever it is asked."""

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("a model broke")


class Silent:
    """A part of a model that gives no answer that means anything."""

    def __call__(self, *_: Any, **__: Any) -> Any:
        return None


GATES = ("detector", "embedder", "scorer")


def broken(inspector: Inspector, gate: str, how: Any) -> Inspector:
    """Take an inspector one of whose models fails."""
    if gate == "scorer":
        answer = RuntimeError("a model broke") if isinstance(how, Breaking) else float("nan")
        return replace(inspector, scorer=Fixed(answer))
    faces = type("Failing", (), {"find": inspector.faces.find, "embed": inspector.faces.embed})()
    setattr(faces, {"detector": "find", "embedder": "embed"}[gate], how)
    faces.files = inspector.faces.files
    return replace(inspector, faces=faces)


def count(house: House, *names: Any) -> tuple[int, ...]:
    return tuple(house.rooms.count(table) for table in names)


@pytest.mark.parametrize("how", [Breaking(), Silent()], ids=["raises", "is silent"])
@pytest.mark.parametrize("gate", GATES)
def test_with_any_model_down_everything_is_held_back_and_nothing_ready(
    house: House, housing: Housing, inspector: Inspector, gate: str, how: Any
) -> None:
    requests = [house.order(house.sitter(number)) for number in (1, 4)]
    failing = housing(models=broken(inspector, gate, how))
    made = failing.studio.make(requests)
    assert [type(one) for one in made] == [HeldBack] * 2
    assert {one.reason for one in made} <= {Reason.UNAVAILABLE, Reason.IDENTITY_FAILED}
    assert count(house, own.quarantined, tables.asset, own.moderated, own.refusal) == (2, 0, 0, 0)


@pytest.mark.parametrize("gate", GATES)
def test_where_nothing_is_held_back_a_model_that_is_down_is_a_refusal(
    open_rooms: Opener, sqlite_url: str, inspector: Inspector, gate: str
) -> None:
    strict = policies.load("strict-opt-in")
    rules = replace(strict.moderation, quarantine_seconds=0, quarantine=(), appeals=0)
    rooms = open_rooms(sqlite_url, policy=replace(strict, moderation=rules))
    house = at(rooms, inspector)
    request = house.order(house.sitter(1))
    made = at(rooms, broken(inspector, gate, Breaking())).studio.make([request])
    assert made == (Refusal(request=request, reason=Reason.UNAVAILABLE),)
    assert count(house, own.quarantined, own.refusal, tables.asset) == (0, 1, 0)
    assert len(rooms.consent.blobs.list()) == 1  # the selfie


def at(rooms: Rooms, models: Inspector) -> House:
    from generation.studio import Studio  # noqa: PLC0415  # beside the one place that needs it

    consent = rooms.consent
    studio = Studio(
        ledger=consent.ledger,
        gate=consent.gate,
        vault=consent.vault,
        keys=consent.keys,
        chance=rooms.chance,
        recipe=Head(),
        inspector=models,
    )
    return House(rooms=rooms, studio=studio)


@pytest.fixture
def held(house: House, housing: Housing, inspector: Inspector) -> HeldBack:
    """Draw a picture that the scorer does not like."""
    request = house.order(house.sitter(1))
    (made,) = housing(models=replace(inspector, scorer=Fixed(0.9))).studio.make([request])
    assert isinstance(made, HeldBack)
    return made


def test_what_is_held_back_goes_after_the_policys_time(house: House, held: HeldBack) -> None:
    with house.rooms.consent.ledger.read() as connection:
        row = connection.execute(own.quarantined.select()).one()
    seconds = house.rooms.consent.policy.moderation.quarantine_seconds
    assert (row.object, row.reason, row.about) == (held.request.id, "nsfw", "plain")
    assert row.expires_at - row.at == seconds * SECOND
    house.rooms.clock.advance(seconds)
    house.rooms.consent.retention.sweep()
    assert count(house, own.quarantined, own.request, own.tombstone) == (0, 0, 1)


def test_lists_say_that_it_is_held_back_and_why_until_then(house: House, held: HeldBack) -> None:
    def seen() -> list[tuple[State, Reason | None]]:
        now = house.rooms.consent.ledger.now()
        with house.rooms.consent.ledger.read() as connection:
            every = album.images(connection, held.request.subject, now)
        return [(one.state, one.reason) for one in every]

    assert seen() == [(State.QUARANTINED, Reason.NSFW)]
    seconds = house.rooms.consent.policy.moderation.quarantine_seconds
    house.rooms.clock.advance(seconds)
    assert seen() == [(State.DESTROYED, None)]


def test_the_ledger_says_that_it_was_judged_and_how(house: House, held: HeldBack) -> None:
    told = [e for e in house.rooms.entries("decision", "effect") if e["step"] == Step.MODERATE]
    assert [e["t"] for e in told] == ["decision", "effect"]
    assert told[1]["reasons"] == [held.reason]
    assert "store" not in {e["step"] for e in house.rooms.entries("effect")}


def test_nothing_places_it_in_the_feed_and_nothing_learns_from_it(
    house: House, held: HeldBack
) -> None:
    assert house.rooms.count(feed_tables.feed_insert) == 0
    with house.rooms.consent.ledger.read() as connection:
        assert album.origin(connection, held.request.subject, held.request.id) is None
        assert album.marks(connection, [held.request.id]) == {}
    learned = [key for key in own.quarantined.metadata.sorted_tables if key.name == "learned"]
    hanging = {key.referred_table.name for t in learned for key in t.foreign_key_constraints}
    assert not hanging & {"quarantined", "rendered"}


class Swapping(Head):
    """Draw everybody as the other one of a pair."""

    def __init__(self, one: Likeness, other: Likeness) -> None:
        self.pair = (one, other)

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        away = [
            float(np.linalg.norm(rows[0].likenesses[0].vector - each.vector)) for each in self.pair
        ]
        return (portrait_of(self.pair[away[0] < away[1]]),)


def test_what_shows_somebody_else_of_the_batch_is_destroyed_at_once(
    housing: Housing, likeness: Any
) -> None:
    house = housing(Swapping(likeness(4), likeness(10)))
    requests = [house.order(house.sitter(number)) for number in (4, 10)]
    made = house.studio.make(requests)
    assert made == tuple(Refusal(request=r, reason=Reason.IDENTITY_FAILED) for r in requests)
    assert count(house, own.quarantined, own.refusal) == (0, 2)
    assert len(house.rooms.consent.blobs.list()) == 2  # the selfies


def test_what_is_sealed_is_read_back_to_the_last_pixel(house: House, held: HeldBack) -> None:
    one = held.request
    permit = house.rooms.ask(Step.MODERATE, one.subject, one.purpose, one.id, request=one.id)
    content = house.rooms.consent.vault.quarantine.open(permit)
    failed = quarantine.unpack(content)
    assert failed.picture.shape == (640, 512, 3)
    assert len(failed.card_sha256) == 64
    assert failed.provenance.scenario == "plain"
    beside = replace(failed, resembles=Resembles(owner=0.5, others=0.25))
    again = quarantine.unpack(quarantine.pack(beside))
    assert np.array_equal(again.picture, failed.picture)
    assert (again.resembles, again.theirs) == (beside.resembles, True)


def test_who_withdraws_while_it_is_judged_leaves_nothing_of_it(
    house: House, housing: Housing, inspector: Inspector
) -> None:
    request = house.order(house.sitter(1))

    class Late(Fixed):
        def score(self, pixels: NDArray[np.uint8]) -> float:
            house.rooms.consent.withdrawals.withdraw(request.subject, Purpose.IMAGINE)
            return super().score(pixels)

    (made,) = housing(models=replace(inspector, scorer=Late(0.9))).studio.make([request])
    assert type(made).__name__ == "Denial"
    assert house.rooms.count(own.quarantined) == 0
    assert len(house.rooms.consent.blobs.list()) == 1  # the selfie


def test_each_is_told_apart_by_whom_it_resembles(inspector: Inspector, likeness: Any) -> None:
    picture = portrait_of(likeness(4))
    found = quarantine.resembles(inspector, picture, [likeness(10)], [likeness(4)])
    assert found is not None
    assert found.others < found.owner
    assert quarantine.resembles(inspector, picture, [likeness(4)], []) is None
    down = broken(inspector, "embedder", Breaking())
    assert quarantine.resembles(down, picture, [likeness(4)], [likeness(10)]) is None


def test_no_row_of_a_quarantine_can_be_looked_at(house: House, held: HeldBack) -> None:
    one = held.request
    for table in (own.asset_view, feed_tables.feed_view):
        with pytest.raises(Exception, match="no row in"):
            house.rooms.look(one.subject, one.id, one.purpose, table)
    with house.rooms.consent.ledger.read() as connection:
        assert connection.execute(select(own.asset_view)).all() == []
