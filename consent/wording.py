# SPDX-License-Identifier: Apache-2.0
"""Facts, consequences and values in plain English, for those who compare policies."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from consent.policy import Facts, Policy
from consent.words import Kind, Purpose, Step

_DOES: Final[Mapping[Step, str]] = MappingProxyType(
    {
        Step.ENROL: "can have selfies kept",
        Step.SELECT: "can be chosen for a portrait",
        Step.READ: "can have their selfies read",
        Step.GENERATE: "can be drawn",
        Step.MODERATE: "can have a picture of them checked",
        Step.STORE: "can have a picture of them kept",
        Step.INSERT: "gets inserts",
        Step.VIEW: "can look at it",
        Step.SHARE: "can share it",
        Step.LEARN: "is learnt from",
    }
)
_FOR: Final[Mapping[Purpose, str]] = MappingProxyType(
    {
        Purpose.LIKENESS: "for their likeness",
        Purpose.IMAGINE: "when they ask for one",
        Purpose.FEED_INSERT: "in the feed",
        Purpose.AVATAR_PACK: "for an avatar pack",
        Purpose.PROFILE_PICTURE: "for a profile picture",
        Purpose.STORY: "in a story",
        Purpose.SHARE: "with friends",
        Purpose.ADS: "for advertising",
        Purpose.TRAINING: "to train models",
        Purpose.PERSONALISATION: "to personalise",
        Purpose.EXPERIMENT: "for experiments",
        Purpose.TELEMETRY: "to measure what they look at",
    }
)


def consequence(step: Step, purpose: Purpose) -> str:
    """Say what being allowed a step means to the person: `gets inserts in the feed`."""
    return f"{_DOES[step]} {_FOR[purpose]}"


def somebody(facts: Facts, purpose: Purpose, policies: tuple[Policy, ...]) -> str:
    """Say who has these facts: `somebody who only used the edit tool`."""
    return "somebody " + " and ".join([_basis(facts, purpose, policies), *_more(facts)])


def _basis(facts: Facts, purpose: Purpose, policies: tuple[Policy, ...]) -> str:
    match facts.kind:
        case Kind.EXPLICIT:
            return f"who said yes to {purpose}"
        case Kind.PARENTAL:
            return f"whose guardian said yes to {purpose}"
        case Kind.IMPLIED:
            return _unasked(purpose, policies)
        case _:
            return f"who {'turned off' if facts.withdrawn else 'never said yes to'} {purpose}"


_USED: Final[Mapping[Purpose, str]] = MappingProxyType(
    {
        Purpose.IMAGINE: "who only used the edit tool",
        Purpose.PROFILE_PICTURE: "who only made a profile picture",
        Purpose.AVATAR_PACK: "who only had an avatar pack made",
    }
)


def _unasked(purpose: Purpose, policies: tuple[Policy, ...]) -> str:
    """Say what the person did, that a policy takes for a basis nobody asked for."""
    for policy in policies:
        for used, implied in policy.consent.implies.items():
            if purpose in implied:
                return _USED.get(used, f"who only used {used}")
    for policy in policies:
        for agreed, bundled in policy.consent.bundles.items():
            if purpose in bundled:
                return f"whose yes to {agreed} brought {purpose} along"
    return f"whose basis for {purpose} is only implied"


def _more(facts: Facts) -> Iterator[str]:
    said = (
        (facts.expired, "whose yes has run out"),
        (not facts.notice_current, "whose yes was to words that have changed since"),
        (not facts.preview and facts.kind is not None, "who has not accepted a preview"),
        (not facts.confirmed and facts.kind is not None, "who has not confirmed it this time"),
        (facts.paused, "who has paused everything"),
        (facts.age_band == "minor", "who is a minor"),
        (facts.age_band == "adult", "who is known to be an adult"),
        (facts.region is not None, f"who is in {facts.region}"),
        (facts.used_day or facts.used_week, _used(facts)),
    )
    return (words for is_so, words in said if is_so)


def _used(facts: Facts) -> str:
    return f"who had {facts.used_day} in the last day and {facts.used_week} in the last week"


_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def value(path: str, given: object) -> str:
    """Say a value of a policy: seconds as days, hours or minutes, lists as words."""
    if path.endswith("_seconds") and isinstance(given, int):
        name, size = next((n, s) for n, s in _UNITS if s == 1 or (given and given % s == 0))
        return f"{given // size} {name}{'' if given == size else 's'}"
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, tuple | list):
        return ", ".join(map(str, given)) or "none"
    return "none" if given is None else str(given)
