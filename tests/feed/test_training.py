# SPDX-License-Identifier: Apache-2.0
"""The shipped model is what our own code makes of the documented log."""

import json

import numpy as np
import pandas as pd
import pytest

from feed import model, scenarios, synthetic, training
from feed.features import PERSON, SCENE
from feed.model import HEADS


def test_training_again_gives_the_shipped_model() -> None:
    shipped = model.shipped()
    rows, seed = shipped.trained_on["rows"], shipped.trained_on["seed"]
    log = synthetic.log(scenarios.shipped().scenarios, rows=rows, seed=seed)
    again = model.parse(training.fit(log, source="feed/synthetic.py", seed=seed))
    for name in HEADS:
        ours, theirs = shipped.heads[name], again.heads[name]
        assert np.abs(ours.cross - theirs.cross).max() < 1e-3
        assert np.abs(ours.person - theirs.person).max() < 1e-3
        assert abs(ours.intercept - theirs.intercept) < 1e-3
    assert again.population.tolist() == shipped.population.tolist()


def test_crossed_features_hold_every_product() -> None:
    x, z = np.array([[2.0, 3.0]]), np.array([[5.0, 7.0]])
    assert training.crossed(x, z).tolist() == [[2, 3, 5, 7, 10, 14, 15, 21]]


def test_a_log_in_which_an_outcome_never_varies_trains_nothing() -> None:
    log = synthetic.log(scenarios.shipped().scenarios, rows=50, seed=1)
    log["report"] = 0
    with pytest.raises(ValueError, match="class"):
        training.fit(log, source="none", seed=1)


def test_the_file_names_its_source() -> None:
    log = synthetic.log(scenarios.shipped().scenarios, rows=400, seed=1)
    for name in HEADS:
        log[name] = np.arange(len(log)) % 2
    table = json.loads(training.fit(log, source="a test", seed=1))
    assert table["trained_on"] == {"log": "a test", "rows": 400, "seed": 1}
    assert len(table["heads"]["engage"]["cross"]) == len(PERSON)
    assert len(table["heads"]["engage"]["scene"]) == len(SCENE)


def test_a_scenario_has_a_weight_of_its_own_from_a_thousand_impressions_on() -> None:
    rng = np.random.default_rng(4)
    log = pd.DataFrame(np.zeros((3_999, len(PERSON) + len(SCENE))), columns=[*PERSON, *SCENE])
    log["scenario"] = ["loved"] * 2_000 + ["usual"] * 1_000 + ["young"] * 999
    head = model.shipped().heads["engage"]
    rate = np.full(3_999, model.sigmoid(np.array(head.intercept)))
    rate[:2_000] = model.sigmoid(np.array(head.intercept + 1.0))
    log["engage"] = (rng.random(3_999) < rate).astype(int)
    own = training.own_weights(log, model.shipped().heads)
    assert set(own) == {"loved", "usual"}
    assert own["loved"][0] == pytest.approx(1.0, abs=0.2)
    assert abs(own["usual"][0]) < 0.2
    assert own["loved"][1:].tolist() == [0, 0, 0]
    assert training.own_weights(log.drop(columns="scenario"), model.shipped().heads) == {}


def test_a_weight_of_its_own_is_the_likeliest_one_under_the_penalty() -> None:
    logits = np.linspace(-2, 1, 40)
    outcome = (np.arange(40) % 3 == 0).astype(float)
    found = training._offset(logits, outcome)

    def loss(offset: float) -> float:
        chance = model.sigmoid(logits + offset)
        odds = outcome * np.log(chance) + (1 - outcome) * np.log(1 - chance)
        return float(-odds.sum() + offset**2 / (2 * training._STRENGTH))

    assert loss(found) < min(loss(found - 1e-3), loss(found + 1e-3))


def test_a_frame_is_a_log() -> None:
    x, z = np.zeros((2, len(PERSON))), np.ones((2, len(SCENE)))
    log = training.frame(x, z, {"engage": np.array([True, False])}, day=np.array([1, 2]))
    assert log["engage"].tolist() == [1, 0]
    assert log["day"].tolist() == [1, 2]
    assert log[[*SCENE]].to_numpy().tolist() == z.tolist()
