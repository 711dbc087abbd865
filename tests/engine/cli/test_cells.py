# SPDX-License-Identifier: Apache-2.0
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.engine.cells import spread
from tests.engine.cli.conftest import Onlyou

pytestmark = pytest.mark.xdist_group("cells")
"""One process makes the installation that all of these copy."""


@pytest.fixture
def front(tmp_path: Path) -> Path:
    """Give the home of four people in four shards that nobody else has open."""
    town = spread.copied(tmp_path)
    town.furnish()
    town.close()
    return town.home


def test_a_home_is_spread_once_and_again_without_a_change(onlyou: Onlyou, tmp_path: Path) -> None:
    words = ("cells", "init", "--shards", "1", "--cells", "here, there", "--recipe", "filter")
    made = onlyou(*words, "--json", home=tmp_path / "home")
    place = {"shard": 0, "cell": "here", "term": 1, "state": "open"}
    assert (made.status, made.json) == (0, {"items": [place]})
    again = onlyou("cells", "init", "--shards", "9", "--json", home=tmp_path / "home")
    assert again.json == made.json  # the file says how many
    refused = onlyou("subject", "list", home=tmp_path / "home")
    assert (refused.status, "spread over shards" in refused.err) == (2, True)
    assert onlyou("init", home=tmp_path / "home").status == 2


def test_what_a_move_has_left_is_named(onlyou: Onlyou, front: Path) -> None:
    town = spread.reopened(front)
    town.cells.directory.reserve(town.place(0), spread.other(town.place(0)))
    town.close()
    said = " ".join(onlyou("cells", "list", home=front).out.split())
    assert "may hold rows and keys of shard 0" in said


def test_a_shard_is_moved_signed_over_and_looked_over(
    onlyou: Onlyou, front: Path, tmp_path: Path
) -> None:
    number = str(onlyou("cells", "of", "Ada", "--json", home=front).json["shard"])
    assert onlyou("cells", "of", "Ada", home=front).out.strip() == number
    listed = onlyou("cells", "list", "--json", home=front).json["items"]
    cell = listed[int(number)]["cell"]
    assert cell in onlyou("cells", "list", home=front).out
    nothing = onlyou("cells", "verify", home=front)
    assert (nothing.status, "none yet" in nothing.out) == (0, True)
    (old := tmp_path / "old.json").write_text(onlyou("cells", "checkpoint", home=front).out)
    target = "a" if cell == "b" else "b"
    moved = onlyou("cells", "move", number, target, "--json", home=front)
    assert moved.json == {"shard": int(number), "cell": target, "term": 2, "state": "open"}
    assert f"lies in {target}" in onlyou("cells", "move", number, target, home=front).out
    signed = onlyou("cells", "checkpoint", "--since", "1", home=front)
    (new := tmp_path / "new.json").write_text(signed.out)
    assert "global checkpoint: 2 of" in onlyou("cells", "verify", home=front).out
    good = onlyou("cells", "verify", str(new), "--older", str(old), "--json")
    assert (good.status, good.json) == (0, {"ok": True, "findings": []})
    told = json.loads(signed.out)
    new.write_text(json.dumps({**told, "heads": told["heads"][1:]}))
    bad = onlyou("cells", "verify", str(new), "--key", told["key"])
    assert (bad.status, "cannot be read" in bad.out) == (1, True)
    new.write_text("{")
    assert onlyou("cells", "verify", str(new)).status == 2


def test_any_other_command_is_said_to_one_shard(
    onlyou: Onlyou, front: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = onlyou("cells", "of", "Ada", "--json", home=front).json["shard"]
    said: list[Sequence[str]] = []

    def replaced(_program: str, words: Sequence[str], variables: Mapping[str, str]) -> None:
        said.append(words)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    monkeypatch.setattr(os, "execve", replaced)
    onlyou("cells", "in", "--home", str(front), str(number), "subject", "list", "--json")
    assert list(said[0][-3:]) == ["subject", "list", "--json"]
    people = onlyou("subject", "list", "--json").json["items"]
    assert "Ada" in {one["name"] for one in people}
    assert len(people) < len(spread.NAMES)
    looked = onlyou("doctor", "--json").json["checks"]
    assert next(one for one in looked if one["name"] == "ledger")["ok"]


@pytest.mark.parametrize("words", [("Eve", "--selfie", "face.jpg"), ("--selfie=f.jpg", "Eve")])
def test_nobody_is_added_where_their_name_does_not_lead(
    onlyou: Onlyou, front: Path, monkeypatch: pytest.MonkeyPatch, words: Sequence[str]
) -> None:
    town = spread.reopened(front)
    theirs, shards = town.cells.shard_of("Eve"), len(town.cells.directory.places())
    town.close()
    ran: list[str] = []
    monkeypatch.setattr(os, "execve", lambda _program, said, _variables: ran.append(said))
    for number in range(shards):
        asked = ("cells", "in", "--home", str(front), str(number), "subject", "add", *words)
        refused = onlyou(*asked)
        if number != theirs:
            assert (refused.status, f"'Eve' belongs to shard {theirs}" in refused.err) == (2, True)
    assert len(ran) == 1


def test_a_list_of_cells_that_names_one_twice_is_refused(onlyou: Onlyou, tmp_path: Path) -> None:
    refused = onlyou("cells", "init", "--cells", "a,a", home=tmp_path / "home")
    assert (refused.status, "cells.toml cannot be read" in refused.err) == (2, True)
    assert not (tmp_path / "home").exists()


def test_plans_and_work_go_over_all_shards(onlyou: Onlyou, front: Path) -> None:
    planned = onlyou("cycle", "--at", "2020-01-05T09:00:00Z", "--json", home=front)
    assert (planned.status, planned.json["selected"]) == (0, len(spread.NAMES))
    assert onlyou("work", "--once", home=front).status == 0
