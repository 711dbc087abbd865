# SPDX-License-Identifier: Apache-2.0
"""Experiment files: one TOML file an experiment, read whole or refused with every fault it has.

An unknown or missing key is an error, never ignored. Keys are those of `feed/experiments/plan`,
with a table `[[arm]]`, `[[guardrail]]` and `[[ramp]]` for each of these. docs/experiments.md tells
how one is written.
"""

import tomllib
import unicodedata
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from consent.errors import Misused
from consent.words import Reason
from feed.experiments.decoding import decoded
from feed.experiments.plan import Experiment
from feed.experiments.soundness import faults

_TABLES: Final = {"arm": "arms", "guardrail": "guardrails", "ramp": "ramp"}


def names() -> tuple[str, ...]:
    """List the ids of the shipped experiments."""
    folder = files("data") / "experiments"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def text(experiment_id: str) -> str:
    """Return a shipped file. Errors: Misused(unknown-key) for none of that id."""
    if experiment_id not in names():
        listed = ", ".join(names())
        raise Misused(Reason.UNKNOWN_KEY, f"no experiment {experiment_id!r}; shipped are {listed}")
    return (files("data") / "experiments" / f"{experiment_id}.toml").read_text("utf-8")


def load(experiment_id: str) -> Experiment:
    """Read a shipped experiment by id. Errors: Misused(unknown-key)."""
    return parse(text(experiment_id))


def named(which: str) -> Experiment:
    """Read the experiment that somebody names, shipped or in a file. Errors: as `parse`."""
    path = Path(which)
    return parse(_text(path)) if path.is_file() else load(which)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise _refused("it is not UTF-8") from error


def parse(content: str) -> Experiment:
    """Read an experiment file. Errors: Misused(unknown-key), with all that is wrong with it."""
    try:
        table = tomllib.loads(unicodedata.normalize("NFC", content))
        experiment = decoded(Experiment, _renamed(table), "experiment")
    except RecursionError as error:
        raise _refused("its lists or tables are nested too deep") from error
    except (ValueError, TypeError) as error:
        raise _refused(str(error)) from error
    if wrong := faults(experiment):
        raise _refused("; ".join(wrong))
    return experiment


def _renamed(table: dict[str, Any]) -> dict[str, Any]:
    if twice := set(table) & (set(_TABLES.values()) - set(_TABLES)):
        raise ValueError(f"unknown key {min(twice)!r} in experiment")
    return {_TABLES.get(key, key): value for key, value in table.items()}


def _refused(why: str) -> Misused:
    return Misused(Reason.UNKNOWN_KEY, f"experiment file refused: {why}")
