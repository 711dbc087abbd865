# SPDX-License-Identifier: Apache-2.0
import hashlib
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

from consent import policies
from consent.errors import Misused
from consent.words import Reason
from tests import mutations, probes
from tests.mutations import Mutation
from tests.sweeps import swept

probes.gather()
TEXTS = {name: policies.load(name).text for name in policies.names()}
"""The whole policies, as they are hashed and published: an overlay with its base."""
STRICT = TEXTS["strict-opt-in"]


def test_the_nine_policies_of_the_design_are_shipped() -> None:
    assert set(policies.names()) == {
        "strict-opt-in",
        "instagram-2025",
        "meta-imagine-chat",
        "meta-profile-2024",
        "tiktok-avatars-2023",
        "tiktok-avatars-2023+plus",
        "snapchat-2024",
        "lensa-2022",
        "instagram-cohort-2024",
    }


def test_the_shipped_policies_are_read_and_named_by_their_bytes() -> None:
    for name, text in TEXTS.items():
        policy = policies.load(name)
        assert policy.id == name
        assert policy.sha256 == hashlib.sha256(text.encode()).hexdigest()
        if "+" not in name:
            assert text == (files("data") / "policies" / f"{name}.toml").read_text("utf-8")


def test_a_whole_policy_read_from_its_own_text_is_the_same_policy() -> None:
    for name, text in TEXTS.items():
        assert policies.parse(text) == policies.load(name)


OF_ARTICLES = sorted(set(TEXTS) - {"strict-opt-in"})


@pytest.mark.parametrize("name", OF_ARTICLES)
def test_every_value_that_is_not_our_own_default_carries_its_source(name: str) -> None:
    ours = dict(probes.values(STRICT))
    bare = {
        path: value
        for path, value in _bare("", tomllib.loads(TEXTS[name]))
        if path not in WORDS and ours.get(path, value if value == {} else None) != value
    }
    assert bare == {}


@pytest.mark.parametrize("name", OF_ARTICLES)
def test_every_rule_of_an_article_carries_its_source(name: str) -> None:
    for rule in tomllib.loads(TEXTS[name])["rule"]:
        assert set(probes.DESCRIBING) <= set(rule), rule


WORDS = {"id", "title", "summary", "jurisdiction", "claims"}
"""What a policy says of itself; the values below it carry the sources."""


def _bare(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Walk the values that stand without a source; rules are looked at on their own."""
    if not isinstance(value, dict):
        yield path, value
    elif "value" not in value:
        for key, inner in value.items():
            if key != "rule":
                yield from _bare(f"{path}.{key}".lstrip("."), inner)


def test_an_unknown_policy_is_refused_with_the_list_of_known_ones() -> None:
    with pytest.raises(Misused, match=r"strict-opt-in") as refused:
        policies.load("lax-opt-out")
    assert refused.value.reason is Reason.UNKNOWN_KEY


def _sourced(**given: str) -> str:
    said = {"source": "a rule", "as_of": "2026-01-01", "confidence": "high"} | given
    return f"term_days = {{ value = 90, {', '.join(f'{k} = {v!r}' for k, v in said.items())} }}"


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
        ('window = "rolling-24h"', 'window = "fortnight"', "packs.window is one of"),
        ('minors = "guardian"', 'minors = "ignored"', "ages.minors is one of"),
        (
            'most_sensitive = "dramatic"',
            'most_sensitive = "any"',
            "slots.most_sensitive is one of",
        ),
        ('claims = ["notice-first", ', 'claims = ["kind", ', "claims is one of"),
        ("quarantine_seconds = 604_800", "quarantine_seconds = -1", "of 0 or more"),
        ("appeals = 1", "appeals = -1", "of 0 or more"),
        ('quarantine = ["nsfw", ', 'quarantine = ["nsfw", "nsfw", ', "names a reason twice"),
        ('quarantine = ["nsfw", ', 'quarantine = ["cap", ', "moderation.quarantine is one of"),
        ("least_gap = 4", "least_gap = -1", "least_gap and most_per_week of 0 or more"),
        ("holdout_permille = 10", "holdout_permille = 1001", "holdout_permille is 0 to 1000"),
        (
            'levers = ["frequency", ',
            'levers = ["frequency", "frequency", ',
            "levers names one twice",
        ),
        ('levers = ["frequency", ', 'levers = ["mood", ', "experiments.levers is one of"),
        ("refused = []", "refused = [7]", "regions.refused must be str"),
        ("[consent.implies]", "[consent.implied]", "unknown key 'implied'"),
        ("[consent.bundles]\n", '[consent.bundles]\nlikeness = ["fame"]\n', "fame"),
        ('id = "strict-opt-in"', 'base = "strict-opt-in"\nid = "x"', "is named strict-opt-in+"),
        ("term_days = 365", _sourced(source=" "), "empty source"),
        ("term_days = 365", _sourced(as_of="once"), "as_of is a year, month or day"),
        ("term_days = 365", _sourced(confidence="certain"), "confidence is one of"),
        ('kinds = ["explicit"]', 'kinds = ["explicit"]\nsource = "x"', "together"),
    ],
)
def test_a_file_that_is_not_understood_whole_is_refused(old: str, new: str, words: str) -> None:
    assert old in STRICT
    with pytest.raises(Misused, match="policy file refused") as refused:
        policies.parse(STRICT.replace(old, new, 1))
    assert words in refused.value.sentence
    assert refused.value.reason is Reason.UNKNOWN_KEY


def test_a_value_with_its_source_counts_as_the_value() -> None:
    policy = policies.parse(STRICT.replace("term_days = 365", _sourced()))
    assert policy.consent.term_days == 90


def test_writing_a_policy_out_again_changes_nothing_but_the_bytes() -> None:
    for text in TEXTS.values():
        path, value = next(iter(probes.values(text)))
        again = policies.parse(probes.changed(text, path, value))
        assert again.rules == policies.parse(text).rules
        assert (again.slots, again.caps) == (policies.parse(text).slots, policies.parse(text).caps)


MUTATIONS = tuple(one for name in policies.names() for one in mutations.mutations(name))


def _grouped(one: Mutation) -> ParameterSet:
    """Keep a policy in one process, so that what is said of it as shipped is asked once."""
    return pytest.param(one, id=str(one), marks=pytest.mark.xdist_group(f"policy-{one.policy}"))


@pytest.mark.parametrize("one", swept(MUTATIONS, _grouped, one_in=8))
def test_every_value_of_a_shipped_policy_drives_code(one: Mutation) -> None:
    assert mutations.fate(one) in {"noticed", "refused"}, f"{one.path} is decoration"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, id=name, marks=pytest.mark.xdist_group(f"policy-{name}"))
        for name in policies.names()
    ],
)
def test_of_every_value_some_change_is_read_so_that_a_probe_must_notice_it(name: str) -> None:
    changes = [one for one in MUTATIONS if one.policy == name]
    read = {one.path for one in changes if mutations.is_read(one)}
    assert {one.path for one in changes} == read


def test_there_are_values_to_change() -> None:
    assert len({(one.policy, one.path) for one in MUTATIONS}) > 700


def test_a_whole_number_will_do_where_a_fraction_may_stand() -> None:
    said = policies.parse(STRICT.replace("withdrawal = -300.0", "withdrawal = -300", 1))
    assert repr(said.ranking.withdrawal) == "-300.0"
