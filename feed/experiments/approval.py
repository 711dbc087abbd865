# SPDX-License-Identifier: Apache-2.0
"""Whether an experiment may start here: its policy admits every arm, and nothing is in its way.

Rules, for every lever of every arm:
1. the policy's `[experiments]` lists the kind of lever
2. an insert comes no earlier, no closer and no oftener than its bounds and its caps allow
3. a label says one of its wordings
4. where the policy asks before the first insert, no arm leaves that out
A lever that exists in simulation only is not the policy's to admit: nobody meets it.

An arm never changes what anybody agreed to, whatever it is: the gate does not see arms.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from consent.errors import Misused
from consent.policy import Policy
from consent.words import Purpose, Reason, Step
from feed.experiments.plan import LEVERS, Arm, Experiment, Setting


def refusals(experiment: Experiment, policy: Policy) -> tuple[str, ...]:
    """List why a policy does not admit an experiment's arms; empty where it admits all."""
    if experiment.policy != policy.id:
        return (f"policy {experiment.policy!r} is to admit its arms, and here is {policy.id!r}",)
    return tuple(
        f"arm {arm.id!r}: {why}" for arm in experiment.arms for why in not_admitted(arm, policy)
    )


def not_admitted(arm: Arm, policy: Policy) -> Iterator[str]:
    """Yield what of an arm a policy does not admit, in sentences."""
    admitted = policy.experiments.levers
    for name, value in arm.levers.items():
        kind = LEVERS[name]
        if kind is not None and kind not in admitted:
            listed = ", ".join(admitted) or "none at all"
            yield f"{policy.id} admits no arm on {kind} ({name}); it admits {listed}"
        yield from _out_of_bounds(name, value, policy)


def approve(experiment: Experiment, policy: Policy) -> None:
    """Let an experiment pass, or say why not. Errors: Misused(policy-forbids)."""
    refuse(experiment, Reason.POLICY_FORBIDS, refusals(experiment, policy))


def overlaps(experiment: Experiment, others: Iterable[Experiment]) -> tuple[str, ...]:
    """List those of other experiments whose people this one would share."""
    low, high = experiment.segments
    return tuple(
        f"experiment {one.id!r} has segments {one.segments[0]} to {one.segments[1]} of namespace "
        f"{one.namespace!r}; {low} to {high} would share people with it"
        for one in others
        if one.id != experiment.id
        and one.namespace == experiment.namespace
        and one.segments[0] < high
        and low < one.segments[1]
    )


def keep_apart(experiment: Experiment, running: Iterable[Experiment]) -> None:
    """Let an experiment pass that shares nobody with those that run. Errors: Misused(stale)."""
    refuse(experiment, Reason.STALE, overlaps(experiment, running))


def shortages(experiment: Experiment, people: Mapping[str, int]) -> tuple[str, ...]:
    """List the arms that would have fewer people than the experiment needs. Units: people."""
    return tuple(
        f"arm {arm.id!r} would have {people.get(arm.id, 0)} people and needs {experiment.needed}"
        for arm in experiment.arms
        if people.get(arm.id, 0) < experiment.needed
    )


def enough(experiment: Experiment, people: Mapping[str, int]) -> None:
    """Let an experiment pass that has its people. Errors: Misused(unavailable)."""
    refuse(experiment, Reason.UNAVAILABLE, shortages(experiment, people))


def refuse(experiment: Experiment, reason: Reason, why: tuple[str, ...]) -> None:
    """Refuse to start an experiment, with everything that is in its way. Errors: Misused."""
    if why:
        raise Misused(reason, f"experiment {experiment.id!r} is not started: {'; '.join(why)}")


# --- bounds: at least, at most, one of


_LEAST: Final = {"first": "least_first", "gap": "least_gap"}


def _out_of_bounds(name: str, value: Setting, policy: Policy) -> Iterator[str]:
    if name in _LEAST and isinstance(value, int):
        least: int = getattr(policy.experiments, _LEAST[name])
        if value < least:
            yield f"{name} {value} is below the {least} that {policy.id} allows"
    elif name in ("per_day", "per_week") and isinstance(value, int):
        for most, whose in _most(name, policy):
            if value > most:
                yield f"{name} {value} is above the {most} of {policy.id} ({whose})"
    elif name == "visible_to" and value not in _labels(policy):
        yield f"{policy.id} does not admit the label {value!r}; it admits {_quoted(policy)}"
    elif name == "preview" and value is False and _asks_first(policy):
        yield f"{policy.id} asks before the first insert, and no arm may leave that out"


def _most(name: str, policy: Policy) -> Iterator[tuple[int, str]]:
    if name == "per_week":
        yield policy.experiments.most_per_week, "experiments.most_per_week"
    caps = policy.caps.get(Purpose.FEED_INSERT)
    if caps is not None:
        yield getattr(caps, name), f"caps.feed_insert.{name}"


def _labels(policy: Policy) -> tuple[str, ...]:
    return (policy.labels.visible_to, *policy.experiments.labels)


def _quoted(policy: Policy) -> str:
    return ", ".join(map(repr, _labels(policy)))


def _asks_first(policy: Policy) -> bool:
    rules = (policy.rule(step, Purpose.FEED_INSERT) for step in (Step.SELECT, Step.INSERT))
    return any(rule is not None and "preview" in rule.needs for rule in rules)
