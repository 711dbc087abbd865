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


def test_every_decision_effect_and_change_is_told_once_in_order(year: Year) -> None:
    notes = Notes()
    assert verify.verify(year.bundle, observer=notes)["ok"]
    changes = ("grant", "renew", "withdraw", "expire")
    told = [
        (seq, e)
        for seq, e in enumerate(year.rooms.entries())
        if e["t"] in {"decision", "effect", *changes}
    ]
    assert [one[1] for one in notes.told] == [seq for seq, _ in told]
    for one, (seq, entry) in zip(notes.told, told, strict=True):
        tag, at = entry["tag"], entry["at"]
        if one[0] == "decision":
            reason = entry.get("reasons", [None])[0]
            where = (entry["step"], entry["purpose"], tag, entry["policy"])
            assert one[1:-1] == (seq, None, at, *where, reason, entry["object"])
            assert type(one[-1]) is dict
        elif one[0] == "effect":
            of = (entry["effect_of"], None)
            assert one[1:] == (seq, at, of, tag, entry["step"], entry["object"])
        else:
            until = (entry.get("kind"), entry.get("not_after"))
            assert one[1:] == (seq, at, entry["t"], tag, entry["purpose"], *until)


def test_facts_that_are_not_opened_are_told_as_none(copied: Path, forge: Forge) -> None:
    for path in (copied / "openings").iterdir():
        path.unlink()
    notes = Notes()
    verify.verify(forge.close(), observer=notes)
    assert {one[-1] for one in notes.told if one[0] == "decision"} == {None}
