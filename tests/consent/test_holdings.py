# SPDX-License-Identifier: Apache-2.0
from consent.holdings import held
from consent.notices import current
from consent.words import DAY, Kind, Micros, Purpose
from tests.rooms import Rooms


def test_a_holding_says_how_good_it_still_is(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS)
    notices, now = rooms.consent.notices.current, rooms.clock.now()
    later = Micros(now + rooms.consent.policy.consent.term_days * DAY)
    with rooms.consent.ledger.read() as connection:
        fresh = held(connection, now, ada, notices)[Purpose.LIKENESS]
        over = held(connection, later, ada, notices)[Purpose.LIKENESS]
        stale = held(connection, now, ada, current(()))[Purpose.LIKENESS]
    assert (fresh.kind, fresh.expired, fresh.outdated) == (Kind.EXPLICIT, False, False)
    assert (over.expired, over.outdated) == (True, False)
    assert (stale.expired, stale.outdated) == (False, True)
    assert fresh.expires_at == later


def test_who_holds_nothing_is_shown_nothing(rooms: Rooms) -> None:
    assert rooms.consent.grants.show(rooms.person("Ada")) == {}
