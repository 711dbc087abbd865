# SPDX-License-Identifier: Apache-2.0
"""What a person says is done once, at once, and shows on the next page."""

import pytest

from consent.errors import Denied, Misused
from consent.words import ObjectId, Purpose, Subject, public_id
from feed.acts import Event, Kind
from feed.feedback import UNDOABLE, Result
from feed.history import histories
from feed.tables import feed_act, feed_event, feed_insert, learned, post_act
from tests.feed.conftest import Home, cards, imagined, posts


@pytest.fixture
def ada(home: Home) -> Subject:
    return home.rooms.inserted_person()


@pytest.fixture
def mine(home: Home, ada: Subject) -> ObjectId:
    return home.insert(ada)


def test_an_event_is_taken_once(home: Home, ada: Subject, mine: ObjectId) -> None:
    assert home.say(ada, "like", mine, "e1") == "done"
    assert home.say(ada, "like", mine, "e1") == "duplicate"
    assert home.rooms.count(feed_act, ada) == 1
    assert home.rooms.count(feed_event, ada) == 1


def test_the_same_event_id_of_another_person_is_another_event(
    home: Home, ada: Subject, mine: ObjectId
) -> None:
    bob = home.rooms.inserted_person("Bob")
    his = home.insert(bob)
    assert home.say(ada, "like", mine, "e1") == "done"
    assert home.say(bob, "like", his, "e1") == "done"


def test_results_come_in_the_order_of_the_events(home: Home, ada: Subject, mine: ObjectId) -> None:
    item = public_id(mine)
    events = [Event(event_id=name, item_id=item, kind=Kind.LIKE) for name in ("b", "a", "b", "c")]
    assert home.feed.feedback.record(ada, events) == tuple(
        Result(event_id=name, status=status)  # type: ignore[arg-type]
        for name, status in [("b", "done"), ("a", "done"), ("b", "duplicate"), ("c", "done")]
    )


# --- what shows on the next page


@pytest.mark.parametrize("kind", ["hide", "fewer", "report"])
def test_what_was_sent_away_is_not_on_the_next_page(
    home: Home, ada: Subject, mine: ObjectId, kind: str
) -> None:
    assert imagined(home.page(ada)) == [mine]
    home.say(ada, kind, mine)
    assert imagined(home.page(ada)) == []


@pytest.mark.parametrize("kind", ["like", "share_intent"])
def test_what_was_liked_stays(home: Home, ada: Subject, mine: ObjectId, kind: str) -> None:
    home.say(ada, kind, mine)
    assert imagined(home.page(ada)) == [mine]


def test_after_hide_it_is_quiet_for_a_day(home: Home, ada: Subject, mine: ObjectId) -> None:
    home.later(hours=25)
    other = home.insert(ada, "jazz")
    home.say(ada, "hide", mine)
    home.later(hours=23.9)
    assert imagined(home.page(ada)) == []
    home.later(hours=0.2)
    assert imagined(home.page(ada)) == [other]


def test_what_was_hidden_stays_hidden_when_the_quiet_is_over(
    home: Home, ada: Subject, mine: ObjectId
) -> None:
    home.say(ada, "hide", mine)
    home.later(hours=25)
    assert imagined(home.page(ada)) == []


def test_each_fewer_doubles_the_quiet(home: Home, ada: Subject, mine: ObjectId) -> None:
    home.say(ada, "fewer", mine, "first")
    home.later(days=29.9)
    second = home.insert(ada, "jazz")
    assert imagined(home.page(ada)) == []
    home.later(days=0.2)
    assert imagined(home.page(ada)) == [second]
    home.say(ada, "fewer", second, "second")
    home.later(days=59.9)
    third = home.insert(ada, "chef")
    assert imagined(home.page(ada)) == []
    home.later(days=0.2)
    assert imagined(home.page(ada)) == [third]


@pytest.mark.parametrize("kind", UNDOABLE)
def test_undo_brings_back_what_was_hidden(
    home: Home, ada: Subject, mine: ObjectId, kind: Kind
) -> None:
    home.say(ada, kind, mine)
    home.say(ada, "undo", mine)
    assert imagined(home.page(ada)) == [mine]
    assert home.rooms.count(feed_act, ada) == 0


def test_undo_takes_back_the_last_act_alone(home: Home, ada: Subject, mine: ObjectId) -> None:
    home.say(ada, "fewer", mine)
    home.later(hours=1)
    home.say(ada, "hide", mine)
    home.say(ada, "undo", mine, "u1")
    home.later(days=2)
    assert imagined(home.page(ada)) == []
    home.say(ada, "undo", mine, "u2")
    assert imagined(home.page(ada)) == [mine]


def test_a_report_cannot_be_undone(home: Home, ada: Subject, mine: ObjectId) -> None:
    home.say(ada, "report", mine)
    assert home.say(ada, "undo", mine) == "done"
    home.later(days=2)
    assert imagined(home.page(ada)) == []


# --- stop


def test_stop_withdraws_and_nothing_is_left(home: Home, ada: Subject, mine: ObjectId) -> None:
    cursor = home.page(ada, limit=2).cursor
    assert home.say(ada, "stop", mine) == "done"
    assert imagined(home.page(ada)) == []
    assert imagined(home.page(ada, cursor, limit=12)) == []
    assert Purpose.FEED_INSERT not in home.rooms.consent.grants.show(ada)
    assert home.rooms.count(feed_insert, ada) == 0
    assert home.written("withdraw")[-1]["purpose"] == "feed_insert"


def test_stop_needs_nothing_to_still_be_there(home: Home, ada: Subject, mine: ObjectId) -> None:
    home.say(ada, "stop", mine, "s1")
    assert home.say(ada, "stop", mine, "s2") == "done"
    assert home.say(ada, "stop", "gone", "s3") == "done"


def test_an_old_stop_repeated_after_a_new_yes_stops_nothing(
    home: Home, ada: Subject, mine: ObjectId
) -> None:
    home.say(ada, "stop", mine, "s1")
    home.rooms.grant(ada, Purpose.FEED_INSERT)
    assert home.say(ada, "stop", mine, "s1") == "duplicate"
    assert Purpose.FEED_INSERT in home.rooms.consent.grants.show(ada)


def test_a_withdrawal_takes_what_was_done_with_inserts_but_knows_the_events(
    home: Home, ada: Subject, mine: ObjectId
) -> None:
    home.say(ada, "like", mine, "e1")
    home.say(ada, "stop", mine)
    assert home.rooms.count(feed_act, ada) == 0
    assert home.say(ada, "like", mine, "e1") == "duplicate"


# --- whose item it is


def test_anybody_elses_insert_is_as_unknown_as_none(
    home: Home, ada: Subject, mine: ObjectId
) -> None:
    bob = home.rooms.inserted_person("Bob")
    said = []
    for item in (public_id(mine), public_id(12345), "nonsense"):
        with pytest.raises(Misused) as caught:
            home.say(bob, "hide", item)
        said.append(str(caught.value))
    assert len(set(said)) == 1
    assert imagined(home.page(ada)) == [mine]


def test_an_unknown_item_stops_the_whole_batch_before_anything_is_done(
    home: Home, ada: Subject, mine: ObjectId
) -> None:
    events = [
        Event(event_id="a", item_id=public_id(mine), kind=Kind.HIDE),
        Event(event_id="b", item_id="nonsense", kind=Kind.HIDE),
    ]
    with pytest.raises(Misused, match="no such item"):
        home.feed.feedback.record(ada, events)
    assert home.rooms.count(feed_event, ada) == 0
    assert imagined(home.page(ada)) == [mine]


# --- the card that asks


def test_only_an_answer_can_be_given_to_the_card(home: Home) -> None:
    bob = home.rooms.person("Bob", Purpose.LIKENESS)
    served = home.rooms.consent.notices.serve(bob, Purpose.FEED_INSERT)
    home.rooms.consent.grants.grant(bob, Purpose.FEED_INSERT, served.served_id)
    for kind in ("like", "fewer", "report", "undo", "share_intent"):
        with pytest.raises(Misused, match="cannot be said of a card"):
            home.say(bob, kind, "preview")
    assert home.rooms.consent.grants.preview_answer(bob) is None


def test_yes_not_now_and_never(home: Home) -> None:
    bob = home.rooms.person("Bob", Purpose.LIKENESS)
    served = home.rooms.consent.notices.serve(bob, Purpose.FEED_INSERT)
    home.rooms.consent.grants.grant(bob, Purpose.FEED_INSERT, served.served_id)
    for kind, answer in (("hide", "later"), ("accept", "accepted")):
        home.say(bob, kind, "preview")
        given = home.rooms.consent.grants.preview_answer(bob)
        assert given is not None
        assert given[0] == answer
    home.say(bob, "stop", "preview")
    assert Purpose.FEED_INSERT not in home.rooms.consent.grants.show(bob)
    assert cards(home.page(bob)) == []


def test_the_card_of_somebody_without_a_basis_takes_no_yes(home: Home) -> None:
    pat = home.rooms.person("Pat")
    with pytest.raises(Denied):
        home.say(pat, "accept", "preview")
    assert home.rooms.count(feed_event, pat) == 0


def test_an_insert_is_not_asked_for_acceptance(home: Home, ada: Subject, mine: ObjectId) -> None:
    with pytest.raises(Misused, match="accept cannot be said of a insert"):
        home.say(ada, "accept", mine)


# --- posts


def test_a_hidden_post_and_a_reported_one_are_gone(home: Home) -> None:
    pat = home.rooms.person("Pat")
    first, second, *rest = posts(home.page(pat))
    home.say(pat, "hide", public_id(first))
    home.say(pat, "report", public_id(second))
    assert posts(home.page(pat))[: len(rest)] == rest
    home.say(pat, "undo", public_id(first))
    assert posts(home.page(pat))[0] == first


def test_fewer_of_an_author_leaves_out_all_of_theirs(home: Home) -> None:
    pat = home.rooms.person("Pat")
    page = home.page(pat, limit=72).json()["items"]
    author = page[0]["author"]
    home.say(pat, "fewer", page[0]["id"])
    after = home.page(pat, limit=72).json()["items"]
    assert author not in {item["author"] for item in after}
    assert {item["author"] for item in page} - {author} == {item["author"] for item in after}


def test_what_one_person_hides_another_still_sees(home: Home) -> None:
    pat, kim = home.rooms.person("Pat"), home.rooms.person("Kim")
    home.say(pat, "hide", public_id(posts(home.page(pat))[0]))
    assert len(posts(home.page(kim, limit=72))) == 72
    assert home.rooms.count(post_act, pat) == 1


# --- what is learned


def test_nothing_is_learned_without_personalisation(
    home: Home, ada: Subject, mine: ObjectId
) -> None:
    assert home.say(ada, "like", mine) == "done"
    assert home.rooms.count(learned, ada) == 0
    denied = home.written("decision")[-1]
    assert (denied["step"], denied["verdict"], denied["purpose"]) == (
        "learn",
        "deny",
        "personalisation",
    )


def test_an_act_is_learned_under_its_own_permit(home: Home, ada: Subject, mine: ObjectId) -> None:
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    home.say(ada, "like", mine)
    assert home.rooms.count(learned, ada) == 1
    assert [entry["step"] for entry in home.written("effect")][-1] == "learn"
    with home.rooms.consent.ledger.read() as connection:
        (act,) = histories(connection, [ada])[ada].acts
    assert (act.kind, act.scenario) == ("like", "aurora")


def test_what_is_undone_is_unlearned(home: Home, ada: Subject, mine: ObjectId) -> None:
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    home.say(ada, "like", mine)
    home.later(hours=1)
    home.say(ada, "hide", mine)
    assert home.rooms.count(learned, ada) == 2
    home.say(ada, "undo", mine)
    with home.rooms.consent.ledger.read() as connection:
        assert [act.kind for act in histories(connection, [ada])[ada].acts] == ["like"]


def test_nothing_is_learned_from_posts(home: Home, ada: Subject) -> None:
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    home.say(ada, "like", public_id(posts(home.page(ada))[0]))
    assert home.rooms.count(learned, ada) == 0
