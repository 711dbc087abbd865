# SPDX-License-Identifier: Apache-2.0
"""The words of DPV say neither more nor less than what happened."""

from typing import Any

import pytest

from consent import dpv, records
from consent.records import Record
from consent.words import Purpose
from tests.conftest import Opener
from tests.consent.schemas import shipped, wrong
from tests.rooms import Rooms


def record_of(rooms: Rooms, purpose: Purpose, *granted: Purpose) -> Record:
    ada = rooms.person("Ada", *granted)
    rooms.consent.grants.imply(ada, Purpose.IMAGINE)
    found = records.read(rooms.consent.ledger, rooms.consent.policy, ada, purpose)
    assert found is not None
    return found


def exported(record: Record) -> dict[str, Any]:
    made = dpv.export(record)
    assert [*wrong(shipped("receipt-27560"), made | {"signature": "x"})] == []
    told: dict[str, Any] = made["dpv:hasRecordOfActivity"]
    return told


@pytest.mark.parametrize("purpose", [p for p in Purpose if p not in {"ads", "training"}])
def test_every_purpose_has_a_dpv_word_and_says_whether_it_is_about_the_face(
    rooms: Rooms, purpose: Purpose
) -> None:
    record = record_of(rooms, purpose, *dict.fromkeys((Purpose.LIKENESS, purpose)))
    process = exported(record)["dpv:hasProcess"]
    assert process["dpv:hasPurpose"]["dct:identifier"] == purpose
    special = [one["@type"] for one in process["dpv:hasPersonalData"]]
    roots = {Purpose.PERSONALISATION, Purpose.EXPERIMENT, Purpose.TELEMETRY}
    assert ("dpv:SpecialCategoryPersonalData" in special) is (purpose not in roots)


def test_what_was_implied_is_neither_expressed_nor_informed(
    open_rooms: Opener, sqlite_url: str
) -> None:
    rooms = open_rooms(sqlite_url, policy="instagram-2025")
    record = record_of(rooms, Purpose.FEED_INSERT, Purpose.LIKENESS, Purpose.IMAGINE)
    told = exported(record)
    assert told["dpv:hasProcess"]["dpv:hasLegalBasis"] == [
        "dpv:ImpliedConsent",
        "dpv:UninformedConsent",
    ]
    assert "dpv:hasNotice" not in told
    assert told["dpv:hasJurisdiction"] == "loc:US"
    (event,) = told["dpv:hasConsentStatus"]
    assert event["dpv:isIndicatedBy"].startswith("onlyou:log/")


def test_a_yes_and_a_no_are_their_persons_own_words(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    record = records.read(rooms.consent.ledger, rooms.consent.policy, ada, Purpose.LIKENESS)
    assert record is not None
    yes, no = exported(record)["dpv:hasConsentStatus"]
    assert no["@type"] == ["dpv:ConsentWithdrawn"]
    assert yes["dpv:isIndicatedBy"] == no["dpv:isIndicatedBy"] == "dpv:DataSubject"


def test_a_yes_that_brings_others_along_is_not_explicitly_expressed(
    open_rooms: Opener, sqlite_url: str
) -> None:
    rooms = open_rooms(sqlite_url, policy="snapchat-2024")
    record = record_of(rooms, Purpose.LIKENESS, Purpose.LIKENESS)
    (event,) = exported(record)["dpv:hasConsentStatus"]
    assert event["@type"] == ["dpv:ConsentGiven", "dpv:ExpressedConsent"]


def test_the_schema_refuses_what_the_guide_requires_and_is_missing(rooms: Rooms) -> None:
    made = dpv.export(record_of(rooms, Purpose.LIKENESS, Purpose.LIKENESS)) | {"signature": "x"}
    schema = shipped("receipt-27560")
    told = made["dpv:hasRecordOfActivity"]
    for field in schema["properties"]["dpv:hasRecordOfActivity"]["required"]:
        cut = {name: value for name, value in told.items() if name != field}
        assert [*wrong(schema, made | {"dpv:hasRecordOfActivity": cut})], field
    for field in schema["required"]:
        assert [*wrong(schema, {n: v for n, v in made.items() if n != field})], field
