# SPDX-License-Identifier: Apache-2.0
"""What is measured of somebody's reading is theirs to allow, taken once, and goes with the yes."""

import pytest
from sqlalchemy import select

from consent.errors import Denied
from consent.words import Purpose, Reason, Subject, public_id
from feed.acts import NoSuchItem
from feed.history import histories
from feed.tables import learned
from feed.telemetry import Glance, Measure
from tests.feed.conftest import Home, posts


def measured(home: Home, name: str = "Ada") -> Subject:
    person = home.rooms.inserted_person(name)
    home.rooms.grant(person, Purpose.TELEMETRY)
    return person


def glance(item: int, event: str = "e", kind: str = "dwell", ms: int | None = 1_200) -> Glance:
    return Glance(event_id=event, item_id=public_id(item), kind=Measure(kind), ms=ms)


def take(home: Home, person: Subject, *glances: Glance) -> list[str]:
    return [one.status for one in home.feed.telemetry.record(person, glances)]


def rows(home: Home, person: Subject) -> list[tuple[str, str, int | None]]:
    wanted = select(learned.c.kind, learned.c.scenario, learned.c.ms).where(
        learned.c.subject == person
    )
    with home.rooms.consent.ledger.read() as connection:
        return [(kind, idea, ms) for kind, idea, ms in connection.execute(wanted)]


def test_a_measurement_is_taken_once_with_decision_and_effect(home: Home) -> None:
    ada = measured(home)
    mine = home.insert(ada)
    size = len(home.written())
    assert take(home, ada, glance(mine), glance(mine)) == ["done", "duplicate"]
    assert [entry["t"] for entry in home.written()[size:]] == ["decision", "effect"]
    assert take(home, ada, glance(mine, ms=9)) == ["duplicate"]
    assert rows(home, ada) == [("dwell", "aurora", 1_200)]


def test_a_portrait_is_seen_once_however_it_is_told(home: Home) -> None:
    ada = measured(home)
    mine = home.insert(ada)
    assert take(home, ada, glance(mine, "a", "seen", None)) == ["done"]
    assert take(home, ada, glance(mine, "b", "seen", None)) == ["duplicate"]
    assert not home.feed.looks.note(ada, mine)


def test_of_a_post_only_that_something_was_read_is_kept(home: Home) -> None:
    ada = measured(home)
    first, second = posts(home.page(ada))[:2]
    seen = [glance(first, "a", "seen", None), glance(second, "b", "seen", None)]
    assert take(home, ada, *seen) == ["done", "done"]
    assert rows(home, ada) == [("seen", "", None)] * 2


def test_whoever_does_not_let_us_measure_leaves_nothing_not_even_a_denial(home: Home) -> None:
    ada = home.rooms.inserted_person()
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    mine = home.insert(ada)
    size = len(home.written())
    with pytest.raises(Denied) as refused:
        take(home, ada, glance(mine))
    assert (refused.value.reason, refused.value.purpose) == (
        Reason.NOT_GRANTED,
        Purpose.TELEMETRY,
    )
    assert len(home.written()) == size


def test_a_no_destroys_what_was_measured(home: Home) -> None:
    ada = measured(home)
    take(home, ada, glance(home.insert(ada)))
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.TELEMETRY)
    assert rows(home, ada) == []


def test_words_that_are_outdated_permit_no_measurement(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = measured(home)
    mine = home.insert(ada)
    newer = {**home.rooms.consent.notices.current, Purpose.TELEMETRY: frozenset({"0" * 64})}
    monkeypatch.setattr(home.feed.telemetry._gate, "_current", newer)
    with pytest.raises(Denied) as refused:
        take(home, ada, glance(mine))
    assert refused.value.reason is Reason.NOTICE_OUTDATED
    assert rows(home, ada) == []


def test_of_a_batch_with_anothers_item_none_is_taken(home: Home) -> None:
    ada, bob = measured(home), measured(home, "Bob")
    mine, hers = home.insert(bob), home.insert(ada)
    for other in (hers, 12345):
        with pytest.raises(NoSuchItem):
            take(home, bob, glance(mine), glance(other, "f"))
    assert rows(home, bob) == []


def test_the_ranking_never_reads_it(home: Home) -> None:
    ada = measured(home)
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    take(home, ada, glance(home.insert(ada)))
    with home.rooms.consent.ledger.read() as connection:
        assert histories(connection, [ada])[ada].acts == ()
