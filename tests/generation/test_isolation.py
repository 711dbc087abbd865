# SPDX-License-Identifier: Apache-2.0
"""The self-test tells a recipe that keeps people apart from every kind that does not."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from consent import bundle, verify
from consent.cards import Card
from generation import isolation
from generation.isolation import PROBES, selftest
from generation.recipes import CannotRender, Likeness, ModelFile, Recipe, Row
from generation.recipes.batched import Latents, Machine, Misshapen, OutOfMemory
from generation.recipes.filter import Filter
from generation.recipes.painted import Painted
from tests.rooms import Rooms

SIZE: Final = (16, 24)


def person(number: int) -> Likeness:
    """Make somebody out of nothing but numbers."""
    pixels = np.random.default_rng(number).integers(0, 256, (24, 16, 3), np.uint8)
    return Likeness(
        pixels=pixels,
        box=(2, 2, 14, 20),
        landmarks=np.zeros((5, 2), np.float32),
        vector=np.zeros(128, np.float32),
        smile=0.5,
    )


PEOPLE: Final = tuple(map(person, range(PROBES)))


class Plain:
    """Show everybody's photograph as it is: a recipe that keeps people apart."""

    id = "plain"
    version = hashlib.sha256(b"plain").hexdigest()
    scenarios = frozenset({"one", "two"})
    size = SIZE

    def __init__(self) -> None:
        self.calls: list[tuple[int, str]] = []

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        self.calls.append((len(rows), rows[0].scenario))
        return tuple(row.likenesses[0].pixels for row in rows)


class Mixing(Plain):
    """Let a little of everybody into everybody's picture, as stock diffusers does."""

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        own = super().render(rows)
        tint = np.uint8(sum(int(row.likenesses[0].pixels.sum()) for row in rows) % 7)
        return tuple(one // 2 + tint for one in own)


class Nobody(Plain):
    """Draw the same for everybody."""

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        return tuple(np.zeros((24, 16, 3), np.uint8) for _ in rows)


class Picky(Plain):
    """Draw one scenario only."""

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        if rows[0].scenario != "two":
            raise CannotRender("not this one")
        return super().render(rows)


class Alone(Plain):
    """Refuse two people in one call."""

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        if len(rows) != 1:
            raise Misshapen("one person a call")
        return super().render(rows)


class Remembering(Alone):
    """Refuse two people, and keep a trace of the last one: a cache that nobody reset."""

    def __init__(self) -> None:
        super().__init__()
        self._last = np.zeros((24, 16, 3), np.uint8)

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        (own,) = super().render(rows)
        drawn, self._last = own // 2 + self._last // 2, own
        return (drawn,)


Change = Callable[[list[NDArray[np.float32]]], None]


class Passes(Plain):
    """Draw people together; `change` spoils the pictures as a faulty network would."""

    encoder = "0" * 64
    machine = Machine(device="cuda:0 a card", dtype="bfloat16", versions={})

    def __init__(
        self,
        batches: tuple[int, ...] = (1, 2, 4, 8),
        *,
        fits: int = 8,
        change: Change | None = None,
    ) -> None:
        super().__init__()
        self.batches = batches
        self._fits, self._change = fits, change
        self.models = (
            ModelFile(name="a", file="a.onnx", sha256="f" * 64, licence="-", source="-", does="-"),
            ModelFile(name="b", file=None, sha256=None, licence="-", source="-", does="-"),
        )

    def condition(self, likeness: Likeness) -> NDArray[np.float32]:
        return likeness.pixels.astype(np.float32)

    def begin(self, rows: Sequence[Row]) -> Latents:
        if len(rows) not in self.batches:
            raise Misshapen("not so many")
        if len(rows) > self._fits:
            raise OutOfMemory("too many")
        self.calls.append((len(rows), rows[0].scenario))
        return Latents(rows=tuple(rows), held=None)

    def finish(
        self, latents: Latents, keep: Sequence[bool]
    ) -> tuple[NDArray[np.float32] | None, ...]:
        drawn = [self.condition(row.likenesses[0]) / 255 for row in latents.rows]
        if self._change is not None:
            self._change(drawn)
        return tuple(one if kept else None for one, kept in zip(drawn, keep, strict=True))


def test_a_recipe_that_keeps_people_apart_passes() -> None:
    found = selftest(Plain(), PEOPLE)
    assert (found.kind, found.ok, found.max_abs_diff_others) == ("bit-identical", True, 0.0)
    assert (found.rows, found.swapped, found.swapped_row_changed) == (4, (0, 3), True)
    assert (found.device, found.dtype, found.files) == ("cpu", "uint8", {})


@pytest.mark.parametrize("recipe", [Painted, Filter])
def test_our_own_recipes_keep_people_apart(
    recipe: Callable[[], Recipe], likeness: Callable[[int], Likeness]
) -> None:
    found = selftest(recipe(), [likeness(person) for person in range(1, PROBES + 1)])
    assert (found.kind, found.rows, found.ok) == ("bit-identical", 4, True)


def test_a_recipe_that_mixes_people_fails() -> None:
    found = selftest(Mixing(), PEOPLE)
    assert (found.kind, found.ok) == ("leak", False)
    assert found.max_abs_diff_others > 0


def test_a_recipe_that_draws_nobody_proves_nothing() -> None:
    found = selftest(Nobody(), PEOPLE)
    assert (found.kind, found.swapped_row_changed, found.ok) == ("bit-identical", False, False)


def test_a_scenario_is_chosen_that_suits_the_probes() -> None:
    assert selftest(Picky(), PEOPLE).scenario == "two"
    nothing: Any = Picky()
    nothing.scenarios = frozenset({"one"})
    with pytest.raises(CannotRender, match="no scenario of plain"):
        selftest(nothing, PEOPLE)


def test_a_recipe_that_refuses_two_people_draws_each_as_if_alone() -> None:
    recipe = Alone()
    found = selftest(recipe, PEOPLE)
    assert (found.kind, found.ok, found.rows, found.swapped) == ("single", True, 1, (0,))
    assert [rows for rows, _ in recipe.calls] == [1, 1, 1]


def test_a_recipe_that_remembers_the_last_person_fails() -> None:
    found = selftest(Remembering(), PEOPLE)
    assert (found.kind, found.ok, found.swapped_row_changed) == ("leak", False, True)


def test_rows_of_a_pass_are_compared_before_they_are_rounded() -> None:
    def tint(drawn: list[NDArray[np.float32]]) -> None:
        drawn[1] += np.float32(drawn[0].mean() * 1e-5)  # less than a step of a byte

    assert selftest(Passes(), PEOPLE).ok
    found = selftest(Passes(change=tint), PEOPLE)
    assert found.kind == "leak"
    assert 0 < found.max_abs_diff_others < 1 / 255


def test_a_machine_and_its_files_are_told() -> None:
    found = selftest(Passes(), PEOPLE)
    assert (found.device, found.dtype) == ("cuda:0 a card", "bfloat16")
    assert found.files == {"a.onnx": "f" * 64}


@pytest.mark.parametrize("spoilt", [0, 1, 3])
def test_a_picture_that_is_not_made_of_numbers_proves_nothing(spoilt: int) -> None:
    def overflow(drawn: list[NDArray[np.float32]]) -> None:
        drawn[spoilt][5, 5, 1] = np.nan

    found = selftest(Passes(change=overflow), PEOPLE)
    assert not found.ok
    assert np.isfinite(found.max_abs_diff_others)


def test_a_newcomer_who_is_not_made_of_numbers_has_not_changed_the_row() -> None:
    newcomer = PEOPLE[-1].pixels.astype(np.float32) / 255

    def overflow(drawn: list[NDArray[np.float32]]) -> None:
        for one in drawn:
            if np.array_equal(one, newcomer):
                one[:] = np.inf

    found = selftest(Passes(change=overflow), PEOPLE)
    assert (found.kind, found.swapped_row_changed, found.ok) == ("bit-identical", False, False)


def test_fewer_rows_are_tried_where_the_device_holds_no_more() -> None:
    recipe = Passes(fits=2)
    assert (selftest(recipe, PEOPLE).rows, selftest(recipe, PEOPLE).kind) == (2, "bit-identical")
    assert {rows for rows, _ in recipe.calls} == {2}
    tiny = selftest(Passes(fits=1), PEOPLE)
    assert (tiny.rows, tiny.kind, tiny.ok) == (1, "single", True)


def test_a_pass_that_takes_one_row_must_refuse_two() -> None:
    recipe = Passes((1,))
    assert selftest(recipe, PEOPLE).kind == "single"
    assert {rows for rows, _ in recipe.calls} == {1}


def test_too_few_people_are_no_test() -> None:
    with pytest.raises(ValueError, match="expected 5 probes, got 4"):
        selftest(Plain(), PEOPLE[:4])


@pytest.mark.parametrize(("kind", "changed"), [("bit-identical", True), ("leak", True)])
def test_the_verdict_is_an_entry_that_an_outsider_can_check(
    rooms: Rooms, tmp_path: Path, kind: str, changed: bool
) -> None:
    card = Card.of('schema = "onlyou-card/1"\n')
    found = selftest(Plain(), PEOPLE)
    told: Mapping[str, Any] = {"kind": kind, "swapped_row_changed": changed}
    seq = isolation.record(rooms.consent.ledger, card, replace(found, **told))
    entry = rooms.consent.ledger.bodies()[seq]
    verdict = "pass" if kind == "bit-identical" else "fail"
    assert {name: entry[name] for name in ("t", "recipe", "kind", "verdict")} == {
        "t": "selftest",
        "recipe": card.sha256,
        "kind": kind,
        "verdict": verdict,
    }
    bundle.export(rooms.consent, tmp_path / "bundle")
    assert (tmp_path / "bundle" / "recipes" / f"{card.sha256}.toml").read_text() == card.text
    assert verify.verify(tmp_path / "bundle")["findings"] == []
