# SPDX-License-Identifier: Apache-2.0
"""Every decision that a policy takes, as a table to read: the golden files and the probes use it.

`python -m tests.consent.decisions strict-opt-in` prints one.
"""

import sys
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from consent import policies
from consent.policy import Allow, Facts, Policy, decide
from consent.words import Kind, Purpose, Step

_YES = Facts(kind=Kind.EXPLICIT, preview=True, confirmed=True)
STANDINGS = MappingProxyType(
    {
        "nothing": Facts(),
        "withdrawn": Facts(withdrawn=True),
        "explicit": _YES,
        "parental": replace(_YES, kind=Kind.PARENTAL),
        "implied": replace(_YES, kind=Kind.IMPLIED),
        "expired": replace(_YES, expired=True),
        "outdated": replace(_YES, notice_current=False),
        "no preview": replace(_YES, preview=False),
        "unconfirmed": replace(_YES, confirmed=False),
        "minor": replace(_YES, age_band="minor"),
        "guarded minor": replace(_YES, age_band="minor", kind=Kind.PARENTAL),
        "adult": replace(_YES, age_band="adult"),
        "in Illinois": replace(_YES, region="US-IL"),
        "in Texas": replace(_YES, region="US-TX"),
    }
)
"""What a person's standing can be, by a short name."""
_MOST = 1_000


def verdict(policy: Policy, step: Step, purpose: Purpose, facts: Facts) -> str:
    """Say a decision in one word: `allow` or the reason."""
    decision = decide(policy, step, purpose, facts)
    return "allow" if isinstance(decision, Allow) else str(decision.reason)


def first_refused(policy: Policy, step: Step, purpose: Purpose, used: str) -> str:
    """Find how many uses a day or week it takes to be refused."""
    kind = next(
        (k for k in (Kind.EXPLICIT, Kind.IMPLIED) if _allowed(policy, step, purpose, k)), None
    )
    if kind is None:
        return "never"

    def refused(n: int) -> bool:
        return verdict(policy, step, purpose, replace(_YES, kind=kind, **{used: n})) == "cap"

    return str(bisect_left(range(_MOST), 1, key=refused)) if refused(_MOST) else "no cap"


def _allowed(policy: Policy, step: Step, purpose: Purpose, kind: Kind) -> bool:
    return verdict(policy, step, purpose, replace(_YES, kind=kind)) == "allow"


def rows(policy: Policy) -> Iterator[str]:
    """Yield one line a step and purpose: its verdict in every standing, and its caps."""
    for step in Step:
        for purpose in Purpose:
            cells = [verdict(policy, step, purpose, facts) for facts in STANDINGS.values()]
            if len(set(cells)) == 1:
                yield f"{step} {purpose}: always {cells[0]}"
                continue
            caps = [first_refused(policy, step, purpose, u) for u in ("used_day", "used_week")]
            shown = zip((*STANDINGS, "a day", "a week"), (*cells, *caps), strict=True)
            yield f"{step} {purpose}: " + ", ".join(f"{name} {cell}" for name, cell in shown)


def table(policy: Policy) -> str:
    """Write every decision of a policy."""
    return "\n".join(rows(policy)) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table(policies.load(sys.argv[1])))
