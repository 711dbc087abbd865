# SPDX-License-Identifier: Apache-2.0
import pytest

from consent.errors import Broken
from consent.locks import dek_of, of_reads, past
from consent.words import DAY, SECOND, Purpose, Step
from tests.rooms import Rooms


def test_a_lock_names_the_key_of_the_permits_own_purpose(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE, Purpose.FEED_INSERT)
    obj = rooms.selfie(ada)
    permit = rooms.ask(Step.READ, ada, Purpose.IMAGINE, obj)
    with rooms.consent.ledger.read() as connection:
        (lock,) = of_reads(connection, [permit])
    assert lock.object == obj
    assert lock.holding == (ada, Purpose.IMAGINE, permit.epoch)


def test_there_is_no_lock_for_a_selfie_that_is_gone(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    permit = rooms.ask(Step.READ, ada, Purpose.IMAGINE, rooms.selfie(ada))
    rooms.consent.withdrawals.destroy(ada, permit.object)
    with rooms.consent.ledger.read() as connection:
        assert of_reads(connection, [permit]) == ()


def test_a_selfie_is_past_from_the_microsecond_on_in_which_its_time_ends(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS)
    obj, other = rooms.selfie(ada), rooms.object()
    rooms.clock.advance(365 * DAY / SECOND - 0.000_001)
    with rooms.consent.ledger.write() as writing:
        assert past(writing, [obj, other]) == set()
    rooms.clock.advance(0.000_001)
    with rooms.consent.ledger.write() as writing:
        assert past(writing, [obj, other]) == {obj}
        assert past(writing, [other]) == set()


def test_a_row_whose_key_is_gone_opens_for_nobody_and_says_so(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    permit = rooms.ask(Step.READ, ada, Purpose.IMAGINE, rooms.selfie(ada))
    with rooms.consent.ledger.read() as connection:
        (lock,) = of_reads(connection, [permit])
    with pytest.raises(Broken, match="the key of this content is gone"):
        dek_of(lock, {})
