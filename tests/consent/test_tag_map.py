# SPDX-License-Identifier: Apache-2.0
"""The map against its definition, and nothing proved of it that is not so."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import merkle
from consent.tag_map import NO_SLOT, Last, TagMap, leaf, named, says

TAGS = st.binary(min_size=16, max_size=16)
LASTS = st.tuples(st.integers(0, 2**53 - 1), st.none() | st.integers(0, 9_999))
MAPS = st.dictionaries(TAGS, LASTS, max_size=40)


def test_a_leaf_is_written_as_the_format_says() -> None:
    tag = bytes(range(16))
    plain = b"\0" + tag + (258).to_bytes(8, "big") + b"\xff" * 4
    slotted = b"\0" + tag + (258).to_bytes(8, "big") + (7).to_bytes(4, "big")
    assert leaf(tag, (258, None)) == hashlib.sha256(plain).digest()
    assert leaf(tag, (258, 7)) == hashlib.sha256(slotted).digest()
    assert NO_SLOT == 2**32 - 1


@given(MAPS)
def test_the_root_is_that_of_the_leaves_sorted_by_tag(lasts: dict[bytes, Last]) -> None:
    expected = merkle.root_of([leaf(tag, lasts[tag]) for tag in sorted(lasts)])
    assert TagMap(lasts.items()).root() == expected
    assert TagMap(reversed(lasts.items())).root() == expected


@given(MAPS, TAGS)
def test_of_every_tag_the_map_proves_its_end_or_that_it_has_none(
    lasts: dict[bytes, Last], stranger: bytes
) -> None:
    made = TagMap(lasts.items())
    for tag in {*lasts, stranger}:
        assert says(tag, made.prove(tag), len(made), made.root()) == lasts.get(tag)


@given(MAPS, MAPS, st.sets(TAGS, max_size=3))
def test_a_changed_map_is_the_map_of_what_changed(
    lasts: dict[bytes, Last], moved: dict[bytes, Last], gone: set[bytes]
) -> None:
    gone |= set(list(lasts)[:2]) - set(moved)
    changes = {**moved, **dict.fromkeys(gone - set(moved))}
    after = {tag: last for tag, last in {**lasts, **changes}.items() if last is not None}
    made = TagMap(lasts.items())
    made.move(changes)
    assert (len(made), made.root()) == (len(after), TagMap(after.items()).root())
    for tag in {*lasts, *moved}:
        assert says(tag, made.prove(tag), len(made), made.root()) == after.get(tag)


@given(st.integers(17, 60), st.data())
def test_one_end_moved_by_its_path_is_an_end_moved(n: int, data: st.DataObject) -> None:
    lasts: dict[bytes, Last] = {bytes([number] * 16): (number, None) for number in range(n)}
    made = TagMap(lasts.items())
    tag = bytes([data.draw(st.integers(0, n - 1))] * 16)
    made.move({tag: (n, 3)})
    assert made.root() == TagMap((lasts | {tag: (n, 3)}).items()).root()


FEW: dict[bytes, Last] = {bytes([number] * 16): (number, None) for number in range(10, 100, 10)}
MAP = TagMap(FEW.items())
IN, OUT = bytes([50] * 16), bytes([55] * 16)


def refused(tag: bytes, shown: object, n: int = len(FEW), root: bytes | None = None) -> None:
    with pytest.raises(ValueError, match=r"."):
        says(tag, shown, n, root or MAP.root())  # type: ignore[arg-type]


def test_an_older_end_than_the_one_in_the_map_is_not_proved() -> None:
    (one,) = MAP.prove(IN)
    refused(IN, (replace(one, last=(49, None)),))
    refused(IN, (replace(one, last=(50, 0)),))
    refused(IN, (replace(one, place=one.place - 1),))
    refused(IN, (one,), root=merkle.EMPTY_ROOT)


def test_a_tag_that_is_there_is_not_proved_absent() -> None:
    inside = [MAP.prove(bytes([number] * 16))[0] for number in (40, 60)]
    refused(IN, inside)
    refused(IN, inside[:1])
    refused(IN, ())
    refused(bytes([10] * 16), MAP.prove(bytes([20] * 16)))
    refused(bytes([90] * 16), MAP.prove(bytes([80] * 16)))


def test_absence_needs_the_two_beside_the_gap_in_their_order() -> None:
    left, right = MAP.prove(OUT)
    refused(OUT, (right, left))
    refused(OUT, (left,))
    refused(OUT, (right,))
    refused(OUT, (left, right, right))
    sixty, seventy = (MAP.prove(bytes([number] * 16))[0] for number in (60, 70))
    refused(OUT, (left, seventy))
    refused(OUT, (sixty, seventy))


def test_at_the_ends_one_neighbour_is_enough_and_it_must_be_at_the_end() -> None:
    for tag in (bytes(16), b"\xff" * 16):
        (beside,) = MAP.prove(tag)
        assert says(tag, (beside,), len(MAP), MAP.root()) is None
        refused(tag, MAP.prove(IN))
        refused(tag, ())


def test_an_empty_map_says_nothing_of_anybody_and_only_an_empty_one_does() -> None:
    empty = TagMap(())
    assert says(IN, empty.prove(IN), 0, empty.root()) is None
    refused(IN, (), n=0)


@pytest.mark.parametrize("change", ["somebody new", "somebody gone", "both", "a stranger gone"])
def test_few_changes_of_many_are_spliced_in_and_out(change: str) -> None:
    lasts: dict[bytes, Last] = {
        bytes([number] * 16): (number, None) for number in range(0, 200, 2)
    }
    new, gone = bytes([7] * 16), bytes([50] * 16)
    changes: dict[bytes, Last | None] = {
        "somebody new": {new: (500, 3)},
        "somebody gone": {gone: None},
        "both": {new: (500, 3), gone: None},
        "a stranger gone": {new: None},
    }[change]
    after = {tag: last for tag, last in {**lasts, **changes}.items() if last is not None}
    made = TagMap(lasts.items())
    made.move(changes)
    assert (len(made), made.root()) == (len(after), TagMap(after.items()).root())
    assert says(new, made.prove(new), len(made), made.root()) == after.get(new)


def test_the_place_of_an_entry_is_a_number_or_a_number_and_a_slot() -> None:
    assert (named(None), named(7), named([7, 2])) == (None, (7, None), (7, 2))
    with pytest.raises(ValueError, match="no place in a log"):
        named("7")
