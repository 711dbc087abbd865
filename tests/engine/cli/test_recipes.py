# SPDX-License-Identifier: Apache-2.0
from feed import scenarios
from tests.engine.cli.conftest import Onlyou


def test_the_photobooth_is_listed_with_scenarios_that_the_catalogue_knows(onlyou: Onlyou) -> None:
    items = onlyou("recipe", "list", "--json").json["items"]
    assert [item["id"] for item in items] == ["painted", "photobooth"]
    found = items[1]
    assert (found["id"], found["size"], len(found["sha256"])) == ("photobooth", [512, 640], 64)
    assert len(found["scenarios"]) >= 30
    assert set(found["scenarios"]) <= set(scenarios.shipped().by_id)
