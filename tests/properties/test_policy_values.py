# SPDX-License-Identifier: Apache-2.0
"""No value of a policy stands in code: what a policy says is said there and nowhere else.

Small round numbers stand in code for their own reasons, so only distinctive values are looked
for; each that is found all the same is listed with the reason why it is another thing.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

from consent import policies, policy, promises, words
from tests import probes

ROOT = Path(__file__).parents[2]
ROOMS = ("consent", "feed", "generation", "engine")
ROUND = 100
"""Whole numbers from here on are distinctive, below they are counts that stand anywhere."""
CLOSED = (
    *(policy.Need, policy.Treatment, policy.Window, policy.Claim, policy.Startle, policy.Held),
    promises.Lever,
)
SCHEMA = {
    *(*words.Purpose, *words.Step, *words.Kind),
    *(word for closed in CLOSED for word in get_args(closed)),
}
"""Words that policies and code share by design: closed lists, whose meaning the code is."""
LONG = 8
Literal = tuple[str, object]


@cache
def distinctive() -> dict[object, str]:
    """Gather the values of all shipped policies that nobody writes by chance, with their paths."""
    found: dict[object, str] = {}
    for name in policies.names():
        for path, value in probes.values(policies.load(name).text):
            for one in value if isinstance(value, list) else [value]:
                if _distinctive(one):
                    found.setdefault(one, f"{name} {path}")
    return found


def _distinctive(value: object) -> bool:
    match value:
        case bool():
            return False
        case int():
            return abs(value) >= ROUND
        case float():
            return not value.is_integer() and value != 0.5
        case str():
            return len(value) >= LONG and value not in SCHEMA
    return False


@cache
def literals() -> tuple[Literal, ...]:
    """List every number and string in the rooms' code with its file; docstrings are no code."""
    return tuple(
        (str(file.relative_to(ROOT)), value)
        for room in ROOMS
        for file in sorted((ROOT / room).rglob("*.py"))
        for value in _constants(ast.parse(file.read_text("utf-8")))
    )


def _constants(tree: ast.AST) -> Iterator[object]:
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                yield -value
            case ast.Constant(value=value) if id(node) not in said:
                yield value


GEOMETRY = "generation/recipes/"
"""Recipes see pixels and vectors, never a policy (an import contract holds it): their numbers are
parts of a head and of light, thousands of them, and meet those of policies by chance."""
ANYWHERE: dict[object, str] = {200: "the status of HTTP that says all is well"}
ALLOWED: dict[Literal, str] = {
    ("consent/meters.py", 0.01): "a bound of a histogram of seconds",
    ("consent/meters.py", 0.05): "a bound of a histogram of seconds",
    ("consent/meters.py", 0.25): "a bound of a histogram of seconds",
    ("engine/cells/house.py", 0.05): "seconds until a shard that moves is looked at again",
    ("engine/working.py", 600): "seconds after which what breaks is tried again, at most",
    ("generation/holders.py", 86_400): "seconds after which a file of a dead holder is cleared",
    ("feed/training.py", 0.05): "how much training holds the shipped model back; no exploration",
    ("feed/synthetic.py", 0.6): "how a made-up person's likes weigh; no limit on any picture",
    ("generation/screening.py", 300): "how many characters a free text may have; no time",
    ("generation/selfies.py", 0.6): "how bright a face is in ordinary light; no score",
    ("consent/verify/policy.py", 86_400): "seconds of a day, where terms are counted in days",
    ("consent/wording.py", 86_400): "seconds of a day, to say a retention in days",
    ("engine/web/wording.py", "not said"): "what a page says where a receipt says nothing",
    ("engine/settings.py", "strict-opt-in"): "the name of the policy that is taken by default",
    ("engine/cli/running.py", "strict-opt-in"): "the name of the policy that the demo runs under",
    ("engine/cli/simulating.py", "strict-opt-in"): "the policy that a simulation is run under",
    ("engine/cli/experiment_power.py", 0.02): "how often a thing happens that is planned for",
    ("engine/cli/experiment_power.py", 0.05): "the level of a test that is planned for",
    ("engine/experiments/power.py", 0.02): "how often a thing happens that is planned for",
    ("engine/experiments/figures.py", 0.01): "below it a chance is written with more digits",
    ("engine/experiments/figures.py", 0.001): "below it a chance is written as less than that",
    ("engine/experiments/charts/bands.py", 0.25): "the first part of the days, which sets no axis",
    ("engine/experiments/charts/evidence.py", 0.25): "how far words stand beside a drawn line",
    ("engine/experiments/charts/evidence.py", 0.6): "how low an axis of logarithms reaches",
    ("engine/simulation/knowledge.py", 0.25): "what an act says of a theme, in quarters; no angle",
    ("engine/simulation/workers.py", 0.01): "seconds until a thread is looked at again",
    ("feed/off_policy/evaluation.py", 0.01): "how much unsupported mass leaves no figure",
    ("feed/off_policy/evaluation.py", 0.001): "how unlikely a log must be to be disbelieved",
    ("feed/statistics/power.py", 0.05): "the level of a test by custom; no exploration",
    ("feed/statistics/ratio_mismatch.py", 0.001): "the level below which a split is invalid",
    ("feed/statistics/spending.py", 0.05): "the level of a test by custom; no exploration",
}


def test_no_distinctive_value_of_a_policy_stands_in_code() -> None:
    wanted = distinctive()
    found = {
        (file, value): wanted[value]
        for file, value in literals()
        if type(value) in {int, float, str} and value in wanted and _same(value, wanted)
    }
    assert {at: of for at, of in found.items() if not _explained(*at)} == {}


def _explained(file: str, value: object) -> bool:
    drawn = file.startswith(GEOMETRY) and not isinstance(value, str)
    return drawn or value in ANYWHERE or (file, value) in ALLOWED


def _same(value: object, wanted: dict[object, str]) -> bool:
    """Tell 100 from 100.0, which are equal as keys."""
    return any(type(one) is type(value) and one == value for one in wanted)


def test_what_is_allowed_is_still_there_and_has_a_reason() -> None:
    assert set(ALLOWED) <= set(literals())
    assert all(len(reason) > 20 for reason in ALLOWED.values())


def test_there_is_something_to_look_for() -> None:
    kinds = {type(value) for value in distinctive()}
    assert kinds == {int, float, str}
    assert len(distinctive()) > 50
