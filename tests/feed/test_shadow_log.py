# SPDX-License-Identifier: Apache-2.0
"""Two models stand side by side on choices of people who let us learn, once those are over."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select, update

from consent.errors import Misused
from consent.words import Micros, Purpose, Subject
from feed import model, shadow_log
from feed.experiments.record import Reliability
from feed.promotion import Beside
from feed.tables import decision, predicted
from tests.feed.chosen import choose, listed, other
from tests.feed.conftest import Home
from tests.feed.test_outcomes import learner

MODELS = (model.shipped(), other())
NAMES = (MODELS[1].sha256, MODELS[0].sha256)


def read(home: Home, *people: Subject) -> Beside:
    with home.rooms.consent.ledger.read() as connection:
        return shadow_log.read(
            connection,
            people,
            home.rooms.consent.notices.current,
            home.feed.catalogue,
            home.rooms.consent.policy,
            models=NAMES,
            now=Micros(home.now()),
        )


def test_choices_come_back_with_their_worth_and_both_lotteries(home: Home) -> None:
    ada, weights = learner(home), home.rooms.consent.policy.ranking
    obj, made = listed(home, ada, MODELS)
    home.say(ada, "like", obj)
    home.later(days=5)
    beside = read(home, ada)
    assert beside.log.reward.tolist() == [weights.engage - weights.cost_per_insert]
    assert beside.log.propensity.tolist() == [made.propensity]
    action = int(beside.log.action[0])
    assert home.feed.catalogue.scenarios[action - 1].id == made.scenario
    assert beside.theirs[0, action] == pytest.approx(made.propensity, rel=1e-5)
    assert np.abs(beside.mine - beside.theirs).max() > 0.01
    assert beside.heads["engage"].tolist() == [1.0]


def test_a_choice_that_led_to_nothing_earned_nothing_and_counts(home: Home) -> None:
    ada = learner(home)
    choose(home, ada, MODELS)
    home.later(days=5)
    assert read(home, ada).log.reward.tolist() == [0.0]


def test_what_was_foretold_is_held_against_what_came(home: Home) -> None:
    ada, bob = learner(home), learner(home, "Bob")
    objects = [listed(home, who, MODELS)[0] for who in (ada, bob)]
    choose(home, learner(home, "Cyd"), MODELS)  # nothing of hers was listed
    home.say(ada, "like", objects[0])
    assert held_up(home) == ()
    home.later(days=2)
    engage, fewer, report = held_up(home)
    assert (engage.head, fewer.head, report.head) == ("engage", "fewer", "report")
    assert (engage.n, engage.model_sha256) == (2, NAMES[1])
    assert sorted(one.observed for one in engage.bins) == [0, 1]
    with home.rooms.consent.ledger.read() as connection:
        told = connection.execute(
            select(predicted.c.engage).where(
                predicted.c.model_sha256 == NAMES[1], predicted.c.subject.in_([ada, bob])
            )
        ).scalars()
        assert sorted(told) == sorted(one.predicted for one in engage.bins)


def held_up(home: Home) -> tuple[Reliability, ...]:
    """Read how the model in charge held up, of whoever there is."""
    people = [account.subject for account in home.rooms.consent.accounts.list()]
    with home.rooms.consent.ledger.read() as connection:
        current = home.rooms.consent.notices.current
        return shadow_log.held_up(connection, people, current, NAMES[1], Micros(home.now()))


def test_a_choice_counts_when_it_is_over(home: Home) -> None:
    ada = learner(home)
    listed(home, ada, MODELS)
    home.later(days=3)
    with pytest.raises(Misused, match="no decision to weigh"):
        read(home, ada)


def test_what_models_said_goes_with_personalisation(home: Home) -> None:
    ada, bob = learner(home), home.rooms.inserted_person("Bob")
    choose(home, ada, MODELS)
    choose(home, bob, MODELS)
    assert (home.rooms.count(predicted, ada), home.rooms.count(predicted, bob)) == (2, 0)
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.PERSONALISATION)
    assert home.rooms.count(predicted) == 0
    assert home.rooms.count(decision, ada) == 1


def test_recording_again_replaces_what_models_said(home: Home) -> None:
    ada = learner(home)
    choose(home, ada, MODELS)
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    assert home.rooms.count(predicted) == home.rooms.count(decision) == 0


def test_choices_of_another_catalogue_or_without_a_lottery_are_left_out(home: Home) -> None:
    ada = learner(home)
    choose(home, ada, MODELS)
    home.later(days=5)
    whole = home.feed.catalogue
    assert len(read(home, ada).log) == 1
    object.__setattr__(home.feed, "catalogue", replace(whole, sha256="0" * 64))
    with pytest.raises(Misused, match="no decision"):
        read(home, ada)
    object.__setattr__(home.feed, "catalogue", whole)
    with home.rooms.consent.ledger.write() as writing:
        writing.connection.execute(update(decision).values(exploration=0.0))
    with pytest.raises(Misused, match="no decision"):
        read(home, ada)
