# SPDX-License-Identifier: Apache-2.0
"""The synthetic log is repeatable and says what its assumptions say."""

import numpy as np
import pandas as pd
import pytest

from feed import scenarios, synthetic
from feed.features import GRAIN, PERSON, SCENE
from feed.model import HEADS


@pytest.fixture(scope="session")
def log() -> pd.DataFrame:
    return synthetic.log(scenarios.shipped().scenarios, rows=20_000, seed=5)


def test_the_same_seed_gives_the_same_log(log: pd.DataFrame) -> None:
    again = synthetic.log(scenarios.shipped().scenarios, rows=20_000, seed=5)
    pd.testing.assert_frame_equal(log, again)
    other = synthetic.log(scenarios.shipped().scenarios, rows=20_000, seed=6)
    assert not log.equals(other)


def test_it_has_every_column_and_coarse_values(log: pd.DataFrame) -> None:
    assert list(log.columns) == [*PERSON, *SCENE, *HEADS]
    assert len(set(log.columns)) == len(log.columns)
    values = log[[*PERSON, *SCENE]].to_numpy() * GRAIN
    assert (values == np.round(values)).all()
    assert set(np.unique(log[[*HEADS]])) == {0, 1}


def test_engagement_is_common_and_harm_is_rare(log: pd.DataFrame) -> None:
    assert 0.2 < log["engage"].mean() < 0.45
    assert 0 < log["fewer"].mean() < 0.02
    assert log["report"].mean() < 0.002
    assert log["withdrawal"].mean() < 0.002


def test_people_engage_with_what_they_liked_and_tire_of_much(log: pd.DataFrame) -> None:
    sky = log[log["theme:sky"] == 1]
    fond, averse = sky[sky["liked:sky"] > 0], sky[sky["disliked:sky"] > 0]
    assert fond["engage"].mean() > averse["engage"].mean()
    tired, rested = log[log["fatigue"] > 0.8], log[log["fatigue"] < 0.2]
    assert tired["fewer"].mean() > rested["fewer"].mean()
