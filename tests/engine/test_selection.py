# SPDX-License-Identifier: Apache-2.0
import pytest

from consent import recorded
from consent.words import Purpose, Reason
from engine import selection
from engine.plans import Plans, slot_of
from feed.acts import Event, Kind
from tests.engine.town import Town


def _due(town: Town) -> selection.Selected:
    rooms = town.rooms
    plans = Plans(rooms.consent.ledger, rooms.consent.policy.id)
    return selection.due(rooms, plans.open(slot_of(rooms.consent.ledger.now(), 24)))


def test_everybody_is_asked_for_and_the_gate_says_who_may(small_town: Town) -> None:
    due = _due(small_town)
    assert [permit.subject for permit in due.permits] == [small_town.people["Ada"]]
    assert due.denied == 2
    (block,) = small_town.bodies("block")
    assert (block["n"], block["denied"], block["step"]) == (3, 2, "select")
    with small_town.rooms.consent.ledger.read() as connection:
        assert recorded.denials(connection) == {Reason.NOT_GRANTED: 2}


def test_a_request_that_exists_is_not_asked_for_again(small_town: Town) -> None:
    small_town.plan()
    assert not _due(small_town).permits


def test_the_cap_of_the_week_holds_over_many_plans(small_town: Town) -> None:
    rooms, ada = small_town.rooms, small_town.people["Ada"]
    made = 0
    for _ in range(7):
        made += small_town.plan()["made"]
        small_town.clock.advance(1)
        rooms.feed.pages.of(ada)
        small_town.next_day()
    assert made == rooms.consent.policy.caps[Purpose.FEED_INSERT].per_week


def test_history_reaches_the_ranking_only_under_personalisation(small_town: Town) -> None:
    rooms, ada = small_town.rooms, small_town.people["Ada"]
    permits = _due(small_town).permits
    assert selection.candidates(rooms, permits)[0].history is None
    small_town.says_yes("Ada", Purpose.PERSONALISATION)
    assert selection.candidates(rooms, permits)[0].history is not None
    rooms.consent.withdrawals.withdraw(ada, Purpose.PERSONALISATION)
    assert selection.candidates(rooms, permits)[0].history is None


def test_a_scenario_that_was_given_lately_is_left_out(small_town: Town) -> None:
    small_town.plan()
    rooms, ada = small_town.rooms, small_town.people["Ada"]
    (item,) = [i.json() for i in rooms.feed.pages.of(ada).items if i.json()["kind"] == "imagined"]
    rooms.feed.feedback.record(ada, [Event(event_id="1", item_id=item["id"], kind=Kind.LIKE)])
    small_town.next_day()
    (candidate,) = selection.candidates(rooms, _due(small_town).permits)
    assert item["scenario"]["id"] in candidate.without


def test_more_people_than_are_looked_up_at_a_time_are_all_served(
    small_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "MOST", 1)
    for name in ("Bo", "Cy"):
        small_town.says_yes(name, Purpose.LIKENESS, Purpose.FEED_INSERT)
        small_town.rooms.consent.grants.answer_preview(small_town.people[name], accepted=True)
    small_town.gives_selfie("Cy", 7)
    outcome = small_town.plan()
    assert (outcome["selected"], outcome["denied"], outcome["none"]) == (3, 0, 0)
    (block,) = small_town.bodies("block")
    assert block["n"] == 3
    assert len(small_town.bodies("effect", step="select")) == 3
