# SPDX-License-Identifier: Apache-2.0
"""Entries about people by their patterns, all others exactly: nothing is read by nobody."""

from consent import entries, verify
from tests.consent.findings import found_in
from tests.consent.forge import Forge


def test_fields_that_nobody_knows_change_nothing_but_the_way_an_entry_is_read(
    forge: Forge,
) -> None:
    for seq, entry in enumerate(forge.log):
        forge.edit(seq, **{"a": "before all", "zz": "after all"} if "tag" in entry else {})
    report = verify.verify(forge.close())
    assert report["findings"] == []
    assert report["checked"]["recomputed"] == report["checked"]["decisions"] > 0


def test_a_finding_is_the_same_whichever_way_its_entry_is_read(forge: Forge) -> None:
    seq = forge.find("effect", 4)
    forge.edit(seq, prev=forge.log[forge.log[seq]["prev"]]["prev"])
    swift = found_in(forge.close())
    forge.edit(seq, zz="more")
    assert found_in(forge.close()) == swift
    assert swift


def test_an_entry_that_names_a_person_where_none_belongs_is_malformed(forge: Forge) -> None:
    seq = forge.edit(0, tag=forge.log[forge.find("grant")]["tag"])
    assert ("entry-malformed", seq) in found_in(forge.close())


def test_a_tag_within_a_tag_fools_nobody(forge: Forge) -> None:
    """Text in a field may look like the end of an entry about somebody else."""
    seq = forge.find("label.shown")
    forge.edit(seq, note=',"tag":"oCtcYNrdwAk3cHMz1_VIsA","v":1}')
    deep = {"note": {"tag": "oCtcYNrdwAk3cHMz1_VIsA", "v": 1}}
    forge.edit(forge.find("label.shown", 1), **deep)
    assert entries.canonical(forge.log[seq]).count(b"tag") == 2
    assert found_in(forge.close()) == []
