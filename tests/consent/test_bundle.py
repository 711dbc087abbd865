# SPDX-License-Identifier: Apache-2.0
"""What an auditor takes home: whole, of one moment, and nothing of anybody in it."""

import hashlib
import json
from pathlib import Path

import pytest

from consent import bundle, entries, notes, verify
from consent.errors import Misused
from consent.gate import Select
from consent.ledger import Ledger
from consent.words import Purpose, Reason, Step, public_id
from tests.consent.conftest import Year
from tests.consent.forge import read_log
from tests.consent.history import insert
from tests.rooms import Rooms


def test_a_bundle_is_laid_out_as_the_contract_says(year: Year) -> None:
    size = len(year.rooms.entries())
    files = {str(path.relative_to(year.bundle)) for path in year.bundle.rglob("*.*")}
    policy = year.rooms.consent.policy.sha256
    blocks = {f"blocks/{e['seq']}.bin" for e in year.rooms.entries("block")}
    opened = year.rooms.entries("decision", "grant", "renew")
    openings = {f"openings/{e['seq']}.json" for e in opened}
    notices = {f"notices/{e['notice']}.md" for e in year.rooms.entries("notice.publish")}
    named = {"manifest.json", "keys/log.vkey", "keys/witnesses.json", f"policies/{policy}.toml"}
    tiles = {"tile/0/000.p", "tile/entries/000.p"}
    maps = {f"aggregates/{e['object']}.json" for e in year.rooms.entries("aggregate")}
    assert len(maps) == 1
    assert files == named | tiles | blocks | openings | notices | maps
    for kind in ("0", "entries"):
        assert [p.name for p in (year.bundle / f"tile/{kind}/000.p").iterdir()] == [str(size)]


def test_the_entries_of_a_bundle_are_those_of_the_ledger_byte_by_byte(year: Year) -> None:
    ledger = year.rooms.consent.ledger
    assert read_log(year.bundle) == [ledger.body(seq) for seq in range(ledger.head()[0])]


def test_policies_and_notices_are_named_by_the_hash_of_their_bytes(year: Year) -> None:
    for folder in ("policies", "notices"):
        for path in (year.bundle / folder).iterdir():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem


def test_the_manifest_says_what_the_checkpoint_signs(year: Year) -> None:
    manifest = json.loads((year.bundle / "manifest.json").read_bytes())
    note = (year.bundle / "checkpoint").read_text()
    for key in (year.bundle / "keys/log.vkey").read_text().splitlines():
        text = notes.open_note(note, key)
        assert text is not None
    head = notes.parse_checkpoint(note)
    told = (manifest["origin"], manifest["size"], manifest["root"])
    assert told == (head.origin, head.size, head.root.hex())
    assert manifest["schema"] == "onlyou-bundle/1"
    assert manifest["made_at"].endswith("Z")


def test_an_opening_discloses_the_facts_that_its_entry_commits_to(year: Year) -> None:
    for entry in year.rooms.entries("decision"):
        opened = json.loads((year.bundle / f"openings/{entry['seq']}.json").read_bytes())
        salt = entries.from_base64url(opened["salt"])
        assert opened["seq"] == entry["seq"]
        assert entries.commitment(salt, opened["facts"]) == entry["facts"]


def test_nothing_in_a_bundle_names_a_person_or_a_thing_of_theirs(year: Year) -> None:
    history = year.history
    canaries = [b"Ada Byron", b"Bob Noyce", b"Dee Hock", b"selfie\n", b"portrait\n"]
    for number in (history.ada, history.bob, history.inserted, history.imagined):
        canaries += [str(number).encode(), public_id(number).encode()]
    read = [path for path in year.bundle.rglob("*") if path.is_file()]
    assert not [
        (path, canary)
        for path in read
        if path.parent.name != "notices"
        for canary in canaries
        if canary in path.read_bytes()
    ]


def test_a_bundle_without_openings_shows_no_facts(year: Year, tmp_path: Path) -> None:
    bundle.export(year.rooms.consent, tmp_path / "closed", openings=False)
    assert not (tmp_path / "closed" / "openings").exists()


def test_erasing_a_person_closes_their_openings_and_no_others(
    rooms: Rooms, tmp_path: Path
) -> None:
    ada, bob = (rooms.person(name, Purpose.LIKENESS) for name in ("Ada", "Bob"))
    rooms.selfie(ada)
    rooms.selfie(bob)
    rooms.consent.keys.destroy_secret(ada)
    bundle.export(rooms.consent, tmp_path / "out")
    left = {p.stem for p in (tmp_path / "out" / "openings").iterdir()}
    (_, granted), (_, kept) = rooms.entries("grant"), rooms.entries("decision")
    assert left == {str(granted["seq"]), str(kept["seq"])}


def test_the_same_ledger_at_the_same_time_gives_the_same_bytes(year: Year, tmp_path: Path) -> None:
    again = tmp_path / "again"
    bundle.export(year.rooms.consent, again)
    for path in year.bundle.rglob("*"):
        if path.is_file():
            made = (again / path.relative_to(year.bundle)).read_bytes()
            assert fixed(made) == fixed(path.read_bytes())


def fixed(content: bytes) -> list[bytes]:
    """Leave out the line of the quantum-safe key, which is salted with chance."""
    return [line for line in content.splitlines() if len(line) < 3_000 or b"\xe2" not in line[:3]]


def test_an_empty_directory_is_filled(year: Year, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    bundle.export(year.rooms.consent, tmp_path / "out")
    assert (tmp_path / "out" / "checkpoint").exists()


@pytest.mark.parametrize("kind", ["directory", "file"])
def test_what_is_there_already_is_never_overwritten(year: Year, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "out"
    kept = target if kind == "file" else target / "kept"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("mine")
    with pytest.raises(
        Misused, match="is not empty; name a directory that is not there yet"
    ) as no:
        bundle.export(year.rooms.consent, target)
    assert no.value.reason is Reason.DUPLICATE
    assert kept.read_text() == "mine"


def test_an_export_that_fails_half_way_leaves_nothing(
    year: Year, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Ledger, "open_facts", fail)
    with pytest.raises(KeyboardInterrupt):
        bundle.export(year.rooms.consent, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_what_a_killed_export_left_behind_is_cleared_away(year: Year, tmp_path: Path) -> None:
    (tmp_path / ".out.unfinished" / "stale").mkdir(parents=True)
    bundle.export(year.rooms.consent, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert not (tmp_path / "out" / "stale").exists()


def test_a_bundle_from_either_database_verifies(rooms_on_both: Rooms, tmp_path: Path) -> None:
    ada = rooms_on_both.inserted_person()
    insert(rooms_on_both, ada)
    rooms_on_both.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    bundle.export(rooms_on_both.consent, tmp_path / "out")
    report = verify.verify(tmp_path / "out")
    assert report["findings"] == []
    assert report["size"] == len(rooms_on_both.entries())


def test_a_block_of_decisions_goes_with_its_records_and_its_openings(
    rooms: Rooms, tmp_path: Path
) -> None:
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    select: Select = Step.SELECT
    (held,) = rooms.consent.gate.decide_all(select, Purpose.FEED_INSERT, [ada, bob]).blocks
    rooms.consent.erasures.erase(bob)
    bundle.export(rooms.consent, tmp_path / "open")
    bundle.export(rooms.consent, tmp_path / "closed", openings=False)
    records = (tmp_path / "open" / "blocks" / f"{held.seq}.bin").read_bytes()
    assert len(records) == 70 * 2
    opened = json.loads((tmp_path / "open" / "openings" / f"{held.seq}.json").read_bytes())
    ((slot, salt, place),) = opened["slots"]
    assert slot == sorted([ada, bob]).index(ada)
    facts = entries.canonical(opened["facts"][place])
    digest = hashlib.sha256(entries.from_base64url(salt) + facts).digest()
    assert digest == records[70 * slot + 16 : 70 * slot + 48]
    assert not (tmp_path / "closed" / "openings").exists()
