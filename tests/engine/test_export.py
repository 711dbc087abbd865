# SPDX-License-Identifier: Apache-2.0
"""The ZIP file is whole, comes in parts, and tells a person's acts and no inner names."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from consent.words import Micros, Purpose
from engine import export
from tests.engine.homes import Home
from tests.engine.trying import engine

AT = Micros(1_780_056_000_000_000)


def test_a_file_is_handed_out_before_the_next_one_is_made() -> None:
    made: list[str] = []

    def one_by_one() -> Iterator[export.File]:
        for name in ("a.json", "b.jpg"):
            made.append(name)
            yield name, name.encode() * 500

    parts = export.zipped(one_by_one(), AT)
    first = next(parts)
    assert made == ["a.json"]
    assert b"a.json" in first
    whole = zipfile.ZipFile(io.BytesIO(first + b"".join(parts)))
    assert whole.testzip() is None
    assert {one.filename: one.date_time for one in whole.infolist()} == dict.fromkeys(
        ("a.json", "b.jpg"), (2026, 5, 29, 12, 0, 0)
    )
    assert whole.read("b.jpg") == b"b.jpg" * 500
    assert [one.compress_type for one in whole.infolist()] == [
        zipfile.ZIP_DEFLATED,
        zipfile.ZIP_STORED,
    ]


def test_what_a_person_saw_and_did_is_told_by_public_names_alone(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    home.client.get(f"/v1/portraits/{own}/image", headers=home.as_("Anna"))
    act = {"event_id": "e", "item_id": own, "kind": "like"}
    body = {"req_id": home.feed("Anna")["req_id"], "events": [act]}
    home.client.post("/v1/interactions", headers=home.as_("Anna"), json=body)
    told = export.feed(home.rooms, home.person("Anna"))
    assert [(one["kind"], one["item"]) for one in told["acts_on_portraits"]] == [("like", own)]
    assert [one["object"] for one in told["shown_in_feed"]] == [own]
    assert [one["object"] for one in told["looks_in_feed"]] == [own]
    assert all(one["at"].endswith("Z") for rows in told.values() for one in rows)
    named = {name for rows in told.values() for one in rows for name in one}
    assert named.isdisjoint({"subject", "epoch", "permit_seq", "effect_seq"})
    assert not any(export.feed(home.rooms, home.person("Dora")).values())


def test_which_arm_of_what_somebody_was_counted_in_is_told(tmp_path: Path) -> None:
    town = engine(tmp_path)
    town.trial.start()
    person = town.trial.people[0]
    town.trial.home.page(person)
    (place,) = town.trial.stand(person).places
    (told,) = export.feed(town.rooms, person)["experiments"]
    assert (told["experiment"], told["arm"]) == ("deeper", place.arm)
    town.rooms.consent.withdrawals.withdraw(person, Purpose.EXPERIMENT)
    assert export.feed(town.rooms, person)["experiments"] == []
    town.rooms.consent.ledger.engine.dispose()
