# SPDX-License-Identifier: Apache-2.0
"""A cursor is opaque, signed and good for one viewer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import Misused
from consent.words import Micros, Reason, Subject
from feed.cursors import Cursor, Cursors

CURSORS = Cursors(b"k" * 32)
ADA, BOB = Subject(7), Subject(1 << 62)
numbers = st.integers(0, (1 << 63) - 1)
places = st.builds(
    Cursor,
    snapshot=numbers.map(Micros),
    post_at=numbers.map(Micros),
    post_id=numbers,
    posts_before=st.integers(0, 10_000),
    posts_since=st.none() | st.integers(0, 10_000),
    listed=st.lists(numbers, max_size=5).map(tuple),
)


@given(places)
def test_what_is_written_is_read_again(place: Cursor) -> None:
    text = CURSORS.write(ADA, place)
    assert CURSORS.read(ADA, text) == place
    assert text.replace("-", "").replace("_", "").isalnum()


@given(places, st.integers(0, 400), st.sampled_from("Az0-"))
def test_a_changed_cursor_is_refused(place: Cursor, at: int, letter: str) -> None:
    text = CURSORS.write(ADA, place)
    at %= len(text)
    changed = text[:at] + letter + text[at + 1 :]
    if changed != text:
        with pytest.raises(Misused) as caught:
            CURSORS.read(ADA, changed)
        assert caught.value.reason is Reason.UNKNOWN_KEY


@given(places, st.sampled_from(["=", "\n", "!"]))
def test_a_cursor_has_one_spelling(place: Cursor, more: str) -> None:
    with pytest.raises(Misused):
        CURSORS.read(ADA, CURSORS.write(ADA, place) + more)


@given(places)
def test_another_viewer_or_another_key_refuses_it(place: Cursor) -> None:
    text = CURSORS.write(ADA, place)
    for cursors, viewer in ((CURSORS, BOB), (Cursors(b"o" * 32), ADA)):
        with pytest.raises(Misused, match="not one of yours"):
            cursors.read(viewer, text)


@given(st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Misused, match="not one of yours"):
        CURSORS.read(ADA, text)


def test_a_reading_starts_above_every_post_of_its_moment() -> None:
    start = Cursor.start(Micros(5))
    assert (start.snapshot, start.post_at, start.posts_since, start.listed) == (5, 6, None, ())
