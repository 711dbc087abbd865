# SPDX-License-Identifier: Apache-2.0
"""Plans and whole runs as JSON: written by one, read by another, the same again bit for bit.

A plan is canonical JSON of whole numbers, so its shares of one (levels, confidence) are text; its
SHA-256 names the experiment in every tally and in the ledger. A record is plain JSON with sorted
keys: its real numbers are the shortest text that reads back as the same number.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

import orjson

from consent.entries import canonical, decode
from consent.errors import Misused
from consent.words import Reason
from feed.experiments.decoding import decoded
from feed.experiments.plan import Experiment
from feed.experiments.record import Record

KIND: Final = "experiment-plan"
SCHEMA: Final = "onlyou-experiment/1"
_LAID_OUT: Final = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def table(experiment: Experiment) -> dict[str, Any]:
    """Lay a plan out as JSON has it, without what it says it is."""
    return dict(_exact(_laid(experiment)))


def write_plan(experiment: Experiment) -> bytes:
    """Write a plan as the canonical JSON that `experiment.start` commits to."""
    return canonical({"kind": KIND, **table(experiment)})


def read_plan(content: bytes) -> Experiment:
    """Read a plan. Errors: Misused(unreadable) for what is none."""
    try:
        found = _of(decode(content), "kind", KIND)
        return decoded(Experiment, found, "plan")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Misused(Reason.UNREADABLE, f"not an experiment's plan: {error}") from error


def plan_sha256(experiment: Experiment) -> str:
    """Name a plan by its bytes."""
    return hashlib.sha256(write_plan(experiment)).hexdigest()


def write(record: Record) -> bytes:
    """Write all of a run, as `record.json` holds it. Errors: ValueError for no finite number."""
    return orjson.dumps({"schema": SCHEMA, **_laid(record)}, option=_LAID_OUT)


def read(content: bytes) -> Record:
    """Read all of a run. Errors: Misused(unreadable) for what is none."""
    try:
        found = _of(orjson.loads(content), "schema", SCHEMA)
        return decoded(Record, found, "record")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Misused(Reason.UNREADABLE, f"not an experiment's record: {error}") from error


def _of(given: Mapping[str, Any], key: str, named: str) -> dict[str, Any]:
    """Take off what a table says it is, and hold it to that."""
    if given[key] != named:
        raise ValueError(f"its {key} is {given[key]!r}, not {named!r}")
    return {name: value for name, value in given.items() if name != key}


def _laid(value: Any) -> Any:  # noqa: ANN401 - values of any of the dataclasses
    """Lay a value out as JSON has it. A mapping that is read-only is none to `asdict`."""
    if is_dataclass(value):
        return {f.name: _laid(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: _laid(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_laid(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"there is no JSON for {value}")
    return value


def _exact(value: Any) -> Any:  # noqa: ANN401 - see above
    """Write real numbers as text: canonical JSON has none."""
    if isinstance(value, dict):
        return {key: _exact(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_exact(one) for one in value]
    return repr(value) if isinstance(value, float) else value
