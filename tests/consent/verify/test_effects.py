# SPDX-License-Identifier: Apache-2.0
"""Effects: who saw what, by whose decision, and while they had it."""

from pathlib import Path

from consent import bundle, tables, verify
from consent.words import Purpose
from tests.conftest import Opener
from tests.consent.conftest import Year
from tests.consent.findings import found_in
from tests.consent.forge import Forge


def test_views_inserts_and_shares_are_counted_when_their_owner_is_known(nights: Year) -> None:
    checked = verify.verify(nights.bundle)["checked"]
    effects = nights.rooms.entries("effect")
    for step, counted in (("view", "views"), ("insert", "inserts"), ("share", "shares")):
        assert checked[counted] == sum(entry["step"] == step for entry in effects)
    assert checked["views"] > checked["inserts"] > 0


def test_the_first_ungated_effect_is_named(forge: Forge) -> None:
    """As an engine without a gate would write them: effects, and no decisions."""
    forge.log = [entry for entry in forge.log if entry["t"] != "decision"]
    found = found_in(forge.close())
    ungated = [seq for code, seq in found if code == "effect-without-decision"]
    assert ungated == [seq for seq, entry in enumerate(forge.log) if entry["t"] == "effect"]


def test_a_view_after_its_portrait_was_destroyed_says_where_that_was(forge: Forge) -> None:
    seq = forge.find("destroy", tag=forge.log[forge.find("grant", purpose="imagine")]["tag"])
    view = forge.find("effect", -1, tag=forge.log[seq]["tag"], step="view")
    late = dict(forge.log[view])
    forge.drop(view)
    forge.edit(late["effect_of"], not_after=forge.log[seq - 1]["at"] + 1)
    moved = forge.add(seq, late | {"at": forge.log[seq - 1]["at"]})
    found = verify.verify(forge.close())["findings"]
    (said,) = [f["detail"] for f in found if (f["code"], f["seq"]) == ("erasure-false", moved)]
    assert said == f"its object was destroyed at entry {seq - 1}"


def test_a_selfie_may_be_looked_at_by_its_own_person(
    open_rooms: Opener, sqlite_url: str, tmp_path: Path
) -> None:
    rooms = open_rooms(sqlite_url)
    ada = rooms.person("Ada", Purpose.LIKENESS)
    selfie = rooms.selfie(ada)
    rooms.look(ada, selfie, Purpose.LIKENESS, tables.selfie_view)
    bundle.export(rooms.consent, tmp_path / "bundle")
    report = verify.verify(tmp_path / "bundle")
    assert report["findings"] == []
    assert report["checked"]["views"] == 1
