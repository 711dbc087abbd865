# SPDX-License-Identifier: Apache-2.0
from feed import model
from tests.engine.cli.conftest import Onlyou
from tests.engine.test_models import hired
from tests.engine.town import Town
from tests.feed.chosen import other


def test_rankers_are_listed_judged_and_sent_away(onlyou: Onlyou, small_town: Town) -> None:
    hired(small_town, other())
    home = small_town.rooms.settings.home
    small_town.rooms.consent.ledger.engine.dispose()
    told = onlyou("ranker", "list", "--json", home=home).json
    assert [(one["sha256"], one["role"]) for one in told["items"]] == [
        (model.shipped().sha256, "in charge"),
        (other().sha256, "apprentice"),
    ]
    assert "not measured" in onlyou("ranker", "list", home=home).out
    assert onlyou("ranker", "show", "--json", home=home).json == {
        model.shipped().sha256: [],
        other().sha256: [],
    }
    assert "foretold and observed" in onlyou("ranker", "show", home=home).out
    refused = onlyou("ranker", "promote", other().sha256[:8], "--by", "Grace", home=home)
    assert refused.status == 2
    assert "no decision to weigh" in refused.err
    assert onlyou("ranker", "judge", "abc", home=home).status == 2
    assert "two days" in onlyou("ranker", "train", home=home).err
    assert onlyou("ranker", "drop", other().sha256[:8], home=home).status == 0
    assert len(onlyou("ranker", "list", "--json", home=home).json["items"]) == 1
