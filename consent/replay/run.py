# SPDX-License-Identifier: Apache-2.0
"""Replay a recorded history under another policy: which decisions would differ.

Rules:
1. only what was verified is replayed: `replay` takes what `loading` read of such a bundle
2. *pointwise*: the history stays as it is; which of its decisions would come out differently?
   *closed-loop*: what is denied does not happen, so what follows from it is recomputed
3. people who were never asked are not observed and never guessed; grants stay as they were
4. equal (root, policy hash, version) give equal bytes; the recorded policy gives no flip
5. a replay says nothing on how people would have acted: every output carries CAVEAT
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final, Literal

import numpy as np

from consent import policies
from consent.arrays import KINDS
from consent.errors import Misused
from consent.policy import Policy
from consent.replay import endings, figures
from consent.replay.comparison import Comparison, compare
from consent.replay.recorded import Recorded
from consent.words import Kind

Mode = Literal["pointwise", "closed-loop"]
SCHEMA: Final = "onlyou-replay/1"
CAVEAT: Final = (
    "A replay says which recorded decisions would differ. It is no causal effect: people never "
    "asked are not observed, and how anybody would have acted is not known."
)


def compared(recorded: Recorded, target: Policy, mode: Mode) -> Comparison:
    """Put a history beside another policy, in one of the two ways."""
    return compare(recorded, target, recorded_policies(recorded), closed=mode == "closed-loop")


def recorded_policies(recorded: Recorded) -> dict[str, Policy]:
    """Read the policies that decided; one that this version cannot read is left out."""
    found = {}
    for sha256 in recorded.policies:
        try:
            found[sha256] = policies.parse(recorded.texts[sha256])
        except (KeyError, Misused):
            continue
    return found


def replay(recorded: Recorded, target: Policy, mode: Mode = "pointwise") -> dict[str, Any]:
    """Replay a history and return what `onlyou audit replay --json` prints (CONTRACTS, Replay)."""
    return told(compared(recorded, target, mode), target, mode)


def told(found: Comparison, target: Policy, mode: Mode) -> dict[str, Any]:
    """Write a comparison as figures."""
    recorded = found.recorded
    counts, limits = figures.table(found), figures.bounds(found)
    known = int(np.count_nonzero(recorded.known))
    flips = counts["allow_deny"] + counts["deny_allow"]
    return {
        "schema": SCHEMA,
        "version": version("onlyou"),
        "root": recorded.told.root,
        "size": recorded.told.size,
        "policy": _policies(recorded, target),
        "mode": mode,
        "decisions": len(recorded),
        "recomputed": known,
        "not_recomputable": len(recorded) - known,
        "erased_people": recorded.told.erased,
        "table": counts,
        "flips": figures.flips(found),
        "people": recorded.people(),
        "people_affected": figures.people_affected(found),
        "bounds": {"low": min(flips, limits["flips"]["low"]), "high": limits["flips"]["high"]},
        "bounds_of": limits,
        **figures.span(found),
        "not_asked": int(np.count_nonzero(found.unreached)),
        "effects_gone": figures.effects_gone(found),
        "selfie_reads_without_basis": figures.reads_without_basis(found),
        "reasons": figures.reasons(found),
        "flips_by": figures.flips_by(found),
        "by_kind": figures.by_kind(found),
        "denial_rate": figures.denial_rate(found),
        "withdrawals": endings.summary(recorded),
        "grants": _grants(recorded),
        "caveat": CAVEAT,
    }


def names(recorded: Recorded) -> str:
    """Name the policies that decided, in the order in which they first did."""
    return ", ".join(dict.fromkeys(_ids(recorded)))


def _ids(recorded: Recorded) -> list[str]:
    known = recorded_policies(recorded)
    return [known[sha].id if sha in known else sha for sha in recorded.policies]


def _policies(recorded: Recorded, target: Policy) -> dict[str, Any]:
    times = np.bincount(recorded.policy, minlength=len(recorded.policies)).tolist()
    return {
        "recorded": names(recorded),
        "target": target.id,
        "target_sha256": target.sha256,
        "recorded_under": [
            {"id": name, "sha256": sha, "decisions": count}
            for name, sha, count in zip(_ids(recorded), recorded.policies, times, strict=True)
        ],
    }


def _grants(recorded: Recorded) -> Mapping[str, int]:
    """Say how yeses came to be; of those that are not implied, the verifier saw the notice."""
    begun = recorded.changes.begins == 1
    implied = begun & (recorded.changes.kind == KINDS.index(Kind.IMPLIED))
    every, unasked = int(np.count_nonzero(begun)), int(np.count_nonzero(implied))
    return {
        "all": every,
        "quoting_a_notice": every - unasked,
        "implied": unasked,
        "notices_served": recorded.told.served,
    }
