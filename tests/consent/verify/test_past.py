# SPDX-License-Identifier: Apache-2.0
"""What is not remembered is looked up: entries by number, people by their chain."""

from consent.verify.canonical import Folder
from consent.verify.past import Past
from tests.consent.conftest import Year
from tests.consent.forge import Forge


def past(year: Year) -> Past:
    return Past(Folder(year.bundle), len(year.rooms.entries()))


def test_an_entry_is_found_by_its_number_and_none_beyond(nights: Year) -> None:
    log = nights.rooms.entries()
    for seq in (0, 7, len(log) - 1):
        assert past(nights).entry(seq) == {k: v for k, v in log[seq].items() if k != "seq"}
    assert past(nights).entry(len(log)) is None
    assert past(nights).entry(10**15) is None


def test_a_chain_is_walked_through_blocks_to_its_beginning(nights: Year, night: Forge) -> None:
    tag = nights.rooms.tag(nights.history.ada)
    *before, last = night.places(tag)
    assert any(slot is not None for _, slot in before)
    entry = night.log[last[0]]
    walked = [seq for seq, _ in past(nights).chain(last[0], entry)]
    assert walked == [seq for seq, slot in reversed(before) if slot is None]


def test_a_chain_that_points_forward_or_at_somebody_else_ends(nights: Year) -> None:
    tag = nights.rooms.tag(nights.history.ada)
    ours = past(nights)
    assert list(ours.chain(5, {"tag": tag, "prev": 5})) == []
    assert list(ours.chain(5, {"tag": tag, "prev": 0})) == []
    assert list(ours.chain(5, {"tag": tag, "prev": [4, 7]})) == []
