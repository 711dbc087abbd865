# SPDX-License-Identifier: Apache-2.0
"""The n-th I/O fails, for every n until an act passes clean; the process lives on all the while.

What failed is whole or not at all, and the same act done again succeeds. The quick form fails
every so-manieth; `-m slow` every single one.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from consent.errors import OnlyouError
from tests.simulated import acts
from tests.simulated.acts import ACTS
from tests.simulated.conftest import Reopen
from tests.simulated.failing import disk, failing_at
from tests.simulated.village import Village

Copies = Callable[[], Path]
EXPECTED = (OperationalError, OSError, OnlyouError)
"""What an act may answer when the world fails: never a wrong yes, never something unheard of."""
LEAST = {"withdraw": 50, "insert": 100, "erase": 80, "join": 60}
QUICK = {"withdraw": 13, "insert": 47, "erase": 29}


def fails(village: Village, act: str, fatal: int) -> str:
    """Do an act whose n-th I/O fails; say which it was, or "" if it passed clean."""
    with failing_at(village, fatal) as failing:
        try:
            ACTS[act](village)
        except EXPECTED:
            assert failing.what, "an act failed though nothing else did"
    return failing.what


def fail_everywhere(copies: Copies, reopen: Reopen, act: str, every: int) -> int:
    """Fail every so-manieth I/O until a clean pass; return how many there are."""
    home, fatal = copies(), 1
    village, untouched = reopen(home), disk(home)
    before = village.rooms.consent.ledger.tree()
    signed = len(before), before.root()
    while what := fails(village, act, fatal):
        if disk(home) != untouched:
            try:
                acts.finished(village, act, signed)
            except (AssertionError, *EXPECTED) as error:
                raise AssertionError(f"I/O {fatal} of {act} failed, {what}: {error!r}") from error
            home = copies()
            village = reopen(home)
        fatal += every
    acts.finished(village, act, signed)
    return fatal


@pytest.mark.parametrize(("act", "every"), QUICK.items())
def test_an_act_whose_io_fails_is_whole_or_not_at_all_and_succeeds_when_repeated(
    copies: Copies, reopen: Reopen, act: str, every: int
) -> None:
    assert fail_everywhere(copies, reopen, act, every) >= LEAST[act]


@pytest.mark.slow
@pytest.mark.parametrize("act", LEAST)
def test_every_single_io_of_an_act_fails_once(copies: Copies, reopen: Reopen, act: str) -> None:
    assert fail_everywhere(copies, reopen, act, 1) >= LEAST[act]
