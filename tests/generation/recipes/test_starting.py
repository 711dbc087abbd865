# SPDX-License-Identifier: Apache-2.0
"""Which recipes may start here, said in one sentence each."""

import sys

import pytest

from generation.recipes import starting
from generation.recipes.starting import (
    MissingExtra,
    NotAcknowledged,
    check_libraries,
    check_licence,
)
from tests.generation.recipes import weighing


def test_research_weights_start_only_where_they_are_acknowledged() -> None:
    spec = weighing.spec(licence_class="non-commercial")
    with pytest.raises(NotAcknowledged) as why:
        check_licence(spec, frozenset({"another"}))
    assert str(why.value) == (
        "mine is not for commercial use: its authors allow research alone. "
        "To say that you know, set ONLYOU_ACKNOWLEDGE=mine"
    )
    check_licence(spec, frozenset({"mine"}))


@pytest.mark.parametrize("licence_class", ["permissive", "openrail"])
def test_what_may_be_used_commercially_needs_no_acknowledgement(licence_class: str) -> None:
    check_licence(weighing.spec(licence_class=licence_class), frozenset())


def test_a_missing_library_is_named_with_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = starting.find_spec
    gone = {"diffusers", "peft"}
    monkeypatch.setattr(starting, "find_spec", lambda name: None if name in gone else real(name))
    with pytest.raises(MissingExtra) as why:
        check_libraries(weighing.spec())
    assert str(why.value) == (
        "mine needs diffusers, peft: install the extra, `pip install 'onlyou[diffusion]'`"
    )
    check_libraries(weighing.spec(kind="photobooth"))


def test_looking_for_libraries_imports_none() -> None:
    before = {"torch", "diffusers", "transformers"} & set(sys.modules)
    check_libraries(weighing.spec())
    assert {"torch", "diffusers", "transformers"} & set(sys.modules) == before
