# SPDX-License-Identifier: Apache-2.0
"""From a wish to a sealed portrait, against the real consent room."""

import base64
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from consent import tables
from consent.errors import Broken, Denied
from consent.gate import Denial
from consent.words import SECOND, Micros, Purpose, Reason, Step
from generation import delivery, orders, photographs, provenance, selfies
from generation import tables as own
from generation.faces import distance
from generation.inspection import Inspector
from generation.moderation import OpenNsfw
from generation.portraits import HeldBack, Portrait, Refusal, Wish
from generation.recipes import Likeness, Row
from generation.recipes.batched import Latents
from generation.recipes.photobooth import Photobooth
from generation.studio import Studio
from tests.generation.conftest import Housing
from tests.generation.house import House
from tests.generation.samples import Head, Pool, portrait_of
from tests.generation.test_moderation import Fixed
from tests.rooms import Rooms

CHAIN = (tables.request, tables.rendered, tables.moderated, tables.asset, own.portrait)


def rows(house: House) -> tuple[int, ...]:
    """Count what stands of a portrait's life, from request to facts."""
    return tuple(house.rooms.count(table) for table in CHAIN)


def blobs(house: House) -> list[Path]:
    """List what lies in the blob store."""
    return [path for path in (house.rooms.home / "blobs").rglob("*") if path.is_file()]


def test_a_wish_becomes_a_portrait_that_its_owner_can_open(house: House) -> None:
    request = house.order(house.sitter(1))
    (made,) = house.studio.make([request])
    assert made == Portrait(request=request, recipe="head")
    picture = house.picture(request)
    assert picture.media_type == "image/jpeg"
    assert picture.provenance.scenario == "plain"
    assert picture.provenance.seed == 7
    assert picture.provenance.policy_sha256 == house.rooms.consent.policy.sha256
    assert picture.provenance.owner_distance < 0.3 < picture.provenance.cohort_distance
    assert len(picture.provenance.models) == 3


def test_both_databases_carry_the_whole_way(rooms_on_both: Rooms, inspector: Inspector) -> None:
    consent = rooms_on_both.consent
    studio = Studio(
        ledger=consent.ledger,
        gate=consent.gate,
        vault=consent.vault,
        keys=consent.keys,
        chance=rooms_on_both.chance,
        recipe=Head(),
        inspector=inspector,
    )
    house = House(rooms=rooms_on_both, studio=studio)
    requests = [house.order(house.sitter(1)), house.order(house.sitter(3), "none")]
    made, refused = studio.make(requests)
    assert made == Portrait(request=requests[0], recipe="head")
    assert refused == Refusal(request=requests[1], reason=Reason.UNAVAILABLE)
    assert house.picture(requests[0]).provenance.scenario == "plain"
    assert studio.pending() == ()
    consent.withdrawals.withdraw(requests[0].subject, Purpose.IMAGINE)
    assert rows(house) == (1, 1, 0, 0, 0)


def test_the_photobooth_makes_one_the_same_way(housing: Housing) -> None:
    house = housing(Photobooth())
    request = house.order(house.sitter(1), scenario="astronaut")
    (made,) = house.studio.make([request])
    assert made == Portrait(request=request, recipe="photobooth")
    assert house.picture(request).file.startswith(b"\xff\xd8")


def test_every_step_is_asked_for_before_it_leaves_its_effect(house: House) -> None:
    request = house.order(house.sitter(1))
    house.studio.make([request])
    told = [e for e in house.rooms.entries("decision", "effect") if "request" in e]
    steps = [(e["t"], e["step"]) for e in told]
    read, generate, moderate, store = Step.READ, Step.GENERATE, Step.MODERATE, Step.STORE
    assert steps == [
        *(("decision", Step.SELECT), ("effect", Step.SELECT)),
        *(("decision", read), ("effect", read)),
        *(("decision", step) for step in (generate, moderate, store)),
        *(("effect", step) for step in (generate, moderate, store)),
    ]
    assert len({e["request"] for e in told}) == 1


def test_a_batch_keeps_its_order_and_everybody_gets_their_own_face(house: House) -> None:
    requests = [house.order(house.sitter(number)) for number in (1, 4, 10, 3)]
    made = house.studio.make(requests)
    assert made == tuple(Portrait(request=one, recipe="head") for one in requests)
    near = [house.picture(one).provenance.owner_distance for one in requests]
    assert max(near) < 0.3


class Swapping(Head):
    """A recipe that mixes two people up, as a leaking batch would."""

    def __init__(self, one: Likeness, other: Likeness) -> None:
        self.pair = (one, other)

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        away = [distance(rows[0].likenesses[0].vector, each.vector) for each in self.pair]
        return (portrait_of(self.pair[away[0] < away[1]]),)


def test_two_people_whose_portraits_are_swapped_are_both_refused(
    housing: Housing, likeness: Callable[[int], Likeness]
) -> None:
    house = housing(Swapping(likeness(4), likeness(10)))
    requests = [house.order(house.sitter(number)) for number in (4, 10)]
    made = house.studio.make(requests)
    assert made == tuple(Refusal(request=r, reason=Reason.IDENTITY_FAILED) for r in requests)
    assert rows(house) == (2, 2, 0, 0, 0)


@pytest.mark.parametrize(
    ("answer", "reason"), [(0.9, Reason.NSFW), (RuntimeError("broke"), Reason.UNAVAILABLE)]
)
def test_a_picture_that_moderation_does_not_pass_is_held_back_and_never_ready(
    house: House,
    housing: Housing,
    inspector: Inspector,
    answer: float | Exception,
    reason: Reason,
) -> None:
    request = house.order(house.sitter(1))
    strict = housing(models=replace(inspector, scorer=Fixed(answer)))
    assert strict.studio.make([request]) == (HeldBack(request=request, reason=reason),)
    assert rows(house) == (1, 1, 0, 0, 0)
    assert house.rooms.count(own.refusal) == 0
    assert len(blobs(house)) == 2  # the selfie, and what is held back
    assert strict.studio.pending() == ()
    assert strict.studio.make([request]) == (HeldBack(request=request, reason=reason),)


def test_what_the_recipe_cannot_draw_is_refused(house: House) -> None:
    request = house.order(house.sitter(1), scenario="none")
    assert house.studio.make([request]) == (Refusal(request=request, reason=Reason.UNAVAILABLE),)


def test_without_a_selfie_there_is_nothing_to_draw_from(house: House) -> None:
    subject = house.rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    request = house.order(subject)
    expected = (Refusal(request=request, reason=Reason.SELFIES_REQUIRED),)
    assert house.studio.make([request]) == expected
    assert rows(house) == (1, 1, 0, 0, 0)
    assert house.studio.make([request]) == expected


def test_selfies_of_two_people_under_one_name_are_drawn_as_neither(
    house: House, likeness: Callable[[int], Likeness]
) -> None:
    subject = house.sitter(1)
    house.rooms.selfie(subject, content=selfies.pack(likeness(3)))  # two uploads at one moment
    request = house.order(subject)
    (made,) = house.studio.make([request])
    assert made == Refusal(request=request, reason=Reason.DIFFERENT_PERSON)


def test_a_selfie_whose_time_is_over_is_not_read(house: House) -> None:
    subject = house.sitter(1)
    request = house.order(subject)
    seconds = house.rooms.consent.policy.selfies.retention_seconds
    with house.rooms.consent.ledger.read() as connection:
        now = house.rooms.clock.now()
        assert orders.selfies_for(connection, [request], now)[request.id]
        over = Micros(now + seconds * SECOND)
        assert not orders.selfies_for(connection, [request], over)[request.id]


Act = Callable[[], None]


class Hooked(Head):
    """A recipe during whose work something else happens, once."""

    def __init__(self, act: Act) -> None:
        self.act = act

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        act, self.act = self.act, lambda: None
        act()
        return super().render(rows)


class HookedScorer(OpenNsfw):
    """A model during whose work something else happens, once."""

    def __init__(self, act: Act) -> None:
        super().__init__()
        self.act = act

    def score(self, pixels: NDArray[np.uint8]) -> float:
        act, self.act = self.act, lambda: None
        act()
        return super().score(pixels)


@pytest.mark.parametrize(
    ("purpose", "moment"),
    [
        (Purpose.IMAGINE, "before"),
        (Purpose.IMAGINE, "drawing"),
        (Purpose.LIKENESS, "drawing"),
        (Purpose.IMAGINE, "judging"),
        (Purpose.LIKENESS, "sealing"),
        (Purpose.IMAGINE, "writing"),
    ],
)
def test_who_withdraws_in_the_middle_drops_out_and_the_others_go_on(  # noqa: PLR0917
    house: House,
    housing: Housing,
    inspector: Inspector,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    purpose: Purpose,
) -> None:
    people = [house.sitter(number) for number in (1, 3, 5)]
    requests = [house.order(subject) for subject in people]

    def withdraw() -> None:
        house.rooms.consent.withdrawals.withdraw(people[1], purpose)

    if moment == "before":
        withdraw()
    if moment == "drawing":
        house = housing(Hooked(withdraw))
    if moment == "judging":
        house = housing(models=replace(inspector, scorer=HookedScorer(withdraw)))
    if moment == "sealing":
        _hook(monkeypatch, provenance, "marked", before=withdraw)
    if moment == "writing":
        _hook(monkeypatch, delivery, "seal", after=withdraw)
    first, gone, last = house.studio.make(requests)
    assert isinstance(gone, Denial)
    assert gone.reason is Reason.WITHDRAWN
    assert (first, last) == tuple(Portrait(request=r, recipe="head") for r in requests[::2])
    assert rows(house) == (2, 2, 2, 2, 2)
    assert house.rooms.count(tables.asset, people[1]) == 0
    with pytest.raises(Denied):
        house.picture(requests[1])


@pytest.mark.parametrize("moment", ["before", "drawing", "judging", "sealing", "writing"])
def test_who_pauses_in_the_middle_waits_and_is_drawn_afterwards(
    house: House,
    housing: Housing,
    inspector: Inspector,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    people = [house.sitter(number) for number in (1, 3)]
    requests = [house.order(subject) for subject in people]
    pauses = house.rooms.consent.pauses

    def pause() -> None:
        pauses.pause(people[0], None)

    if moment == "before":
        pause()
    if moment == "drawing":
        house = housing(Hooked(pause))
    if moment == "judging":
        house = housing(models=replace(inspector, scorer=HookedScorer(pause)))
    if moment == "sealing":
        _hook(monkeypatch, provenance, "marked", before=pause)
    if moment == "writing":
        _hook(monkeypatch, delivery, "seal", after=pause)
    waits, made = house.studio.make(requests)
    assert isinstance(waits, Denial)
    assert waits.reason is Reason.PAUSED
    assert made == Portrait(request=requests[1], recipe="head")
    assert rows(house) == (2, 1, 1, 1, 1)
    assert list(house.studio.pending()) == requests[:1]
    pauses.resume(people[0])
    assert house.studio.make(requests[:1]) == (Portrait(request=requests[0], recipe="head"),)
    assert rows(house) == (2, 2, 2, 2, 2)


def _hook(
    patch: pytest.MonkeyPatch,
    place: ModuleType,
    name: str,
    *,
    before: Act = lambda: None,
    after: Act = lambda: None,
) -> None:
    """Let something happen around the first call of a function."""
    real, acts = getattr(place, name), [after, before]

    def hooked(*given: Any, **named: Any) -> Any:
        if acts:
            acts.pop()()
        answer = real(*given, **named)
        if acts:
            acts.pop()()
        return answer

    patch.setattr(place, name, hooked)


@pytest.mark.parametrize("step", [Step.GENERATE, Step.MODERATE, Step.STORE])
def test_a_crash_leaves_the_bare_request_and_the_next_run_makes_it_whole(
    house: House, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    request = house.order(house.sitter(1))
    real = delivery.effects.spend

    def crash(writing: Any, permits: Any, table: Any, *more: Any, **named: Any) -> Any:
        if table.info["step"] is step:
            raise SystemExit
        return real(writing, permits, table, *more, **named)

    monkeypatch.setattr(delivery.effects, "spend", crash)
    with pytest.raises(SystemExit):
        house.studio.make([request])
    assert rows(house) == (1, 0, 0, 0, 0)
    assert house.studio.pending() == (request,)
    monkeypatch.undo()
    assert house.studio.make(house.studio.pending()) == (Portrait(request=request, recipe="head"),)
    assert rows(house) == (1, 1, 1, 1, 1)
    assert house.studio.pending() == ()


def test_what_was_made_or_refused_is_recalled_and_not_made_again(house: House) -> None:
    subject = house.sitter(1)
    requests = [house.order(subject), house.order(subject, scenario="none")]
    made = house.studio.make(requests)
    size = house.rooms.consent.ledger.head()[0]
    assert house.studio.make(requests) == made
    assert house.rooms.consent.ledger.head()[0] == size


def test_of_two_workers_at_one_request_one_portrait_comes(house: House, housing: Housing) -> None:
    request = house.order(house.sitter(1))
    slow = housing(Hooked(lambda: drop(house.studio.make([request]))))
    assert slow.studio.make([request]) == (Portrait(request=request, recipe="head"),)
    assert rows(house) == (1, 1, 1, 1, 1)


def drop(_: object) -> None:
    """Take an answer that nobody needs."""


def test_the_same_wish_gives_the_same_picture_again(house: House) -> None:
    subject = house.sitter(1)
    requests = [house.order(subject), house.order(subject)]
    house.studio.make(requests)
    first, second = (house.picture(one) for one in requests)
    assert first.file != second.file  # each has marks of its own
    apart = photographs.kept(first.file).astype(int) - photographs.kept(second.file)
    assert np.abs(apart).mean() < 6
    assert first.provenance == second.provenance


def test_batches_follow_each_other_and_tell_their_outcomes_as_they_come(house: House) -> None:
    subject = house.sitter(1)
    requests = [house.order(subject) for _ in range(3)]
    house.studio._size = 2
    making = house.studio.making(requests)
    assert next(making) == Portrait(request=requests[0], recipe="head")
    assert rows(house)[3] == 2
    assert len(list(making)) == 2


class Waiting(Fixed):
    """A scorer that answers once the next batch is being drawn."""

    def __init__(self, begun: threading.Event) -> None:
        super().__init__(0.0)
        self._begun = begun

    def score(self, pixels: NDArray[np.uint8]) -> float:
        return super().score(pixels) if self._begun.wait(5) else 1.0


class Announcing(Pool):
    """A recipe that says when it draws a second pass."""

    def __init__(self) -> None:
        super().__init__()
        self.again = threading.Event()

    def begin(self, rows: Sequence[Row]) -> Latents:
        if self.begun:
            self.again.set()
        return super().begin(rows)


def test_the_next_batch_is_drawn_while_the_last_is_judged(
    housing: Housing, inspector: Inspector
) -> None:
    pool, subject = Announcing(), housing().sitter(1)
    house = housing(pool, replace(inspector, scorer=Waiting(pool.again)))
    requests = [house.order(subject) for _ in range(5)]
    assert {type(one) for one in house.studio.make(requests)} == {Portrait}
    assert pool.begun == [4, 1]


def test_the_ledger_tells_overlapping_batches_in_the_same_order_each_time(
    housing: Housing,
) -> None:
    told = []
    for number, pool in ((1, Pool()), (4, Announcing())):
        house = housing(pool)
        subject = house.sitter(number)
        before = len(house.rooms.entries())
        house.studio.make([house.order(subject) for _ in range(6)])
        told.append([(e["t"], e.get("step")) for e in house.rooms.entries()[before:]])
    assert told[0] == told[1]


class Leaking(Pool):
    """A recipe that puts a trace of the last row's face into every picture of its pass."""

    def finish(
        self, latents: Latents, keep: Sequence[bool]
    ) -> tuple[NDArray[np.float32] | None, ...]:
        trace = np.float32(latents.rows[-1].likenesses[0].vector[0] / 1000)
        drawn = super().finish(latents, keep)
        return tuple(None if one is None else one + trace for one in drawn)


def test_a_recipe_that_must_prove_itself_does_so_once_before_its_first_job(
    housing: Housing,
) -> None:
    house = housing(Pool(), proves=True)
    requests = [house.order(house.sitter(1)), house.order(house.sitter(4))]
    assert house.rooms.entries("selftest") == []
    for one in requests:
        assert isinstance(house.studio.make([one])[0], Portrait)
    (entry,) = house.rooms.entries("selftest")
    assert (entry["kind"], entry["verdict"]) == ("bit-identical", "pass")
    assert entry["recipe"] == house.studio.card.sha256


def test_a_recipe_that_mixes_people_draws_nobody_and_their_requests_wait(
    housing: Housing,
) -> None:
    house = housing(Leaking(), proves=True)
    request = house.order(house.sitter(1))
    for _ in range(2):
        with pytest.raises(Broken, match="one person's face changed another's picture"):
            house.studio.make([request])
    assert {(e["kind"], e["verdict"]) for e in house.rooms.entries("selftest")} == {
        ("leak", "fail")
    }
    assert house.studio.pending() == (request,)
    assert not [e for e in house.rooms.entries("decision") if e["step"] == Step.GENERATE]


def test_an_order_after_a_withdrawal_is_a_denial(house: House) -> None:
    subject = house.sitter(1)
    obj = house.rooms.object()
    permit = house.rooms.ask(Step.SELECT, subject, Purpose.IMAGINE, obj, request=obj)
    house.rooms.consent.withdrawals.withdraw(subject, Purpose.IMAGINE)
    (answer,) = house.studio.order([permit], [Wish(scenario="plain", seed=1)])
    assert isinstance(answer, Denial)
    assert house.rooms.count(own.portrait_order) == 0


def test_no_face_vector_is_written_anywhere_in_the_clear(
    house: House, likeness: Callable[[int], Likeness], tmp_path: Path
) -> None:
    house.studio.make([house.order(house.sitter(1))])
    vector = likeness(1).vector
    traces = (vector.tobytes()[:64], base64.b64encode(vector.tobytes())[:64])
    for file in tmp_path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(trace in content for trace in traces), file.name
            assert b"JFIF" not in content, file.name
