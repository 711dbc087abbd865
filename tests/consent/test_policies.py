# SPDX-License-Identifier: Apache-2.0
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import pytest

from consent import policies
from consent.errors import Misused, OnlyouError
from consent.policy import Policy
from consent.words import Reason
from tests import probes

probes.gather()
TEXTS = {
    name: (files("data") / "policies" / f"{name}.toml").read_text("utf-8")
    for name in policies.names()
}
STRICT = TEXTS["strict-opt-in"]


def test_the_shipped_policies_are_read_and_named_by_their_bytes() -> None:
    for name, text in TEXTS.items():
        policy = policies.load(name)
        assert (policy.id, policy.text) == (name, text)
        assert policy.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_an_unknown_policy_is_refused_with_the_list_of_known_ones() -> None:
    with pytest.raises(Misused, match=r"strict-opt-in") as refused:
        policies.load("lax-opt-out")
    assert refused.value.reason is Reason.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("term_days = 365", "term_days = 365\nterm_weeks = 52", "unknown key 'term_weeks'"),
        ("term_days = 365\n", "", "missing key 'term_days'"),
        ("term_days = 365", 'term_days = "a year"', "must be int"),
        ("term_days = 365", "term_days = true", "must be int"),
        ("current_notice = true", "current_notice = 1", "must be bool"),
        ("term_days = 365", "term_days = 1.5", "must be int"),
        ('kinds = ["explicit"]\nneeds = ["preview"]', 'kinds = ["assumed"]', "assumed"),
        ('needs = ["preview"]', 'needs = ["a hunch"]', "unknown needs"),
        ('steps = ["share"]', 'steps = ["sell"]', "sell"),
        ('steps = ["share"]', 'steps = ["share"]\nunless = ["asked"]', "a rule has"),
        ("[caps.imagine]", "[caps.banana]", "banana"),
        ("[portraits]", "[pictures]", "unknown key 'pictures'"),
        ("term_days = 365", "term_days = { value = 365 }", "needs value, source"),
        ("withdrawal = -300.0", "withdrawal = 1.0", "withdrawal < 0"),
        ("cost_per_insert = 0.01", "cost_per_insert = 0.0", "cost_per_insert > 0"),
        ('id = "strict-opt-in"', "id = ", "refused"),
    ],
)
def test_a_file_that_is_not_understood_whole_is_refused(old: str, new: str, words: str) -> None:
    assert old in STRICT
    with pytest.raises(Misused, match="policy file refused") as refused:
        policies.parse(STRICT.replace(old, new, 1))
    assert words in refused.value.sentence
    assert refused.value.reason is Reason.UNKNOWN_KEY


def test_a_value_with_its_source_counts_as_the_value() -> None:
    sourced = '{ value = 90, source = "a rule", as_of = "2026-01-01", confidence = "high" }'
    policy = policies.parse(STRICT.replace("term_days = 365", f"term_days = {sourced}"))
    assert policy.consent.term_days == 90


def test_writing_a_policy_out_again_changes_nothing_but_the_bytes() -> None:
    for text in TEXTS.values():
        path, value = next(iter(probes.values(text)))
        again = policies.parse(probes.changed(text, path, value))
        assert again.rules == policies.parse(text).rules
        assert (again.slots, again.caps) == (policies.parse(text).slots, policies.parse(text).caps)


def _mutations() -> Iterator[object]:
    for name, text in TEXTS.items():
        for path, value in probes.values(text):
            for n, other in enumerate(probes.changes(value)):
                yield pytest.param(name, path, other, id=f"{name} {path} {n}")


@pytest.mark.parametrize(("name", "path", "other"), tuple(_mutations()))
def test_every_value_of_a_shipped_policy_drives_code(name: str, path: str, other: object) -> None:
    answering = probes.answering(path)
    assert answering, f"no probe answers for {path}: register one in tests/<room>/probes.py"
    policy = policies.load(name)
    try:
        changed = policies.parse(probes.changed(policy.text, path, other))
    except Misused:
        return
    driven = any(_shipped(probe, name) != _outcome(probe, changed) for probe in answering)
    assert driven, f"{path} is decoration"


@cache
def _shipped(probe: probes.Probe, name: str) -> object:
    return probe(policies.load(name))


def _outcome(probe: probes.Probe, changed: Policy) -> object:
    """Ask a probe about a changed policy; that code refuses the value is an outcome too."""
    try:
        return probe(changed)
    except (OnlyouError, ValueError) as refused:
        return repr(refused)
