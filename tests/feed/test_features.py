# SPDX-License-Identifier: Apache-2.0
"""A person is described coarsely, by acts alone, and a scene by its facts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from consent.words import DAY, HOUR, Micros
from feed.features import GRAIN, PERSON, SCENE, Act, History, person, scenes
from feed.scenarios import Theme, shipped

NOW = Micros(20_000 * DAY + 20 * HOUR)
THEMES = {scenario.id: scenario.themes for scenario in shipped().scenarios}
acts = st.lists(
    st.builds(
        Act,
        kind=st.sampled_from(["like", "hide", "fewer", "report", "share_intent", "accept"]),
        scenario=st.sampled_from(sorted(THEMES)),
        at=st.integers(NOW - 90 * DAY, NOW).map(Micros),
    ),
    max_size=20,
).map(tuple)


def described(*done: Act, shown: tuple[int, ...] = (), since: int = NOW) -> dict[str, float]:
    history = History(acts=done, shown=tuple(map(Micros, shown)), since=Micros(since))
    return dict(zip(PERSON, person(history, THEMES, NOW).tolist(), strict=True))


def act(kind: str, scenario: str = "aurora", days_ago: int = 1) -> Act:
    return Act(kind=kind, scenario=scenario, at=Micros(NOW - days_ago * DAY))


@given(acts, st.lists(st.integers(NOW - 90 * DAY, NOW).map(Micros), max_size=9).map(tuple))
def test_every_value_is_coarse_and_bounded(done: tuple[Act, ...], shown: tuple[Micros]) -> None:
    x = person(History(acts=done, shown=shown, since=Micros(NOW - 9 * DAY)), THEMES, NOW)
    assert x.shape == (len(PERSON),)
    assert (np.abs(x) <= 1).all()
    assert (x * GRAIN == np.round(x * GRAIN)).all()


def test_a_person_has_between_24_and_32_columns_and_a_scene_up_to_16() -> None:
    assert 24 <= len(PERSON) <= 32
    assert 8 <= len(SCENE) <= 16


def test_no_column_is_about_a_body_a_face_or_an_origin() -> None:
    for column in (*PERSON, *SCENE):
        for word in ("face", "age", "gender", "sex", "origin", "skin", "locale", "vector"):
            assert word not in column.split(":")[0]


def test_likes_and_hides_are_counted_by_theme() -> None:
    x = described(act("like"), act("share_intent"), act("hide", "jazz"))
    assert x["liked:winter"] == 0.5
    assert x["disliked:stage"] == 0.25
    assert x["liked:stage"] == x["disliked:winter"] == 0


def test_asking_for_fewer_counts_twice_a_hide() -> None:
    x = described(act("fewer", "jazz"))
    assert x["disliked:stage"] == 0.5
    assert x["asked-fewer"] == round(GRAIN / 3) / GRAIN


def test_old_acts_are_forgotten() -> None:
    assert described(act("like", days_ago=60), act("fewer", days_ago=61)) == described()


def test_seeing_many_tires() -> None:
    once = described(shown=(NOW - DAY,))
    often = described(shown=(NOW - DAY, NOW - 2 * DAY))
    assert 0 < once["fatigue"] < often["fatigue"]
    assert described()["fatigue"] == 0
    assert described()["rest"] == 1


def test_evenings_and_weekends_are_known_by_the_clock() -> None:
    assert described()["evening"] == 1
    saturday = Micros(2 * DAY)
    x = person(History(acts=(), shown=(), since=saturday), THEMES, saturday)
    assert dict(zip(PERSON, x.tolist(), strict=True))["weekend"] == 1
    assert dict(zip(PERSON, x.tolist(), strict=True))["evening"] == 0


def test_a_scene_is_described_by_its_facts() -> None:
    z = dict(zip(SCENE, scenes([shipped().of("manor")])[0].tolist(), strict=True))
    assert z["theme:story"] == z["theme:past"] == z["mood:neutral"] == z["sensitivity"] == 1
    assert z["theme:winter"] == z["mood:smile"] == z["finish:painted"] == 0
    assert scenes([]).shape == (0, len(SCENE))
    assert len([column for column in SCENE if column.startswith("theme:")]) == len(Theme)
