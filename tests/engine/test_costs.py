# SPDX-License-Identifier: Apache-2.0
"""What portraits cost is counted from the log and the passes, and outlives a withdrawal."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.words import HOUR, Micros, Purpose, Step
from engine import costs
from engine.costs import Book, Cost
from generation.tables import render_pass
from tests.engine.town import NINE, Town


def account(town: Town) -> Cost:
    (one,) = Book().costs(town.rooms)
    return one


def timed(town: Town, *, rows: int, seconds: float, device: str = "cuda") -> None:
    """Write a pass of the active recipe."""
    rooms = town.rooms
    one = {"id": rows, "at": NINE, "recipe": "quick", "recipe_sha256": rooms.studio.card.sha256}
    one |= {"device": device, "dtype": "bf16", "size": rows, "rows": rows}
    with rooms.consent.ledger.write() as writing:
        writing.insert(render_pass, [one | {"micros": round(seconds * 1e6)}])


def untimed(town: Town) -> None:
    """Forget what the recipe's own passes took."""
    with town.rooms.consent.ledger.write() as writing:
        writing.connection.execute(render_pass.delete())


def looks(town: Town) -> None:
    town.rooms.feed.pages.of(town.people["Ada"])
    town.file("Ada")


def test_a_portrait_is_counted_from_drawing_to_looking(small_town: Town) -> None:
    small_town.plan()
    made = account(small_town)
    assert (made.recipe, made.rendered, made.stored, made.inserted) == ("quick", 1, 1, 1)
    assert (made.viewed, made.unseen) == (0, 0)
    looks(small_town)
    assert (account(small_town).viewed, account(small_town).unseen) == (1, 0)


def test_seconds_are_shared_out_over_what_was_drawn_and_what_was_looked_at(
    small_town: Town,
) -> None:
    for _ in range(2):
        small_town.plan()
        small_town.clock.advance(73 * HOUR / 1_000_000)
    small_town.plan()
    looks(small_town)
    untimed(small_town)
    timed(small_town, rows=2, seconds=2.0)
    timed(small_town, rows=1, seconds=1.0)
    one = account(small_town)
    assert (one.rendered, one.viewed, one.unseen, one.device) == (3, 1, 2, "cuda")
    assert (one.per_rendered, one.per_viewed, one.wasted) == (1.0, 3.0, 2.0)
    said = one.said()
    assert said["share_viewed"] == 0.333
    assert said["seconds_per_viewed"] == 3.0


def test_what_nobody_timed_has_counts_and_no_seconds(small_town: Town) -> None:
    small_town.plan()
    untimed(small_town)
    one = account(small_town)
    assert (one.recipe, one.rendered, one.seconds, one.per_rendered) == ("quick", 1, None, None)
    assert one.said()["wasted_seconds"] is None


def test_the_account_outlives_a_withdrawal(small_town: Town) -> None:
    small_town.plan()
    looks(small_town)
    before = account(small_town)
    consent = small_town.rooms.consent
    consent.withdrawals.withdraw(small_town.people["Ada"], Purpose.FEED_INSERT)
    assert account(small_town) == before


def test_a_book_reads_on_where_it_stopped(small_town: Town) -> None:
    book = Book()
    small_town.plan()
    assert book.costs(small_town.rooms)[0].viewed == 0
    looks(small_town)
    assert book.costs(small_town.rooms) == Book().costs(small_town.rooms)
    assert book.costs(small_town.rooms)[0].viewed == 1


STEPS = (Step.GENERATE, Step.STORE, Step.INSERT, Step.VIEW, Step.SHARE)
EFFECTS = st.lists(
    st.tuples(st.sampled_from(STEPS), st.sampled_from("abcd"), st.sampled_from("xy")), max_size=40
)
Told = dict[str, dict[str, int]]


def recounted(effects: Sequence[dict[str, Any]], over: int) -> Told:
    """Count every life by itself, from the beginning: what a book must come to."""
    lives: dict[str, dict[str, Any]] = {}
    for one in effects:
        if one["step"] == Step.GENERATE:
            lives[one["request"]] = {"card": one["recipe"]}
        elif one["request"] in lives:
            lives[one["request"]][one["step"]] = one["at"]
    found: Told = {life["card"]: defaultdict(int) for life in lives.values()}
    for life in lives.values():
        counts = found[life["card"]]
        counts["rendered"] += 1
        counts["stored"] += Step.STORE in life
        counts["inserted"] += Step.INSERT in life
        counts["viewed"] += Step.VIEW in life
        counts["unseen"] += Step.VIEW not in life and life.get(Step.INSERT, over + 1) <= over
    return found


@given(EFFECTS)
def test_what_is_counted_on_the_way_is_what_a_count_of_all_finds(
    drawn: list[tuple[Step, str, str]],
) -> None:
    book, effects = Book(), list[dict[str, Any]]()
    for at, (step, request, card) in enumerate(drawn):
        if step == Step.GENERATE and any(one["request"] == request for one in effects):
            continue  # a request is drawn once
        effects.append({"step": step, "request": request, "recipe": card, "at": at})
        book._take(effects[-1])
    for over in range(len(drawn) + 1):
        counted = book._counted(Micros(over))
        assert counted == {
            card: {name: count for name, count in counts.items() if count or name == "unseen"}
            for card, counts in recounted(effects, over).items()
        }


def test_of_lives_that_are_over_nothing_is_kept_but_the_count() -> None:
    book = Book()
    for number in range(100):
        for step in (Step.GENERATE, Step.STORE, Step.INSERT, Step.VIEW):
            book._take({"step": step, "request": str(number), "recipe": "x", "at": number})
    assert book._lives == {}
    told = {"rendered": 100, "stored": 100, "inserted": 100, "viewed": 100, "unseen": 0}
    assert book._counted(Micros(1_000)) == {"x": told}


def test_two_devices_of_one_recipe_are_added_up(small_town: Town) -> None:
    untimed(small_town)
    timed(small_town, rows=1, seconds=1.0, device="cpu")
    timed(small_town, rows=2, seconds=3.0, device="cuda")
    assert (account(small_town).device, account(small_town).seconds) == ("cpu, cuda", 4.0)


def test_a_portrait_takes_what_the_last_ones_took_and_a_second_before_any(
    small_town: Town,
) -> None:
    assert costs.seconds_each(small_town.rooms) == costs.USUAL_SECONDS
    timed(small_town, rows=4, seconds=2.0)
    assert costs.seconds_each(small_town.rooms) == pytest.approx(0.5)
