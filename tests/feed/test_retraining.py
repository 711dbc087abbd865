# SPDX-License-Identifier: Apache-2.0
"""A new model comes of a log, says what it was judged by, and is refused where it is worse."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from consent.errors import Misused
from feed import calibration, model, retraining, scenarios, synthetic
from feed.calibration import Line
from feed.model import HEADS, Model
from feed.retraining import Fresh, retrain

MODEL = model.shipped()


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    """Four days, as the simulator or the feed's tables give them."""
    found = synthetic.log(scenarios.shipped().scenarios, rows=8_000, seed=5)
    found["day"] = np.arange(len(found)) % 4
    found["person"] = np.arange(len(found)) // 4
    found["propensity"] = 0.1
    return found


@pytest.fixture(scope="module")
def naive() -> Model:
    """Know nothing but a rate, and that wrongly."""
    flat = Line(slope=0.0, shift=2.0, brier=0, before=0, isotonic=0)
    engage = calibration.bent(MODEL.heads["engage"], flat)
    return replace(MODEL, heads={**MODEL.heads, "engage": engage})


@pytest.fixture(scope="module")
def fresh(log: pd.DataFrame, naive: Model) -> Fresh:
    return retrain(log, naive, source="a test", seed=3)


def test_a_model_that_learned_is_not_refused(fresh: Fresh) -> None:
    assert fresh.refused == ()
    assert model.parse(fresh.text).sha256 == fresh.model.sha256


def test_what_the_log_knows_too_little_of_is_kept_and_named(fresh: Fresh, naive: Model) -> None:
    assert fresh.model.trained_on["kept"] == ["fewer", "report", "withdrawal"]
    kept, before = fresh.model.heads["report"], naive.heads["report"]
    assert kept.cross.tolist() == before.cross.tolist()
    assert fresh.model.heads["engage"].cross.tolist() != before.cross.tolist()


def test_the_table_stands_in_the_file_it_is_about(fresh: Fresh) -> None:
    written = fresh.model.trained_on["reliability"]
    assert [one["head"] for one in written] == [*HEADS]
    assert written[0]["ece"] == fresh.reliability[0].ece
    assert {one.model_sha256 for one in fresh.reliability} == {fresh.model.sha256}


def test_the_day_that_judges_is_not_trained_on(log: pd.DataFrame, naive: Model) -> None:
    turned = log.copy()
    latest = turned["day"] == 3
    turned.loc[latest, "engage"] = 1 - turned.loc[latest, "engage"]
    told = retrain(turned, naive, source="a test", seed=3)
    assert told.refused
    assert told.model.trained_on["rows"] == int((~latest).sum())


def test_a_model_worse_than_the_one_in_charge_is_refused(log: pd.DataFrame) -> None:
    poor = log.copy()
    early = poor["day"] < 3
    poor.loc[early, "engage"] = np.random.default_rng(1).integers(0, 2, int(early.sum()))
    told = retrain(poor, MODEL, source="a test", seed=3)
    assert any("engage" in why for why in told.refused)


def test_the_same_log_and_seed_give_the_same_file(
    log: pd.DataFrame, naive: Model, fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert retrain(log, naive, source="a test", seed=3).text == fresh.text
    monkeypatch.setattr(retraining, "MOST_ROWS", 1_000)
    few = retrain(log, naive, source="a test", seed=3)
    assert few.model.trained_on["rows"] == 1_000


def test_a_log_that_teaches_nothing_is_refused(log: pd.DataFrame) -> None:
    with pytest.raises(Misused, match="two days"):
        retrain(log[log["day"] == 1], MODEL, source="a test", seed=3)
    with pytest.raises(Misused, match="two days"):
        retrain(log[:0], MODEL, source="a test", seed=3)
    with pytest.raises(Misused, match="too little"):
        retrain(log[:40], MODEL, source="a test", seed=3)
    with pytest.raises(Misused, match="9 people can be learned from, 30 are needed"):
        retrain(log.assign(person=log["person"] % 9), MODEL, source="a test", seed=3)


def test_what_was_shown_often_is_weighed_by_itself_in_the_file(
    log: pd.DataFrame, naive: Model
) -> None:
    named = log.assign(scenario=np.where(np.arange(len(log)) % 8 < 4, "aurora", "jazz"))
    named.loc[:50, "scenario"] = "young"
    told = retrain(named, naive, source="a test", seed=3)
    assert set(told.model.own) == {"aurora", "jazz"}
    assert told.refused == ()
    assert not retrain(log, told.model, source="a test", seed=3).model.own
