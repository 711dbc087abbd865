# SPDX-License-Identifier: Apache-2.0
import sqlite3
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


def test_a_refused_selfie_leaves_nothing_of_the_person(
    onlyou: Onlyou, town_home: Path, tmp_path: Path
) -> None:
    selfie = _file(tmp_path, "two.jpg", samples.two_people())
    onlyou("subject", "add", "Di", "--selfie", selfie, home=town_home)
    with sqlite3.connect(town_home / "onlyou.sqlite3") as database:
        own = ("account", "chain", "attestation", "basis", "subject_key", "opening", "ended")
        known = database.execute("SELECT count(*) FROM account").fetchone()
        for table in own:
            (left,) = database.execute(
                f"SELECT count(DISTINCT subject) FROM {table}"  # noqa: S608 - our own names
                " WHERE subject NOT IN (SELECT subject FROM account)"
            ).fetchone()
            assert left == 0, table
        assert known == (3,)
        (last,) = database.execute("SELECT t FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    assert last == "erase.done"


def test_a_minor_is_added_by_their_guardian(
    onlyou: Onlyou, town_home: Path, tmp_path: Path
) -> None:
    selfie = _file(tmp_path, "me.jpg", samples.file_of(7))
    arguments = ("--selfie", selfie, "--minor", "--region", "DE")
    added = onlyou("subject", "add", "Di", *arguments, home=town_home)
    assert added.status == 0, added.err
    assert "a minor" in added.out
    shown = onlyou("consent", "show", "Di", "--json", home=town_home).json["items"]
    assert {one["basis"] for one in shown if one["state"] == "granted"} == {"parental"}


def test_who_comes_of_age_is_attested_anew_by_the_operator(
    onlyou: Onlyou, town_home: Path
) -> None:
    def attest(*words: str) -> dict[str, str]:
        said: dict[str, str] = onlyou("subject", "attest", *words, "--json", home=town_home).json
        return said

    assert attest("Ada", "--minor", "--region", "US-IL")["age_band"] == "minor"
    assert attest("Ada", "--adult")["age_band"] == "adult"
    said = attest("Ada")
    assert (said["age_band"], said["region"]) == ("adult", "US-IL")
    wrong = onlyou("subject", "attest", "Ada", "--region", "Illinois", home=town_home)
    assert (wrong.status, "ISO 3166" in wrong.err) == (2, True)
