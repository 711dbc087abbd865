# SPDX-License-Identifier: Apache-2.0
"""A look is noted only for whoever lets us count, and counts only as long as they do."""

from collections.abc import Mapping

from consent.gate import Permit, Select
from consent.words import DAY, ObjectId, Purpose, Step, Subject
from feed.history import histories
from feed.likelihood import Look
from feed.looks import looks, waiting_since
from feed.ranking import Candidate, Round, choose
from feed.tables import learned
from tests.feed.conftest import Home, furnished
from tests.rooms import Rooms


def read(home: Home, *people: Subject) -> Mapping[Subject, tuple[Look, ...]]:
    with home.rooms.consent.ledger.read() as connection:
        return looks(connection, people, home.rooms.consent.notices.current)


def counted(home: Home, name: str = "Ada") -> Subject:
    person = home.rooms.inserted_person(name)
    home.rooms.grant(person, Purpose.TELEMETRY)
    return person


def looked(home: Home, person: Subject, portrait: ObjectId) -> bool:
    home.rooms.look(person, portrait)
    return home.feed.looks.note(person, portrait)


def test_a_look_is_noted_once_with_decision_and_effect(home: Home) -> None:
    ada = counted(home)
    mine = home.insert(ada)
    home.later(hours=3)
    before = len(home.written())
    assert home.feed.looks.note(ada, mine)
    assert [entry["t"] for entry in home.written()[before:]] == ["decision", "effect"]
    assert not home.feed.looks.note(ada, mine)
    (look,) = read(home, ada)[ada]
    assert look.seen_at == home.now()
    assert look.in_time
    assert home.rooms.count(learned, ada) == 1


def test_whoever_does_not_let_us_count_leaves_no_note_not_even_a_denial(home: Home) -> None:
    ada = home.rooms.inserted_person()
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    mine = home.insert(ada)
    size = len(home.written())
    assert not home.feed.looks.note(ada, mine)
    assert len(home.written()) == size
    assert read(home, ada) == {}


def test_the_record_of_access_is_no_note(home: Home) -> None:
    """Opening a portrait before the yes is logged by the gate, and never read for this."""
    ada = home.rooms.inserted_person()
    home.rooms.look(ada, home.insert(ada))
    home.later(days=1)
    home.rooms.grant(ada, Purpose.TELEMETRY)
    assert read(home, ada) == {ada: ()}


def test_a_portrait_that_nobody_looked_at_is_known_as_such(home: Home) -> None:
    ada = counted(home)
    home.insert(ada)
    home.later(days=4)
    (look,) = read(home, ada)[ada]
    assert look.seen_at is None
    assert look.expires_at - look.placed_at == 3 * DAY


def test_taking_the_yes_back_destroys_every_note(home: Home) -> None:
    ada = counted(home)
    assert looked(home, ada, home.insert(ada))
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.TELEMETRY)
    assert read(home, ada) == {}
    assert home.rooms.count(learned, ada) == 0


def test_words_that_are_outdated_permit_nothing_to_be_read(home: Home) -> None:
    ada = counted(home)
    looked(home, ada, home.insert(ada))
    newer = {**home.rooms.consent.notices.current, Purpose.TELEMETRY: frozenset({"0" * 64})}
    with home.rooms.consent.ledger.read() as connection:
        assert looks(connection, [ada], newer) == {}


def test_nobody_notes_a_look_at_what_is_not_theirs(home: Home) -> None:
    ada, bob = counted(home), counted(home, "Bob")
    mine = home.insert(ada)
    assert not home.feed.looks.note(bob, mine)
    assert not home.feed.looks.note(ada, home.rooms.object())


def test_what_was_looked_at_is_no_taste(home: Home) -> None:
    """The ranking learns from what was tapped; its notice promises that nothing else counts."""
    ada = counted(home)
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    assert looked(home, ada, home.insert(ada))
    with home.rooms.consent.ledger.read() as connection:
        assert histories(connection, [ada])[ada].acts == ()


def test_one_waits_since_ones_yes_until_there_was_a_turn(home: Home) -> None:
    ada = home.rooms.inserted_person()
    since = home.now()
    home.later(days=2)
    turn = _turn(home, ada)
    with home.rooms.consent.ledger.read() as connection:
        assert waiting_since(connection, {ada: turn}) == {ada: since}
        assert waiting_since(connection, {ada: ObjectId(1)}) == {ada: home.now()}


def test_any_number_of_people_may_wait_at_once(rooms_on_both: Rooms) -> None:
    home = furnished(rooms_on_both)
    ada = home.rooms.inserted_person()
    many = {Subject(one): ObjectId(one) for one in range(70_000)}
    with home.rooms.consent.ledger.read() as connection:
        since = waiting_since(connection, many | {ada: _turn(home, ada)})
    assert since == {ada: home.now()}


def _turn(home: Home, person: Subject) -> ObjectId:
    """Choose an idea for somebody and record it, as a plan does."""
    portrait = home.rooms.object()
    permit: Permit[Select] = home.rooms.ask(
        Step.SELECT, person, Purpose.FEED_INSERT, portrait, request=portrait
    )
    terms = Round(
        seed=7,
        now=home.rooms.clock.now(),
        policy=home.rooms.consent.policy,
        renders=frozenset(home.feed.catalogue.by_id),
    )
    made = choose(home.feed.model, home.feed.catalogue, [Candidate(draw_key=1)], terms)
    home.feed.decisions.record([(permit, made[0], ())])
    return portrait
