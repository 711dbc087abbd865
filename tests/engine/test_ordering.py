# SPDX-License-Identifier: Apache-2.0
"""An order stands whole or not at all, and is as large as the policy says."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from consent import database
from consent.clocks import VirtualClock
from consent.errors import Denied, Misused
from consent.gate import Ask
from consent.tables import metadata, permit, selfie
from consent.words import DAY, Micros, ObjectId, Purpose, Reason, Step
from engine import jobs, ordering, wanting, wiring
from engine.ordering import Order, Unfit
from engine.tables import job
from generation.enrolment import Enrolled
from tests.engine.doors import Door
from tests.engine.town import NINE, SCENARIOS, Town, open_at
from tests.generation import samples

PACK = Purpose.AVATAR_PACK
STYLES = tuple(sorted(SCENARIOS))


def pack(town: Town, count: int = 2, *styles: str, name: str = "Bo") -> ObjectId:
    person = town.people[name]
    wishes = wanting.pack(town.rooms, person, styles or ("jazz",), count)
    return ordering.place(town.rooms, person, Order(kind="pack", purpose=PACK, wishes=wishes))


def refused(town: Town, *given: Any) -> Reason:
    with pytest.raises(Denied) as found:
        pack(town, *given)
    return found.value.reason


def rows(town: Town) -> dict[str, int]:
    with town.rooms.consent.ledger.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


@pytest.fixture
def studio(small_town: Town) -> Town:
    """Open a town in which Bo may have packs made."""
    small_town.says_yes("Bo", PACK)
    return small_town


def test_an_order_stands_with_all_that_belongs_to_it(studio: Town) -> None:
    found = jobs.find(studio.rooms, studio.people["Bo"], pack(studio, 5, "jazz", "knight"))
    assert (found.kind, found.total, len(found.parts), found.state) == ("pack", 5, 5, "queued")
    wished = [part.scenario for part in found.parts]
    assert wished == ["jazz", "knight", "jazz", "knight", "jazz"]
    assert len(studio.bodies("effect", step="select")) == 5


def test_a_pack_is_as_large_as_the_policy_says(studio: Town) -> None:
    most = studio.rooms.consent.policy.packs
    before = rows(studio)
    with pytest.raises(Unfit, match=str(most.styles)) as styles:
        pack(studio, most.outputs, *STYLES[: most.styles + 1])
    with pytest.raises(Unfit, match=str(most.outputs)) as count:
        pack(studio, most.outputs + 1, *STYLES[: most.styles])
    assert (styles.value.field, count.value.field) == ("styles", "count")
    assert rows(studio) == before
    made = pack(studio, most.outputs, *STYLES[: most.styles])
    assert jobs.find(studio.rooms, studio.people["Bo"], made).total == most.outputs


def test_the_days_packs_are_what_the_policy_says(studio: Town) -> None:
    for _ in range(studio.rooms.consent.policy.packs.per_day):
        pack(studio)
    before = rows(studio)
    assert refused(studio) is Reason.QUOTA
    assert rows(studio) == before
    studio.clock.advance(24 * 3_600 - 1)
    assert refused(studio) is Reason.QUOTA
    studio.clock.advance(1)
    assert pack(studio)


def test_a_clock_that_is_set_back_frees_no_pack(studio: Town) -> None:
    pack(studio)
    late = VirtualClock(Micros(NINE - 3 * DAY))
    back = open_at(studio.rooms.settings.home, late)
    assert refused(back) is Reason.QUOTA
    late.advance(2 * 24 * 3_600)
    assert refused(back) is Reason.QUOTA
    back.rooms.consent.ledger.engine.dispose()


def test_two_planners_have_the_last_pack_between_them(studio: Town) -> None:
    other = open_at(studio.rooms.settings.home, studio.clock)
    start = threading.Barrier(2)
    found: list[ObjectId | Reason] = []

    def order(town: Town) -> None:
        start.wait()
        try:
            found.append(pack(town))
        except Denied as denied:
            found.append(denied.reason)

    workers = [threading.Thread(target=order, args=(town,)) for town in (studio, other)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    other.rooms.consent.ledger.engine.dispose()
    assert found.count(Reason.QUOTA) == 1
    assert len(jobs.listed(studio.rooms, studio.people["Bo"])) == 1


def test_a_withdrawal_does_not_begin_the_day_anew(studio: Town) -> None:
    pack(studio)
    studio.rooms.consent.withdrawals.withdraw(studio.people["Bo"], PACK)
    studio.says_yes("Bo", PACK)
    assert refused(studio) is Reason.QUOTA


def test_a_denied_order_leaves_its_denial_alone(small_town: Town) -> None:
    before = rows(small_town)
    assert refused(small_town) is Reason.NOT_GRANTED
    changed = {name: n - before[name] for name, n in rows(small_town).items() if n != before[name]}
    assert changed == {"entry": 1, "opening": 1}


def test_what_does_not_fit_into_the_caps_is_not_begun(make_town: Callable[..., Town]) -> None:
    town = make_town()
    caps = town.rooms.consent.policy.caps[Purpose.IMAGINE]
    bo = town.people["Bo"]
    wishes = tuple(
        replace(wanting.one(town.rooms, bo, "jazz"), seed=at) for at in range(caps.per_day + 1)
    )
    before = rows(town)
    with pytest.raises(Denied) as denied:
        ordering.place(
            town.rooms, bo, Order(kind="imagine", purpose=Purpose.IMAGINE, wishes=wishes)
        )
    assert denied.value.reason is Reason.CAP
    assert rows(town) == before
    ordering.place(
        town.rooms, bo, Order(kind="imagine", purpose=Purpose.IMAGINE, wishes=wishes[1:])
    )


def test_without_selfies_nothing_is_ordered(studio: Town) -> None:
    bo = studio.people["Bo"]
    with studio.rooms.consent.ledger.read() as connection:
        mine = select(selfie.c.object).where(selfie.c.subject == bo)
        (own,) = connection.execute(mine).scalars()
    studio.rooms.consent.withdrawals.destroy(bo, ObjectId(own))
    before = rows(studio)
    assert refused(studio) is Reason.SELFIES_REQUIRED
    assert rows(studio) == before
    answer = Door(studio).pack(1)
    assert (answer.status_code, answer.json()["reason"]) == (409, "selfies-required")


def test_selfies_past_their_time_are_no_selfies(studio: Town) -> None:
    seconds = studio.rooms.consent.policy.selfies.retention_seconds
    studio.clock.advance(seconds - 1)
    studio.says_yes("Bo", Purpose.LIKENESS, PACK)
    pack(studio)
    studio.clock.advance(25 * 3_600)
    assert refused(studio) is Reason.SELFIES_REQUIRED


@pytest.fixture
def under(studio: Town) -> Iterator[Callable[[str], Town]]:
    """Let another policy hold in the same town from now on."""
    made: list[Town] = []

    def opened(policy: str) -> Town:
        chosen = replace(studio.rooms.settings, policy=policy)
        rooms = wiring.build(chosen, database.connect(chosen.database), studio.clock)
        rooms.consent.publish()
        made.append(Town(rooms, studio.clock, studio.people))
        return made[-1]

    yield opened
    for one in made:
        one.rooms.consent.ledger.engine.dispose()


def test_under_snapchat_2024_a_pack_is_one_theme_and_eight_images(
    under: Callable[[str], Town],
) -> None:
    town = under("snapchat-2024")
    for count, styles in ((2, ("jazz", "knight")), (9, ("jazz",))):
        with pytest.raises(Unfit):
            pack(town, count, *styles)
    assert jobs.find(town.rooms, town.people["Bo"], pack(town, 8)).total == 8


def test_under_tiktok_avatars_three_selfies_are_enough_and_two_are_not(
    studio: Town, under: Callable[[str], Town]
) -> None:
    town, bo = under("tiktok-avatars-2023"), studio.people["Bo"]
    for picture in ("amateur_posture", "studio_portrait"):
        assert refused(town) is Reason.SELFIES_REQUIRED
        (done,) = studio.rooms.studio.enrol(bo, [samples.file_of(5, picture)], samples.TRUE)
        assert isinstance(done, Enrolled)
    answer = Door(town).pack(2)
    assert answer.status_code == 202, answer.text
    again = Door(town).pack(2)
    assert (again.status_code, again.json()["reason"]) == (429, "quota")


def test_more_selfies_than_the_policy_takes_are_not_drawn_from(studio: Town) -> None:
    studio.rooms.studio.enrol(
        studio.people["Bo"], [samples.file_of(5, "studio_portrait")], samples.TRUE
    )
    consent = studio.rooms.consent
    for maximum, reason in ((1, Reason.QUOTA), (2, None)):
        selfies = replace(consent.policy.selfies, maximum=maximum)
        fewer = replace(consent, policy=replace(consent.policy, selfies=selfies))
        town = replace(studio, rooms=replace(studio.rooms, consent=fewer))
        if reason is None:
            assert pack(town)
        else:
            assert refused(town) is reason


def test_under_strict_opt_in_nobody_can_be_drawn_for_ads(studio: Town) -> None:
    bo, rooms = studio.people["Bo"], studio.rooms
    with pytest.raises(Misused, match="nobody is asked for ads"):
        rooms.consent.notices.serve(bo, Purpose.ADS)
    with pytest.raises(Denied) as untaken:
        rooms.consent.grants.grant(bo, Purpose.ADS, "a notice that was never served")
    assert untaken.value.reason is Reason.POLICY_FORBIDS
    wishes = (wanting.one(rooms, bo, "jazz"),)
    with pytest.raises(Denied) as denied:
        ordering.place(rooms, bo, Order(kind="imagine", purpose=Purpose.ADS, wishes=wishes))
    assert denied.value.reason is Reason.POLICY_FORBIDS
    for step in Step:
        ask: Ask[Any] = Ask(step=step, subject=bo, purpose=Purpose.ADS, object=ObjectId(7))
        with pytest.raises(Denied):
            rooms.consent.gate.ask(ask)
    with rooms.consent.ledger.read() as connection:
        assert not connection.execute(select(permit).where(permit.c.purpose == "ads")).all()
        assert not connection.execute(select(job)).all()
