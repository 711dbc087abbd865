# SPDX-License-Identifier: Apache-2.0
"""Everything of a person, provable, and nothing of anybody else."""

import io
import json
import zipfile
from typing import Any

from consent import disclosure
from consent.words import Purpose, parse_id
from engine.recognizing import tell
from tests.engine.homes import Home, public


def export(home: Home, name: str) -> zipfile.ZipFile:
    answer = home.client.get("/v1/export", headers=home.as_(name))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "private, no-store"
    whole = zipfile.ZipFile(io.BytesIO(answer.content))
    assert whole.testzip() is None
    return whole


def read(whole: zipfile.ZipFile, name: str) -> Any:
    return json.loads(whole.read(name))


def images(whole: zipfile.ZipFile) -> list[str]:
    return [name for name in whole.namelist() if name.startswith("images/")]


def test_every_image_is_there_with_its_marks_and_is_described(home: Home) -> None:
    held = home.hold_back("Anna")
    whole = export(home, "Anna")
    ready = {one["id"] for one in home.portraits("Anna") if one["state"] == "ready"}
    told = {one["id"]: one for one in read(whole, "portraits.json")["items"]}
    assert sorted(one["file"] for one in told.values() if one["file"]) == sorted(images(whole))
    assert {own for own, one in told.items() if one["file"]} == ready
    assert (told[held]["state"], told[held]["file"]) == ("quarantined", None)
    for name in images(whole):
        found = tell(home.rooms, whole.read(name), None)
        assert (found["c2pa"], found["watermark"]) == ("trusted", "found")
    activity = read(whole, "activity.json")
    me = f"urn:onlyou:person:{public(home.person('Anna'))}"
    assert sorted(one["url"] for one in activity["orderedItems"]) == sorted(images(whole))
    assert {tuple(one["to"]) for one in activity["orderedItems"]} == {(me,)}
    assert all(told[own]["why"]["selfies"] for own in ready)


def test_the_log_in_it_hides_nothing_and_every_receipt_is_told(home: Home) -> None:
    home.rooms.consent.lasts.log()
    whole = export(home, "Anna")
    keys = read(whole, "export.json")["log"]["keys"]
    answer = read(whole, "ledger.json")
    assert disclosure.flaws(answer, *keys) == ()
    receipts = [name for name in whole.namelist() if name.startswith("receipts/")]
    assert len(receipts) == 3
    for name in receipts:
        assert disclosure.untold(answer, read(whole, name)) == ()
    words = {name for name in whole.namelist() if name.startswith("notices/")}
    quoted = {f"notices/{one['notice']['sha256']}.md" for one in _held(whole)}
    assert words == quoted


def _held(whole: zipfile.ZipFile) -> list[Any]:
    return [one for one in read(whole, "consents.json")["items"] if one["notice"]]


def test_nothing_of_anybody_else_is_in_it(home: Home) -> None:
    mine = export(home, "Anna")
    theirs = export(home, "Ben")
    bens = {
        public(home.person("Ben")),
        str(home.person("Ben")),
        home.selfie("Ben"),
        home.insert("Ben")["portrait_id"],
        str(parse_id(home.insert("Ben")["portrait_id"])),
        read(theirs, "ledger.json")["tag"],
        '"Ben"',
    }
    text = b"".join(mine.read(name) for name in mine.namelist())
    assert not [one for one in bens if one.encode() in text]
    other = b"".join(theirs.read(name) for name in theirs.namelist())
    assert [one for one in bens if one.encode() in other]
    pictures = [{whole.read(name) for name in images(whole)} for whole in (mine, theirs)]
    assert not pictures[0] & pictures[1]


def test_what_was_withdrawn_has_its_line_and_no_image(home: Home) -> None:
    before = images(export(home, "Anna"))
    home.rooms.consent.withdrawals.withdraw(home.person("Anna"), Purpose.FEED_INSERT)
    whole = export(home, "Anna")
    assert len(images(whole)) == len(before) - 1
    states = sorted(one["state"] for one in read(whole, "portraits.json")["items"])
    assert states == ["destroyed", "ready"]
    assert read(whole, "receipts/feed_insert.json")["event"] == "withdraw"


def test_what_was_said_is_in_it(home: Home) -> None:
    headers = home.as_("Dora")
    wanted = {"per_week": 1, "blocked_themes": ["sky"]}
    home.client.put("/v1/preferences", headers=headers, json=wanted)
    post = next(one for one in home.feed("Dora")["items"] if one["kind"] == "post")
    home.client.post("/v1/reports", headers=headers, json={"item_id": post["id"], "why": "other"})
    whole = export(home, "Dora")
    assert images(whole) == []
    assert read(whole, "preferences.json") == wanted | {"most": 3}
    assert [one["why"] for one in read(whole, "reports.json")["items"]] == ["other"]
    assert read(whole, "export.json")["person"]["name"] == "Dora"
    assert [one["kind"] for one in read(whole, "feed.json")["acts_on_posts"]] == ["report"]
