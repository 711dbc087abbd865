# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from tests.engine.cli.conftest import Onlyou
from tests.generation import samples


def _file(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def test_a_person_is_added_with_selfies_and_listed(
    onlyou: Onlyou, town_home: Path, tmp_path: Path
) -> None:
    selfie = _file(tmp_path, "me.jpg", samples.file_of(7))
    added = onlyou("subject", "add", "Di", "--selfie", selfie, "--json", home=town_home)
    assert added.status == 0
    assert set(added.json) == {"id", "name"}
    people = onlyou("subject", "list", "--json", home=town_home).json["items"]
    assert [person["name"] for person in people] == ["Ada", "Bo", "Cy", "Di"]


def test_a_refused_selfie_adds_nobody_and_names_the_reason(
    onlyou: Onlyou, town_home: Path, tmp_path: Path
) -> None:
    selfie = _file(tmp_path, "two.jpg", samples.two_people())
    refused = onlyou("subject", "add", "Di", "--selfie", selfie, home=town_home)
    assert refused.status == 1
    assert "multi-face" in refused.err
    assert "Di" not in onlyou("subject", "list", home=town_home).out


def test_a_missing_file_is_refused_before_an_account_is_opened(
    onlyou: Onlyou, town_home: Path
) -> None:
    refused = onlyou("subject", "add", "Di", "--selfie", "nowhere.jpg", home=town_home)
    assert (refused.status, "nowhere.jpg" in refused.err) == (2, True)
    assert "Di" not in onlyou("subject", "list", home=town_home).out


def test_a_name_that_is_taken_is_refused(onlyou: Onlyou, town_home: Path, tmp_path: Path) -> None:
    selfie = _file(tmp_path, "me.jpg", samples.file_of(7))
    refused = onlyou("subject", "add", "Ada", "--selfie", selfie, "--json", home=town_home)
    assert (refused.status, refused.json["reason"]) == (2, "duplicate")
