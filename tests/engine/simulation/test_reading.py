# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from engine.simulation import choosing, reading
from engine.simulation.agreeing import Flags
from engine.simulation.block import NOBODY, Block
from engine.simulation.placing import FAR
from engine.simulation.reading import Readers, Sighted
from engine.simulation.setup import MINUTES
from tests.engine.simulation import crowd

NOON = 720


def with_inserts(policy: str = "strict-opt-in", *, people: int = 400, **known: float) -> Block:
    block = crowd.block(policy, people=people, made_failed=0.0, **known)
    choosing.choose(block, np.arange(people), np.full(people, NOON))
    return block


def read(block: Block, depth: int, *, ends: bool = False, minute: int = NOON) -> list[Sighted]:
    """Let everybody read so far; tell what they came to, each insert ending the visit or not."""
    met = []
    waits = np.flatnonzero(reading.waiting(block, np.arange(len(block)), at(block, minute)).any(1))

    def meet(sighted: Sighted) -> Flags:
        met.append(sighted)
        return np.full(len(sighted.who), ends)

    readers = Readers(
        who=waits,
        minute=at(block, minute)[waits],
        left=np.full(len(waits), depth),
        last=np.full(len(waits), -FAR),
    )
    reading.read(block, readers, meet)
    met.append(Sighted(who=readers.left, minute=waits, slot=waits, since=waits))
    return met


def at(block: Block, minute: int) -> np.ndarray:
    return np.full(len(block), minute)


def test_who_does_not_read_so_far_has_it_listed_and_not_seen() -> None:
    block = with_inserts()
    *met, _ = read(block, depth=3)
    wanted = block.feed.scenario[:, 0] != NOBODY
    assert sum(len(one.who) for one in met) == 0
    assert block.feed.listed[wanted, 0].mean() > 0.99
    assert block.counted["listed"].sum() == block.feed.listed[:, 0].sum()
    assert (block.rows.of("place")[wanted] >= 3).mean() > 0.99


def test_who_reads_on_comes_to_it_at_its_place() -> None:
    block = with_inserts(posts_ad=0.0, posts_sensitive=0.0, posts_grief=0.0, posts_unknown=0.0)
    *met, _ = read(block, depth=4)
    wanted = np.flatnonzero(block.feed.scenario[:, 0] != NOBODY)
    assert met[0].who.tolist() == wanted.tolist()
    assert (block.rows.of("place")[wanted] == 3).all()
    assert (met[0].since >= FAR).all()


def test_an_insert_can_end_the_visit_where_it_stands() -> None:
    *met, end = read(with_inserts(), depth=40, ends=True)
    came_to = np.isin(end.minute, met[0].who)
    assert (end.who[came_to] < 40).all()
    assert (end.who[~came_to] == 40).all()


def test_what_was_listed_is_listed_again_until_it_expires_and_is_counted_once() -> None:
    block = with_inserts()
    read(block, depth=3)
    listed = block.counted["listed"].copy()
    had = block.rows.of("listed").copy()
    *met, _ = read(block, depth=30, minute=MINUTES + NOON)
    assert len(met[0].who) > 300
    assert np.array_equal(block.counted["listed"], listed)
    assert np.array_equal(block.rows.of("listed"), had)
    *late, _ = read(block, depth=30, minute=4 * MINUTES + NOON)
    assert sum(len(one.who) for one in late) == 0


@pytest.mark.parametrize(
    ("policy", "most", "gap"), [("strict-opt-in", 1, 6), ("instagram-2025", 2, 3)]
)
def test_old_and_new_share_a_reading_as_the_policy_allows(
    policy: str, most: int, gap: int
) -> None:
    block = with_inserts(policy)
    read(block, depth=40)
    block.day = 1
    choosing.choose(block, np.arange(400), at(block, MINUTES + NOON))
    *met, _ = read(block, depth=40, minute=MINUTES + NOON)
    seen = np.bincount(np.concatenate([one.who for one in met]), minlength=400)
    assert seen.max() == most
    later = [one.since for one in met if len(one.who) and (one.since < FAR).all()]
    assert all((since >= gap).all() for since in later)
    assert len(later) == most - 1


def test_posts_that_are_not_ordinary_keep_inserts_away() -> None:
    block = with_inserts(posts_unknown=1.0)
    *met, _ = read(block, depth=40)
    assert sum(len(one.who) for one in met) == 0
    assert not block.feed.listed.any()


def test_what_stood_on_the_first_page_is_not_on_the_second() -> None:
    block = with_inserts("instagram-2025", people=100)
    *met, _ = read(block, depth=100)
    who = np.concatenate([one.who for one in met])
    assert len(met) > 2
    assert len(set(who.tolist())) == len(who) > 90
