# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from consent.words import SECOND, Micros
from engine import machine
from tests.engine.town import NINE, Town


@pytest.mark.parametrize(
    ("version", "ok", "mode"),
    [((3, 51, 2), None, "TRUNCATE"), ((3, 51, 3), True, "WAL"), ((3, 52, 0), True, "WAL")],
)
def test_an_sqlite_that_may_corrupt_is_named_and_used_without_its_log(
    version: tuple[int, ...], ok: bool | None, mode: str
) -> None:
    (said,) = machine.sqlite("sqlite", version)
    assert said.ok is ok
    assert mode in said.detail
    assert ".".join(map(str, version)) in said.detail
    assert list(machine.sqlite("postgresql", version)) == []


def test_ciphers_answer_as_published(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.ciphers().ok is True

    class Wrong:
        def __init__(self, _: bytes) -> None: ...

        def encrypt(self, *_: object) -> bytes:
            return bytes(32)

    monkeypatch.setattr(machine, "AESGCM", Wrong)
    said = machine.ciphers()
    assert said.ok is False
    assert "AES-256-GCM" in said.detail
    assert "Ed25519" not in said.detail


@pytest.mark.parametrize(("behind", "ok"), [(-5, True), (0, True), (59, None), (61, False)])
def test_a_clock_behind_the_log_is_named(behind: int, ok: bool | None) -> None:
    assert machine.clock(NINE, Micros(NINE - behind * SECOND)).ok is ok


@pytest.mark.parametrize(
    ("free", "ok"), [(10_000_000_000, True), (1_000_000_000, None), (1_000_000, False)]
)
def test_a_disk_that_is_nearly_full_is_named(free: int, ok: bool | None) -> None:
    assert machine.disk(free).ok is ok


def test_a_card_is_asked_for_only_where_something_is_drawn_on_it(small_town: Town) -> None:
    chosen = small_town.rooms.settings
    assert machine.graphics(chosen).ok is True
    on_a_card = replace(chosen, recipe="sdxl-tiny")
    assert machine.graphics(on_a_card).ok is None
    said = machine.graphics(replace(on_a_card, device="cuda:0"))
    assert said.ok is False
    assert "cuda:0" in said.detail


def test_all_of_it_is_looked_at(small_town: Town) -> None:
    names = [check.name for check in machine.checks(small_town.rooms)]
    assert names == ["sqlite", "ciphers", "clock", "disk", "graphics"]
