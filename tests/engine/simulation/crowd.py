# SPDX-License-Identifier: Apache-2.0
"""Small populations for the tests of the simulation."""

from dataclasses import replace
from functools import cache

from consent import policies
from engine.simulation import run
from engine.simulation.block import Block, begin
from engine.simulation.coefficients import Coefficients, shipped
from engine.simulation.day import live
from engine.simulation.setup import Setup

SEED = 11


@cache
def setup(policy: str = "strict-opt-in", **known: float) -> Setup:
    """Make a run's terms, with some coefficients otherwise; `_` stands for dot."""
    listed = shipped()
    for name, value in known.items():
        listed = but(listed, name.replace("_", ".", 1), value)
    return run.setup(policies.load(policy), SEED, listed)


def but(listed: Coefficients, name: str, value: float) -> Coefficients:
    """Set a coefficient otherwise, beyond its range if need be."""
    return Coefficients(
        listed=tuple(replace(c, value=value) if c.name == name else c for c in listed.listed)
    )


def block(
    policy: str = "strict-opt-in", *, people: int = 600, days: int = 0, full: bool = False,
    first: int = 0, **known: float,
) -> Block:  # fmt: skip
    """Let some people live for some days."""
    lived = begin(setup(policy, **known), first, people, full=full)
    for _ in range(days):
        live(lived)
    return lived
