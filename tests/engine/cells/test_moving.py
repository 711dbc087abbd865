# SPDX-License-Identifier: Apache-2.0
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, make_url, select, update
from starlette.responses import Response

from consent import carrying, database, faults, handover
from consent.blobs import Blobs
from consent.errors import Broken, Closed, Misused
from consent.faults import POINTS
from consent.tables import account, asset, basis, subject_key
from consent.words import ObjectId, Purpose, Reason, Subject
from engine import wiring
from engine.api.idempotency import Answers, Repeatable
from engine.cells import moving
from engine.cells.directory import Directory, State
from engine.cells.moving import Moves
from engine.settings import Settings
from engine.tables import shard
from tests import rooms as homes
from tests.engine.cells import spread
from tests.engine.cells.spread import Town
from tests.postgres import Cluster
from tests.rooms import NOON

pytestmark = pytest.mark.xdist_group("cells")
"""One process makes the installation that all of these copy."""


STEPS = tuple(name for name in POINTS if name.startswith("move."))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = spread.copied(tmp_path)
    yield made
    made.close()


def keys_in(town: Town, number: int, cell: str) -> int:
    engine = database.connect(town.cells.layout.settings(number, cell).database)
    with database.reading(engine) as connection:
        count: int = connection.execute(select(func.count()).select_from(subject_key)).scalar_one()
    engine.dispose()
    return count


def test_a_move_that_is_cut_at_every_point_goes_on_and_arrives_whole(town: Town) -> None:
    number = town.cells.shard_of("Ada")
    old, stale = town.place(number), town.rooms("Ada")
    target = spread.other(old)
    ada = town.cells.find("Ada").subject
    with stale.consent.ledger.read() as connection:
        mine = select(asset.c.object).where(asset.c.subject == ada)
        obj = connection.execute(mine).scalar_one()
    assert stale.look(ada, obj) == b"portrait"  # a session is open: a repeat writes nothing
    ledger, names = stale.consent.ledger, {one.name for one in stale.consent.blobs.list()}
    size = ledger.head()[0]
    root, people = ledger.checkpoint(size), stale.count(basis)
    for step in STEPS:
        spread.cut_at(step, partial(town.moves.move, number, target))
        there, found = town.open_in(number), town.place(number)
        assert there == {
            "move.begun": [old.cell],
            "move.opened": [target],
        }.get(step, [found.cell] if found.state is State.OPEN else []), step
        if step in STEPS[STEPS.index("move.shredded") : STEPS.index("move.cleared")]:
            assert keys_in(town, number, old.cell) == 0
            nobody_reads_or_writes_there(stale, ada, obj)
        if step == "move.carried":
            with pytest.raises(Misused, match="let it arrive first"):
                town.moves.move(number, old.cell)
    place = town.moves.move(number, target)
    assert spread.is_settled(place)
    assert (place.cell, place.term, town.open_in(number)) == (target, old.term + 1, [target])
    after = town.rooms("Ada")
    assert after.consent.ledger.checkpoint(size) == root
    assert after.count(basis) == people
    assert {one.name for one in after.consent.blobs.list()} == names
    assert after.look(ada, obj) == b"portrait"
    assert town.standing(number, old.cell) is None
    assert stale.consent.blobs.list() == ()
    after.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    assert after.count(basis, ada) == 0


def nobody_reads_or_writes_there(stale: homes.Rooms, ada: Subject, obj: ObjectId) -> None:
    with pytest.raises(Broken, match="the key of this content is gone"):
        stale.look(ada, obj)
    with pytest.raises(Closed):
        stale.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)


class Forgetful:
    """A store that says yes to what it is to keep, and keeps nothing."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self.pages, self.list, self.head = blobs.pages, blobs.list, blobs.head
        self.get, self.size, self.delete = blobs.get, blobs.size, blobs.delete

    def put_new(self, name: str, content: bytes) -> None:
        """Say yes."""


def careless(source: Engine, target: Engine) -> None:
    """Carry all rows but what one of them says."""
    honest_carry(source, target)
    with target.begin() as connection:
        connection.execute(update(account).values(created_at=account.c.created_at + 1))


honest_carry = carrying.carry


def test_a_copy_that_differs_is_not_moved_to_and_the_move_can_be_given_up(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = town.cells.shard_of("Ada")
    old = town.place(number)
    honest = wiring.blobs

    def forgetful(chosen: Settings) -> Forgetful:
        return Forgetful(honest(chosen))

    with monkeypatch.context() as patch:
        patch.setattr(wiring, "blobs", forgetful)
        with pytest.raises(Broken, match="sealed bytes did not arrive"):
            town.moves.move(number, spread.other(old))
    assert town.place(number).state is State.OPEN
    assert town.open_in(number) == [old.cell]  # nobody had to wait for that
    spread.cut_at("move.blobs", partial(town.moves.move, number, spread.other(old)))
    assert town.place(number).state is State.MOVING
    assert town.open_in(number) == []
    with monkeypatch.context() as patch:
        patch.setattr(carrying, "carry", careless)
        with pytest.raises(Broken, match="the copy differs in 'account'"):
            town.moves.move(number, spread.other(old))
    back = town.moves.move(number, old.cell)
    assert spread.is_settled(back)
    assert (back.cell, back.term) == (old.cell, old.term + 1)
    assert town.open_in(number) == [old.cell]
    assert town.standing(number, spread.other(old)) is None
    town.arrive("Gus", "Hal", "Ivy")


def answers_of(town: Town) -> Answers:
    """Open the answers of Ada's shard where it is now."""
    room = town.cells.of("Ada").consent
    return Answers(room.ledger.engine, b"secret", town.clock, room.chance)


def asked_slowly(town: Town) -> Repeatable:
    """Name a request of Ada's that is under way while her shard moves."""
    return Repeatable(name=b"name", digest=b"", subject=town.cells.find("Ada").subject)


def test_an_answer_that_is_let_go_while_its_shard_is_copied_does_not_stop_the_move(
    town: Town,
) -> None:
    number, slow = town.cells.shard_of("Ada"), asked_slowly(town)
    answers = answers_of(town)
    assert answers.claim(slow) is None

    def ends(name: str) -> None:
        if name == "move.rows":  # the upload was told that its log is closed
            answers.release(slow)

    with faults.injecting(ends):
        place = town.moves.move(number, spread.other(town.place(number)))
    assert spread.is_settled(place)


def test_an_answer_that_is_kept_while_its_shard_is_copied_is_given_again_where_it_is_now(
    town: Town,
) -> None:
    number, slow = town.cells.shard_of("Ada"), asked_slowly(town)
    answers = answers_of(town)
    assert answers.claim(slow) is None

    def ends(name: str) -> None:
        if name == "move.rows":  # what was asked for was done before the log was closed
            answers.keep(slow, Response("done", status_code=201))

    with faults.injecting(ends):
        town.moves.move(number, spread.other(town.place(number)))
    again = answers_of(town).claim(slow)
    assert again is not None
    assert (again.status_code, again.body) == (201, b"done")


def given_up_by_a_mover_that_dies(town: Town, patch: pytest.MonkeyPatch, number: int) -> None:
    def dies(*_: object) -> None:
        raise spread.Cut

    patch.setattr(handover, "reopen", dies)
    with pytest.raises(spread.Cut):
        town.moves.move(number, town.place(number).cell)


def test_no_key_is_left_at_a_copy_that_was_given_up_even_by_a_mover_that_dies(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    number = town.cells.shard_of("Ada")
    old = town.place(number)
    target = spread.other(old)
    spread.cut_at("move.rows", partial(town.moves.move, number, target))
    assert keys_in(town, number, target) == keys_in(town, number, old.cell) > 0
    with monkeypatch.context() as patch:
        given_up_by_a_mover_that_dies(town, patch, number)
    assert keys_in(town, number, target) == 0
    with monkeypatch.context() as patch:
        patch.setattr(handover, "shred", away)
        patch.setattr(handover, "clear", away)
        with pytest.raises(
            Broken, match="away"
        ):  # open again, and the directory says what is left
            town.moves.move(number, old.cell)
    assert "could not be shredded" in caplog.text
    assert (town.open_in(number), town.place(number).beside) == ([old.cell], target)
    assert spread.is_settled(town.moves.move(number, old.cell))


def away(*_: object) -> None:
    raise Broken(Reason.UNAVAILABLE, "it is away")


def test_a_store_under_two_names_is_neither_moved_to_nor_cleared(town: Town) -> None:
    number = town.cells.shard_of("Ada")
    old = town.place(number)
    lies = Path(town.cells.layout.settings(number, old.cell).blob_store)
    there = Path(town.cells.layout.settings(number, spread.other(old)).blob_store)
    there.parent.mkdir(exist_ok=True, parents=True)
    lies.mkdir(exist_ok=True, parents=True)
    there.symlink_to(lies)
    names = {one.name for one in town.rooms("Ada").consent.blobs.list()}
    for _ in range(2):  # the first leaves word in the directory where it was to go
        with pytest.raises(Broken, match="by another name"):
            town.moves.move(number, spread.other(old))
    with pytest.raises(Broken, match="by another name"):
        town.moves._cleared(replace(town.place(number), beside=spread.other(old)))
    assert {one.name for one in town.rooms("Ada").consent.blobs.list()} == names
    there.unlink()
    assert spread.is_settled(town.moves.move(number, spread.other(old)))


def test_a_cell_that_is_none_and_a_second_mover_are_refused(town: Town) -> None:
    with pytest.raises(Misused, match="names no cell 'z'"):
        town.moves.move(0, "z")
    with pytest.raises(Misused, match="no shard 9"):
        town.moves.move(9, "a")
    with town.moves._alone(), pytest.raises(Broken, match="somebody else moves"):
        town.moves.move(0, "b")
    assert spread.is_settled(town.moves.move(0, town.place(0).cell))


IMPATIENT = {"options": "-c idle_in_transaction_session_timeout=200"}
"""As `roles.LIMITS` for the application in its own database, which no copy of a template has."""


@pytest.fixture
def shared(town: Town, postgres_url: str) -> Iterator[Moves]:
    """Move by a directory on PostgreSQL, which other machines could share."""
    url = make_url(postgres_url).update_query_dict(IMPATIENT)
    directory = Directory(database.connect(url.render_as_string(hide_password=False)))
    directory.know(town.cells.layout.cells, NOON)
    for place in reversed(town.cells.directory.places()):
        directory.enter(place.number, place.cell)
    yield Moves(layout=town.cells.layout, directory=directory)
    directory.engine.dispose()


@pytest.mark.postgres
def test_the_lock_of_a_mover_outlasts_what_the_server_allows_an_idle_transaction(
    shared: Moves,
) -> None:
    engine = shared.directory.engine
    with shared._alone():
        time.sleep(0.6)
        with pytest.raises(Broken, match="somebody else moves"), moving._advised(engine):
            pass
    with moving._advised(engine):
        pass


@pytest.mark.postgres
def test_a_lock_that_another_session_has_is_not_ours(shared: Moves) -> None:
    engine = shared.directory.engine
    with moving._advised(engine) as still, engine.connect() as other:
        still()
        with pytest.raises(Broken, match="lock of this move is gone"):
            moving._held(other)


ENDED = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks JOIN pg_database d ON d.oid = database "
    "WHERE locktype = 'advisory' AND datname = current_database()"
)


def end_the_lock(engine: Engine) -> None:
    """End the session that holds it, as the server does with one that says nothing for long."""
    with engine.connect() as connection:
        assert connection.exec_driver_sql(ENDED).scalars().all() == [True]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("step", "state", "stays"),
    [
        ("move.blobs", State.MOVING, True),
        ("move.carried", State.CARRIED, True),
        ("move.flipped", State.OPEN, False),
    ],
)
def test_a_mover_whose_lock_is_gone_takes_nothing_away(
    town: Town, shared: Moves, step: str, state: State, *, stays: bool
) -> None:
    number = town.cells.shard_of("Ada")
    old, keys = town.place(number), keys_in(town, number, town.place(number).cell)

    def ends(name: str) -> None:
        if name == step:
            end_the_lock(shared.directory.engine)

    with faults.injecting(ends), pytest.raises(Broken, match="lock of this move is gone"):
        shared.move(number, spread.other(old))
    assert shared.directory.place(number).state is state
    assert keys_in(town, number, old.cell) == (keys if stays else 0)
    assert town.standing(number, old.cell) is not None
    assert spread.is_settled(shared.move(number, spread.other(old)))
    assert keys_in(town, number, spread.other(old)) == keys


def lost_after(times: int) -> Callable[[], None]:
    """Play a lock that is there when it is asked for so often, and then no more."""
    left = iter(range(times))

    def still() -> None:
        if next(left, None) is None:
            raise Broken(Reason.UNAVAILABLE, "gone")

    return still


def test_a_mover_whose_lock_is_gone_touches_no_copy_and_no_sealed_bytes(town: Town) -> None:
    number = town.cells.shard_of("Ada")
    old = town.place(number)
    target = spread.other(old)
    spread.cut_at("move.rows", partial(town.moves.move, number, target))
    held = keys_in(town, number, target)
    unsure = replace(town.moves, still=lost_after(0))
    with pytest.raises(Broken, match="gone"):
        unsure._bared(town.cells.layout.settings(number, target), town.place(number).term)
    with pytest.raises(Broken, match="gone"):
        unsure._given_up(town.place(number))
    assert keys_in(town, number, target) == held > 0
    with pytest.raises(Broken, match="gone"):
        replace(unsure, still=lost_after(1))._given_up(town.place(number))
    assert town.open_in(number) == []
    spread.cut_at("move.flipped", partial(town.moves.move, number, target))
    with pytest.raises(Broken, match="gone"):
        replace(unsure, still=lost_after(1))._cleared(town.place(number))
    assert town.standing(number, old.cell) is None
    assert wiring.blobs(town.cells.layout.settings(number, old.cell)).list()
    assert spread.is_settled(town.moves.move(number, target))


def test_a_mover_that_is_held_up_after_its_lock_was_there_takes_nothing_from_the_next_move(
    town: Town,
) -> None:
    """Meanwhile the shard arrived, and is on its way back: what was left is the only copy now."""
    number = town.cells.shard_of("Ada")
    old = town.place(number)
    target = spread.other(old)
    spread.cut_at("move.flipped", partial(town.moves.move, number, target))

    def overtaken() -> None:
        town.moves.move(number, target)
        spread.cut_at("move.shredded", partial(town.moves.move, number, old.cell))

    late = replace(town.moves, still=overtaken)
    with pytest.raises(Broken, match="later term"):
        late._cleared(town.place(number))
    assert keys_in(town, number, old.cell) > 0
    assert spread.is_settled(town.moves.move(number, old.cell))
    assert town.open_in(number) == [old.cell]


def test_a_living_log_is_never_cleared_by_a_directory_that_knows_less(town: Town) -> None:
    number = town.cells.shard_of("Ada")
    living = town.place(number).cell
    elsewhere = update(shard).where(shard.c.number == number)
    with town.cells.directory.engine.begin() as connection:  # as one from before a move would say
        connection.execute(elsewhere.values(cell=spread.other(town.place(number))))
    with pytest.raises(Broken, match="open, or of a later term than 1, is not cleared"):
        town.moves.move(number, living)
    assert town.open_in(number) == [living]


def test_a_directory_older_than_the_log_moves_nothing(town: Town) -> None:
    number = town.cells.shard_of("Ada")
    place = town.place(number)
    engine = town.rooms("Ada").consent.ledger.engine
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE log_head SET term = 7")
    with pytest.raises(Broken, match="later term than 2"):
        town.moves.move(number, spread.other(place))
    assert town.open_in(number) == [place.cell]


@pytest.mark.postgres
def test_a_shard_goes_to_postgresql_with_its_two_roles_and_back(
    town: Town, cluster: Cluster
) -> None:
    number = town.cells.shard_of("Ada")
    old = town.place(number)
    ada, size = town.cells.find("Ada").subject, town.rooms("Ada").consent.ledger.head()[0]
    root = town.rooms("Ada").consent.ledger.checkpoint(size)
    target = spread.other(old)
    owner = cluster.empty()
    app = make_url(owner).set(username="cells_app").render_as_string(hide_password=False)
    app += f"{'&' if '?' in app else '?'}options=-capplication_name%3D{{shard}}"
    town.close()
    said = f'[cells.{target}]\ndatabase_url = "{app}"\ndatabase_owner = "{owner}"\n'
    file = town.home / "cells.toml"
    file.write_text(file.read_text().replace(f"[cells.{target}]\n", said))
    town = spread.reopened(town.home, town.clock)
    town.moves.move(number, target)
    there = town.rooms("Ada")
    assert there.consent.ledger.engine.url.username == "cells_app"
    assert there.consent.ledger.checkpoint(size) == root
    there.grant(ada, Purpose.IMAGINE)
    there.portrait(ada, Purpose.IMAGINE)
    there.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    before = there.consent.ledger.checkpoint(now := there.consent.ledger.head()[0])
    town.furnish()
    town.moves.move(number, old.cell)
    back = town.rooms("Ada")
    assert back.consent.ledger.checkpoint(now) == before
    assert back.count(basis, ada) == 0
    assert town.standing(number, target) is None
    town.close()
    cluster.drop(owner)


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_process_killed_at_a_point_leaves_one_log_and_another_goes_on(
    town: Town, step: str
) -> None:
    number = town.cells.shard_of("Ada")
    old, people = town.place(number), town.rooms("Ada").count(basis)
    target = spread.other(old)
    town.close()
    program = (sys.executable, "-m", "tests.engine.cells.killing")
    asked = f"{json.dumps([str(town.home), number, target, step])}\n"
    for expected in (-signal.SIGKILL, 0):
        ended = subprocess.run(
            program,
            input=asked if expected else asked.replace(step, "never"),
            stdout=subprocess.PIPE,
            check=True,
            text=True,
            timeout=120,
        )
        assert int(ended.stdout) == expected
        assert len(town.open_in(number)) <= 1
    again = spread.reopened(town.home)
    assert spread.is_settled(again.place(number))
    assert again.open_in(number) == [target]
    assert again.rooms("Ada").count(basis) == people
    again.close()
