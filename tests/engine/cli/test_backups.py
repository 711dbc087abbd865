# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from tests.engine.cli.conftest import Onlyou


def test_a_home_is_lost_and_brought_back(onlyou: Onlyou, town_home: Path, tmp_path: Path) -> None:
    folder, taken = str(tmp_path / "backup"), str(tmp_path / "taken")
    said = onlyou("backup", folder, home=town_home)
    assert said.status == 0
    assert "The keys are not in it" in said.out
    assert onlyou("erase", "Ada", home=town_home).status == 0
    assert onlyou("audit", "export", taken, home=town_home).status == 0
    assert onlyou("restore", folder, home=town_home).status == 2, "there is a database"
    for file in town_home.glob("onlyou.sqlite3*"):
        file.unlink()
    refused = onlyou("restore", folder, "--json", home=town_home)
    assert (refused.status, refused.json["reason"]) == (1, "unavailable")
    said = onlyou("restore", folder, "--since", taken, "--json", home=town_home)
    assert said.status == 0
    assert said.json["resumed"]["erased"] == 1
    people = onlyou("subject", "list", "--json", home=town_home).json["items"]
    assert "Ada" not in {one["name"] for one in people}
    checks = {
        one["name"]: one for one in onlyou("doctor", "--json", home=town_home).json["checks"]
    }
    assert all(checks[name]["ok"] for name in ("schema", "forbidden rows", "ledger", "blobs"))
    onlyou("audit", "export", str(tmp_path / "after"), home=town_home)
    assert onlyou("audit", "verify", str(tmp_path / "after")).status == 0


def test_a_kept_head_that_is_no_text_is_refused_in_a_sentence(
    onlyou: Onlyou, town_home: Path, tmp_path: Path
) -> None:
    folder, head = str(tmp_path / "backup"), tmp_path / "head"
    assert onlyou("backup", folder, "--rows-only", home=town_home).status == 0
    head.write_bytes(b"\x80\x81")
    said = onlyou("restore", folder, "--head", str(head), "--json", home=town_home)
    assert (said.status, said.json["detail"]) == (2, "'head' is no checkpoint")
