# SPDX-License-Identifier: Apache-2.0
from tests.engine.cli.conftest import Onlyou
from tests.engine.town import Town


def test_the_cost_of_what_was_drawn_and_looked_at_is_told(
    onlyou: Onlyou, small_town: Town
) -> None:
    small_town.plan()
    small_town.rooms.feed.pages.of(small_town.people["Ada"])
    small_town.file("Ada")
    small_town.rooms.consent.ledger.engine.dispose()
    home = small_town.rooms.settings.home
    told = onlyou("cost", "--json", home=home).json
    (one,) = told["items"]
    assert (one["recipe"], one["rendered"], one["viewed"], one["unseen"]) == ("quick", 1, 1, 0)
    assert told["plan"]["gpu_seconds"] == 0
    assert "quick" in (said := onlyou("cost", home=home).out)
    assert "no limit" in said


def test_the_operator_is_told_exact_figures(onlyou: Onlyou, small_town: Town) -> None:
    small_town.plan()
    small_town.rooms.consent.ledger.engine.dispose()
    said = onlyou("metrics", home=small_town.rooms.settings.home).out
    assert f"onlyou_ledger_entries {small_town.rooms.consent.ledger.head()[0]}.0" in said
    assert 'onlyou_denials_total{reason="not-granted",step="select"}' in said
