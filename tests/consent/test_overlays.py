# SPDX-License-Identifier: Apache-2.0
import tomllib

import pytest

from consent import overlays, policies
from consent.errors import Misused

PLUS = """base = "tiktok-avatars-2023"
id = "tiktok-avatars-2023+gold"
title = "Gold"
summary = "Kept for a minute."
claims = ["no-ads"]

[selfies]
retention_seconds = { value = 60, source = "made up", as_of = "2026", confidence = "assumed" }
"""
BASE = policies.load("tiktok-avatars-2023")


def test_an_overlay_changes_the_values_it_names_and_no_others() -> None:
    gold = policies.parse(PLUS)
    assert gold.selfies.retention_seconds == 60
    assert (gold.id, gold.title, gold.claims) == ("tiktok-avatars-2023+gold", "Gold", ("no-ads",))
    assert (gold.rules, gold.caps, gold.packs) == (BASE.rules, BASE.caps, BASE.packs)
    assert gold.portraits == BASE.portraits


def test_what_is_published_is_the_whole_with_every_source() -> None:
    table = tomllib.loads(policies.parse(PLUS).text)
    assert "base" not in table
    assert table["selfies"]["minimum"] == tomllib.loads(BASE.text)["selfies"]["minimum"]
    assert table["selfies"]["retention_seconds"]["source"] == "made up"
    assert [rule["source"] for rule in table["rule"]] == [
        rule["source"] for rule in tomllib.loads(BASE.text)["rule"]
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("retention_seconds", "retention_weeks", "has no selfies.'retention_weeks'"),
        ("[selfies]", "[selves]", "has no 'selves'"),
        ("+gold", "-gold", "is named tiktok-avatars-2023+<tier>"),
        ('summary = "Kept for a minute."\n', "", "says its own 'summary'"),
        ("[selfies]", "[[rule]]\nkinds = []\n\n[selfies]", "changes values, not rules"),
        ('base = "tiktok-avatars-2023"', 'base = "nobody"', "no policy 'nobody'"),
        ('base = "tiktok-avatars-2023"', 'base = "tiktok-avatars-2023+plus"', "is named"),
    ],
)
def test_an_overlay_that_would_do_more_is_refused(old: str, new: str, words: str) -> None:
    assert old in PLUS
    with pytest.raises(Misused) as refused:
        policies.parse(PLUS.replace(old, new, 1))
    assert words in refused.value.sentence


def test_a_tier_names_the_policy_under_it() -> None:
    assert overlays.overlaid("tiktok-avatars-2023+plus") == "tiktok-avatars-2023"
    assert overlays.overlaid("tiktok-avatars-2023") is None


@pytest.mark.parametrize("name", policies.names())
def test_a_policy_written_out_is_read_as_the_same_table(name: str) -> None:
    table = tomllib.loads(policies.load(name).text)
    assert tomllib.loads(overlays.written(table)) == table


def test_words_with_quotes_and_line_ends_are_written_so_that_they_are_read_again() -> None:
    table = {
        "note": 'a "quote", a \\ and\na line, \x7f \x01 ✓',
        "some": [1, 2.5, True],
        "none": {},
    }
    assert tomllib.loads(overlays.written(table)) == table
