# SPDX-License-Identifier: Apache-2.0
"""The ways in which a word is hidden, undone: every reading of a text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.spelling import fold, readable, readings


def words(text: str) -> set[str]:
    return {word for tokens in readings(text) for word in tokens}


@pytest.mark.parametrize(
    "written",
    [
        "tower",
        "TOWER",
        "\uff54\uff4f\uff57\uff45\uff52",
        "\U0001d4fd\U0001d4f8\U0001d500\U0001d4ee\U0001d4fb",
        "ⓣⓞⓦⓔⓡ",
        "tówër",
        "t0wer",
        "t0w3r",
        "+ow€r",
        "toooower",
        "ttoowweerr",
        "t o w e r",
        "t.o.w.e.r",
        "t-o-w-e-r",
        "t\u200bo\u200dw\u2060er",
        "to\u00adwer",
    ],
)
def test_a_word_is_read_however_it_was_written(written: str) -> None:
    assert "tower" in words(written)


def test_a_one_is_read_as_i_and_as_l() -> None:
    assert {"girl", "grll"} <= words("g1rl") | words("gr1l")
    assert "milk" in words("mi1k")


def test_numbers_alone_stay_numbers() -> None:
    assert readings("in 1925")[0] == ("in", "1925")
    assert words("in 1925") == {"in", "1925"}


def test_words_with_doubles_are_still_read_as_they_are() -> None:
    assert {"brass", "book", "bell"} <= words("brass book bell")


@pytest.mark.parametrize(
    "text",
    [
        "a quiet harbour, 6 boats",
        "naïve café",
        "Straße über Köln",
        "\u201cfog\u201d \u2013 and rain\u2026",
        "a\nb",
    ],
)
def test_ordinary_writing_is_readable(text: str) -> None:
    assert readable(text)


@pytest.mark.parametrize(
    "text",
    [
        "маяк",
        "灯台",
        "منارة",
        "lighth\u043euse",  # a Cyrillic o
        "lig\u0127thouse",
        "light\u200bhouse",
        "\u202elighthouse",
        "light\ue000house",
        "light\x00house",
        "l*ghthouse",
        "light_house",
        "<lora:light:1>",
        "{person}",
        "light|house",
        "l̸i̸g̸h̸t̸",
        "z̵̢̛a̸̡l̶g̷o",
        "a house 🏠",
        "\ud800",
    ],
)
def test_what_cannot_be_read_for_certain_is_unreadable(text: str) -> None:
    assert not readable(text)


@given(st.text(max_size=120))
def test_reading_never_fails_and_folding_twice_changes_nothing(text: str) -> None:
    assert readings(text)
    assert fold(fold(text)) == fold(text)
    assert all(token.isascii() and token.isalnum() for token in readings(text)[0])


@given(st.text(max_size=60))
def test_what_is_readable_holds_only_what_was_read(text: str) -> None:
    if readable(text):
        assert fold(text).isascii() or "°" in fold(text)
        assert not any(unicodedata.category(c) == "Cf" for c in text)
