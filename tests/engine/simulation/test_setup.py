# SPDX-License-Identifier: Apache-2.0
from consent.words import DAY, HOUR
from engine.simulation import run
from engine.simulation.setup import MINUTES, PAGE
from feed import model, page
from tests.engine.simulation import crowd


def test_a_page_holds_as_many_posts_as_the_feeds() -> None:
    assert page.USUAL == PAGE


def test_minutes_count_from_the_first_midnight() -> None:
    moment = crowd.setup().moment(2 * MINUTES + 90)
    assert moment == (run.FIRST_DAY + 2) * DAY + HOUR + HOUR // 2


def test_the_model_is_read_once_however_many_blocks_use_it() -> None:
    one, other = crowd.setup(), crowd.setup("instagram-2025")
    assert one.model is other.model
    assert one.model.sha256 == model.shipped().sha256


def test_ideas_are_described_as_to_the_feed() -> None:
    setup = crowd.setup()
    assert setup.scenes.shape[0] == len(setup.catalogue.scenarios)
    assert setup.themes.any(axis=1).all()
