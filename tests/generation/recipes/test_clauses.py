# SPDX-License-Identifier: Apache-2.0
"""What each field of a recipe file may be; whole files are tried in test_specs."""

from typing import Any

import pytest

from generation.recipes.clauses import FIELDS, OF_A_PART, BadSpec, check, check_name, only


@pytest.mark.parametrize("suffix", ["bin", "pt", "pth", "ckpt", "pkl", "pickle", "py", "gguf", ""])
def test_a_file_that_may_hold_code_is_refused_by_its_name(suffix: str) -> None:
    with pytest.raises(BadSpec, match="such a file may hold code"):
        check_name(f"unet/model.{suffix}", "here")


@pytest.mark.parametrize("path", ["/etc/a.json", "a/../../b.json", "c:\\a.json", "a\\b.json", ""])
def test_a_file_outside_its_folder_is_refused(path: str) -> None:
    with pytest.raises(BadSpec, match="inside its folder"):
        check_name(path, "here")


ODD = {
    "id": ["-a", "a--b", "A", "a" * 65, "a_b", 3],
    "title": ["two\nlines", 3, None],
    "acknowledge": [" ", "two\nlines", False],
    "size": [[512], [512, 640, 3], [512.0, 640], [56, 640], [2056, 640], [True, 640], "512x640"],
    "batches": [[], [0, 1], [1, 1], [1, 65], [1.0], [True], 4],
    "steps": [-1, 201, 4.0, True],
    "guidance": [0.9, 31, float("nan"), float("inf"), "5", True],
    "scheduler": ["", "Euler", "a b"],
    "kind": [["sdxl"], None],
}


@pytest.mark.parametrize("name", ODD)
def test_odd_values_are_refused_with_the_field_and_the_value(name: str) -> None:
    for value in ODD[name]:
        with pytest.raises(BadSpec, match=f"here: {name} must be .*, got "):
            check({name: FIELDS[name]}, {name: value}, "here")


GOOD: dict[str, list[Any]] = {
    "size": [[64, 64], [2048, 2048]],
    "batches": [[1], [64], [1, 2, 4, 8, 16]],
    "steps": [0, 200],
    "guidance": [1, 30.0],
    "acknowledge": ["", "for research alone"],
}


@pytest.mark.parametrize("name", GOOD)
def test_values_at_the_edge_of_what_is_allowed_are_taken(name: str) -> None:
    for value in GOOD[name]:
        check({name: FIELDS[name]}, {name: value}, "here")


@pytest.mark.parametrize("repo", ["a/b/c", "/b", "a/", "a b/c", "../c", "https://a/b", 3])
def test_a_repository_is_an_owner_and_a_name(repo: object) -> None:
    with pytest.raises(BadSpec, match="repo must be owner/name"):
        check({"repo": OF_A_PART["repo"]}, {"repo": repo}, "here")


def test_an_unknown_key_is_named_first_in_their_order() -> None:
    with pytest.raises(BadSpec, match=r"unknown key 'b'; known are a$"):
        only({"a"}, {"a": 1, "c": 2, "b": 3}, "here")
