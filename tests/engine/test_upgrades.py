# SPDX-License-Identifier: Apache-2.0
"""Homes of every released schema are brought to the present one, verified, and lived in."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from consent import bundle, carrying, database, key_files, verify
from consent.clocks import VirtualClock
from consent.errors import Broken
from consent.tables import selfie
from consent.words import DAY, Micros, Purpose
from engine import choosing, cycle, doctor, migrations, settings, wiring
from engine.rooms import Rooms
from engine.settings import Settings
from tests.engine import golden, town
from tests.engine.golden import VERSIONS
from tests.engine.town import Quick, Town

Opener = Callable[[str], Rooms]
QUICK = ("0001", VERSIONS[-1])
"""Verified whole at every run, one of them lived in on each database; all with `-m slow`."""


def versions(*quick: str) -> list[object]:
    slow = pytest.mark.slow
    return [one if one in quick else pytest.param(one, marks=slow) for one in VERSIONS]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw with the quick recipe, and find an idea for everybody."""
    monkeypatch.setattr(wiring, "recipe", lambda _name: Quick())
    monkeypatch.setattr(choosing.ranking, "choose", town.always_something)


def test_every_released_schema_has_its_home() -> None:
    known = sorted(migrations._known())
    assert list(VERSIONS) == known[: len(VERSIONS)]
    assert len(known) - len(VERSIONS) <= 2, "what is not released yet"


def test_the_homes_are_small() -> None:
    files = (Path(golden.__file__).parent / "golden").glob("*.tar.xz")
    assert sum(file.stat().st_size for file in files) < 1_000_000


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_home_is_refused_then_upgraded_and_everything_in_it_is_true(
    version: str, tmp_path: Path
) -> None:
    golden.unpack(version, tmp_path / "home")
    with pytest.raises(Broken, match=f"schema {version}"):
        wiring.open_home(tmp_path / "home")
    rooms = install(settings.read(tmp_path / "home"))
    assert golden.everything(rooms) >= 6, "the keys of their time open what they sealed"
    if version in QUICK:
        checked(rooms, tmp_path / "bundle")  # all others where they are lived in
    rooms.consent.ledger.engine.dispose()


@pytest.mark.parametrize(("version", "given"), [("0002", True), ("0003", False)])
def test_only_a_log_of_before_there_were_two_keys_is_given_its_second(
    version: str, given: bool, tmp_path: Path
) -> None:
    golden.unpack(version, tmp_path / "home")
    second = tmp_path / "home" / "keys" / key_files.SECOND
    second.unlink(missing_ok=True)
    if given:
        install(settings.read(tmp_path / "home")).consent.ledger.engine.dispose()
    else:
        with pytest.raises(Broken, match="keys of this log are not here"):
            install(settings.read(tmp_path / "home"))
    assert second.exists() is given


def install(chosen: Settings) -> Rooms:
    """Upgrade as `onlyou init` does, a week after the home was last lived in."""
    engine = database.connect(chosen.database)
    with database.reading(engine) as connection:
        now = connection.exec_driver_sql("SELECT now FROM log_head").scalar_one()
    engine.dispose()
    return wiring.install(chosen, VirtualClock(Micros(now + 8 * DAY)))


def checked(rooms: Rooms, folder: Path) -> None:
    wrong = {check.name for check in doctor.examine(rooms) if check.ok is False}
    assert not wrong & {"schema", "forbidden rows", "ledger", "blocks", "keys", "weeks"}
    bundle.export(rooms.consent, folder)
    assert verify.verify(folder)["findings"] == []


def lived_in(rooms: Rooms, contents: Sequence[bytes], folder: Path) -> None:
    """Plan a day, take a yes back, forget somebody; then verify all of it."""
    golden.give_back(rooms, contents)
    made = cycle.run(rooms, rooms.consent.ledger.now())
    assert made["made"] >= 1
    ada, bob = sorted({one.subject for one in golden.opened(rooms, selfie)})
    rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    rooms.consent.erasures.erase(bob)
    checked(rooms, folder)
    assert rooms.consent.retention.lost() == 0


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "version",
    [one if one in QUICK else pytest.param(one, marks=pytest.mark.slow) for one in VERSIONS],
)
def test_life_goes_on_in_an_upgraded_home(
    version: str, tmp_path: Path, make_town: Callable[[], Town]
) -> None:
    golden.unpack(version, tmp_path / "home")
    rooms = install(settings.read(tmp_path / "home"))
    lived_in(rooms, golden.contents_of(make_town().rooms), tmp_path / "bundle")
    rooms.consent.ledger.engine.dispose()


@pytest.mark.usefixtures("quick")
@pytest.mark.postgres
@pytest.mark.parametrize("version", versions("0001"))
def test_an_old_postgresql_is_upgraded_and_lived_in(
    version: str, tmp_path: Path, make_town: Callable[[], Town], request: pytest.FixtureRequest
) -> None:
    """Its rows are those of the old home, carried over while both have the old schema."""
    golden.unpack(version, tmp_path / "home")
    chosen = settings.read(tmp_path / "home")
    url = str(request.getfixturevalue("cluster").empty())
    old, new = database.connect(chosen.database), database.connect(url)
    carried(old, new, version)
    rooms = install(replace(chosen, database_url=url))
    lived_in(rooms, golden.contents_of(make_town().rooms), tmp_path / "bundle")
    rooms.consent.ledger.engine.dispose()


def carried(old: Engine, new: Engine, version: str) -> None:
    with new.begin() as connection:
        migrations.bring(connection, version)
    carrying.carry(old, new)
    for engine in (old, new):
        engine.dispose()
