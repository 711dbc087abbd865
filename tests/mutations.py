# SPDX-License-Identifier: Apache-2.0
"""A mutation run over the policy files: change one value, and ask who notices.

`make mutate-policies`, or `python -m tests.mutations [POLICY ...]`. For every value of every
shipped policy (an overlay with its base) a copy is written with that one value changed and read as
a policy file is read. Either it is refused, or a probe that answers for the value must see another
outcome. A value that nobody notices is decoration: a survivor. Exit 0 without one, 1 with some.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from consent import policies
from consent.errors import Misused, OnlyouError
from consent.policy import Policy
from tests import probes

Fate = Literal["refused", "noticed", "unanswered", "survived"]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One value of one policy, and what it is changed to."""

    policy: str
    path: str
    nth: int
    other: object

    def __str__(self) -> str:
        return f"{self.policy} {self.path} {self.nth}"


def mutations(name: str) -> Iterator[Mutation]:
    """Yield every change of every value of one policy."""
    for path, value in probes.values(policies.load(name).text):
        for nth, other in enumerate(probes.changes(value)):
            yield Mutation(name, path, nth, other)


def fate(one: Mutation) -> Fate:
    """Say what becomes of one changed value: refused, noticed by a probe, or neither."""
    answering = probes.answering(one.path)
    if not answering:
        return "unanswered"
    changed = changed_policy(one)
    if changed is None:
        return "refused"
    noticed = any(shipped(probe, one.policy) != outcome(probe, changed) for probe in answering)
    return "noticed" if noticed else "survived"


def changed_policy(one: Mutation) -> Policy | None:
    """Read a policy with one value changed; None where the file is refused."""
    text = policies.load(one.policy).text
    try:
        changed = policies.parse(probes.changed(text, one.path, one.other))
    except Misused:
        return None
    _READ.add((one.policy, one.path))
    return changed


_READ: set[tuple[str, str]] = set()
"""The values of which a changed file has been understood in this process."""


def is_read(one: Mutation) -> bool:
    """Say whether a file with this value changed is understood, by this change or an earlier."""
    return (one.policy, one.path) in _READ or changed_policy(one) is not None


@cache
def shipped(probe: probes.Probe, name: str) -> object:
    """Return what a probe says of a policy as it is shipped."""
    return probe(policies.load(name))


def outcome(probe: probes.Probe, changed: Policy) -> object:
    """Ask a probe about a changed policy; that code refuses the value is an outcome too."""
    try:
        return probe(changed)
    except (OnlyouError, ValueError) as refused:
        return repr(refused)


def main(names: list[str]) -> int:
    """Run, and print every survivor and the counts."""
    probes.gather()
    fates: Counter[Fate] = Counter()
    for name in names or policies.names():
        for one in mutations(name):
            fates[found := fate(one)] += 1
            if found in {"survived", "unanswered"}:
                print(f"{found}: {one}", flush=True)  # noqa: T201 - a command's answer
    print(dict(fates))  # noqa: T201
    return 1 if fates["survived"] or fates["unanswered"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
