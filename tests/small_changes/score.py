# SPDX-License-Identifier: Apache-2.0
"""What came of a sample, as data: the score with its interval, and who survived."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.small_changes.changes import Change
from tests.small_changes.session import Session
from tests.small_changes.typed import TYPES


def told(session: Session, drawn: Sequence[Change], seed: int) -> str:
    """Say it: the score is of those tried, whose text was Python."""
    known = session.tried()
    said = [known[change.name] for change in drawn if change.name in known]
    counts = Counter(one["verdict"] for one in said)
    killed = counts["killed"]
    typed = sum(one["by"] == TYPES for one in said)
    tried = len(said) - counts["no Python"]
    low, high = _wilson(killed, tried)
    result = {
        "of": len(session.countable),
        "left out by rule": session.excluded,
        "seed": seed,
        "tried": tried,
        "counts": counts,
        "by tests alone": round((killed - typed) / max(1, tried), 4),
        "score": round(killed / max(1, tried), 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "controls": _controls(known),
        "survivors": [_short(one) for one in said if one["verdict"] in {"survived", "no test"}],
    }
    return json.dumps(result, indent=1, ensure_ascii=False) + "\n"


def _controls(known: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Count the trials of unchanged code by what came of them; only `survived` is right."""
    return Counter(one["verdict"] for name, one in known.items() if name.startswith("control "))


def _short(one: dict[str, Any]) -> dict[str, str]:
    return {key: one[key] for key in ("name", "function", "before", "after", "verdict")}


def _wilson(good: int, of: int) -> tuple[float, float]:
    """Return a 95 % interval of a share. Source: Wilson, 1927."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, good / of
    middle = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)
