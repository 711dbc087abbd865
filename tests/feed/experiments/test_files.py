# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from consent import policies
from consent.errors import Misused
from consent.words import Reason
from feed.experiments import approval, files, records
from feed.experiments.plan import LEVERS, Ramp

LABEL = files.text("label")


def test_there_is_an_experiment_for_everything_that_can_be_tried() -> None:
    assert set(files.names()) == {
        *("frequency", "first-slot", "gap", "label", "preview-card", "notice-wording"),
        *("ranker", "portrait-or-filter", "cohort"),
    }
    shipped = [files.load(name) for name in files.names()]
    assert [one.id for one in shipped] == list(files.names())
    tried = {lever for one in shipped for arm in one.arms for lever in arm.levers}
    assert set(LEVERS) - tried == {"per_day", "cooldown_hours"}
    assert {one.where for one in shipped if "policy" in tried} == {"feed", "simulation"}


def test_a_file_is_read_whole() -> None:
    label = files.load("label")
    assert (label.where, label.policy, label.segments) == ("feed", "strict-opt-in", (0, 1000))
    assert label.control.id == "only-you"
    assert label.arms[1].levers == {"visible_to": "Private: only you see this"}
    assert label.guardrails[0].threshold == 20
    assert label.ramp == (
        *(Ramp(day=1, percent=10), Ramp(day=4, percent=50), Ramp(day=8, percent=100)),
    )


def test_the_shipped_experiments_of_one_policy_can_run_side_by_side() -> None:
    shipped = [files.load(name) for name in files.names()]
    for one in shipped:
        others = [other for other in shipped if other.policy == one.policy]
        assert approval.overlaps(one, others) == ()


def test_no_shipped_arm_on_the_feed_shows_more_than_its_policy() -> None:
    for name in files.names():
        one = files.load(name)
        slots = policies.load(one.policy).slots
        for arm in one.arms:
            assert int(arm.levers.get("per_week", 0)) <= slots.per_week
            assert int(arm.levers.get("per_day", 0)) <= slots.per_day


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("days = 30", "days = 30\nweeks = 4", "unknown key 'weeks' in experiment"),
        ("days = 30\n", "", "missing key 'days' in experiment"),
        ("days = 30", 'days = "a month"', "experiment.days must be int"),
        ("days = 30", "days = ", "refused"),
        ("days = 30", "days = 30\narms = []", "unknown key 'arms' in experiment"),
        ('id = "private"', 'id = "private"\nsize = 3', "unknown key 'size' in experiment.arms.2"),
        ("level = 0.01", "level = 0.01\nlevle = 3", "unknown key 'levle' in"),
        ('where = "feed"', 'where = "moon"', "where is one of feed, simulation"),
        ("segments = [0, 1000]", "segments = [0]", "segments must have 2 parts"),
        ("segments = [0, 1000]", "segments = [9, 9]", "segments go from 0 up to 1000"),
        ('"withdrew", "engaged"', '"withdrew", "joy"', "unknown metric 'joy'"),
        ('metric = "withdrew"', 'metric = "engaged"', "no guardrail for 'withdrew'"),
        ("level = 0.05", "level = 0", "could never stop an arm"),
        ("visible_to", "colour", "sets 'colour'"),
        ("percent = 50", "percent = 5", "the ramp only widens"),
    ],
)
def test_a_file_that_is_not_understood_whole_is_refused(old: str, new: str, words: str) -> None:
    assert old in LABEL
    with pytest.raises(Misused, match="experiment file refused") as refused:
        files.parse(LABEL.replace(old, new, 1))
    assert words in refused.value.sentence
    assert refused.value.reason is Reason.UNKNOWN_KEY


def test_an_unknown_experiment_is_refused_with_the_list_of_known_ones() -> None:
    with pytest.raises(Misused, match="no experiment 'colours'; shipped are cohort"):
        files.load("colours")


def test_an_experiment_is_named_by_its_id_or_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(LABEL.replace('id = "label"', 'id = "mine"', 1), "utf-8")
    assert files.named(str(path)).id == "mine"
    assert files.named("label") == files.load("label")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(Misused, match="experiment file refused"):
        files.named(str(path))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("needed = 500", f"needed = {'9' * 400}", "needed must be 1 to 10000000"),
        ("needed = 500", f"needed = {10**15}", "needed must be 1 to 10000000"),
        ("share = 1", f"share = {10**18}", "has a share of"),
        ("level = 0.05", f"level = {'9' * 400}", "must be a number"),
        ("days = 30", f"days = {'[' * 3_000}{']' * 3_000}", "refused"),
        ('title = "', 'title = "\\u001b[2J', "title is a line"),
        ('title = "', f'title = "{"x" * 300}', "title is a line"),
        ('question = "', f'question = "{"x" * 2_000}', "question is a line"),
    ],
)
def test_what_no_plan_could_say_is_refused_in_a_sentence(old: str, new: str, words: str) -> None:
    assert old in LABEL
    with pytest.raises(Misused, match=words) as said:
        files.parse(LABEL.replace(old, new, 1))
    assert len(said.value.sentence) < 500


def test_a_file_that_is_not_utf_8_is_refused_and_letters_are_put_together(tmp_path: Path) -> None:
    file = tmp_path / "label.toml"
    file.write_bytes(LABEL.encode() + b"# \xff\n")
    with pytest.raises(Misused, match="not UTF-8"):
        files.named(str(file))
    apart = files.parse(LABEL.replace('title = "', 'title = "e\u0301', 1))
    assert apart.title.startswith("\u00e9")
    assert records.plan_sha256(apart)
