# SPDX-License-Identifier: Apache-2.0
"""Every threat has tests that exist, and the page says what the data says."""

import pytest

from tests.attacks import threats
from tests.attacks.threats import Threat

ALL = threats.read()
DESIGNED = {f"T{number}" for number in range(1, 24)}


@pytest.mark.parametrize("threat", ALL, ids=lambda one: one.id)
def test_every_threat_has_a_test_that_is_collected(threat: Threat) -> None:
    assert threat.tests, "a threat without a test"
    quick = [threats.unfound(named, slow=False) for named in threat.tests]
    slow = [threats.unfound(named, slow=True) for named in threat.slow]
    assert [why for why in quick + slow if why] == []
    assert len(set(threat.tests + threat.slow)) == len(quick + slow)


def test_what_is_named_is_what_this_run_collects(request: pytest.FixtureRequest) -> None:
    """Hold the names to pytest's own list, of every file that this run reads whole."""
    config = request.config
    if config.option.keyword or config.option.markexpr or config.getoption("--no-pg"):
        return
    if any("::" in given for given in config.args):
        return
    found = {item.nodeid.partition("[")[0].partition("@")[0] for item in request.session.items}
    read = {name.partition("::")[0] for name in found}
    named = {named for threat in ALL for named in threat.tests}
    assert {name for name in named if name.partition("::")[0] in read} <= found


def test_the_threats_of_the_design_are_all_here_once_and_in_order() -> None:
    ids = [one.id for one in ALL]
    assert ids == [f"T{number}" for number in range(1, len(ids) + 1)]
    assert set(ids) >= DESIGNED


@pytest.mark.parametrize("threat", ALL, ids=lambda one: one.id)
def test_every_threat_says_what_it_is_and_where_it_arrives(threat: Threat) -> None:
    assert set(threat.linddun) <= set(threats.LINDDUN)
    assert set(threat.stride) <= threats.STRIDE
    assert threat.linddun or threat.stride
    assert threat.crosses in threats.BOUNDARIES
    assert threat.how.endswith(".")
    assert threat.stands.endswith(".")


def test_every_kind_of_harm_to_people_is_thought_of() -> None:
    assert {kind for one in ALL for kind in one.linddun} == set(threats.LINDDUN)


def test_a_name_of_no_test_is_noticed_and_so_is_one_that_only_long_runs_know() -> None:
    here = "tests/attacks/test_threats.py"
    name = test_the_threats_of_the_design_are_all_here_once_and_in_order.__name__
    assert threats.unfound(f"{here}::{name}", slow=False) is None
    assert threats.unfound(f"{here}::{name}", slow=True)
    assert threats.unfound(f"{here}::test_nothing", slow=False)
    assert threats.unfound(f"tests/attacks/threats.py::{name}", slow=False)
    assert threats.unfound(f"tests/nowhere/test_x.py::{name}", slow=False)


def test_the_page_is_written_from_the_data() -> None:
    assert threats.PAGE.read_text("utf-8") == threats.page(ALL), "make threats"
