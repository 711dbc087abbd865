# SPDX-License-Identifier: Apache-2.0
"""What an arm does: the policy with its levers set, and what a policy does not say.

The gate never sees a treatment: it decides by the installation's policy whatever the arm is. So an
arm can show less than was agreed to, or elsewhere, and never more.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from consent import policies
from consent.policy import Policy, Rule
from consent.words import Purpose, Step
from feed.experiments.plan import Arm

_SLOTS: Final = ("per_day", "per_week", "cooldown_hours", "first", "gap")
_ASKED: Final = frozenset({Step.SELECT, Step.INSERT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """One arm, resolved. `recipe` None: whichever the installation draws with."""

    policy: Policy  #: slots, labels and the card that asks, as this arm has them
    ranker: str = "explore"
    recipe: str | None = None
    notice: str = "shipped"


def treatment(arm: Arm, policy: Policy) -> Treatment:
    """Resolve an arm against the policy that its experiment runs under."""
    set_to: dict[str, Any] = dict(arm.levers)
    chosen = policies.load(set_to["policy"]) if "policy" in set_to else policy
    slots = {name: set_to[name] for name in _SLOTS if name in set_to}
    words = {"visible_to": set_to["visible_to"]} if "visible_to" in set_to else {}
    chosen = replace(
        chosen, slots=replace(chosen.slots, **slots), labels=replace(chosen.labels, **words)
    )
    if "preview" in set_to:
        chosen = replace(chosen, rules=_asking(chosen, asks=set_to["preview"]))
    given = {name: set_to[name] for name in ("ranker", "recipe", "notice") if name in set_to}
    return Treatment(policy=chosen, **given)


def _asking(policy: Policy, *, asks: bool) -> tuple[Rule, ...]:
    """Ask before the first insert, or not."""
    return tuple(_with_card(rule, asks=asks) for rule in policy.rules)


def _with_card(rule: Rule, *, asks: bool) -> Rule:
    if Purpose.FEED_INSERT not in rule.purposes or not rule.steps <= _ASKED:
        return rule
    others = rule.needs - {"preview"}
    return replace(rule, needs=others | {"preview"} if asks else others)
