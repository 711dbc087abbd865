# SPDX-License-Identifier: Apache-2.0
"""kill -9 at every named point of every act: nothing half done, nothing twice, all drained.

The quick form looks at every state that a kill at the first pass of any point leaves, once, and
kills for real here and there; `-m slow` kills for real at every pass of every point.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from consent import faults
from tests.simulated import acts, kills
from tests.simulated.acts import ACTS
from tests.simulated.conftest import Reopen
from tests.simulated.kills import Killer
from tests.simulated.village import Village

ROOT = Path(__file__).parents[2]
REAL = {"plan": "settle.before", "withdraw": "basis.delete.after", "erase": "secret.destroy.after"}
QUICK = ("withdraw", "insert")
LEAST = dict.fromkeys(ACTS, 2) | {"plan": 6, "withdraw": 4, "erase": 5, "insert": 6, "look": 1}
TIMED = ("render_pass", "lease", "leader")
"""Tables that hold what a machine took and what a process is called: never the same twice."""
Copies = Callable[[], Path]


def acknowledged(village: Village) -> tuple[int, bytes]:
    tree = village.rooms.consent.ledger.tree()
    return len(tree), tree.root()


def passed(village: Village, act: str) -> list[str]:
    seen: list[str] = []
    with faults.injecting(seen.append):
        ACTS[act](village)
    return seen


def test_every_point_is_passed_by_some_act_or_a_test_of_its_own_stands_there(
    copies: Copies, reopen: Reopen
) -> None:
    seen = {name for act in ACTS for name in passed(reopen(copies()), act)}
    texts = [file.read_text("utf-8") for file in (ROOT / "tests").rglob("test_*.py")]
    alone = {name for name in set(faults.POINTS) - seen if not _stood_at(name, texts)}
    assert alone == set(), "nobody stands there"
    assert len(seen) >= 36


def _stood_at(name: str, texts: Sequence[str]) -> bool:
    """Say whether a test names a point, or all points of its family."""
    family = name.partition(".")[0]
    return any(f'"{name}"' in text or f'"{family}."' in text for text in texts)


@pytest.mark.parametrize("act", QUICK)
def test_a_kill_at_a_point_leaves_what_can_be_finished(
    copies: Copies, reopen: Reopen, act: str
) -> None:
    assert cut_everywhere(copies, reopen, act, every=6) > 0


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_a_kill_at_any_point_leaves_what_can_be_finished(
    copies: Copies, reopen: Reopen, act: str
) -> None:
    assert cut_everywhere(copies, reopen, act, every=1) >= LEAST[act]


def cut_everywhere(copies: Copies, reopen: Reopen, act: str, every: int) -> int:
    """Look at some of the different states that kills leave; return how many there are."""
    home = copies()
    begun = reopen(home)
    before, different = acknowledged(begun), {}
    for image in kills.images(begun, ACTS[act], home.parent / "images"):
        different.setdefault(kills.state(image.home), image)
    for image in list(different.values())[::every]:
        finish(reopen(image.home), act, before, image.point)
    return len(different)


def finish(village: Village, act: str, before: tuple[int, bytes], point: str) -> None:
    try:
        acts.finished(village, act, before)
    except AssertionError as error:
        raise AssertionError(f"{act} was killed at {point}: {error}") from error


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    found = Killer()
    yield found
    found.process.communicate(timeout=60)


@pytest.mark.slow
@pytest.mark.parametrize(("act", "point"), REAL.items())
def test_a_real_kill_leaves_what_the_image_shows(
    killer: Killer, copies: Copies, reopen: Reopen, act: str, point: str
) -> None:
    home, begun = copies(), reopen(copies())
    assert killer.kill(home, act, point)
    shown = {one.point: one for one in kills.images(begun, ACTS[act], home.parent / "images")}
    assert kills.state(home, without=TIMED) == kills.state(shown[point].home, without=TIMED)


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_kill_9_at_every_pass_of_every_point(
    killer: Killer, copies: Copies, reopen: Reopen, act: str
) -> None:
    first = reopen(copies())
    before = acknowledged(first)
    names = passed(first, act)
    examined: set[str] = set()
    for number, name in enumerate(names):
        home, times = copies(), names[: number + 1].count(name)
        assert killer.kill(home, act, name, times)
        if (left := kills.state(home)) not in examined:
            examined.add(left)
            finish(reopen(home), act, before, f"{name}, time {times}")
