# SPDX-License-Identifier: Apache-2.0
"""The observer of a verification is told the history once, in its order."""

from pathlib import Path
from typing import Any

from consent import verify
from tests.consent.conftest import Year
from tests.consent.forge import Forge


class Notes:
    """Write down what is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def decision(self, told: verify.Decided) -> None:
        self.told.append(("decision", *told))

    def effect(self, told: verify.Done) -> None:
        self.told.append(("effect", *told))

    def change(self, told: verify.Changed) -> None:
        self.told.append(("change", *told))


def test_every_decision_effect_and_change_is_told_once_in_order(nights: Year) -> None:
    notes = Notes()
    assert verify.verify(nights.bundle, observer=notes)["ok"]
    slots = {
        seq: entry["n"]
        for seq, entry in enumerate(nights.rooms.entries())
        if entry["t"] == "block" and "policy" in entry
    }
    told = [
        (seq, entry, slot)
        for seq, entry in enumerate(nights.rooms.entries())
        if entry["t"] in {"decision", "effect", *CHANGES} or seq in slots
        for slot in (range(slots[seq]) if seq in slots else [None])
    ]
    assert [one[1] for one in notes.told] == [seq for seq, _, _ in told]
    for one, (seq, entry, slot) in zip(notes.told, told, strict=True):
        assert one == (one[0], *expected(one, seq, entry, slot))


CHANGES = ("grant", "renew", "withdraw", "expire")


def expected(one: tuple[Any, ...], seq: int, entry: dict[str, Any], slot: int | None) -> Any:
    at, tag, request = entry["at"], entry.get("tag"), entry.get("request")
    if entry["t"] == "block":
        asked = (entry["step"], entry["purpose"], *one[6:7], entry["policy"])
        return seq, slot, at, *asked, one[8], None, one[10], None, one[12]
    if entry["t"] == "decision":
        reason = entry.get("reasons", [None])[0]
        asked = (entry["step"], entry["purpose"], tag, entry["policy"], reason, entry["object"])
        return seq, None, at, *asked, one[10], request, entry.get("basis")
    if entry["t"] == "effect":
        of = entry["effect_of"]
        place = tuple(of) if isinstance(of, list) else (of, None)
        return seq, at, place, tag, entry["step"], entry["object"], request
    until = (entry.get("kind"), entry.get("not_after"))
    return seq, at, entry["t"], tag, entry["purpose"], *until


def test_facts_that_are_not_opened_are_told_as_none(copied: Path, forge: Forge) -> None:
    for path in (copied / "openings").iterdir():
        path.unlink()
    notes = Notes()
    verify.verify(forge.close(), observer=notes)
    assert {one[10] for one in notes.told if one[0] == "decision"} == {None}
