# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import pytest

from consent import bundle
from consent.words import public_id
from tests.engine.cli.conftest import Onlyou
from tests.engine.homes import Home
from tests.engine.town import Town


def test_an_exported_ledger_verifies_and_a_changed_one_does_not(
    onlyou: Onlyou, town_home: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    assert onlyou("cycle", home=town_home).status == 0
    exported = onlyou("audit", "export", str(bundle), "--json", home=town_home)
    assert (exported.status, exported.json["schema"]) == (0, "onlyou-bundle/1")
    report = onlyou("audit", "verify", str(bundle), "--json")
    assert (report.status, report.json["ok"], report.json["findings"]) == (0, True, [])
    notice = next((bundle / "notices").iterdir())
    notice.write_text("something else")
    changed = onlyou("audit", "verify", str(bundle), "--json")
    assert changed.status == 1
    assert changed.json["findings"]


def test_a_bundle_that_is_not_there_is_wrong_usage(onlyou: Onlyou, tmp_path: Path) -> None:
    assert onlyou("audit", "verify", str(tmp_path / "none")).status == 2


def test_a_full_directory_is_not_written_into(
    onlyou: Onlyou, town_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    refused = onlyou("audit", "export", str(tmp_path), home=town_home)
    assert refused.status == 2
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["mine.txt"]


def test_the_story_of_a_portrait_names_every_step(
    onlyou: Onlyou, small_town: Town, town_home: Path
) -> None:
    small_town.plan()
    (item,) = [
        found.json()
        for found in small_town.rooms.feed.pages.of(small_town.people["Ada"]).items
        if found.json()["kind"] == "imagined"
    ]
    told = onlyou("audit", "story", item["portrait_id"], "--json", home=town_home).json["items"]
    steps = {line["step"] for line in told}
    assert {"select", "read", "generate", "moderate", "store", "insert"} <= steps
    assert [line["seq"] for line in told] == sorted(line["seq"] for line in told)
    assert public_id(small_town.people["Ada"]) not in str(told)


def test_the_story_of_nothing_is_one_sentence(onlyou: Onlyou, town_home: Path) -> None:
    refused = onlyou("audit", "story", "0000000000000", home=town_home)
    assert (refused.status, len(refused.err.splitlines())) == (2, 1)


@pytest.fixture
def taken(home: Home, tmp_path: Path) -> tuple[Home, Path]:
    """Take home what Anna is shown of herself, and the bundle of that moment."""
    home.rooms.consent.lasts.log()
    home.serve("Anna", "telemetry")
    page = home.client.get("/v1/ledger/me", headers=home.as_("Anna"), params={"limit": 1_000})
    (tmp_path / "me.json").write_bytes(page.content)
    bundle.export(home.rooms.consent, tmp_path / "bundle")
    return home, tmp_path


def test_a_person_checks_offline_that_nothing_about_them_was_hidden(
    onlyou: Onlyou, taken: tuple[Home, Path]
) -> None:
    folder = taken[1]
    page, key = folder / "me.json", ("--key", str(folder / "bundle/keys/log.vkey"))
    whole = onlyou("audit", "me", str(page), *key, "--bundle", str(folder / "bundle"))
    assert (whole.status, "the bundle holds no other" in whole.out) == (0, True)
    assert "--bundle" in onlyou("audit", "me", str(page), *key).out
    for name, status in (("Anna", 0), ("Ben", 1)):
        headers = taken[0].as_(name)
        kept = taken[0].client.get("/v1/consents/likeness/receipt", headers=headers)
        (folder / "receipt.json").write_bytes(kept.content)
        asked = ("audit", "me", str(page), *key, "--receipt", str(folder / "receipt.json"))
        assert onlyou(*asked).status == status
    shown = json.loads(page.read_bytes())
    page.write_text(json.dumps(shown | {"items": shown["items"][:-1], "newer": 0}))
    assert onlyou("audit", "me", str(page), *key).status == 0
    less = onlyou("audit", "me", str(page), *key, "--bundle", str(folder / "bundle"), "--json")
    hidden = shown["items"][-1]["seq"]
    assert (less.status, less.json["ok"]) == (1, False)
    assert less.json["flaws"] == [f"entry {hidden} is about this person and is not shown"]
    page.write_text(json.dumps(shown | {"items": shown["items"][:-2], "newer": 0}))
    assert onlyou("audit", "me", str(page), *key).status == 1


def test_an_answer_is_searched_for_in_its_own_log_only(
    onlyou: Onlyou, taken: tuple[Home, Path]
) -> None:
    home, folder = taken
    key = ("--key", str(folder / "bundle/keys/log.vkey"))
    home.serve("Anna", "imagine")
    later = home.client.get("/v1/ledger/me", headers=home.as_("Anna"), params={"limit": 1_000})
    (folder / "later.json").write_bytes(later.content)
    asked = ("audit", "me", str(folder / "later.json"), *key, "--bundle")
    assert "not the one of the checkpoint" in onlyou(*asked, str(folder / "bundle")).out
    assert "not a whole bundle" in onlyou(*asked, str(folder)).out
    (folder / "bad.json").write_text("{")
    assert onlyou("audit", "me", str(folder / "bad.json"), *key).status == 2


def test_a_request_that_begins_with_a_dash_is_a_name_all_the_same(
    onlyou: Onlyou, town_home: Path
) -> None:
    for name in ("-Qx1hj", "--Qx1hj", "-h"):
        refused = onlyou("audit", "story", name, home=town_home)
        assert (refused.status, name in refused.err) == (2, True)
        assert "the ledger knows no portrait" in refused.err
