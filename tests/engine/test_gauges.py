# SPDX-License-Identifier: Apache-2.0
"""Figures tell anybody nothing of a single act, and their operator everything."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from consent import merkle, policy
from consent.notes import Checkpoint
from consent.words import HOUR, Micros, Purpose, Reason, Step
from engine import gauges
from engine.costs import Cost
from engine.gauges import Accounts, exposition
from engine.tallies import Denials
from generation.backlog import Backlog
from tests.consent.network import connect
from tests.engine.town import Town

DOCS = Path(gauges.__file__).parents[1] / "docs"


def told(town: Town, *, exact: bool, accounts: Accounts | None = None) -> dict[str, float]:
    text = exposition(town.rooms, accounts or Accounts(), exact=exact).decode()
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(number) for name, number in (one.rsplit(" ", 1) for one in samples)}


def test_a_withdrawal_shows_to_the_operator_and_in_a_ten_to_the_others(small_town: Town) -> None:
    name = "onlyou_withdrawal_seconds_count"
    withdraw = small_town.rooms.consent.withdrawals.withdraw
    for count in range(1, 12):
        withdraw(small_town.people["Cy"], Purpose.IMAGINE)
        assert told(small_town, exact=True)[name] == count
        assert told(small_town, exact=False)[name] == count // 10 * 10
    exact = told(small_town, exact=True)
    assert exact['onlyou_withdrawal_seconds_bucket{le="+Inf"}'] == 11
    assert exact["onlyou_withdrawal_seconds_sum"] > 0


def test_only_the_operator_is_told_when_the_log_was_written_to(small_town: Town) -> None:
    small_town.plan()
    small_town.clock.advance(3)
    public, own = (told(small_town, exact=exact) for exact in (False, True))
    assert own["onlyou_ledger_head_age_seconds"] == 3
    assert "onlyou_ledger_head_age_seconds" not in public
    assert public["onlyou_plan_age_seconds"] >= 3
    assert public["onlyou_ledger_entries"] == own["onlyou_ledger_entries"] // 10 * 10


def test_denials_are_told_by_step_and_reason(small_town: Town) -> None:
    small_town.plan()
    label = 'onlyou_denials_total{reason="not-granted",step="select"}'
    whole = Accounts(denials=Denials(since=0))
    assert told(small_town, exact=True, accounts=whole)[label] >= 1
    assert label not in told(small_town, exact=False, accounts=whole)


@pytest.mark.parametrize(("waiting", "seconds"), [(0, 0), (9, 0), (10, 7_200), (11, 7_200)])
def test_how_long_somebody_waits_is_told_where_ten_wait(waiting: int, seconds: float) -> None:
    now = Micros(9 * HOUR)
    oldest = Micros(7 * HOUR) if waiting else None
    found = Backlog(waiting=waiting, oldest=oldest, held=0, dropped=0)
    assert gauges.waited(found, now, exact=False) == seconds
    assert gauges.waited(found, now, exact=True) == (7_200 if waiting else 0)


def test_a_gate_that_cannot_know_is_told_to_be_closed(
    make_town: Callable[..., Town], tmp_path: Path
) -> None:
    town = make_town()
    assert both(town) == {1}
    network = connect(town.rooms.consent, town.clock, tmp_path)
    town = replace(town, rooms=replace(town.rooms, consent=network.consent))
    assert both(town) == {0}
    network.consent.witnessing.gather()
    assert both(town) == {1}
    town.clock.advance(3_600)
    assert both(town) == {1}
    town.clock.advance(1)
    assert both(town) == {0}


def test_a_gate_before_a_log_that_lacks_entries_is_told_to_be_closed(small_town: Town) -> None:
    ledger = small_town.rooms.consent.ledger
    assert both(small_town) == {1}
    ahead = Checkpoint(ledger.origin, ledger.head()[0] + 1, merkle.leaf_hash(b"lost"))
    small_town.rooms.consent.keys.advance(ahead, lambda _: True)
    assert both(small_town) == {0}


def both(town: Town) -> set[float]:
    """Ask whether the gate is open, as anybody and as the operator."""
    return {told(town, exact=exact)["onlyou_gate_open"] for exact in (False, True)}


def test_what_waits_is_told(small_town: Town) -> None:
    own = told(small_town, exact=True)
    queue = {name: figure for name, figure in own.items() if "queue" in name or "leases" in name}
    assert len(queue) == 4
    assert set(queue.values()) == {0}


def test_alerts_and_docs_speak_of_figures_that_there_are(small_town: Town) -> None:
    small_town.plan()
    text = exposition(small_town.rooms, Accounts(denials=Denials(since=0)), exact=True).decode()
    there = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    for name in ("alerts.yml", "operations.md"):
        said = (DOCS / name).read_text("utf-8")
        told_of = set(re.findall(r"\bonlyou_[a-z_]+\b", said))
        assert len(told_of) > 5
        assert {one.removesuffix("_bucket") for one in told_of} <= there, name
    documented = set(
        re.findall(r"\bonlyou_[a-z_]+\b", (DOCS / "operations.md").read_text("utf-8"))
    )
    assert documented == there


DECIDED = re.findall(r"Reason\.([A-Z_]+)", Path(policy.__file__).read_text("utf-8"))
DRAWN = Cost(
    recipe="quick", sha256="", device=None,
    rendered=1, stored=1, inserted=1, viewed=1, unseen=0, seconds=1,
)  # fmt: skip
PRODUCED: dict[tuple[str, str], set[str]] = {
    ("up", "job"): {"onlyou"},  # as the operator's own Prometheus calls us
    ("onlyou_denials_total", "step"): set(Step),
    ("onlyou_denials_total", "reason"): {Reason[name] for name in DECIDED},
    ("onlyou_portraits", "became"): set(gauges._KINDS),
    ("onlyou_seconds_per_portrait", "each"): set(gauges._each(DRAWN, lambda count: count)),
}
"""Every value that a label can have in what is told."""


def impossible(expression: str) -> set[str]:
    """Name what an expression asks for that no code ever tells."""
    return {
        value
        for metric, inside in re.findall(r"(\w+)\{([^}]*)\}", expression)
        for label, said in re.findall(r'(\w+)\s*[=!]~?\s*"([^"]*)"', inside)
        for value in said.split("|")
        if value not in PRODUCED.get((metric, label), ())
    }


def test_an_alert_asks_only_for_what_is_ever_told() -> None:
    (group,) = yaml.safe_load((DOCS / "alerts.yml").read_text("utf-8"))["groups"]
    asked = {rule["alert"]: impossible(rule["expr"]) for rule in group["rules"]}
    assert {alert: values for alert, values in asked.items() if values} == {}
    once = 'increase(onlyou_denials_total{reason=~"unavailable|cap|stale"}[15m]) > 0'
    assert impossible(once) == {"unavailable", "stale"}


def test_every_alert_says_what_to_think_of_it() -> None:
    (group,) = yaml.safe_load((DOCS / "alerts.yml").read_text("utf-8"))["groups"]
    assert len(group["rules"]) > 5
    for rule in group["rules"]:
        assert rule.keys() <= {"alert", "expr", "for", "annotations"}
        assert rule["annotations"]["summary"].endswith(".")
