# SPDX-License-Identifier: Apache-2.0
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from consent import bundle, database, verify
from consent.blobs import ObstoreBlobs
from consent.errors import Broken, Misused
from consent.reaping import Reaper
from consent.words import DAY, SECOND, Purpose, Reason, public_id
from engine import backups, cycle, doctor, inserting, jobs, ordering, wanting, wiring
from engine.ordering import Order
from engine.rooms import Rooms
from engine.settings import Settings
from feed.acts import Event, Kind
from feed.experiments.plan import Arm
from feed.preferences import NO_WISHES, Wishes
from feed.scenarios import Theme
from feed.trials import daybook, running
from tests.buckets import Bucket, Server
from tests.conftest import POSTGRESQL
from tests.engine.homes import Home
from tests.engine.trying import engine
from tests.feed.conftest import imagined
from tests.feed.trying import plan, sets
from tests.rooms import NOON


@pytest.fixture(params=["sqlite", POSTGRESQL])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Mapping[str, str]:
    """Say in settings where a database without any table is; on PostgreSQL with an owner apart."""
    if request.param == "sqlite":
        return {"database_url": f"sqlite:///{tmp_path}/restored.db"}
    cluster = request.getfixturevalue("cluster")
    owner = cluster.empty()
    return {"database_owner": owner, "database_url": cluster.application(owner)}


def test_a_home_is_restored_to_any_database_and_nobody_returns(
    home: Home, empty: Mapping[str, str], tmp_path: Path
) -> None:
    rooms, anna = home.rooms, home.person("Anna")
    manifest = backups.back_up(rooms, tmp_path / "backup")
    rooms.consent.erasures.erase(anna)
    rooms.consent.withdrawals.withdraw(home.person("Ben"), Purpose.FEED_INSERT)
    bundle.export(rooms.consent, tmp_path / "taken")
    elsewhere = replace(rooms.settings, simulated_clock=True, blobs=str(tmp_path / "blobs"))
    chosen = replace(elsewhere, **empty)
    with pytest.raises(Broken, match="--since"):
        backups.restore(chosen, tmp_path / "backup")
    done = backups.restore(chosen, tmp_path / "backup", since=tmp_path / "taken")
    assert (done.resumed.erased, done.lost, done.manifest) == (1, 0, manifest)
    after = wiring.build(chosen, database.connect(chosen.database))
    with pytest.raises(Misused):
        after.consent.accounts.find("Anna")
    ben = after.consent.accounts.find("Ben").subject
    assert after.feed.preferences.of(ben) == Wishes(per_week=0, blocked=frozenset(Theme))
    assert wrong(after) <= wrong(rooms) | {"server"}
    after.consent.ledger.engine.dispose()


def wrong(rooms: Rooms) -> set[str]:
    return {check.name for check in doctor.examine(rooms) if check.ok is False}


def test_what_is_there_is_never_written_over(home: Home, tmp_path: Path) -> None:
    backups.back_up(home.rooms, tmp_path / "backup", with_blobs=False)
    with pytest.raises(Misused, match="a database already"):
        backups.restore(home.rooms.settings, tmp_path / "backup")


def elsewhere(home: Home, tmp_path: Path) -> Settings:
    """Say in settings where an empty database and an empty store are."""
    url, blobs = f"sqlite:///{tmp_path}/restored.db", str(tmp_path / "blobs")
    return replace(home.rooms.settings, simulated_clock=True, database_url=url, blobs=blobs)


def _fails(*_: object) -> int:
    raise Broken(Reason.UNAVAILABLE, "the store of sealed bytes fails")


def test_a_restore_that_broke_off_after_its_rows_is_finished(
    home: Home, empty: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = backups.back_up(home.rooms, tmp_path / "backup")
    home.rooms.consent.withdrawals.withdraw(home.person("Ben"), Purpose.FEED_INSERT)
    bundle.export(home.rooms.consent, tmp_path / "taken")
    backups.back_up(home.rooms, tmp_path / "later", with_blobs=False)
    chosen = replace(elsewhere(home, tmp_path), **empty)
    with monkeypatch.context() as patch:
        patch.setattr(Reaper, "fill", _fails)
        with pytest.raises(Broken, match="store"):
            backups.restore(chosen, tmp_path / "backup", since=tmp_path / "taken")
    with pytest.raises(Broken, match="a restore broke off here: ask for it again"):
        backups.back_up(home.rooms, tmp_path / "half")  # its sealed bytes may be nowhere
    head = home.rooms.consent.ledger.checkpoint()
    for folder, more in (
        ("later", {"since": tmp_path / "taken"}),
        ("backup", {}),
        ("backup", {"since": tmp_path / "taken", "heads": [head]}),
    ):
        with pytest.raises(Misused, match="a database already"):
            backups.restore(chosen, tmp_path / folder, **more)
    done = backups.restore(chosen, tmp_path / "backup", since=tmp_path / "taken")
    assert (done.resumed.ended, done.lost) == (1, 0)
    assert 0 < done.blobs < manifest.blobs
    with pytest.raises(Misused, match="a database already"):
        backups.restore(chosen, tmp_path / "backup", since=tmp_path / "taken")


def test_a_note_of_a_restore_that_came_to_nothing_opens_no_other_database(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups.back_up(home.rooms, tmp_path / "backup")
    chosen = elsewhere(home, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Reaper, "fill", _fails)
        with pytest.raises(Broken, match="store"):
            backups.restore(chosen, tmp_path / "backup")
    other = replace(chosen, database_url=f"sqlite:///{tmp_path}/other.db")
    connected = database.connect(other.database)
    database.create(connected)
    connected.dispose()
    with pytest.raises(Misused, match="a database already"):
        backups.restore(other, tmp_path / "backup")
    (tmp_path / "other.db").unlink()
    assert backups.restore(other, tmp_path / "backup").lost == 0


def test_a_store_that_does_not_answer_is_found_before_a_row_is_brought(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups.back_up(home.rooms, tmp_path / "backup")
    chosen = elsewhere(home, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(ObstoreBlobs, "pages", _fails)
        with pytest.raises(Broken, match="store"):
            backups.restore(chosen, tmp_path / "backup")
    assert backups._tables(chosen) == []
    assert backups.restore(chosen, tmp_path / "backup").lost == 0


def test_a_backup_is_not_written_to_by_a_restore(home: Home, tmp_path: Path) -> None:
    backups.back_up(home.rooms, tmp_path / "backup", with_blobs=False)
    before = sorted((tmp_path / "backup").rglob("*"))
    done = backups.restore(elsewhere(home, tmp_path), tmp_path / "backup")
    assert (done.blobs, done.lost > 0) == (0, True)
    assert sorted((tmp_path / "backup").rglob("*")) == before


def test_a_stopped_experiment_stays_stopped_and_one_that_ran_is_stopped(tmp_path: Path) -> None:
    town = engine(tmp_path / "live")
    switch = town.trial.home.feed.switches
    stopped = town.trial.start_with(now=3, later=3)
    backups.back_up(town.rooms, tmp_path / "backup")
    seq = switch.stop(stopped.id, by="Ines", arm="later").seq
    arms = (Arm(id="now", title="As it is"), sets("rarer", cooldown_hours=20))
    begun = town.trial.start(plan(id="begun", namespace="other", arms=arms))
    bundle.export(town.rooms.consent, tmp_path / "taken")
    url = f"sqlite:///{tmp_path}/restored.db"
    chosen = replace(town.rooms.settings, simulated_clock=True, database_url=url)
    backups.restore(chosen, tmp_path / "backup", since=tmp_path / "taken")
    after = wiring.build(chosen, database.connect(url))
    with after.consent.ledger.read() as connection:
        found = {one.experiment.id: one for one in running.started(connection, NOON)}
        stops = daybook.runs(connection)[stopped.id].stops
    assert not found[stopped.id].acts
    assert not found[begun.id].acts
    assert [(one.seq, one.arm, one.why) for one in stops[:1]] == [(seq, "later", "by hand")]
    assert [(one.arm, one.why, one.by) for one in stops[1:]] == [(None, "restored", None)]
    bundle.export(after.consent, tmp_path / "checked")
    assert verify.verify(tmp_path / "checked")["findings"] == []
    for rooms in (after, town.rooms):
        rooms.consent.ledger.engine.dispose()


def test_what_was_taken_back_without_an_entry_does_not_come_back(
    home: Home, empty: Mapping[str, str], tmp_path: Path
) -> None:
    rooms, anna, ben = home.rooms, home.person("Anna"), home.person("Ben")
    rooms.feed.friends.befriend(anna, ben)
    rooms.feed.friends.befriend(ben, anna)
    insert = home.insert("Ben")["id"]
    (wish,) = wanting.pack(rooms, anna, [min(rooms.studio.recipe.scenarios)], 1)
    ordered = Order(kind="imagine", purpose=Purpose.IMAGINE, wishes=(wish,))
    job = ordering.place(rooms, anna, ordered)
    backups.back_up(rooms, tmp_path / "backup")
    rooms.feed.friends.unfriend(anna, ben)
    rooms.feed.preferences.put(ben, Wishes(per_week=1, blocked=frozenset({Theme.CITY})))
    rooms.feed.feedback.record(ben, [Event(event_id="1", item_id=insert, kind=Kind.HIDE)])
    jobs.stop(rooms, anna, public_id(job))
    bundle.export(rooms.consent, tmp_path / "taken")
    chosen = replace(elsewhere(home, tmp_path), **empty)
    backups.restore(chosen, tmp_path / "backup", since=tmp_path / "taken")
    after = wiring.build(chosen, database.connect(chosen.database), home.clock)
    after.feed.friends.befriend(ben, anna)
    assert after.feed.friends.of(ben) == ()
    assert not imagined(after.feed.pages.of(ben, None, 20))
    assert Theme.CITY in after.feed.preferences.of(ben).blocked
    after.feed.preferences.put(ben, NO_WISHES)
    assert not imagined(after.feed.pages.of(ben, None, 20))
    assert jobs.find(after, anna, job).refusals == (Reason.STOPPED,)
    bundle.export(after.consent, tmp_path / "checked")
    assert verify.verify(tmp_path / "checked")["findings"] == []
    after.consent.ledger.engine.dispose()


def test_what_was_made_and_not_placed_by_then_may_have_been_hidden_since(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, cleo = home.rooms, home.person("Cleo")
    rooms.consent.grants.answer_preview(cleo, accepted=True)
    with monkeypatch.context() as patch:
        patch.setattr(inserting, "place", lambda _: Counter())
        cycle.run(rooms, home.clock.now())
    backups.back_up(rooms, tmp_path / "backup")
    assert inserting.place(rooms)["inserted"] == 1
    hidden = home.insert("Cleo")["id"]
    rooms.feed.feedback.record(cleo, [Event(event_id="1", item_id=hidden, kind=Kind.HIDE)])
    home.clock.advance(DAY // SECOND)
    bundle.export(rooms.consent, tmp_path / "taken")
    chosen = elsewhere(home, tmp_path)
    backups.restore(chosen, tmp_path / "backup", since=tmp_path / "taken")
    after = wiring.build(chosen, database.connect(chosen.database), home.clock)
    after.feed.preferences.put(cleo, NO_WISHES)
    assert inserting.place(after) == {"inserted": 0, "denied": 0}
    assert not imagined(after.feed.pages.of(cleo, None, 20))
    bundle.export(after.consent, tmp_path / "checked")
    assert verify.verify(tmp_path / "checked")["findings"] == []
    after.consent.ledger.engine.dispose()


def test_without_its_keys_nothing_is_restored(home: Home, tmp_path: Path) -> None:
    backups.back_up(home.rooms, tmp_path / "backup", with_blobs=False)
    elsewhere = replace(home.rooms.settings, home=tmp_path / "new", database_url="")
    with pytest.raises(Misused, match="no keys"):
        backups.restore(elsewhere, tmp_path / "backup")
    assert not (tmp_path / "new").exists()


def test_a_backup_never_lies_with_the_keys(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = home.rooms.settings.home
    monkeypatch.chdir(tmp_path)
    Path("link").symlink_to(own / "keys")
    Path("apart").mkdir()
    for folder in (
        own,
        own / "keys",
        own / "keys" / "backup",
        own / "beside",
        own.parent,
        Path("link"),
        Path("link") / "backup",
        Path("apart") / ".." / own.name / "backup",
    ):
        with pytest.raises(Misused, match="never lies with the keys"):
            backups.back_up(home.rooms, folder)
    assert not [path for path in own.rglob("*") if path.name in {"backup", "beside"}]


def test_a_home_or_keys_behind_a_link_are_no_place_for_a_backup_either(
    home: Home, tmp_path: Path
) -> None:
    own, apart = home.rooms.settings.home, tmp_path / "apart"
    (own / "keys").rename(apart)
    (own / "keys").symlink_to(apart)
    (tmp_path / "linked").symlink_to(own)
    linked = replace(home.rooms.settings, home=tmp_path / "linked")
    for folder in (apart / "backup", own / "backup", tmp_path):
        with pytest.raises(Misused, match="never lies with the keys"):
            backups.back_up(replace(home.rooms, settings=linked), folder)


Opened = Callable[..., Home]


def test_a_backup_of_another_log_is_refused(open_home: Opened, tmp_path: Path) -> None:
    home = open_home()
    backups.back_up(home.rooms, tmp_path / "backup", with_blobs=False)
    other = replace(
        home.rooms.settings, origin="elsewhere/log", database_url=f"sqlite:///{tmp_path}/new.db"
    )
    with pytest.raises(Misused, match="the backup is of"):
        backups.restore(other, tmp_path / "backup")


def test_a_backup_is_not_written_over_by_another_log_of_the_same_name(
    open_home: Opened, tmp_path: Path
) -> None:
    home, folder = open_home(), tmp_path / "backup"
    made = backups.back_up(home.rooms, folder)
    here = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    other = wiring.install(Settings(home=tmp_path / "other"))
    assert other.settings.origin == made.origin
    with pytest.raises(Misused, match="holds something else"):
        backups.back_up(other, folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == here


@pytest.mark.xdist_group("bucket")
def test_sealed_bytes_go_from_a_bucket_to_a_backup_and_to_another_bucket(
    home: Home, tmp_path: Path, buckets: Server
) -> None:
    rooms, (here, there) = home.rooms, (buckets.bucket(), buckets.bucket())
    assert rooms.consent.retention.lost() == 0
    chosen = _in(here, replace(rooms.settings, simulated_clock=True))
    moved = wiring.build(chosen, rooms.consent.ledger.engine, home.clock)
    brought = Reaper(moved.consent.ledger, moved.consent.blobs).fill(rooms.consent.blobs)
    manifest = backups.back_up(moved, tmp_path / "backup")
    assert manifest.blobs == brought > 0
    new = _in(there, replace(chosen, database_url=f"sqlite:///{tmp_path}/new.db"))
    done = backups.restore(new, tmp_path / "backup")
    assert (done.blobs, done.lost) == (brought, 0)
    assert len(there.open().list()) == brought


def _in(bucket: Bucket, chosen: Settings) -> Settings:
    """Say in settings where sealed bytes lie, as an operator does."""
    return replace(
        chosen,
        blobs=bucket.blobs,
        blobs_endpoint=bucket.reach.endpoint,
        blobs_region=bucket.reach.region,
    )
