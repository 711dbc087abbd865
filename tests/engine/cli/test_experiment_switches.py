# SPDX-License-Identifier: Apache-2.0
"""`onlyou experiment start` and `stop`, as an operator meets them."""

from pathlib import Path

import pytest

from consent.words import Purpose
from engine import wiring
from engine.cli import trials
from feed.experiments import files
from tests.engine.cli.conftest import Onlyou

FILE = """
id = "deeper"
title = "Deeper down"
question = "Is it missed when it comes later?"
where = "feed"
policy = "strict-opt-in"
namespace = "slots"
segments = [0, 1000]
days = 5
needed = {needed}
primary = "engaged"
metrics = ["engaged", "withdrew"]
[[arm]]
id = "now"
title = "As it is"
[[arm]]
id = "later"
title = "Later"
levers = {{ first = 8 }}
[[guardrail]]
metric = "withdrew"
level = 0.5
"""
MANY = 30
"""So many that the hash leaves no arm with fewer than four, whatever this home's keys are."""


def gather(home: Path) -> None:
    rooms = wiring.open_home(home)
    for n in range(MANY):
        person = rooms.consent.accounts.add(f"Person {n}").subject
        served = rooms.consent.notices.serve(person, Purpose.EXPERIMENT)
        rooms.consent.grants.grant(person, Purpose.EXPERIMENT, served.served_id)
    rooms.consent.ledger.engine.dispose()


def test_an_experiment_starts_stops_and_goes_on_by_somebody_with_a_name(
    onlyou: Onlyou, town_home: Path, tmp_path: Path
) -> None:
    gather(town_home)
    file = str(tmp_path / "deeper.toml")
    Path(file).write_text(FILE.format(needed=MANY))
    few = onlyou("experiment", "start", file, "--by", "Ines", "--json", home=town_home)
    assert (few.status, few.json["reason"]) == (2, "unavailable")
    assert f"needs {MANY}" in few.json["detail"]
    Path(file).write_text(FILE.format(needed=4))
    nobody = onlyou("experiment", "start", file, "--json", home=town_home)
    assert (nobody.status, nobody.json["detail"]) == (2, "say who does this: --by NAME")
    done = onlyou("experiment", "start", file, "--by", "Ines", "--json", home=town_home)
    assert (done.status, done.json["id"], done.json["arm"]) == (0, "deeper", None)
    by = ("--by", "the desk", "--arm", "later")
    stopped = onlyou("experiment", "stop", "deeper", *by, "--json", home=town_home)
    assert (stopped.status, stopped.json["arm"], stopped.json["removed"]) == (0, "later", 0)
    twice = onlyou("experiment", "stop", "deeper", *by, "--json", home=town_home)
    assert (twice.status, twice.json["reason"]) == (2, "stale")
    on = onlyou("experiment", "start", "deeper", *by, home=town_home)
    assert (on.status, on.out.startswith("✓ arm later of deeper runs; entry ")) == (0, True)
    whole = onlyou("experiment", "stop", "deeper", "--by", "Ines", home=town_home)
    assert whole.status == 0
    assert "deeper is stopped; 0 portraits" in whole.out


def test_what_was_never_started_neither_goes_on_nor_stops(onlyou: Onlyou, town_home: Path) -> None:
    for act in ("start", "stop"):
        said = onlyou("experiment", act, "nothing", "--by", "Ines", "--json", home=town_home)
        assert (said.status, said.json["reason"]) == (2, "unknown-key")


def test_what_is_for_simulated_people_runs_among_them_and_lies_in_the_home(
    onlyou: Onlyou, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Path, int, int]] = []

    def carry_out(one: object, folder: Path, *, people: int, swept: int, **_: object) -> None:
        asked.append((getattr(one, "id", ""), folder, people, swept))

    monkeypatch.setattr(trials, "carry_out", carry_out)
    name = next(one for one in files.names() if files.load(one).where == "simulation")
    said = onlyou("experiment", "start", name, "--people", "300", home=tmp_path)
    assert said.status == 0
    assert asked == [(name, tmp_path / "experiments" / name, 300, 300)]
