# SPDX-License-Identifier: Apache-2.0
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Table, select

from consent import database, doomed
from consent.tables import asset, basis, effect_table, effect_tables, foreign, metadata, text
from consent.words import Purpose, Step, Subject
from feed.shares import Audience
from tests.conftest import Opener
from tests.feed.company import gather
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT


def found(rooms: Rooms, subject: Subject, *purposes: Purpose) -> Counter[str]:
    held = rooms.consent.grants.show(subject)
    with rooms.consent.ledger.read() as connection:
        endings = [(p, held[p].epoch) for p in purposes]
        return Counter(row.table for row in doomed.under(connection, subject, endings))


def gone(rooms: Rooms, subject: Subject, purpose: Purpose) -> Counter[str]:
    """Count what a withdrawal really took, table by table."""
    before = {t.name: rooms.count(t, subject) for t in effect_tables()}
    rooms.consent.withdrawals.withdraw(subject, purpose)
    taken = {name: n - rooms.count(metadata.tables[name], subject) for name, n in before.items()}
    return Counter({name: n for name, n in taken.items() if n})


def full(rooms: Rooms) -> Subject:
    ada = rooms.person("Ada", Purpose.LIKENESS, FEED, Purpose.IMAGINE)
    selfie = rooms.selfie(ada)
    rooms.consent.vault.read([rooms.ask(Step.READ, ada, FEED, selfie)])
    portrait = rooms.portrait(ada, FEED)
    rooms.insert(ada, portrait)
    rooms.look(ada, portrait)
    rooms.portrait(ada, Purpose.IMAGINE)
    return ada


@pytest.mark.parametrize("purpose", [FEED, Purpose.IMAGINE])
def test_what_is_found_beforehand_is_what_the_cascade_takes(
    rooms_on_both: Rooms, purpose: Purpose
) -> None:
    ada = full(rooms_on_both)
    assert found(rooms_on_both, ada, purpose) == gone(rooms_on_both, ada, purpose)


def test_with_the_parent_go_all_its_children(rooms_on_both: Rooms) -> None:
    ada = full(rooms_on_both)
    under = found(rooms_on_both, ada, FEED, Purpose.IMAGINE, Purpose.LIKENESS)
    assert under == gone(rooms_on_both, ada, Purpose.LIKENESS)


def test_of_one_object_everything_is_found_and_nothing_of_another(rooms: Rooms) -> None:
    ada = full(rooms)
    with rooms.consent.ledger.read() as connection:
        (obj,) = connection.execute(
            select(asset.c.object).where(asset.c.purpose == FEED)
        ).scalars()
        rows = doomed.of_object(connection, ada, obj)
        stranger = doomed.of_object(connection, Subject(404), obj)
    assert [row.step for row in rows if row.blob] == [Step.STORE]
    assert {row.object for row in rows} == {obj}
    assert {"request", "asset", "feed_insert", "feed_view"} <= {row.table for row in rows}
    assert stranger == ()


@pytest.fixture
def share() -> Iterator[Table]:
    """Declare a table that another room might: it hangs on its own basis and on the portrait."""
    table = effect_table(
        "shown_to_friends",
        Step.SHARE,
        text("audience"),
        foreign(("object", "subject"), "asset", ("object", "subject"), cascade=True),
        once=False,
    )
    yield table
    metadata.remove(table)


@pytest.mark.parametrize("purpose", [FEED, Purpose.STORY])
def test_what_hangs_on_two_bases_is_found_by_either(
    share: Table, purpose: Purpose, open_rooms: Opener, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/with_shares.db"
    engine = database.connect(url)
    database.create(engine)
    engine.dispose()
    rooms = open_rooms(url)
    ada = rooms.person("Ada", Purpose.LIKENESS, FEED, Purpose.STORY)
    portrait = rooms.portrait(ada, FEED)
    permit = rooms.ask(Step.SHARE, ada, Purpose.STORY, portrait, confirmed=True)
    rooms.spend(permit, share, {"audience": "story"})
    assert rooms.consent.withdrawals.would_destroy(ada, purpose).shares == 1
    receipt = rooms.consent.withdrawals.withdraw(ada, purpose)
    assert receipt["destroyed"]["shares"] == 1
    assert rooms.count(share) == 0
    assert rooms.count(asset, ada) == (1 if purpose is Purpose.STORY else 0)


@pytest.mark.parametrize("purpose", [Purpose.STORY, Purpose.IMAGINE, Purpose.SHARE])
def test_of_shares_and_looks_at_them_what_is_found_is_what_goes(
    rooms_on_both: Rooms, purpose: Purpose
) -> None:
    company = gather(rooms_on_both)
    for _ in range(2):
        obj = company.portrait()
        for audience in (Audience.STORY, Audience.FRIENDS):
            company.look(company.bob, company.show(obj, audience))
        company.save(obj)
    under = found(rooms_on_both, company.ada, purpose)
    assert under["feed_share"] == under["share_view"] == (4 if purpose is Purpose.IMAGINE else 2)
    assert under == gone(rooms_on_both, company.ada, purpose)


def test_nothing_ends_where_nothing_is_said(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    with rooms.consent.ledger.read() as connection:
        assert doomed.under(connection, ada, []) == ()
        assert connection.execute(select(basis.c.subject)).scalar_one() == ada
