# SPDX-License-Identifier: Apache-2.0
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, func, select, text

from consent import database, scopes
from consent.committing import _Act, _attempt
from consent.scopes import EVERYBODY, NOBODY, Scope
from consent.tables import account, chain, subject
from consent.words import Seq, Subject
from consent.writing import Writing
from tests.conftest import Opener
from tests.postgres import Cluster

HERE = Path(__file__).parents[2]
ROOMS = ("consent", "feed", "generation", "engine")
ADA, BEN = Subject(11), Subject(12)
READS = (1_000, pytest.param(10_000, marks=pytest.mark.slow))


def test_a_scope_is_written_as_the_policies_read_it() -> None:
    assert NOBODY.said() == ""
    assert EVERYBODY.said() == "*"
    assert scopes.of(BEN, ADA).said() == "11,12"


def test_a_scope_of_several_is_that_of_each_together() -> None:
    assert scopes.of(ADA) | scopes.of(BEN) == scopes.of(ADA, BEN)
    assert (scopes.of(ADA) | EVERYBODY).said() == "*"


def test_what_is_said_for_a_block_ends_with_it() -> None:
    assert scopes.said() is None
    with scopes.within(scopes.of(ADA)):
        with scopes.also([BEN]):
            assert scopes.said() == scopes.of(ADA, BEN)
        assert scopes.said() == scopes.of(ADA)
    assert scopes.said() is None


def test_what_is_said_for_a_request_ends_with_it() -> None:
    def request() -> Scope | None:
        scopes.say(scopes.of(ADA))
        return scopes.said()

    assert copy_context().run(request) == scopes.of(ADA)
    assert scopes.said() is None


def test_nobody_is_added_where_nothing_was_said() -> None:
    with scopes.also([ADA]):
        assert scopes.said() is None


def test_no_code_sets_anything_for_longer_than_its_transaction() -> None:
    for room in ROOMS:
        for file in (HERE / room).rglob("*.py"):
            code = file.read_text("utf-8")
            for call in re.findall(r"set_config\(.*?(?:\n|$)", code):
                assert re.search(r"[., ]true\)|, True\)", call), f"{file.name}: {call}"
            assert not re.search(r"\"SET (?!LOCAL)(SESSION|ROLE|onlyou|search_path)", code), file


# --- over a pool, on PostgreSQL


@pytest.fixture
def peopled(postgres_url: str, cluster: Cluster) -> Iterator[Engine]:
    """Open a database with two people, as a server does: nobody's rows unless somebody is said."""
    owner = database.connect(cluster.owner(postgres_url))
    with owner.begin() as connection:
        connection.execute(subject.insert(), [{"id": who} for who in (ADA, BEN)])
        rows = [{"subject": w, "name": str(w), "place": w, "created_at": 0} for w in (ADA, BEN)]
        connection.execute(account.insert(), rows)
    owner.dispose()
    engine = database.connect(postgres_url, NOBODY)
    yield engine
    engine.dispose()


def _seen(engine: Engine) -> set[int]:
    with engine.begin() as connection:
        return set(connection.exec_driver_sql("SELECT subject FROM account").scalars())


@pytest.mark.postgres
def test_a_transaction_sees_whom_it_is_about_and_with_nothing_said_nobody(peopled: Engine) -> None:
    def seen(scope: Scope) -> set[int]:
        with scopes.within(scope):
            return _seen(peopled)

    assert _seen(peopled) == set()
    assert seen(NOBODY) == set()
    assert seen(scopes.of(ADA)) == {ADA}
    assert seen(scopes.of(ADA, BEN)) == {ADA, BEN}
    assert seen(EVERYBODY) == {ADA, BEN}
    assert _seen(peopled) == set()


@pytest.mark.postgres
def test_what_a_process_says_holds_where_nothing_else_is_said(postgres_url: str) -> None:
    engine = database.connect(postgres_url)
    with engine.begin() as connection:
        connection.execute(subject.insert().values(id=ADA))
        assert connection.execute(select(func.count()).select_from(subject)).scalar() == 1
    engine.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("reads", READS)
def test_reads_of_two_people_in_turn_over_one_pool_never_see_each_other(
    peopled: Engine, reads: int
) -> None:
    choices = (NOBODY, scopes.of(ADA), scopes.of(BEN))
    asked = [choices[n] for n in np.random.default_rng(7).integers(3, size=reads)]

    def read(batch: int) -> int:
        wrong = 0
        for scope in asked[batch::4]:
            with scopes.within(scope):
                wrong += _seen(peopled) != set(scope.people)
        return wrong

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(read, range(4))) == 0


@pytest.mark.postgres
def test_the_same_hammer_finds_a_setting_that_outlives_its_transaction(peopled: Engine) -> None:
    with peopled.begin() as connection:
        connection.execute(text(f"SELECT set_config('{scopes.SETTING}', '{ADA}', false)"))
        bare = connection.connection.driver_connection
    assert bare is not None
    left = bare.execute(f"SELECT current_setting('{scopes.SETTING}', true)").fetchone()
    assert left == (str(ADA),), "a session setting outlives its transaction"
    assert _seen(peopled) == set(), "and yet what begins a transaction says who is meant"


@pytest.mark.postgres
def test_what_is_told_in_the_middle_of_a_transaction_ends_with_it(peopled: Engine) -> None:
    with peopled.begin() as connection:
        database.tell(connection, scopes.of(ADA))
        bare = connection.connection.driver_connection
    assert bare is not None
    left = bare.execute(f"SELECT current_setting('{scopes.SETTING}', true)").fetchone()
    assert left == ("",)


@pytest.mark.postgres
def test_a_transaction_that_is_rolled_back_wrote_nothing(peopled: Engine) -> None:
    with scopes.within(EVERYBODY), peopled.connect() as connection:
        attempt = connection.begin()
        connection.execute(subject.insert().values(id=99))
        attempt.rollback()
        assert connection.execute(select(subject.c.id).where(subject.c.id == 99)).first() is None


@pytest.mark.postgres
def test_acts_of_two_people_in_one_commit_are_about_both(
    open_rooms: Opener, postgres_url: str
) -> None:
    rooms = open_rooms(postgres_url)
    people = [rooms.person("Ada"), rooms.person("Ben")]

    def show(writing: Writing, shown: Sequence[Subject]) -> Sequence[Seq]:
        return [writing.append("label.shown", subject=one, n=1) for one in shown]

    acts = []
    for person in people:
        with scopes.within(scopes.of(person)):
            acts.append(_Act(show, person))
    with scopes.within(scopes.of(people[0])), rooms.consent.ledger.write() as writing:
        _attempt(writing, acts)
    with rooms.consent.ledger.read() as connection:
        last = dict(map(tuple, connection.execute(select(chain.c.subject, chain.c.last))))
    assert last == {person: act.answer() for person, act in zip(people, acts, strict=True)}
