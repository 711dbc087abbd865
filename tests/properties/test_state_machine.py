# SPDX-License-Identifier: Apache-2.0
"""The machine runs clean on the product; each planted mistake is found by its own invariant."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Table, select

from consent import effects, gate
from consent.tables import subject_key
from consent.words import Purpose
from feed import inserts
from feed.tables import feed_insert
from tests.properties.loose import believed, without_keys
from tests.properties.machine import FeedMachine, settle

USUAL = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
)
UNTIL_FOUND = settings(USUAL, max_examples=100, phases=(Phase.generate,))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("settled")
    settle(home)
    return home


@pytest.fixture
def machine(template: Path, tmp_path: Path) -> type[FeedMachine]:
    class Machine(FeedMachine):
        pass

    Machine.template, Machine.scratch = template, tmp_path
    return Machine


def test_nothing_that_people_do_in_any_order_breaks_a_promise(machine: type[FeedMachine]) -> None:
    run_state_machine_as_test(machine, settings=USUAL)


# --- planted mistakes


def _loose(table: Table, *, cascades: bool) -> Callable[[Path], None]:
    def prepare(home: Path) -> None:
        without_keys(f"sqlite:///{home}/onlyou.db", table, cascades=cascades)

    return prepare


def no_recheck_at_insert(patch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Believe the permit: neither code nor schema look at the basis when the row lands."""
    patch.setattr(effects, "_living", believed)
    return _loose(feed_insert, cascades=True)


def imagine_counts_as_feed_insert(patch: pytest.MonkeyPatch) -> None:
    """Take a yes to the edit tool for a yes to inserts."""
    honest = gate.Standings

    class Generous(honest):  # type: ignore[misc, valid-type]
        def __init__(self, connection: Any, now: Any, questions: Any, current: Any) -> None:
            also = [replace(question, purpose=Purpose.IMAGINE) for question in questions]
            super().__init__(connection, now, [*questions, *also], current)

        def __call__(self, question: Any) -> Any:
            own = super().__call__(question)
            if own.epoch is None and question.purpose is Purpose.FEED_INSERT:
                return replace(
                    super().__call__(replace(question, purpose=Purpose.IMAGINE)), preview=True
                )
            return own

    patch.setattr(gate, "Standings", Generous)


def pages_without_an_owner(patch: pytest.MonkeyPatch) -> None:
    """Forget `WHERE subject = viewer` when a page is read."""

    def everybodys(connection: Any, _viewer: Any, *, placed_by: Any, now: Any) -> Any:
        owners = connection.execute(select(feed_insert.c.subject).distinct()).scalars().all()
        pages = [honest(connection, one, placed_by=placed_by, now=now) for one in owners]
        return tuple(one for page in pages for one in page)

    honest = inserts.ready
    patch.setattr(inserts, "ready", everybodys)


def keys_are_not_shredded(_patch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Leave a person's key where it lies when the purpose is withdrawn."""
    return _loose(subject_key, cascades=False)


@pytest.mark.parametrize(
    ("mistake", "found"),
    [
        (no_recheck_at_insert, "I1 insert"),
        (imagine_counts_as_feed_insert, "I1 (select|insert): no such basis"),
        (pages_without_an_owner, "I3"),
        (keys_are_not_shredded, "I10"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_planted_mistake_is_found(
    machine: type[FeedMachine], monkeypatch: pytest.MonkeyPatch, mistake: Any, found: str
) -> None:
    machine.prepare = mistake(monkeypatch)
    with pytest.raises(AssertionError, match=f"^{found}"):
        run_state_machine_as_test(machine, settings=UNTIL_FOUND)
