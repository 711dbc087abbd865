# SPDX-License-Identifier: Apache-2.0
"""One simulated run into one folder: people live, tables grow, and what it rests on is named.

`run.json` holds everything the tables follow from and their hashes; no time of day and no machine
is in it, so two runs of one seed are equal files.
"""

import hashlib
import json
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from consent import policies
from consent.errors import Misused
from consent.policy import Policy
from consent.words import Reason
from engine.simulation import coefficients
from engine.simulation.coefficients import Coefficients
from engine.simulation.living import Columns, added, blocks, fitting
from engine.simulation.parquet import Table
from engine.simulation.regimes import regime
from engine.simulation.setup import Setup, Watch
from engine.simulation.workers import lives
from feed import scenarios
from feed.experiments.treatments import Treatment

SCHEMA: Final = "onlyou-simulation/1"
FIRST_DAY: Final = 20_458
"""Monday, 5 January 2026: a run's days are no real ones."""
MOST_DAYS: Final = 60
"""As far as the ranking remembers (feed/features)."""
MOST_USERS: Final = 10_000_000
FILES: Final = ("inserts.parquet", "people.parquet", "days.parquet")
_KEYS: Final = ("day", "regime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A run as somebody asks for it."""

    users: int
    days: int
    seed: int
    full: bool = False  #: with what a ranker is trained on
    processes: int = 1
    block: int = 0  #: people in one; 0: as fits


def setup(
    policy: Policy, seed: int, known: Coefficients | None = None, *, model: str | None = None
) -> Setup:
    """Make the terms of a run in which everybody lives under one policy."""
    catalogue = scenarios.shipped()
    usual = regime(Treatment(policy=policy), catalogue, frozenset(catalogue.by_id))
    return Setup(
        seed=seed,
        first_day=FIRST_DAY,
        coefficients=known or coefficients.shipped(),
        listed=(usual,),
        model_text=model or (files("data") / "models" / "ranking.json").read_text("utf-8"),
    )


def check(order: Order) -> None:
    """Refuse a run that cannot be. Errors: Misused(unknown-key), nothing is written."""
    if not 1 <= order.users <= MOST_USERS:
        raise Misused(Reason.UNKNOWN_KEY, f"1 to {MOST_USERS} people, got {order.users}")
    if order.processes < 1:
        raise Misused(Reason.UNKNOWN_KEY, f"at least one process, got {order.processes}")
    if not 1 <= order.days <= MOST_DAYS:
        raise Misused(
            Reason.UNKNOWN_KEY,
            f"1 to {MOST_DAYS} days, as far back as the ranking looks, got {order.days}",
        )


def write(terms: Setup, order: Order, policy: str, out: Path, watch: Watch) -> dict[str, Any]:
    """Let everybody live and write their tables; returns what `run.json` says.

    Errors: Misused(unknown-key) where the run cannot be, or the folder holds one already.
    """
    check(order)
    if (out / "run.json").exists():
        raise Misused(Reason.UNKNOWN_KEY, f"{out} already holds a run; name another folder")
    out.mkdir(parents=True, exist_ok=True)
    days = _lived(terms, order, out, watch)
    told = _told(terms, order, policy, days, out)
    (out / "run.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    return told


def _lived(terms: Setup, order: Order, out: Path, watch: Watch) -> Columns:
    size = order.block or fitting(order.users, order.processes)
    work = blocks(terms, order.users, order.days, size=size, full=order.full)
    days: Columns | None = None
    with ExitStack() as stack:
        inserts = stack.enter_context(Table(out / "inserts.parquet"))
        people = stack.enter_context(Table(out / "people.parquet"))
        for number, one in enumerate(lives(work, order.processes), start=1):
            inserts.add(one.inserts)
            people.add(one.people)
            days = one.days if days is None else added([days, one.days])
            watch("people", min(number * size, order.users), order.users)
        of_days = stack.enter_context(Table(out / "days.parquet"))
        of_days.add(days or {})
    return days or {}


def _told(terms: Setup, order: Order, policy: str, days: Columns, out: Path) -> dict[str, Any]:
    last = days["day"] == order.days
    named = policies.load(policy)
    return {
        "schema": SCHEMA,
        "users": order.users,
        "days": order.days,
        "seed": order.seed,
        "policy": named.id,
        "policy_sha256": named.sha256,
        "model_sha256": terms.model.sha256,
        "scenarios_sha256": terms.catalogue.sha256,
        "coefficients_sha256": terms.coefficients.sha256,
        "first_day": terms.first_day,
        "assumed": sum(one.source.startswith("assumption") for one in terms.coefficients.listed),
        "versions": {name: version(name) for name in ("onlyou", "numpy", "pyarrow")},
        "totals": {name: int(np.sum(days[name][last])) for name in days if name not in _KEYS},
        "files": {name: sha256(out / name) for name in FILES},
    }


def sha256(path: Path) -> str:
    """Name a file by its content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
