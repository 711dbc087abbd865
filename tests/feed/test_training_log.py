# SPDX-License-Identifier: Apache-2.0
"""A training log holds what could be known at the time, of those who let us, and nobody's name."""

import numpy as np
import pandas as pd

from consent.words import Micros, Purpose, Subject
from feed import calibration, training_log
from feed.features import PERSON, SCENE, scenes
from tests.feed.chosen import choose, listed
from tests.feed.conftest import Home
from tests.feed.test_outcomes import learner


def read(home: Home, *people: Subject) -> pd.DataFrame:
    with home.rooms.consent.ledger.read() as connection:
        return training_log.read(
            connection,
            people,
            home.rooms.consent.notices.current,
            home.feed.catalogue,
            home.feed.model,
            now=Micros(home.now()),
        )


def test_a_row_holds_the_choice_and_what_came_of_it(home: Home) -> None:
    ada = learner(home)
    obj, made = listed(home, ada)
    home.say(ada, "like", obj)
    home.later(days=2)
    log = read(home, ada)
    assert len(log) == 1
    (row,) = log.to_dict("records")
    assert (row["engage"], row["fewer"], row["report"]) == (1, 0, 0)
    assert (row["scenario"], row["propensity"], row["day"]) == (
        made.scenario,
        made.propensity,
        made.day,
    )
    shown = scenes([home.feed.catalogue.of(made.scenario or "")])[0]
    assert log[[*SCENE]].to_numpy()[0].tolist() == shown.tolist()


def test_people_are_known_as_they_were_when_they_were_chosen_for(home: Home) -> None:
    ada = learner(home)
    first, made = listed(home, ada)
    home.say(ada, "like", first)
    home.later(days=3)
    second, _ = listed(home, ada)
    home.say(ada, "hide", second)
    home.later(days=2)
    log = read(home, ada)
    x = log[[*PERSON]].to_numpy()
    assert x[0].tolist() == home.feed.model.population.tolist()
    liked = [n for n, name in enumerate(PERSON) if name.startswith("liked:")]
    assert x[1, liked].sum() == 0.25 * len(home.feed.catalogue.of(made.scenario or "").themes)
    hidden = [n for n, name in enumerate(PERSON) if name.startswith("disliked:")]
    assert not x[1, hidden].any()


def test_only_what_was_chosen_shown_and_allowed_is_a_row(home: Home) -> None:
    ada, bob = learner(home), home.rooms.inserted_person("Bob")
    home.insert(ada)  # nobody chose it
    home.page(ada)
    listed(home, bob)  # he does not let us learn
    home.later(days=8)
    choose(home, ada)  # it never stood on a page
    home.later(days=2)
    assert len(read(home, ada, bob)) == 0
    assert {*SCENE, *PERSON, "engage", "day"} <= set(read(home, ada, bob).columns)


def test_a_choice_made_before_the_present_yes_is_none(home: Home) -> None:
    ada = learner(home)
    listed(home, ada)
    home.later(days=2)
    assert len(read(home, ada)) == 1
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.PERSONALISATION)
    assert len(read(home, ada)) == 0
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    assert len(read(home, ada)) == 0


def test_nothing_in_it_names_anybody_and_leaving_is_no_column(home: Home) -> None:
    ada = learner(home)
    listed(home, ada)
    home.later(days=2)
    log = read(home, ada)
    assert log["person"].tolist() == [0]
    numbers = log.select_dtypes("number").to_numpy().ravel()
    assert not np.isin(numbers, [float(ada)]).any()
    assert calibration.known(log) == ("engage", "fewer", "report")
