# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import Any

from consent import kantara, records
from consent.records import Controller
from consent.words import SECOND, Purpose, Subject
from tests.conftest import Opener
from tests.consent.schemas import shipped, wrong
from tests.rooms import ORIGIN, Rooms


def exported(rooms: Rooms, who: Subject, purpose: Purpose) -> dict[str, Any]:
    record = records.read(rooms.consent.ledger, rooms.consent.policy, who, purpose)
    assert record is not None
    made = kantara.export(record) | {"signature": "x"}
    assert [*wrong(shipped("receipt-kantara"), made)] == []
    return made


def test_it_says_who_when_how_and_for_what(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    made = exported(rooms, ada, Purpose.LIKENESS)
    assert made["consentTimestamp"] == rooms.clock.now() // SECOND
    assert made["piiPrincipalId"] == rooms.tag(ada)
    assert made["collectionMethod"] == "api: a yes to a notice that was shown before"
    assert (made["sensitive"], made["spiCat"], made["language"]) == (True, ["3 - Biometric"], "en")
    ((purpose,),) = (one["purposes"] for one in made["services"])
    assert (purpose["consentType"], purpose["primaryPurpose"]) == ("EXPLICIT", True)
    assert purpose["thirdPartyDisclosure"] is False


def test_a_root_that_is_not_about_the_face_is_not_sensitive(rooms: Rooms) -> None:
    made = exported(rooms, rooms.person("Ada", Purpose.TELEMETRY), Purpose.TELEMETRY)
    assert (made["sensitive"], made["spiCat"]) == (False, [])


def test_a_no_tells_when_it_ended_and_by_whose_word(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    made = exported(rooms, ada, Purpose.LIKENESS)
    ((purpose,),) = (one["purposes"] for one in made["services"])
    assert purpose["termination"].startswith("turned off at ")
    assert exported(rooms, ada, Purpose.LIKENESS)["collectionMethod"].startswith("a no")


def test_what_was_implied_is_called_so(open_rooms: Opener, sqlite_url: str) -> None:
    rooms = open_rooms(sqlite_url, policy="instagram-2025")
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rooms.consent.grants.imply(ada, Purpose.IMAGINE)
    made = exported(rooms, ada, Purpose.FEED_INSERT)
    assert made["collectionMethod"].startswith("implied")
    assert "language" not in made
    assert made["services"][0]["purposes"][0]["consentType"] == "IMPLICIT"


def test_a_no_to_what_was_never_granted_has_a_receipt_too(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    rooms.consent.withdrawals.withdraw(ada, Purpose.STORY)
    assert exported(rooms, ada, Purpose.STORY)["policyUrl"] == "not stated"


def test_who_answers_for_the_installation_is_named_where_the_operator_says_it(
    rooms: Rooms,
) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    (nobody,) = exported(rooms, ada, Purpose.LIKENESS)["piiControllers"]
    assert (nobody["piiController"], nobody["email"]) == (ORIGIN, "not stated")
    who = Controller(name="Yard Ltd", address="1 Lane", email="a@yard.example", phone="+0")
    room = replace(rooms.consent, controller=who)
    made = room.keepsake(ada, Purpose.LIKENESS, "kantara")
    assert made is not None
    (named,) = made["piiControllers"]
    assert (named["piiController"], named["phone"]) == ("Yard Ltd", "+0")
    iso = room.keepsake(ada, Purpose.LIKENESS, "27560")
    assert iso is not None
    entity = iso["dpv:hasRecordOfActivity"]["dpv:hasEntity"][0]
    assert entity["dpv:hasName"] == "Yard Ltd"
    assert entity["schema:contactPoint"]["schema:email"] == "a@yard.example"
    assert entity["schema:address"]["schema:streetAddress"] == "1 Lane"
    assert [*wrong(shipped("receipt-27560"), iso)] == []
