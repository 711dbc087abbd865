# SPDX-License-Identifier: Apache-2.0
"""The swift reading and the exact one say the same of every entry."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import entries
from consent.verify.decisions import exact_question, question
from consent.verify.effects import effect, exact_effect
from consent.verify.grammar import KINDS, PURPOSES, REASONS, REQUIRED, STEPS, read_entry
from consent.verify.swift import decision_fields, effect_fields, swift_entry
from consent.words import Kind, Purpose, Reason, Step
from tests.consent.conftest import Year

NUMBERS = st.one_of(st.integers(0, 300), st.integers(0, (1 << 53) + 5))
TAG = "oCtcYNrdwAk3cHMz1_VIsA"
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("epoch", "not_after", "served"), NUMBERS),
    **dict.fromkeys(("prev", "effect_of"), NUMBERS | st.lists(NUMBERS, min_size=2, max_size=2)),
    **dict.fromkeys(("run", "request"), st.text(st.characters(max_codepoint=300), max_size=9)),
    **dict.fromkeys(("facts", "object"), st.sampled_from(["abc", "a-_Z9", "", "a b"])),
    **dict.fromkeys(
        ("policy", "notice", "recipe"), st.sampled_from(["0a" * 32, "a" * 63, "A" * 64])
    ),
    **dict.fromkeys(("kind", "basis"), st.sampled_from([*KINDS, "none"])),
}
NEEDED = {
    "t": st.sampled_from(["decision", "effect", "grant", "destroy", "label.shown", "expire"]),
    "at": NUMBERS,
    "tag": st.sampled_from([TAG, TAG, TAG[:-1] + "B", TAG[:-1]]),
    "v": st.sampled_from([1, 1, 1, 2]),
}
VALUES |= {
    "purpose": st.sampled_from(["imagine", "likeness", "fun"]),
    "step": st.sampled_from(["view", "select", "stare"]),
    "actor": st.sampled_from(["self", "nobody"]),
    "verdict": st.sampled_from(["allow", "deny", "perhaps"]),
    "reasons": st.lists(st.sampled_from(["cap", "age", "dark", "why"]), max_size=2),
    "note": st.just("more"),
}


@pytest.mark.parametrize("t", ["decision", "effect", "grant", "destroy", "expire"])
@given(st.data())
def test_what_is_read_swiftly_is_read_exactly_so(t: str, data: st.DataObject) -> None:
    all_of = {**VALUES, **NEEDED}
    needed = {name: all_of.pop(name) for name in REQUIRED[t]} | {"t": st.just(t)}
    entry = data.draw(st.fixed_dictionaries(needed, optional=all_of))
    try:
        agrees(entries.canonical(entry))
    except ValueError:
        return


def agrees(raw: bytes) -> bool:
    """Hold both readings against each other; say whether the swift one would do."""
    exact, other = read_entry(raw), swift_entry(raw)
    if other is not None:
        assert other == exact
        return True
    if (match := decision_fields(raw)) and (asked := question(match.groups())):
        words = match[9].decode() in PURPOSES and asked.step.decode() in STEPS
        if words:
            assert not isinstance(exact, str)
            assert asked == exact_question(exact)
        return words
    if (match := effect_fields(raw)) and (done := effect(match.groups())):
        assert not isinstance(exact, str)
        assert done == exact_effect(exact)
        return True
    return False


def test_every_entry_about_a_person_of_an_honest_year_is_read_swiftly(nights: Year) -> None:
    for body in nights.rooms.entries():
        entry = {name: value for name, value in body.items() if name != "seq"}
        if "tag" in entry and entry["t"] != "block":
            assert agrees(entries.canonical(entry)), entry


@pytest.mark.parametrize(
    ("here", "there"),
    [(PURPOSES, Purpose), (STEPS, Step), (frozenset(KINDS), Kind), (frozenset(REASONS), Reason)],
)
def test_both_sides_know_the_same_words(here: frozenset[str], there: Any) -> None:
    assert here == {str(word) for word in there}


def test_records_of_blocks_count_reasons_and_kinds_in_the_same_order() -> None:
    assert tuple(map(str, Reason)) == REASONS
    assert tuple(map(str, Kind)) == KINDS
