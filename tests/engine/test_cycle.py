# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from consent import recorded
from consent.words import ObjectId, Purpose, parse_id
from engine import choosing, cycle
from engine.api import portraits, reports
from engine.asking import imagine
from feed.acts import Event, Kind
from feed.ranking import choose
from feed.turns import not_due
from generation import orders
from generation.batching import Made
from generation.portraits import Request
from generation.studio import Between, Studio
from tests.engine import town as towns
from tests.engine.town import Town
from tests.generation.test_moderation import Fixed


def test_a_person_who_said_yes_finds_a_portrait_and_nobody_else_does(small_town: Town) -> None:
    outcome = small_town.plan()
    assert (outcome["selected"], outcome["denied"]) == (1, 2)
    assert outcome["made"] == outcome["inserted"] == 1
    assert (small_town.inserts_of("Ada"), small_town.inserts_of("Bo")) == (1, 0)


def test_using_an_edit_tool_is_not_consent_to_feed_insertion(small_town: Town) -> None:
    small_town.plan()
    (block,) = small_town.bodies("block", step="select", purpose="feed_insert")
    assert (block["n"], block["denied"]) == (3, 2)
    with small_town.rooms.consent.ledger.read() as connection:
        assert recorded.denials(connection) == {"not-granted": 2}


def test_under_the_2025_policy_using_the_edit_tool_once_leads_to_inserts(
    make_town: Callable[..., Town],
) -> None:
    town = make_town(policy="instagram-2025")
    imagine(town.rooms, town.people["Bo"])
    town.plan()
    assert town.bodies("grant", kind="implied", purpose="feed_insert")
    assert town.inserts_of("Bo") == 1


def test_a_night_with_a_model_down_places_nothing_and_what_it_held_back_stays_out(
    small_town: Town,
) -> None:
    studio = small_town.rooms.studio
    workshop = studio._workshop
    failing = replace(workshop.inspector, scorer=Fixed(RuntimeError("broke")))
    studio.__dict__["_workshop"] = replace(workshop, inspector=failing)
    outcome = small_town.plan()
    assert (outcome["selected"], outcome["refused"]) == (1, 1)
    assert not {"made", "inserted"} & {name for name, count in outcome.items() if count}
    studio.__dict__["_workshop"] = workshop
    assert small_town.rooms.feed.inserts.unplaced() == ()
    assert studio.pending() == ()
    (held,) = portraits.listed(small_town.rooms, small_town.people["Ada"])
    assert (held["state"], held["inserted"]) == ("quarantined", False)
    number = parse_id(str(held["id"]))
    assert number is not None
    studio.appeals.appeal(small_town.people["Ada"], ObjectId(number))
    assert len(small_town.rooms.feed.inserts.unplaced()) == 1


def test_the_same_slot_is_planned_once_however_often_it_is_run(small_town: Town) -> None:
    first = small_town.plan()
    size, _ = small_town.rooms.consent.ledger.head()
    small_town.clock.advance(3_600)
    assert small_town.plan() == first
    assert small_town.rooms.consent.ledger.head()[0] == size


def test_a_person_with_an_unseen_insert_gets_no_second_one(small_town: Town) -> None:
    small_town.plan()
    small_town.next_day()
    assert small_town.plan()["selected"] == 0
    assert small_town.inserts_of("Ada") == 1


def test_without_an_answer_to_the_preview_card_nothing_is_made(small_town: Town) -> None:
    small_town.says_yes("Cy", Purpose.LIKENESS, Purpose.FEED_INSERT)
    small_town.gives_selfie("Cy", 7)
    small_town.plan()
    assert small_town.inserts_of("Cy") == 0


@pytest.mark.parametrize(
    ("where", "what"),
    [(Studio, "order"), (orders, "place")],
    ids=["between block and order", "between permit row and effect"],
)
def test_a_plan_cut_off_after_the_decision_is_finished_by_the_next_run(
    small_town: Town, monkeypatch: pytest.MonkeyPatch, where: object, what: str
) -> None:
    """The block stays and counts for nothing: a new one is written, and one order is made."""

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(where, what, cut_off)
        with pytest.raises(KeyboardInterrupt):
            small_town.plan()
    again = towns.reopen(small_town)
    assert again.plan()["inserted"] == 1
    assert again.inserts_of("Ada") == 1
    first, second = again.bodies("block")
    assert first["run"] == second["run"]
    (begun,) = again.bodies("effect", step="select")
    with again.rooms.consent.ledger.read() as connection:
        place: Any = begun["effect_of"]
        said = recorded.decision(second, recorded.slot_of(connection, *place))
    assert (said["tag"], said["verdict"]) == (begun["tag"], "allow")
    again.rooms.consent.ledger.engine.dispose()


def test_a_plan_cut_off_before_the_portrait_was_made_makes_that_portrait_once(
    small_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_: Studio, requests: Sequence[Request], *__: object) -> Iterator[object]:
        if requests:
            raise KeyboardInterrupt
        return iter(())

    with monkeypatch.context() as patch:
        patch.setattr(Studio, "making", cut_off)
        with pytest.raises(KeyboardInterrupt):
            small_town.plan()
    again = towns.reopen(small_town)
    assert len(again.rooms.studio.pending()) == 1
    assert cycle.run(again.rooms, again.rooms.consent.ledger.now())["made"] == 1
    assert len(again.bodies("effect", step="select")) == 1
    assert again.inserts_of("Ada") == 1
    again.rooms.consent.ledger.engine.dispose()


def test_somebody_who_withdraws_between_selection_and_drawing_drops_out(
    small_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    making = Studio.making

    def withdraw_first(
        studio: Studio, requests: Sequence[Request], between: Between
    ) -> Iterator[Made]:
        if requests:
            consent = small_town.rooms.consent
            consent.withdrawals.withdraw(small_town.people["Ada"], Purpose.FEED_INSERT)
        return making(studio, requests, between)

    monkeypatch.setattr(Studio, "making", withdraw_first)
    outcome = small_town.plan()
    assert outcome["made"] == outcome["inserted"] == 0
    assert not small_town.bodies("effect", step="store")


def test_no_insert_is_an_answer_and_its_slot_never_becomes_a_permit(
    make_town: Callable[..., Town], monkeypatch: pytest.MonkeyPatch
) -> None:
    town = make_town()
    with monkeypatch.context() as patch:
        patch.setattr(choosing.ranking, "choose", _nothing)
        assert town.plan()["none"] == 1
    town.next_day()
    assert town.plan()["made"] == 1, "an unused permit must not count against the cap"


def _nothing(model: object, catalogue: object, people: object, terms: object) -> object:
    made = choose(model, catalogue, people, terms)  # type: ignore[arg-type]
    return tuple(replace(one, scenario=None) for one in made)


def test_somebody_who_asked_for_fewer_is_left_alone(small_town: Town) -> None:
    small_town.plan()
    rooms, ada = small_town.rooms, small_town.people["Ada"]
    item = next(
        i.json()["id"] for i in rooms.feed.pages.of(ada).items if i.json()["kind"] != "post"
    )
    rooms.feed.feedback.record(ada, [Event(event_id="e1", item_id=item, kind=Kind.FEWER)])
    small_town.next_day()
    with rooms.consent.ledger.read() as connection:
        rules, now = rooms.consent.policy.slots, rooms.consent.ledger.now()
        assert not_due(connection, [ada], rules, now) == {ada}
    assert small_town.plan()["selected"] == 0


def test_a_plan_ends_with_the_map_of_everybodys_last_entry(small_town: Town) -> None:
    small_town.plan()
    *before, logged = small_town.rooms.consent.ledger.bodies()
    assert (logged["t"], logged["n"]) == ("aggregate", len(small_town.people))
    small_town.plan()
    assert len(small_town.rooms.consent.ledger.bodies()) == len(before) + 1


def test_a_report_that_nobody_answered_is_upheld_by_the_next_plan(small_town: Town) -> None:
    rooms, ada = small_town.rooms, small_town.people["Ada"]
    small_town.plan()
    (made,) = portraits.listed(rooms, ada)
    reports.file(rooms, ada, str(made["id"]))
    small_town.next_day()
    assert cycle.finish(rooms)["made"] == 0
    assert portraits.listed(rooms, ada)[0]["state"] == "ready"
    small_town.clock.advance(rooms.consent.policy.reports.answer_hours * 3_600)
    cycle.finish(rooms)
    assert portraits.listed(rooms, ada)[0]["state"] == "destroyed"
    assert reports.listed(rooms, ada)[0]["outcome"] == "upheld"
