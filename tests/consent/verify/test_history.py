# SPDX-License-Identifier: Apache-2.0
"""Entries about people by their patterns, all others exactly: nothing is read by nobody."""

import hashlib
from typing import Any

import pytest

from consent import entries, verify
from consent.verify.canonical import Folder
from consent.verify.openings import Bits
from consent.verify.parts import Task, read_part
from consent.verify.work import Share
from tests.consent.findings import found_in
from tests.consent.forge import Forge
from tests.consent.verify.test_trials import PLAN


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


@pytest.mark.parametrize(
    ("t", "said"),
    [
        ("decision", {"step": "sell"}),
        ("decision", {"purpose": "fun"}),
        ("decision", {"verdict": "perhaps"}),
        ("effect", {"step": "sell"}),
        ("effect", {"actor": "nobody"}),
        ("pause", {"actor": "nobody"}),
    ],
)
def test_a_word_that_nobody_knows_makes_an_entry_malformed(
    forge: Forge, t: str, said: dict[str, str]
) -> None:
    if t == "pause":
        seq = forge.add(len(forge.log), paused(forge) | said)
    else:
        seq = forge.edit(forge.find(t), **said)
    assert ("entry-malformed", seq) in found_in(forge.close())


def paused(forge: Forge) -> dict[str, Any]:
    last = forge.log[-1]["at"]
    return {"v": 1, "t": "pause", "at": last, "tag": forge.log[forge.find("label.shown")]["tag"]}


def test_what_is_about_nobody_and_asks_for_no_check_is_passed_over(forge: Forge) -> None:
    forge.add(len(forge.log), {"v": 1, "t": "admin", "at": forge.log[-1]["at"]})
    assert found_in(forge.close()) == []


def test_the_sums_of_a_day_are_held_against_what_was_tried(forge: Forge) -> None:
    told = {"object": "0a" * 32, "day": 3, "experiment": "x"}
    last = {"v": 1, "t": "aggregate", "at": forge.log[-1]["at"]}
    seq = forge.add(len(forge.log), last | told)
    found = verify.verify(forge.close())["findings"]
    assert {one["seq"] for one in found} == {seq}
    assert "the sums of a day are not those of what its entry names" in {
        one["detail"] for one in found
    }


def test_what_names_a_person_is_held_against_its_files_all_the_same(forge: Forge) -> None:
    tag, last = forge.log[forge.find("label.shown")]["tag"], forge.log[-1]["at"]
    block = {"t": "block", "step": "view", "n": 1, "denied": 0, "inner": "0a" * 32}
    for told in (block, {"t": "aggregate", "object": "0a" * 32}):
        forge.add(len(forge.log), {"v": 1, "at": last, "tag": tag} | told)
    found = found_in(forge.close())
    assert ("block-mismatch", len(forge.log) - 2) in found
    assert found[-1][1] == len(forge.log) - 1
    assert "chain-broken" not in {code for code, _ in found}


def test_people_read_exactly_are_shared_out_like_all_others(forge: Forge) -> None:
    for seq, entry in enumerate(forge.log):
        forge.edit(seq, **{"zz": "after all"} if "tag" in entry else {})
    task = Task(Folder(forge.close()), len(forge.log), Bits())
    counts = [read_part(task, Share(n, of), lambda *_: None).counts for n, of in OF_TWO]
    whole = read_part(task, Share(), lambda *_: None).counts
    assert {name: sum(one[name] for one in counts) for name in whole} == whole
    assert all(one["decisions"] for one in counts)


OF_TWO = ((0, 2), (1, 2))


def test_a_whole_log_is_held_against_its_plans(forge: Forge) -> None:
    at = forge.log[-1]["at"]
    plan = entries.canonical(PLAN)
    sha256 = hashlib.sha256(plan).hexdigest()
    one = {"v": 1, "t": "experiment.start", "at": at, "experiment": "deeper", "object": sha256}
    forge.add(len(forge.log), one | {"by": "Ines"})
    stop = {"arm": "later", "day": 1, "why": "by hand", "value": "0.0"}
    forge.add(len(forge.log), one | {"t": "experiment.stop"} | stop)
    codes = [code for code, *_ in found_in(forge.close())]
    assert codes == ["commitment-mismatch", "commitment-mismatch"]
    (forge.bundle / f"aggregates/{sha256}.json").write_bytes(plan)
    assert found_in(forge.close()) == []
