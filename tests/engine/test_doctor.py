# SPDX-License-Identifier: Apache-2.0
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, make_url
from typing_extensions import override

from consent import cards
from consent.blobs import ObstoreBlobs
from consent.cards import Card
from consent.errors import Broken
from consent.words import DAY, SECOND, Purpose, Reason
from engine import machine, sealing
from engine.doctor import examine
from generation import decoding
from tests.consent.network import connect
from tests.engine.town import Town, reopen


def _wrong(town: Town) -> dict[str, str]:
    return {check.name: check.detail for check in examine(town.rooms) if check.ok is False}


def test_a_sound_home_has_nothing_wrong(small_town: Town) -> None:
    small_town.plan()
    assert _wrong(small_town) == {}


def test_switched_off_foreign_keys_are_named(small_town: Town) -> None:
    engine = small_town.rooms.consent.ledger.engine
    engine.dispose()
    event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA foreign_keys = OFF"))
    assert "foreign_keys" in _wrong(small_town)["forbidden rows"]


@pytest.mark.parametrize(
    "changed",
    [
        "UPDATE entry SET leaf = zeroblob(32) WHERE seq = 3",
        "UPDATE entry SET body = CAST('{}' AS BLOB) WHERE seq = 3",
    ],
)
def test_a_changed_entry_is_found(small_town: Town, changed: str) -> None:
    engine = small_town.rooms.consent.ledger.engine
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER entry_fixed")
        connection.exec_driver_sql(changed)
    assert "DIFFERS" in _wrong(small_town)["ledger"]


def test_a_database_that_was_put_back_is_found_also_when_it_was_written_to_since(
    small_town: Town,
) -> None:
    rooms = small_town.rooms
    older = small_town.rooms.settings.home / "older.sqlite3"
    there = Path(make_url(rooms.settings.database).database or "")
    rooms.consent.ledger.engine.dispose()
    shutil.copy(there, older)
    size = rooms.consent.ledger.head()[0]
    small_town.says_yes("Bo", Purpose.PERSONALISATION)
    rooms.consent.ledger.checkpoint()
    signed = rooms.consent.ledger.head()[0]
    assert _said(small_town, "ledger") == (True, f"{signed} entries, root recomputed")
    rooms.consent.ledger.engine.dispose()
    shutil.copy(older, there)
    town = reopen(small_town)
    lacks = f"this database lacks entries: {signed} were signed, {size} are there"
    assert _wrong(town) == {"ledger": lacks}
    town.clock.advance(1)
    while town.rooms.consent.ledger.head()[0] < signed:
        town.says_yes("Ada", Purpose.TELEMETRY)
    found = town.rooms.consent.ledger.head()[0]
    said = f"{found} entries, which DIFFER from those that were signed"
    assert _wrong(town) == {"ledger": said}
    town.rooms.consent.ledger.engine.dispose()


def test_that_no_signature_is_known_is_said(small_town: Town) -> None:
    """Whoever signed before reads from it that the memory of it is lost."""
    ledger = small_town.rooms.consent.ledger
    size = ledger.head()[0]
    never = (True, f"{size} entries, root recomputed; its keys know of no signature yet")
    assert _said(small_town, "ledger") == never
    ledger.checkpoint()
    assert _said(small_town, "ledger") == (True, f"{size} entries, root recomputed")
    (small_town.rooms.settings.keys_folder / "signed.head").unlink()
    assert _said(small_town, "ledger") == never


def test_looking_signs_nothing_and_is_said_once_a_check(small_town: Town) -> None:
    keys = small_town.rooms.settings.keys_folder
    before = {path: path.read_bytes() for path in keys.rglob("*") if path.is_file()}
    names = [check.name for check in examine(small_town.rooms)]
    assert len(names) == len(set(names))
    assert {path: path.read_bytes() for path in keys.rglob("*") if path.is_file()} == before


def test_a_changed_record_of_a_block_is_found(small_town: Town) -> None:
    small_town.plan()
    (seq,) = [
        seq
        for seq, body in enumerate(small_town.rooms.consent.ledger.bodies())
        if body["t"] == "block"
    ]
    engine = small_town.rooms.consent.ledger.engine
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER block_fixed")
        connection.exec_driver_sql(
            "UPDATE block SET records = CAST(substr(records, 1, 209) || x'63' AS BLOB)"
        )
    assert _wrong(small_town) == {"blocks": f"records DIFFER from what entry {seq} names"}


def test_missing_bytes_are_found_and_stray_ones_are_only_counted(small_town: Town) -> None:
    small_town.plan()
    blobs = small_town.rooms.consent.blobs
    blobs.put_new("zz/stray", b"ciphertext")
    assert _wrong(small_town) == {}
    for stored in blobs.list()[:1]:
        blobs.delete(stored.name)
    assert "1 rows without bytes" in _wrong(small_town)["blobs"]


def test_it_says_who_vouches_for_the_ledger_and_whether_the_gate_is_open(
    make_town: Callable[..., Town], tmp_path: Path
) -> None:
    town = make_town()

    def said() -> tuple[bool | None, str]:
        (one,) = [check for check in examine(town.rooms) if check.name == "witnesses"]
        return one.ok, one.detail

    assert said() == (None, "none: only the operator vouches for the ledger")
    network = connect(town.rooms.consent, town.clock, tmp_path)
    seen = replace(town.rooms, consent=network.consent)
    town = replace(town, rooms=seen)
    assert said() == (False, "2 must cosign, nothing is cosigned: closed")
    size = town.rooms.consent.ledger.head()[0]
    network.consent.witnessing.gather()
    assert said() == (True, f"{size} entries cosigned 0 s ago: the gate is open")
    town.clock.advance(3_601)
    ok, detail = said()
    assert (ok, "the gate is closed" in detail) == (False, True)


def test_the_recipes_state_and_its_last_self_test_are_told(small_town: Town) -> None:
    def said() -> dict[str, tuple[bool | None, str]]:
        return {check.name: (check.ok, check.detail) for check in examine(small_town.rooms)}

    assert said()["recipe"] == (True, "quick, 7 scenarios")
    assert said()["self-test"][0] is None
    card = Card.of("a card")
    for kind, verdict, ok in (("leak", "fail", False), ("single", "pass", True)):
        with small_town.rooms.consent.ledger.write() as writing:
            cards.keep(writing, card)
            writing.append("selftest", recipe=card.sha256, kind=kind, verdict=verdict)
        told = f"{kind}, {verdict}, of the card {card.sha256[:12]}"
        assert said()["self-test"] == (ok, told)


def test_a_recipe_that_cannot_start_is_named_with_the_reason(small_town: Town) -> None:
    chosen = replace(small_town.rooms.settings, recipe="sdxl-faceid")
    rooms = replace(small_town.rooms, settings=chosen)
    (said,) = (check for check in examine(rooms) if check.name == "recipe")
    assert said.ok is False
    assert "ONLYOU_ACKNOWLEDGE=sdxl-faceid" in said.detail


def _said(town: Town, name: str) -> tuple[bool | None, str]:
    (one,) = (check for check in examine(town.rooms) if check.name == name)
    return one.ok, one.detail


def test_keys_that_others_may_read_are_named(small_town: Town) -> None:
    assert _said(small_town, "keys")[0] is None
    key = small_town.rooms.settings.home / "keys" / "root.key"
    key.chmod(0o640)
    assert _said(small_town, "keys") == (False, "others on this machine may open root.key")


@pytest.mark.parametrize("name", ["onlyou.toml", "onlyou.sqlite3", "onlyou.sqlite3-wal"])
def test_settings_and_rows_that_others_may_read_are_named(small_town: Town, name: str) -> None:
    home = small_town.rooms.settings.home
    (home / name).touch()
    for file in home.glob("onlyou.*"):
        file.chmod(0o644 if file.name == name else 0o600)
    home.chmod(0o700)
    assert _said(small_town, "keys")[0] is None, "nobody else comes as far as that"
    for folder, mode, is_open in (
        (0o711, 0o604, True),
        (0o710, 0o640, True),
        (0o701, 0o640, False),
        (0o755, 0o600, False),
    ):
        home.chmod(folder)
        (home / name).chmod(mode)
        said = (False, f"others on this machine may open {name}")
        assert (_said(small_town, "keys") == said) is is_open, (folder, mode)


def test_a_wrapping_key_that_outlived_its_weeks_is_named(small_town: Town) -> None:
    small_town.plan()
    assert _said(small_town, "weeks")[0] is True
    small_town.clock.advance(21 * DAY / SECOND)
    ok, detail = _said(small_town, "weeks")
    assert ok is False
    assert "3 weeks ago" in detail
    small_town.rooms.consent.retention.sweep()
    assert _said(small_town, "weeks")[0] is True


def test_a_store_that_does_not_answer_is_named_and_the_doctor_goes_on(small_town: Town) -> None:
    class Dead(ObstoreBlobs):
        @override
        def head(self, name: str) -> bool:
            raise Broken(Reason.UNAVAILABLE, "the store of sealed bytes fails: GenericError")

    consent = replace(small_town.rooms.consent, blobs=Dead(str(small_town.rooms.settings.home)))
    town = replace(small_town, rooms=replace(small_town.rooms, consent=consent))
    assert _wrong(town) == {"store": "the store of sealed bytes fails: GenericError"}
    assert _said(town, "ledger")[0] is True


def test_an_installation_that_may_call_anywhere_is_told_so(small_town: Town) -> None:
    held = "may call nowhere; held by the kernel and Python"
    assert _said(small_town, "egress") == (True, held)
    chosen = replace(small_town.rooms.settings, egress="*")
    town = replace(small_town, rooms=replace(small_town.rooms, settings=chosen))
    assert _said(town, "egress") == (None, "may call anywhere")


def test_a_machine_that_confines_less_is_told_so(
    small_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _said(small_town, "files")[0] is True
    monkeypatch.setattr(decoding, "filtered", lambda: False)
    monkeypatch.setattr(sealing, "possible", lambda: False)
    ok, said = _said(small_town, "files")
    assert (ok, "limits alone" in said) == (None, True)
    assert _said(small_town, "egress") == (None, "may call nowhere; held by Python alone")
    assert _wrong(small_town) == {}


def test_every_check_is_described(small_town: Town) -> None:
    said = (Path(machine.__file__).parents[1] / "docs" / "operations.md").read_text("utf-8")
    rows = re.findall(r"^\| ([a-z ,-]+) \|", said.split("## Log lines")[0], re.MULTILINE)
    described = {name.strip() for row in rows for name in row.split(",")} - {"check"}
    told = [check.name for check in examine(small_town.rooms)]
    there = set(told)
    assert len(told) == len(there)
    assert described == there | {"server", "role", "row security", "limits"}
