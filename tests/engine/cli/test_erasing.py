# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

from tests.engine.cli.conftest import Onlyou


def person(onlyou: Onlyou, home: Path, name: str) -> str:
    items = onlyou("subject", "list", "--json", home=home).json["items"]
    return str(next(one["id"] for one in items if one["name"] == name))


def test_a_person_is_erased_by_name_and_the_certificate_printed(
    onlyou: Onlyou, town_home: Path, tmp_path: Path
) -> None:
    number = person(onlyou, town_home, "Ada")
    said = onlyou("erase", "Ada", "--json", home=town_home)
    assert said.status == 0
    assert said.json["schema"] == "onlyou-erasure/1"
    assert "Ada" not in onlyou("subject", "list", home=town_home).out
    assert onlyou("erase", "Ada", home=town_home).status == 2
    again = onlyou("erase", number, "--json", home=town_home)
    assert again.json == said.json
    onlyou("audit", "export", str(tmp_path / "bundle"), home=town_home)
    verified = onlyou("audit", "verify", str(tmp_path / "bundle"), "--json")
    assert verified.status == 0
    assert json.loads(verified.out)["findings"] == []


def test_it_is_said_in_words(onlyou: Onlyou, town_home: Path) -> None:
    said = onlyou("erase", "Bo", home=town_home)
    assert said.status == 0
    assert "keys" in said.out
    assert "Keep the certificate" in said.out


def test_whom_nobody_knows_is_wrong_usage(onlyou: Onlyou, town_home: Path) -> None:
    for name in ("Nobody", "0000000000001"):
        said = onlyou("erase", name, "--json", home=town_home)
        assert said.status == 2
        assert said.json["reason"] == "unknown-subject"
