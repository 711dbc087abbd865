# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from consent import standing
from consent.gate import Ask
from consent.notices import current
from consent.standing import Standing, Term, bases, newest_terms
from consent.tables import attestation
from consent.words import DAY, SECOND, Kind, Micros, Purpose, Step, Subject
from tests.conftest import Opener
from tests.rooms import Rooms


def of(rooms: Rooms, subject: Subject, purpose: Purpose, step: Step = Step.SELECT) -> Standing:
    question = Ask(step=step, subject=subject, purpose=purpose, object=rooms.object())
    with rooms.consent.ledger.read() as connection:
        known = standing.Standings(
            connection,
            rooms.consent.ledger.now(),
            [question],
            rooms.consent.notices.current,
        )
    return known(question)


def test_who_never_said_anything_stands_nowhere(rooms_on_both: Rooms) -> None:
    ada = rooms_on_both.person("Ada")
    assert of(rooms_on_both, ada, Purpose.IMAGINE) == Standing()


def test_who_said_yes_stands_on_the_grant(rooms_on_both: Rooms) -> None:
    ada = rooms_on_both.person("Ada", Purpose.LIKENESS)
    epoch = rooms_on_both.grant(ada, Purpose.IMAGINE)
    expected = Standing(kind=Kind.EXPLICIT, epoch=epoch)  # type: ignore[arg-type]
    assert of(rooms_on_both, ada, Purpose.IMAGINE) == expected


def test_who_said_no_afterwards_is_known_to_have_withdrawn(rooms_on_both: Rooms) -> None:
    ada = rooms_on_both.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rooms_on_both.consent.withdrawals.withdraw(ada, Purpose.IMAGINE)
    assert of(rooms_on_both, ada, Purpose.IMAGINE) == Standing(withdrawn=True)


def test_a_new_yes_has_a_new_epoch_and_a_renewal_has_not(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS)
    first = rooms.grant(ada, Purpose.IMAGINE)
    rooms.grant(ada, Purpose.IMAGINE)
    assert of(rooms, ada, Purpose.IMAGINE).epoch == first
    rooms.consent.withdrawals.withdraw(ada, Purpose.IMAGINE)
    second = rooms.grant(ada, Purpose.IMAGINE)
    assert of(rooms, ada, Purpose.IMAGINE).epoch == second > first


def test_a_term_ends_to_the_microsecond_and_a_renewal_lengthens_it(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    term = rooms.consent.policy.consent.term_days * DAY
    start = rooms.clock.now()
    rooms.clock.turn_to(Micros(start + term - 1))
    assert not of(rooms, ada, Purpose.LIKENESS).expired
    rooms.clock.turn_to(Micros(start + term))
    assert of(rooms, ada, Purpose.LIKENESS).expired
    rooms.grant(ada, Purpose.LIKENESS)
    assert not of(rooms, ada, Purpose.LIKENESS).expired


def test_a_changed_notice_makes_an_explicit_yes_outdated(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    reworded = current(tuple(replace(n, sha256="0" * 64) for n in rooms.consent.notices.all))
    with rooms.consent.ledger.read() as connection:
        terms = newest_terms(connection, [ada], [Purpose.LIKENESS])
    term = terms[ada, Purpose.LIKENESS]
    assert term.current(Purpose.LIKENESS, rooms.consent.notices.current)
    assert not term.current(Purpose.LIKENESS, reworded)
    (served,) = rooms.entries("notice.served")
    (shown,) = (n for n in rooms.consent.notices.all if n.sha256 == served["notice"])
    assert term.notice == standing.Quoted(
        seq=served["seq"], sha256=shown.sha256, version=shown.version, language=shown.language
    )


def test_an_implied_basis_quotes_no_notice_that_could_be_outdated() -> None:
    term = Term(kind=Kind.IMPLIED, at=Micros(0), end=Micros(1), notice=None)
    assert term.current(Purpose.IMAGINE, {})


def test_an_explicit_yes_outweighs_what_was_implied(open_rooms: Opener, sqlite_url: str) -> None:
    rooms = open_rooms(sqlite_url, policy="instagram-2025")
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rooms.consent.grants.imply(ada, Purpose.IMAGINE)
    assert of(rooms, ada, Purpose.FEED_INSERT).kind is Kind.IMPLIED
    rooms.grant(ada, Purpose.FEED_INSERT)
    assert of(rooms, ada, Purpose.FEED_INSERT).kind is Kind.EXPLICIT


def test_only_an_accepted_card_counts_as_a_preview(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.FEED_INSERT)
    assert of(rooms, ada, Purpose.FEED_INSERT).preview
    rooms.consent.grants.answer_preview(ada, accepted=False)
    assert not of(rooms, ada, Purpose.FEED_INSERT).preview


def test_an_accepted_card_does_not_outlive_a_withdrawal(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.FEED_INSERT)
    rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    served = rooms.consent.notices.serve(ada, Purpose.FEED_INSERT)
    rooms.consent.grants.grant(ada, Purpose.FEED_INSERT, served.served_id)
    assert not of(rooms, ada, Purpose.FEED_INSERT).preview


def test_uses_are_counted_in_a_rolling_day_and_week(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    for _ in range(3):
        rooms.ask(Step.SELECT, ada, Purpose.IMAGINE, rooms.object())
    rooms.clock.advance(DAY / SECOND - 1)
    rooms.ask(Step.SELECT, ada, Purpose.IMAGINE, rooms.object())
    used = of(rooms, ada, Purpose.IMAGINE)
    assert (used.used_day, used.used_week) == (4, 4)
    rooms.clock.advance(1)
    used = of(rooms, ada, Purpose.IMAGINE)
    assert (used.used_day, used.used_week) == (1, 4)
    rooms.clock.advance(6 * DAY / SECOND)
    assert of(rooms, ada, Purpose.IMAGINE).used_week == 1


def test_only_the_steps_that_caps_count_are_counted(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rooms.ask(Step.SELECT, ada, Purpose.IMAGINE, rooms.object())
    assert of(rooms, ada, Purpose.IMAGINE, Step.READ).used_day == 0


def test_more_people_than_fit_one_query_are_read_all_the_same(
    rooms: Rooms, monkeypatch: object
) -> None:
    people = [rooms.person(f"Person {n}", Purpose.LIKENESS) for n in range(5)]
    monkeypatch.setattr(standing, "_CHUNK", 2)  # type: ignore[attr-defined]
    with rooms.consent.ledger.read() as connection:
        assert len(bases(connection, people, list(Purpose))) == 5
        assert len(newest_terms(connection, people, list(Purpose))) == 5


def test_what_ran_out_and_was_swept_has_run_out_and_is_no_withdrawal(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rooms.clock.advance(366 * DAY // SECOND)
    rooms.consent.withdrawals.expire(ada, Purpose.LIKENESS)
    for purpose in (Purpose.LIKENESS, Purpose.IMAGINE):
        stands = of(rooms, ada, purpose)
        assert stands == Standing(kind=Kind.EXPLICIT, expired=True)
        assert (stands.epoch, stands.relied_on) == (None, None)
    rooms.grant(ada, Purpose.LIKENESS)
    assert not of(rooms, ada, Purpose.LIKENESS).expired
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    assert of(rooms, ada, Purpose.LIKENESS) == Standing(withdrawn=True)


def test_what_was_attested_of_a_person_is_among_the_facts(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob = rooms.person("Ada", Purpose.LIKENESS), rooms.person("Bob", Purpose.LIKENESS)
    said = {"age_band": "minor", "region": "US-IL", "said_by": "operator", "at": 1}
    with rooms.consent.ledger.write() as writing:
        writing.insert(attestation, [said | {"subject": ada}])
    for purpose in (Purpose.LIKENESS, Purpose.IMAGINE):
        facts = of(rooms, ada, purpose).facts(confirmed=False)
        assert (facts.age_band, facts.region) == ("minor", "US-IL")
    assert of(rooms, bob, Purpose.LIKENESS).age_band is None
