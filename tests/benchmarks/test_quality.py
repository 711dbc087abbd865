# SPDX-License-Identifier: Apache-2.0
"""A few portraits of the photobooth keep the bounds that docs/quality.md states for all."""

import json
from pathlib import Path
from statistics import fmean

import pytest

from benchmarks import quality, quality_page, scores
from benchmarks.judging import Judged, Judges
from benchmarks.people import met
from consent import policies
from generation.faces import Faces
from generation.recipes import Row
from generation.recipes.photobooth import Photobooth

PEOPLE = (4, 9)  # of type V and IV: the look-alike, and who drifted farthest
SCENARIOS = ("cyberpunk", "explorer", "noir", "oldmaster")  # strong light, hood, shadow, paint
BOUNDS = scores.bounds()
pytestmark = [
    pytest.mark.whole,
    pytest.mark.xdist_group("quality"),  # one process, so that they are drawn once
]


@pytest.fixture(scope="session")
def judged() -> list[Judged]:
    """Draw and judge two people in four scenarios."""
    people, booth = met(PEOPLE, Faces()), Photobooth()
    judges = Judges(people, policies.load(quality.POLICY))
    found = []
    for name in SCENARIOS:
        for number, one in people.items():
            row = Row(likenesses=(one.selfie,), scenario=name, seed=number)
            found.append(judges.judge(name, number, booth.render([row])[0]))
    return found


def test_every_portrait_is_nearest_to_its_own_person(judged: list[Judged]) -> None:
    assert fmean(map(scores.rank1, judged)) >= BOUNDS["identity"]["rank1"]
    assert fmean(map(scores.rank1_cohort, judged)) >= BOUNDS["identity"]["rank1_cohort"]


def test_every_portrait_shows_one_face_and_passes_the_gates(judged: list[Judged]) -> None:
    assert fmean(map(scores.one_face, judged)) >= BOUNDS["identity"]["one_face"]
    assert {one.gate for one in judged} == {"passed"}


def test_skin_keeps_its_colour_and_the_face_its_shape(judged: list[Judged]) -> None:
    assert scores.over(judged, BOUNDS) == []


def test_a_bound_that_is_broken_is_named(judged: list[Judged]) -> None:
    tighter = {**BOUNDS, "scenario": {"ab": 0.1}}
    broken = [said for said in scores.over(judged, tighter) if "scenario" in said]
    assert len(broken) == len(SCENARIOS)
    assert broken[0].startswith("scenario cyberpunk: ab ")


def test_the_page_says_what_was_measured() -> None:
    result = json.loads(quality_page.RESULT.read_text("utf-8"))
    page = quality_page.PAGE.read_text("utf-8")
    assert quality_page.filled(page, result) == page
    assert result["over"] == []


def test_a_run_writes_over_the_committed_result_only_where_that_is_named() -> None:
    assert quality.asked_for([]).out == Path(".artifacts/quality-photobooth.json")
    assert quality.asked_for(["--recipe", "filter"]).out == Path(".artifacts/quality-filter.json")
    assert quality.asked_for(["--out", str(quality.RESULT)]).out == quality.RESULT
