# SPDX-License-Identifier: Apache-2.0
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from consent.words import Micros
from feed.experiments.decoding import decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    n: int
    share: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    name: str
    colour: Literal["red", "green"]
    at: Micros
    pair: tuple[int, int]
    leaves: tuple[Leaf, ...] = ()
    named: Mapping[str, Leaf] = field(default_factory=dict)
    mixed: Mapping[str, int | str | bool] = field(default_factory=dict)
    by: str | None = None


WHOLE: dict[str, Any] = {
    "name": "elm",
    "colour": "green",
    "at": 7,
    "pair": [1, 2],
    "leaves": [{"n": 1, "share": 1}, {"n": 2}],
    "named": {"a": {"n": 3, "share": "0.1"}},
    "mixed": {"x": 1, "y": "two", "z": True},
    "by": None,
}


def test_a_table_becomes_the_value_that_its_types_describe() -> None:
    tree = decoded(Tree, WHOLE, "tree")
    assert tree == Tree(
        name="elm",
        colour="green",
        at=Micros(7),
        pair=(1, 2),
        leaves=(Leaf(n=1, share=1.0), Leaf(n=2)),
        named={"a": Leaf(n=3, share=0.1)},
        mixed={"x": 1, "y": "two", "z": True},
    )
    assert [type(value) for value in tree.mixed.values()] == [int, str, bool]
    with pytest.raises(TypeError):
        tree.mixed["x"] = 2  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"height": 3}, "unknown key 'height' in tree"),
        ({"name": None}, "tree.name must be str, got None"),
        ({"colour": "blue"}, "tree.colour is one of red, green, got 'blue'"),
        ({"at": True}, "tree.at must be int, got True"),
        ({"pair": [1]}, "tree.pair must have 2 parts, got 1"),
        ({"pair": 3}, "tree.pair must be a list, got 3"),
        ({"leaves": [{"n": 1}, {"m": 2}]}, "unknown key 'm' in tree.leaves.2"),
        ({"leaves": [{}]}, "missing key 'n' in tree.leaves.1"),
        ({"leaves": [{"n": 1, "share": True}]}, "tree.leaves.1.share must be a number"),
        ({"leaves": [{"n": 1, "share": "much"}]}, "must be a number, got"),
        ({"leaves": [4]}, "tree.leaves.1 must be a table, got 4"),
        ({"named": 4}, "tree.named must be a table, got 4"),
        ({"mixed": {"x": 0.5}}, "tree.mixed.x must be int or str or bool, got 0.5"),
        ({"mixed": {"x": None}}, "tree.mixed.x must be int or str or bool, got None"),
        ({"by": 4}, "tree.by must be str, got 4"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(change: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=r"tree|convert") as refused:
        decoded(Tree, WHOLE | change, "tree")
    assert words in str(refused.value)


def test_a_missing_key_is_named_and_one_with_a_default_may_be_left_out() -> None:
    with pytest.raises(ValueError, match="missing key 'name' in tree"):
        decoded(Tree, {key: one for key, one in WHOLE.items() if key != "name"}, "tree")
    assert decoded(Leaf, {"n": 1}, "leaf") == Leaf(n=1, share=0.5)
