# SPDX-License-Identifier: Apache-2.0
import hashlib

from consent import records
from consent.entries import base64url
from consent.words import DAY, SECOND, Purpose
from tests.rooms import Rooms


def test_a_record_tells_every_act_in_order_and_what_the_last_yes_rests_on(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.clock.advance(DAY // SECOND)
    rooms.grant(ada, Purpose.LIKENESS)
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    record = records.read(rooms.consent.ledger, rooms.consent.policy, ada, Purpose.LIKENESS)
    assert record is not None
    assert [one.body["t"] for one in record.events] == ["grant", "renew", "withdraw"]
    assert record.last.body["t"] == "withdraw"
    assert record.yes is record.events[1]
    assert record.yes.facts["affirmative"] is True
    assert record.yes.notice is not None
    assert record.yes.notice.seq == record.yes.body["served"]
    assert record.last.facts == {}
    assert record.tag == rooms.tag(ada)


def test_nobody_elses_acts_are_in_it(rooms: Rooms) -> None:
    ada, _ = rooms.person("Ada", Purpose.LIKENESS), rooms.person("Bob", Purpose.LIKENESS)
    record = records.read(rooms.consent.ledger, rooms.consent.policy, ada, Purpose.LIKENESS)
    assert record is not None
    assert len(record.events) == 1


def test_content_is_named_by_its_hash() -> None:
    digest = hashlib.sha256(b"x").digest()
    assert records.named(b"x") == f"ni:///sha-256;{base64url(digest)}"
    assert records.named_hash(digest.hex()) == records.named(b"x")
