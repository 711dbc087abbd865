# SPDX-License-Identifier: Apache-2.0
"""Whether an experiment may start on this feed, or all that is in its way.

Its policy must be the one in force and admit every arm; it must be for a feed, be drawn with what
this installation draws with, share neither people nor levers with what runs, and have its people.
"""

from collections.abc import Iterator, Mapping, Sequence

from consent.policy import Policy
from consent.words import Reason
from feed.experiments import approval
from feed.experiments.plan import LEVERS, Experiment
from feed.trials import running
from feed.trials.running import Running


def here(plan: Experiment, policy: Policy, recipe: str) -> None:
    """Let a plan pass that this installation can do. Errors: Misused(policy-forbids)."""
    approval.approve(plan, policy)
    approval.refuse(plan, Reason.POLICY_FORBIDS, tuple(_elsewhere(plan, recipe)))


def now(plan: Experiment, ever: Sequence[Running], people: Mapping[str, int]) -> None:
    """Let a plan pass that is new here, in nobody's way and has its people.

    Errors: Misused(stale | unavailable).
    """
    if plan.id in {one.experiment.id for one in ever}:
        approval.refuse(plan, Reason.STALE, ("one of that name was started here; name it anew",))
    apart(plan, ever)
    approval.enough(plan, people)


def apart(plan: Experiment, ever: Sequence[Running]) -> None:
    """Let a plan pass that shares nothing with those that run. Errors: Misused(stale)."""
    others = [one.experiment for one in running.acting(ever) if one.experiment.id != plan.id]
    approval.keep_apart(plan, others)
    approval.refuse(plan, Reason.STALE, tuple(_same_levers(plan, others)))


def _elsewhere(plan: Experiment, recipe: str) -> Iterator[str]:
    if plan.where != "feed":
        yield "it is for a simulated population; onlyou simulate --experiment runs it"
    for arm in plan.arms:
        named = arm.levers.get("recipe", recipe)
        if named != recipe:
            yield f"arm {arm.id!r} is drawn with {named}, and what draws here is {recipe}"


def _same_levers(plan: Experiment, others: Sequence[Experiment]) -> Iterator[str]:
    """Name those of other namespaces that move the same: for some people both would."""
    for other in others:
        same = _moved(plan) & _moved(other)
        if same and other.namespace != plan.namespace:
            yield f"experiment {other.id!r} changes {', '.join(sorted(same))}, too"


def _moved(plan: Experiment) -> frozenset[str]:
    return frozenset(str(LEVERS[name]) for arm in plan.arms for name in arm.levers)
