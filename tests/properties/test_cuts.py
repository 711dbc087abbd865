# SPDX-License-Identifier: Apache-2.0
"""kill -9 between any two statements of every act.

Homes that two cuts left in the same state, byte for byte, are examined once. On SQLite a killed
process leaves what is on the disk, so every step is cut by copying the home at that moment, and
some by a real kill, which must leave the same; `-m slow` kills at every step, on PostgreSQL too.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from consent import bundle, certificates, database, faults, tables, verify
from consent.errors import Broken
from consent.gate import Permit
from consent.tables import metadata
from consent.words import Micros, Purpose, Step, Subject
from tests.consent import history
from tests.postgres import Cluster
from tests.properties.cuts import ACTS, OTHERS
from tests.properties.test_crashes import whole
from tests.rooms import NOON, Rooms

ROOT = Path(__file__).parents[2]
LEAST = {
    "withdraw": 40,
    "erase": 60,
    "append": 15,
    "grant": 20,
    "store": 30,
    "describe": 15,
    "join": 8,
}
"""How many steps each act has at the least: fewer, and the counting is broken."""
LATER = Micros(NOON * 2)
"""A time at which every blob is past its grace, whatever the real clock says."""


class Cutter:
    """The process that forks children and sees them killed."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            (sys.executable, "-m", "tests.properties.cuts"),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def cut(self, home: "Home", act: str, step: int | str) -> tuple[bool, str]:
        """Let a child do the act and die before the step; say whether it came so far."""
        return self._tell(home, act, step, "")

    def images(self, home: "Home", act: str, folder: Path) -> list[Path]:
        """Let a child do the act; return what it would have left at each step."""
        self._tell(home, act, 0, str(folder))
        return sorted(folder.iterdir(), key=lambda image: int(image.name))

    def _tell(self, home: "Home", *act: str | int) -> tuple[bool, str]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([home.url, str(home.folder), *act]) + "\n")
        self.process.stdin.flush()
        killed, what = json.loads(self.process.stdout.readline())
        return killed, what


@dataclass(frozen=True, slots=True)
class Home:
    """A database and the folder of keys and blobs that belongs to it."""

    url: str
    folder: Path

    def open(self) -> Rooms:
        return Rooms.open(self.url, self.folder)


def at(folder: Path) -> Home:
    return Home(f"sqlite:///{folder}/onlyou.db", folder)


@pytest.fixture(scope="module")
def cutter() -> Iterator[Cutter]:
    found = Cutter()
    yield found
    found.process.communicate(timeout=60)


@pytest.fixture(scope="session")
def lived(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a home in which Ada has something of everything and Bob wants nothing drawn."""
    folder = tmp_path_factory.mktemp("lived")
    shutil.copy(sqlite_template, folder / "onlyou.db")
    rooms = at(folder).open()
    live(rooms)
    rooms.close()
    return folder


def live(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    rooms.grant(ada, Purpose.IMAGINE)
    rooms.grant(ada, Purpose.PERSONALISATION)
    history.insert(rooms, ada)
    history.imagine(rooms, ada)
    rooms.describe(ada, Purpose.FEED_INSERT, b"made while all was well")
    rooms.person("Bob", Purpose.LIKENESS)


def state(home: Home) -> str:
    """Hash all that is there: every row of every table, every key, every blob."""
    seen = hashlib.sha256()
    engine = database.connect(home.url)
    with database.reading(engine) as connection:
        for table in metadata.sorted_tables:
            rows = connection.execute(select(table)).all()
            seen.update(repr((table.name, sorted(map(repr, rows)))).encode())
    engine.dispose()
    inside = (file for part in ("keys", "blobs") for file in (home.folder / part).rglob("*"))
    for file in sorted(inside):
        content = file.read_bytes() if file.is_file() else b""
        seen.update(repr((file.relative_to(home.folder), content)).encode())
    return seen.hexdigest()


class Examiner:
    """Look at what cuts have left, each state once."""

    def __init__(self, untouched: Home, act: str) -> None:
        self.act = act
        self.before = head(untouched)
        self.examined: set[str] = set()

    def look(self, home: Home, step: int, what: str) -> None:
        """Examine a home unless its like was examined; say where it was cut if it fails."""
        if (left := state(home)) in self.examined:
            return
        self.examined.add(left)
        try:
            examine(home, self.act, self.before)
        except AssertionError as error:
            raise AssertionError(f"step {step} of {self.act}, before {what}: {error}") from error


def examine(home: Home, act: str, before: tuple[int, bytes]) -> None:
    """Open the home again: nothing is half done, nothing acknowledged lost, all can go on."""
    rooms = home.open()
    size, root = before
    whole(rooms)
    assert rooms.consent.ledger.tree().root(size) == root, "an acknowledged entry is gone"
    AGAIN[act](rooms)
    whole(rooms)
    rooms.consent.retention.reap(LATER, apart=Micros(0))
    assert rooms.consent.retention.strays() == 0
    people = {account.subject for account in rooms.consent.accounts.list()}
    assert set(rooms.consent.keys.people()) == people, "a secret without its person"
    bundle.export(rooms.consent, home.folder / "bundle")
    assert verify.verify(home.folder / "bundle")["findings"] == []
    rooms.close()


def head(home: Home) -> tuple[int, bytes]:
    rooms = home.open()
    tree = rooms.consent.ledger.tree()
    rooms.close()
    return len(tree), tree.root()


@pytest.mark.parametrize("act", ACTS)
def test_an_act_cut_between_any_two_steps_is_whole_or_can_be_finished(
    cutter: Cutter, lived: Path, tmp_path: Path, act: str
) -> None:
    copy = at(shutil.copytree(lived, tmp_path / "copy"))
    examiner = Examiner(copy, act)
    (tmp_path / "images").mkdir()
    images = cutter.images(copy, act, tmp_path / "images")
    for step, image in enumerate(images, 1):
        examiner.look(at(image), step, (image / "before").read_text())
    assert len(images) >= LEAST[act]
    assert len(examiner.examined) > 1


@pytest.mark.parametrize("act", ["withdraw", "erase", "append"])
def test_a_killed_process_leaves_what_the_image_of_that_step_shows(
    cutter: Cutter, lived: Path, tmp_path: Path, act: str
) -> None:
    (tmp_path / "images").mkdir()
    copy = at(shutil.copytree(lived, tmp_path / "copy"))
    images = cutter.images(copy, act, tmp_path / "images")
    for step in range(len(images) // 4, len(images), len(images) // 4):
        home = at(shutil.copytree(lived, tmp_path / str(step)))
        assert cutter.cut(home, act, step)[0]
        assert state(home) == state(at(images[step - 1]))


Copies = Callable[[int], Home]


def kill_everywhere(cutter: Cutter, copies: Copies, act: str, every: int) -> int:
    """Kill at every so-manieth step until the act survives; return how many steps it has."""
    examiner = Examiner(copies(0), act)
    for step in count(1, every):
        home = copies(step)
        killed, what = cutter.cut(home, act, step)
        examiner.look(home, step, what)
        if not killed:
            return step
    raise AssertionError


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_kill_9_at_every_single_step(
    cutter: Cutter, lived: Path, tmp_path: Path, act: str
) -> None:
    def copies(step: int) -> Home:
        return at(shutil.copytree(lived, tmp_path / str(step)))

    assert kill_everywhere(cutter, copies, act, 1) >= LEAST[act]


@pytest.fixture
def on_postgres(cluster: Cluster, tmp_path: Path) -> Iterator[Callable[[int], Home]]:
    """Live the same on PostgreSQL; give copies of database and folder."""
    made = [cluster.fresh()]
    first = Rooms.open(made[0], tmp_path / "first")
    live(first)
    first.close()

    def copies(step: int) -> Home:
        template = make_url(made[0]).database
        name = f"{cluster.prefix}_cut_{next(cluster.numbers)}"
        cluster.copy(str(template), name)
        made.append(cluster._url(name))
        folder = tmp_path / str(step)
        shutil.copytree(first.home, folder)
        return Home(made[-1], folder)

    yield copies
    for url in made:
        cluster.drop(url)


@pytest.mark.postgres
@pytest.mark.parametrize("act", ["withdraw", "append"])
def test_kill_9_at_some_steps_beside_a_postgresql(
    cutter: Cutter, on_postgres: Copies, act: str
) -> None:
    assert kill_everywhere(cutter, on_postgres, act, LEAST[act] // 3) >= LEAST[act]


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("act", ACTS)
def test_kill_9_at_every_single_step_beside_a_postgresql(
    cutter: Cutter, on_postgres: Copies, act: str
) -> None:
    assert kill_everywhere(cutter, on_postgres, act, 1) >= LEAST[act]


# --- at named points, beside a PostgreSQL: what its server does with a client that is gone

MATTER = {"withdraw": ("basis.delete.after 1",), "insert": ("blob.put.after 1", "commit.after -1")}
"""Between an entry and its commit, bytes without a row, after the commit and before the answer."""


def passes(on_postgres: Copies, act: str) -> list[str]:
    """Do an act and name each pass of a point: the name, and how often it was passed by then."""
    rooms, seen = on_postgres(10_000).open(), list[str]()
    with faults.injecting(seen.append):
        (ACTS | OTHERS)[act](rooms)
    rooms.close()
    return [f"{name} {seen[: at + 1].count(name)}" for at, name in enumerate(seen)]


def kill_at(cutter: Cutter, on_postgres: Copies, act: str, fatal: Sequence[str]) -> int:
    """Kill at each of these passes and look at what is left; say how many states there were."""
    examiner = Examiner(on_postgres(0), act)
    for number, point in enumerate(fatal, 1):
        home = on_postgres(number)
        assert cutter.cut(home, act, point) == (True, point)
        examiner.look(home, number, point)
    return len(examiner.examined)


@pytest.mark.postgres
@pytest.mark.parametrize("act", MATTER)
def test_a_kill_at_a_point_that_matters_leaves_what_can_be_finished(
    cutter: Cutter, on_postgres: Copies, act: str
) -> None:
    seen = passes(on_postgres, act)
    last = [one for one in seen if one.startswith("commit.after")][-1]
    fatal = [last if point.endswith("-1") else point for point in MATTER[act]]
    assert kill_at(cutter, on_postgres, act, fatal) == len(fatal)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("act", [*ACTS, "insert"])
def test_a_kill_at_any_pass_of_any_point_leaves_what_can_be_finished(
    cutter: Cutter, on_postgres: Copies, act: str
) -> None:
    fatal = passes(on_postgres, act)
    assert kill_at(cutter, on_postgres, act, fatal) > 1
    assert len(fatal) >= 5


# --- the act, finished or done again


def _withdraw(rooms: Rooms) -> None:
    ada = _ada(rooms)
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    held = rooms.consent.grants.show(ada)
    assert set(held) == {Purpose.PERSONALISATION}
    ends = [(one["purpose"], one.get("epoch")) for one in rooms.entries("withdraw")]
    assert sorted(purpose for purpose, _ in ends) == ["feed_insert", "imagine", "likeness"]
    assert all(epoch is not None for _, epoch in ends)
    assert len(rooms.entries("key.destroy")) == len(ends)
    assert rooms.count(metadata.tables["conditioning"], ada) == 0
    assert rooms.consent.blobs.list() == () or rooms.consent.retention.strays()


def _erase(rooms: Rooms) -> None:
    person = _known_once(rooms)
    rooms.consent.retention.sweep()
    begun, finished = rooms.entries("erase.request"), rooms.entries("erase.done")
    assert len(begun) == len(finished), "the sweep did not finish what was begun"
    made = rooms.consent.erasures.erase(person)
    assert certificates.flaws(made, rooms.consent.ledger.signer.verifier) == ()
    assert len(rooms.entries("erase.request")) == len(rooms.entries("erase.done")) == 1
    assert rooms.consent.blobs.list() == ()
    with pytest.raises(Broken):
        rooms.consent.keys.secret(person)


def _append(rooms: Rooms) -> None:
    permit = rooms.ask(Step.SELECT, _ada(rooms), Purpose.IMAGINE, rooms.object())
    assert isinstance(permit, Permit)
    decided = [one["seq"] for one in rooms.entries("decision")]
    effects = [one["effect_of"] for one in rooms.entries("effect")]
    assert set(effects) <= set(decided)
    assert len(effects) == len(set(effects))


def _grant(rooms: Rooms) -> None:
    rooms.grant(_ada(rooms), Purpose.PROFILE_PICTURE)
    said = [one for one in rooms.entries("grant") if one["purpose"] == "profile_picture"]
    assert len(said) == 1


def _store(rooms: Rooms) -> None:
    obj = rooms.portrait(_ada(rooms), Purpose.IMAGINE, b"made after the cut")
    seen = rooms.look(_ada(rooms), obj, Purpose.IMAGINE, tables.asset_view)
    assert seen == b"made after the cut"


def _describe(rooms: Rooms) -> None:
    ada = _ada(rooms)
    rows = rooms.count(metadata.tables["conditioning"], ada)
    assert rows == 1, "what was kept is lost, or is there twice"
    assert rooms.describe(ada, Purpose.FEED_INSERT, b"made after the cut") in KEPT_BEFORE
    assert rooms.describe(ada, Purpose.FEED_INSERT, b"made again") == b"made after the cut"


def _insert(rooms: Rooms) -> None:
    ada = _ada(rooms)
    rooms.clock.advance(4 * 86_400)
    placed, made = rooms.count(metadata.tables["feed_insert"], ada), rooms.count(tables.asset, ada)
    assert made - placed <= 2, "more was made than was begun"
    obj = rooms.portrait(ada, Purpose.FEED_INSERT)
    rooms.insert(ada, obj)
    assert rooms.count(metadata.tables["feed_insert"], ada) == placed + 1
    assert rooms.look(ada, obj) == b"portrait"


KEPT_BEFORE = {b"made while all was well", b"made before the cut"}


def _join(rooms: Rooms) -> None:
    rooms.consent.retention.sweep()
    known = {account.name for account in rooms.consent.accounts.list()}
    if "Eve" not in known:
        rooms.person("Eve")


AGAIN = {
    "withdraw": _withdraw,
    "erase": _erase,
    "append": _append,
    "grant": _grant,
    "store": _store,
    "describe": _describe,
    "join": _join,
    "insert": _insert,
}


def _ada(rooms: Rooms) -> Subject:
    return rooms.consent.accounts.find("Ada").subject


def _known_once(rooms: Rooms) -> Subject:
    """Find Ada, or whoever asked to be forgotten."""
    erasure = metadata.tables["erasure"]
    with rooms.consent.ledger.read() as connection:
        found = connection.execute(select(erasure.c.subject)).scalar()
    return Subject(found) if found is not None else _ada(rooms)
