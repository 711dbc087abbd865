# SPDX-License-Identifier: Apache-2.0
"""Read policy files. An unknown or missing key is an error, never ignored.

A value may stand alone or as `{ value, source, as_of, confidence }`: what an article says
carries its source. A file that names a `base` is an overlay (consent/overlays.py); what is read,
hashed and published is the whole that it makes with its base.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

from consent import overlays
from consent.errors import Misused
from consent.policy import (
    AgeRules,
    Caps,
    Claim,
    IdentityRules,
    ModerationRules,
    Need,
    PackRules,
    Policy,
    RankingValues,
    RegionRules,
    Rule,
    SelfieRules,
    SlotRules,
    Terms,
)
from consent.promises import ExperimentRules, Labels, PortraitRules, ReportRules, SharingRules
from consent.words import Kind, Purpose, Reason, Step

_NEEDS: Final = frozenset(get_args(Need))
_PROVENANCE: Final = frozenset({"source", "as_of", "confidence"})
_CONFIDENCE: Final = frozenset({"high", "medium", "low", "assumed"})
_PERMILLE: Final = 1_000
_AS_OF: Final = re.compile(r"20\d\d(-[01]\d(-[0-3]\d)?)?")
_SECTIONS: Final = MappingProxyType(
    {
        "selfies": SelfieRules,
        "portraits": PortraitRules,
        "packs": PackRules,
        "ages": AgeRules,
        "regions": RegionRules,
        "moderation": ModerationRules,
        "identity": IdentityRules,
        "labels": Labels,
        "sharing": SharingRules,
        "reports": ReportRules,
        "experiments": ExperimentRules,
        "slots": SlotRules,
        "ranking": RankingValues,
    }
)
_HINTS: Final[Mapping[type[Any], Mapping[str, Any]]] = MappingProxyType(
    {kind: get_type_hints(kind) for kind in (Caps, Terms, *_SECTIONS.values())}
)


@cache
def names() -> tuple[str, ...]:
    """List the ids of the shipped policies; they come with the package, so they are read once."""
    folder = files("data") / "policies"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def load(policy_id: str) -> Policy:
    """Read a shipped policy by id. Errors: Misused(unknown-key), the caller's fault."""
    if policy_id not in names():
        raise Misused(
            Reason.UNKNOWN_KEY, f"no policy {policy_id!r}; shipped are {', '.join(names())}"
        )
    return _shipped(policy_id)


@cache
def _shipped(policy_id: str) -> Policy:
    """Read one file once a process: a policy is a value, and its file comes with the package."""
    return parse((files("data") / "policies" / f"{policy_id}.toml").read_text("utf-8"))


def parse(text: str) -> Policy:
    """Read a policy file whole; an unknown or missing key is an error, never ignored."""
    try:
        table = tomllib.loads(text)
        if "base" in table:
            text = overlays.merged(tomllib.loads(load(table["base"]).text), table)
            table = tomllib.loads(text)
        return _policy(text, table)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise Misused(Reason.UNKNOWN_KEY, f"policy file refused: {error}") from error


def _policy(text: str, table: dict[str, Any]) -> Policy:
    expected = {f.name for f in fields(Policy)} - {"sha256", "text", "rules"} | {"rule"}
    _same_keys("policy", table, expected)
    sections: dict[str, Any] = {
        name: _section(kind, name, table[name]) for name, kind in _SECTIONS.items()
    }
    _value_weights(sections["ranking"])
    _counted(sections["moderation"])
    _experimented(sections["experiments"])
    return Policy(
        id=table["id"],
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
        title=table["title"],
        summary=table["summary"],
        jurisdiction=table["jurisdiction"],
        claims=_typed("claims", table["claims"], tuple[Claim, ...]),
        rules=tuple(_rule(r) for r in table["rule"]),
        consent=_terms(table["consent"]),
        caps=MappingProxyType(
            {Purpose(p): _section(Caps, f"caps.{p}", c) for p, c in table["caps"].items()}
        ),
        **sections,
    )


def _rule(table: dict[str, Any]) -> Rule:
    if described := set(table) & _PROVENANCE:
        _described("a rule", {key: table[key] for key in described})
    given = set(table) - _PROVENANCE
    if given - {"needs"} != {"steps", "purposes", "kinds"}:
        raise ValueError(
            f"a rule has steps, purposes, kinds and optional needs, got {sorted(given)}"
        )
    needs = frozenset(table.get("needs", ()))
    if needs - _NEEDS:
        raise ValueError(f"unknown needs {sorted(needs - _NEEDS)}; known are {sorted(_NEEDS)}")
    return Rule(
        steps=frozenset(map(Step, table["steps"])),
        purposes=frozenset(map(Purpose, table["purposes"])),
        kinds=frozenset(map(Kind, table["kinds"])),
        needs=needs,
    )


def _terms(table: dict[str, Any]) -> Terms:
    unasked = {
        way: MappingProxyType(
            {
                Purpose(of): tuple(map(Purpose, _plain(f"consent.{way}", given)))
                for of, given in table.get(way, {}).items()
            }
        )
        for way in ("implies", "bundles")
    }
    return _section(Terms, "consent", table | unasked)


_Section = TypeVar("_Section")


def _section(kind: type[_Section], name: str, table: dict[str, Any]) -> _Section:
    hints = _HINTS[kind]
    _same_keys(name, table, set(hints))
    return kind(**{k: _typed(f"{name}.{k}", _plain(k, v), hints[k]) for k, v in table.items()})


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401 - TOML values have no narrower type
    if not isinstance(value, dict):
        return value
    if set(value) != _PROVENANCE | {"value"}:
        raise ValueError(f"{name} needs value, source, as_of and confidence, got {sorted(value)}")
    _described(name, {key: value[key] for key in _PROVENANCE})
    return value["value"]


def _described(name: str, given: Mapping[str, Any]) -> None:
    """Refuse a source without words, a date that is none, a confidence of one's own making."""
    if set(given) != _PROVENANCE:
        raise ValueError(f"{name} needs source, as_of and confidence together")
    if not str(given["source"]).strip():
        raise ValueError(f"{name} has an empty source")
    if not _AS_OF.fullmatch(str(given["as_of"])):
        raise ValueError(f"{name}: as_of is a year, month or day, got {given['as_of']!r}")
    if given["confidence"] not in _CONFIDENCE:
        raise ValueError(f"{name}: confidence is one of {sorted(_CONFIDENCE)}")


def _typed(name: str, value: Any, hint: Any) -> Any:  # noqa: ANN401 - see above
    if get_origin(hint) is Literal:
        return _word(name, value, get_args(hint))
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(_typed(name, one, get_args(hint)[0]) for one in value)
    expected = get_origin(hint) or hint
    if expected is float and type(value) is int:
        return float(value)
    if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        raise TypeError(f"{name} must be {expected.__name__}, got {value!r}")
    return value


def _word(name: str, value: object, known: tuple[str, ...]) -> object:
    if value not in known:
        raise ValueError(f"{name} is one of {', '.join(known)}, got {value!r}")
    return value


def _same_keys(name: str, table: Mapping[str, Any], expected: set[str]) -> None:
    if unknown := set(table) - expected:
        raise ValueError(f"unknown key {min(unknown)!r} in {name}")
    if missing := expected - set(table):
        raise ValueError(f"missing key {min(missing)!r} in {name}")


def _value_weights(ranking: RankingValues) -> None:
    """Refuse weights under which showing more is always better (feed.md, decision 3)."""
    if ranking.withdrawal >= 0 or ranking.report >= 0 or ranking.cost_per_insert <= 0:
        raise ValueError("ranking needs withdrawal < 0, report < 0 and cost_per_insert > 0")


def _counted(moderation: ModerationRules) -> None:
    """Refuse a quarantine that ends before it begins, or names a reason twice."""
    if min(moderation.quarantine_seconds, moderation.appeals) < 0:
        raise ValueError("moderation needs quarantine_seconds and appeals of 0 or more")
    if len(set(moderation.quarantine)) < len(moderation.quarantine):
        raise ValueError("moderation.quarantine names a reason twice")


def _experimented(experiments: ExperimentRules) -> None:
    """Refuse bounds that are none, thousandths of more than all, and what is listed twice."""
    least = (experiments.least_first, experiments.least_gap, experiments.most_per_week)
    if min(least) < 0:
        raise ValueError("experiments needs least_first, least_gap and most_per_week of 0 or more")
    for name in ("holdout_permille", "withdrawals_permille"):
        if not 0 <= getattr(experiments, name) <= _PERMILLE:
            raise ValueError(f"experiments.{name} is 0 to {_PERMILLE}")
    for name in ("levers", "labels"):
        listed = getattr(experiments, name)
        if len(set(listed)) < len(listed):
            raise ValueError(f"experiments.{name} names one twice")
