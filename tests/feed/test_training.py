# SPDX-License-Identifier: Apache-2.0
"""The shipped model is what our own code makes of the documented log."""

import json

import numpy as np
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
