# SPDX-License-Identifier: Apache-2.0
"""Rule 8, the first half: the verdict that a policy's own words give, written a second time."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from consent.verify.grammar import words

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
CAPPED: Final = words("select insert")
"""Steps whose allowed decisions caps count."""
UNPAUSED: Final = words("view")
"""Steps that a pause does not stop."""
FACTS: Final[Mapping[str, type]] = {
    **dict.fromkeys(words("withdrawn expired notice_current preview confirmed paused"), bool),
    **dict.fromkeys(words("used_day used_week"), int),
    **dict.fromkeys(words("kind age_band region"), str),
}
BEST: Final[Mapping[str, Any]] = {
    "notice_current": True,
    "preview": True,
    "confirmed": True,
    "age_band": "adult",
}
"""What the log does not show, at its most favourable: what even that denies was not allowed."""

_NOBODY: Final[Mapping[str, Any]] = {"minors": "as-adult", "unknown": "as-adult"}
_NOWHERE: Final[Mapping[str, Any]] = {"refused": []}
"""What the first policies said of ages and places: nothing, so nobody was refused for them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """For these steps and purposes, which kinds of basis count and what else is needed."""

    steps: frozenset[str]
    purposes: frozenset[str]
    kinds: frozenset[str]
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Policy:
    """What of a policy file decides."""

    rules: tuple[Rule, ...]
    caps: Mapping[str, tuple[int, int]]
    term: int
    permit: int
    view: int
    current_notice: bool
    implied: frozenset[str]
    minors: str
    unknown_age: str
    regions_refused: frozenset[str]

    def lasts(self, step: str) -> int:
        """Return for how many microseconds a permit for a step is good."""
        return self.view if step == "view" else self.permit


def read_policy(raw: bytes) -> Policy | None:
    """Read a policy file, or None where it is none."""
    try:
        table = tomllib.loads(raw.decode())
        terms = {name: _value(value) for name, value in table["consent"].items()}
        return Policy(
            rules=tuple(map(_rule, table["rule"])),
            caps={
                purpose: (int(_value(caps["per_day"])), int(_value(caps["per_week"])))
                for purpose, caps in table["caps"].items()
            },
            term=int(terms["term_days"]) * DAY,
            permit=int(terms["permit_seconds"]) * SECOND,
            view=int(terms["view_seconds"]) * SECOND,
            current_notice=bool(terms["current_notice"]),
            implied=frozenset(
                purpose
                for table_of in ("implies", "bundles")
                for given in terms.get(table_of, {}).values()
                for purpose in _value(given)
            ),
            minors=str(_value(table.get("ages", _NOBODY)["minors"])),
            unknown_age=str(_value(table.get("ages", _NOBODY)["unknown"])),
            regions_refused=frozenset(_value(table.get("regions", _NOWHERE)["refused"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _rule(rule: Mapping[str, Any]) -> Rule:
    return Rule(
        steps=frozenset(rule["steps"]),
        purposes=frozenset(rule["purposes"]),
        kinds=frozenset(rule["kinds"]),
        needs=frozenset(rule.get("needs", ())),
    )


def _value(given: Any) -> Any:  # noqa: ANN401 - TOML values have no narrower type
    """Take a value that carries its source without it."""
    return given["value"] if isinstance(given, dict) and "value" in given else given


def decide(policy: Policy, step: str, purpose: str, facts: Mapping[str, Any]) -> str | None:
    """Decide as the policy's words say: None allows, else the reason of the denial."""
    rule = next((r for r in policy.rules if step in r.steps and purpose in r.purposes), None)
    if rule is None:
        return "policy-silent"
    if not rule.kinds:
        return "policy-forbids"
    return (
        _unheld(policy, rule, facts)
        or ("paused" if facts.get("paused") and step not in UNPAUSED else None)
        or _unwelcome(policy, facts)
        or _unmet(policy, rule, step, purpose, facts)
    )


def _unheld(policy: Policy, rule: Rule, facts: Mapping[str, Any]) -> str | None:
    kind = facts.get("kind")
    if kind is None:
        return "withdrawn" if facts.get("withdrawn") else "not-granted"
    if facts.get("expired"):
        return "expired"
    if kind not in rule.kinds:
        return "policy-forbids"
    outdated = policy.current_notice and not facts.get("notice_current", True)
    return "notice-outdated" if outdated else None


def _unwelcome(policy: Policy, facts: Mapping[str, Any]) -> str | None:
    """Refuse where the policy stays out, and minors as it says; an age may be unknown."""
    if facts.get("region") in policy.regions_refused:
        return "policy-forbids"
    age = facts.get("age_band")
    if age == "adult":
        return None
    treatment = policy.minors if age == "minor" else policy.unknown_age
    if treatment == "guardian":
        return None if facts.get("kind") == "parental" else "guardian-required"
    return "age" if treatment == "refused" else None


def _unmet(
    policy: Policy, rule: Rule, step: str, purpose: str, facts: Mapping[str, Any]
) -> str | None:
    if not all(facts.get(need) for need in rule.needs):
        return "not-granted"
    if step not in CAPPED or purpose not in policy.caps:
        return None
    per_day, per_week = policy.caps[purpose]
    reached = facts.get("used_day", 0) >= per_day or facts.get("used_week", 0) >= per_week
    return "cap" if reached else None
