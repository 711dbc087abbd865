# SPDX-License-Identifier: Apache-2.0
"""What an actor answers is plain: ids, counts, closed words; of an error its kind alone."""

import socket
from pathlib import Path

import pytest

from consent.clocks import VirtualClock
from consent.errors import Broken
from consent.gate import Denial
from consent.words import Purpose, Reason, Step
from engine.plans import Plans
from engine.workers import hand
from engine.workers.hand import Answer, Hand, Told
from generation.portraits import Elsewhere, HeldBack, Portrait, Refusal, Request, Wish
from tests.engine import stubbed
from tests.engine.test_egress import looked_up
from tests.engine.test_sealing import apart, calls, listening
from tests.rooms import NOON


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hand:
    rooms, _ = stubbed.home(tmp_path / "home", 3, clock=VirtualClock(NOON))
    monkeypatch.setenv("ONLYOU_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(stubbed, "opened", lambda _: rooms, raising=False)
    return Hand("another machine's home", "tests.engine.stubbed:opened", elsewhere=True)


def test_it_plans_a_part_and_makes_what_it_is_handed_by_id(one: Hand) -> None:
    rooms = one._rooms
    plan = Plans(rooms.consent.ledger, rooms.consent.policy.id).open(NOON)
    answers = [one.order((plan.policy, plan.slot), (part, 2), None) for part in range(2)]
    ids = [obj for answer in answers for obj in answer.value[0]]
    assert sum(answer.value[1]["selected"] for answer in answers) == 3
    first, *others = ids
    assert one.make([first]).value == (Told(first, "portrait", "stub"),)
    assert one.make([first]).value == (), "made before: there is nothing to say of it"
    turn = one.take_turn()
    assert turn.value["made"] == len(others)
    assert one.ready() > 0


@pytest.mark.parametrize(("elsewhere", "opened"), [(True, "theirs"), (False, "ours")])
def test_the_home_is_whoever_starts_it_s_but_on_a_machine_that_has_one_of_its_own(
    monkeypatch: pytest.MonkeyPatch, elsewhere: bool, opened: str
) -> None:
    """A Ray of our own has our environment: what a command was told wins there as everywhere."""
    monkeypatch.setenv("ONLYOU_HOME", "theirs")
    monkeypatch.setattr(stubbed, "opened", str, raising=False)
    one = Hand("ours", "tests.engine.stubbed:opened", elsewhere=elsewhere)
    assert str(one._rooms) == opened


def test_by_a_lead_that_is_over_nothing_is_planned(one: Hand) -> None:
    ledger = one._rooms.consent.ledger
    size, _ = ledger.head()
    answer = one.order(("strict-opt-in", NOON), (0, 1), ("plan", "nobody", 7))
    assert answer == Answer(broke="NotLeading", reason="unavailable")
    assert ledger.head()[0] == size


def test_of_an_error_its_kind_alone_is_told(one: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: object) -> None:
        raise ValueError("Ada's face, in bytes")

    monkeypatch.setattr(one._rooms.studio, "pending", breaks)
    assert one.make([1]) == Answer(broke="ValueError")

    def refuses(_: object) -> None:
        raise Broken(Reason.UNAVAILABLE, "a sentence")

    monkeypatch.setattr(one._rooms.studio, "pending", refuses)
    assert one.make([1]) == Answer(broke="Broken", reason="unavailable")


def test_in_a_process_of_its_own_it_calls_what_the_settings_name_and_ray(one: Hand) -> None:
    """Whatever the machine it came to says of workers: actors are Ray's."""

    def act() -> list[str]:
        Hand("another machine's home", "tests.engine.stubbed:opened", "10.9.9.9:6379", True)
        return [looked_up("tracker.example"), *map(called, ("10.9.9.8", "10.9.9.9"))]

    del one
    with listening() as here:
        port = here.getsockname()[1]
        assert apart(lambda: [*act(), calls(port)]) == [
            "refused",
            "PermissionError",
            "asked",
            "connected",
        ]


def called(host: str) -> str:
    """Say what comes of calling a machine that is not there, or that may not be called."""
    with socket.socket() as out:
        out.setblocking(False)
        try:
            out.connect((host, 6379))
        except PermissionError as refused:
            return type(refused).__name__
        except OSError:
            return "asked"
    return "connected"


def test_every_outcome_has_its_word() -> None:
    asked = Request(id=5, subject=6, purpose=Purpose.IMAGINE, wish=Wish(scenario="a", seed=1))  # type: ignore[arg-type]
    denial = Denial(
        seq=None,
        step=Step.READ,
        subject=asked.subject,
        purpose=asked.purpose,
        object=asked.id,
        reason=Reason.PAUSED,
    )
    made = (
        Portrait(request=asked, recipe="r"),
        Refusal(request=asked, reason=Reason.NSFW),
        HeldBack(request=asked, reason=Reason.NSFW),
        Elsewhere(request=asked),
        denial,
    )
    assert [hand._told(one) for one in made] == [
        Told(5, "portrait", "r"),
        Told(5, "refusal", "nsfw"),
        Told(5, "held", "nsfw"),
        Told(5, "elsewhere"),
        Told(5, "denial", "paused", None, "read"),
    ]
