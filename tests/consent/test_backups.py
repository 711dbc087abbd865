# SPDX-License-Identifier: Apache-2.0
"""T17: what was withdrawn or erased does not come back from a backup, whatever is kept of it."""

import hashlib
import json
import shutil
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect

from consent import backups, bundle, carrying, database, envelopes, faults, notes, tiles
from consent.backups import Manifest
from consent.blobs import ObstoreBlobs
from consent.errors import Broken, Misused
from consent.keys import Holding, KeyStore, UnsafeFileKeys, Week
from consent.notices import publish
from consent.reaping import Reaper
from consent.resuming import Resumed
from consent.scopes import EVERYBODY, within
from consent.since import Since
from consent.tables import asset
from consent.words import DAY, SECOND, Epoch, Purpose, Seq, Subject
from tests.conftest import Opener
from tests.consent.copies import held
from tests.rooms import Rooms, founded

FEED = Purpose.FEED_INSERT


def prepare(connection: Connection, _schema: str) -> None:
    """Make the schema where there is none; this one has no history."""
    if not inspect(connection).has_table("entry"):
        database.install(connection)


def rows_in(folder: Path) -> Path:
    """Find the rows of a backup."""
    (found,) = folder.glob("rows*.sqlite3")
    return found


def opened(folder: Path) -> ObstoreBlobs:
    return ObstoreBlobs(str(folder))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vaulted:
    """A living system, and a folder for its backups."""

    rooms: Rooms
    folder: Path
    url: str
    owner: str
    opener: Opener

    def back_up(self) -> Manifest:
        return backups.write(
            self.rooms.consent, self.folder, opened, prepare=prepare, schema="present"
        )

    def taken(self) -> Path:
        """Let an auditor take a bundle home."""
        place = self.folder.parent / "taken"
        shutil.rmtree(place, ignore_errors=True)
        bundle.export(self.rooms.consent, place)
        return place

    def restore(self, since: Path | None = None, heads: tuple[str, ...] = ()) -> Resumed:
        """Bring the backup into an empty database, with the keys that live."""
        rooms = self.rooms
        source = backups.checked(self.folder, rooms.consent.keys, since=since, heads=heads)
        engine = database.connect(self.owner)
        with within(EVERYBODY), engine.begin() as connection:
            done = backups.bring(
                source,
                connection,
                rooms.consent.keys,
                rooms.chance,
                rooms.clock.now(),
                prepare=prepare,
                schema="present",
            )
        engine.dispose()
        return done

    def after(self) -> Rooms:
        return self.opener(self.url, at=self.rooms.clock.now())

    def keys_of(self, person: Subject) -> list[tuple[Holding, Week, bytes]]:
        """Read what the backup holds of somebody's keys."""
        rows = sqlite3.connect(rows_in(self.folder))
        try:
            found = rows.execute(
                "SELECT subject, purpose, epoch, week, wrapped_key FROM subject_key "
                "WHERE subject = ?",
                (person,),
            ).fetchall()
        finally:
            rows.close()
        return [
            ((Subject(s), Purpose(p), Epoch(e)), Week(week), bytes(key))
            for s, p, e, week, key in found
        ]

    def opens(self, person: Subject, keys: KeyStore) -> int:
        """Count how many of somebody's keys in the backup a key store opens."""
        opened = 0
        for holding, week, wrapped in self.keys_of(person):
            try:
                keys.unwrap(person, week, wrapped, envelopes.key_context(*holding))
            except Broken:
                continue
            opened += 1
        return opened


@pytest.fixture
def vaulted(living: Rooms, tmp_path: Path, sqlite_url: str, open_rooms: Opener) -> Vaulted:
    folder, url = tmp_path / "backup", sqlite_url
    return Vaulted(rooms=living, folder=folder, url=url, owner=url, opener=open_rooms)


@pytest.fixture
def vaulted_on_both(
    living: Rooms, tmp_path: Path, database_url: str, owner_url: str, open_rooms: Opener
) -> Vaulted:
    """Restore to either kind of database."""
    folder, url = tmp_path / "backup", database_url
    return Vaulted(rooms=living, folder=folder, url=url, owner=owner_url, opener=open_rooms)


def test_a_backup_comes_back_whole_and_life_goes_on(
    vaulted_on_both: Vaulted,
) -> None:
    vaulted = vaulted_on_both
    rooms = vaulted.rooms
    ada = rooms.inserted_person("Ada")
    portrait = rooms.portrait(ada, FEED)
    manifest = vaulted.back_up()
    assert manifest.head.size == rooms.consent.ledger.head()[0]
    assert manifest.blobs == 2
    shutil.rmtree(rooms.home / "blobs")
    vaulted.restore()
    after = vaulted.after()
    store = opened(vaulted.folder / "blobs")
    assert Reaper(after.consent.ledger, after.consent.blobs).fill(store) == 2
    assert (after.consent.retention.lost(), after.consent.retention.strays()) == (0, 0)
    after.insert(ada, portrait)
    assert after.look(ada, portrait) == b"portrait"


def test_no_key_is_in_a_backup_and_nobody_else_reads_it(vaulted: Vaulted) -> None:
    ada = vaulted.rooms.inserted_person("Ada")
    vaulted.back_up()
    keys = [
        path.read_bytes() for path in (vaulted.rooms.home / "keys").rglob("*") if path.is_file()
    ]
    secrets = [key for key in keys if len(key) >= 32] + [vaulted.rooms.consent.keys.secret(ada)]
    written = b"".join(p.read_bytes() for p in vaulted.folder.rglob("*") if p.is_file())
    heads = [secret for secret in secrets if not secret.startswith(b"onlyou.test")]
    assert len(heads) > 4
    assert not [secret for secret in heads if secret in written]
    assert all(p.stat().st_mode & 0o077 == 0 for p in vaulted.folder.rglob("rows*"))


def test_who_was_erased_after_a_backup_is_not_readable_after_a_restore(
    vaulted_on_both: Vaulted,
) -> None:
    vaulted = vaulted_on_both
    rooms = vaulted.rooms
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    rooms.portrait(ada, FEED)
    vaulted.back_up()
    stolen = rooms.home / "stolen keys"
    shutil.copytree(rooms.home / "keys", stolen)
    rooms.consent.erasures.erase(ada)
    assert vaulted.opens(bob, rooms.consent.keys) == 2
    assert vaulted.opens(ada, rooms.consent.keys) == 0, "at once: her secret is gone"
    assert vaulted.opens(ada, UnsafeFileKeys(stolen, rooms.chance)) == 2, (
        "the control: keys in a backup would have opened her, so none are"
    )
    done = vaulted.restore(vaulted.taken())
    after = vaulted.after()
    assert done.erased == 1
    assert held(after, ada) == set()
    assert held(after, bob) == {"likeness", "feed_insert"}
    store = opened(vaulted.folder / "blobs")
    Reaper(after.consent.ledger, after.consent.blobs).fill(store)
    assert len(after.consent.blobs.list()) == 1, "only what rows name came back: Bob's selfie"


def test_what_was_withdrawn_stays_so_and_in_two_weeks_nothing_of_a_backup_opens(
    vaulted: Vaulted,
) -> None:
    rooms = vaulted.rooms
    ada = rooms.inserted_person("Ada")
    rooms.portrait(ada, FEED)
    vaulted.back_up()
    rooms.consent.withdrawals.withdraw(ada, FEED)
    vaulted.restore(vaulted.taken())
    after = vaulted.after()
    assert held(after, ada) == {"likeness"}
    assert after.count(asset, ada) == 0
    assert vaulted.opens(ada, rooms.consent.keys) == 2, "a copy of a row, for so long"
    rooms.clock.advance(14 * DAY / SECOND)
    rooms.consent.retention.sweep()
    assert vaulted.opens(ada, rooms.consent.keys) == 0


def test_a_second_backup_forgets_what_the_first_still_had(vaulted: Vaulted) -> None:
    rooms = vaulted.rooms
    ada = rooms.inserted_person("Ada")
    rooms.portrait(ada, FEED)
    assert vaulted.back_up().blobs == 2
    rooms.consent.erasures.erase(ada)
    assert vaulted.back_up().blobs == 0
    assert vaulted.keys_of(ada) == []
    assert vaulted.restore().entries == 0


def test_a_log_never_goes_back_behind_what_was_signed(vaulted: Vaulted) -> None:
    rooms = vaulted.rooms
    ada = rooms.inserted_person("Ada")
    vaulted.back_up()
    rooms.consent.withdrawals.withdraw(ada, FEED)
    receipt = rooms.consent.ledger.checkpoint()
    with pytest.raises(Broken, match="--since"):
        vaulted.restore()
    taken = vaulted.taken()
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    rooms.consent.ledger.checkpoint()
    with pytest.raises(Broken, match="--since"):
        vaulted.restore(taken)  # it is older than the last signature, too
    (rooms.home / "keys" / "signed.head").unlink()
    with pytest.raises(Broken, match="--since"):
        vaulted.restore(heads=(receipt,))  # what somebody kept counts as much
    assert vaulted.restore(vaulted.taken(), heads=(receipt,)).ended == 2


def test_what_was_changed_in_a_backup_or_comes_from_elsewhere_is_refused(
    vaulted: Vaulted, tmp_path: Path
) -> None:
    rooms = vaulted.rooms
    rooms.inserted_person("Ada")
    vaulted.back_up()
    other = founded(tmp_path / "other", rooms.chance)
    with pytest.raises(Broken, match="not signed by the keys in this home"):
        backups.checked(vaulted.folder, other)
    rows = sqlite3.connect(rows_in(vaulted.folder))
    rows.execute("DROP TRIGGER basis_fixed")
    rows.execute("UPDATE basis SET epoch = epoch")
    rows.execute("PRAGMA user_version = 7")
    rows.commit()
    rows.close()
    with pytest.raises(Broken, match="not as it was written"):
        vaulted.restore()
    manifest = json.loads((vaulted.folder / "manifest.json").read_text())
    manifest["sha256"] = backups._hash(rows_in(vaulted.folder))
    (vaulted.folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(Broken, match="not as it was written"):
        vaulted.restore()


def test_a_forged_bundle_ends_nobody(vaulted: Vaulted) -> None:
    rooms = vaulted.rooms
    ada = rooms.inserted_person("Ada")
    vaulted.back_up()
    rooms.consent.withdrawals.withdraw(ada, FEED)
    taken = vaulted.taken()
    tiles = max((taken / "tile" / "entries").rglob("*"))
    tiles.write_bytes(tiles.read_bytes().replace(b'"withdraw"', b'"withdrew"'))
    with pytest.raises(Broken, match="are others than these"):
        vaulted.restore(taken)
    assert held(rooms, ada) == {"likeness"}


@pytest.mark.parametrize("kind", ["notices", "blocks"])
def test_what_a_bundle_holds_beside_its_entries_is_what_they_name(
    vaulted: Vaulted, kind: str
) -> None:
    rooms = vaulted.rooms
    ada = rooms.inserted_person("Ada")
    obj = rooms.portrait(ada, FEED)
    rooms.insert(ada, obj)
    rooms.look(ada, obj)
    vaulted.back_up()
    with rooms.consent.ledger.write() as writing:
        publish(writing, "notice.publish", hashlib.sha256(b"Yes?").hexdigest(), "Yes?")
    rooms.consent.withdrawals.withdraw(ada, FEED)
    taken = vaulted.taken()
    beside = [path for path in (taken / kind).iterdir() if path.is_file()]
    for file in beside:
        told = file.read_bytes()
        file.write_bytes(bytes([told[0] ^ 1]) + told[1:])
    assert beside
    with pytest.raises(Broken, match="something else than what entry"):
        vaulted.restore(taken)
    assert vaulted.restore(vaulted.taken()).ended == 1


def test_a_folder_of_something_else_is_left_alone(vaulted: Vaulted) -> None:
    vaulted.folder.mkdir()
    (vaulted.folder / "diary.txt").write_text("mine")
    with pytest.raises(Misused, match="something else"):
        vaulted.back_up()
    with pytest.raises(Misused, match="no backup"):
        vaulted.restore()
    assert [path.name for path in vaulted.folder.iterdir()] == ["diary.txt"]


def test_a_backup_that_a_crash_cut_is_made_again(
    vaulted: Vaulted, monkeypatch: pytest.MonkeyPatch
) -> None:
    vaulted.rooms.inserted_person("Ada")
    first = vaulted.back_up()
    vaulted.rooms.inserted_person("Bob")
    with monkeypatch.context() as patch:
        patch.setattr(backups, "_filled", _cut)
        with pytest.raises(OSError, match="cut"):
            vaulted.back_up()
    assert backups.read(vaulted.folder) == first
    assert vaulted.back_up().head.size > first.head.size


def test_a_first_backup_that_was_killed_while_it_wrote_is_made_again(
    vaulted: Vaulted, monkeypatch: pytest.MonkeyPatch
) -> None:
    vaulted.rooms.inserted_person("Ada")
    killed, real = vaulted.folder.parent / "killed", carrying.copy

    def cut(old: Connection, new: Connection) -> None:
        real(old, new)
        shutil.copytree(vaulted.folder, killed)  # as the disk is, in the middle of it
        _cut()

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "copy", cut)
        with pytest.raises(OSError, match="cut"):
            vaulted.back_up()
    shutil.rmtree(vaulted.folder)
    killed.rename(vaulted.folder)
    assert {path.name for path in vaulted.folder.iterdir()} > {"rows.draft"}
    vaulted.back_up()
    there = {path.name for path in vaulted.folder.iterdir()}
    assert there == {"manifest.json", "blobs", rows_in(vaulted.folder).name}
    vaulted.restore()


def _cut(*_: object) -> int:
    raise OSError("cut")


@pytest.mark.parametrize("point", ["file.write.before", "file.rename.before", "file.rename.after"])
def test_a_second_backup_that_a_crash_cuts_leaves_one_that_is_whole(
    vaulted: Vaulted, point: str
) -> None:
    first = vaulted.back_up()
    vaulted.rooms.person("Eve")

    def die(passed: str) -> None:
        if passed == point and not (vaulted.folder / "rows.draft").exists():
            raise OSError("killed")

    with faults.injecting(die), pytest.raises(OSError, match="killed"):
        vaulted.back_up()
    left = backups.read(vaulted.folder)
    assert (left == first) is (point != "file.rename.after")
    assert backups._hash(backups._rows(vaulted.folder, left)) == left.sha256, "it is whole"
    last = vaulted.back_up()
    assert last.sha256 in rows_in(vaulted.folder).name
    rows_in(vaulted.folder).unlink()
    with pytest.raises(Broken, match="not as it was written"):
        vaulted.restore()


def test_a_backup_whose_rows_have_their_older_name_comes_back(vaulted: Vaulted) -> None:
    vaulted.back_up()
    rows_in(vaulted.folder).replace(vaulted.folder / "rows.sqlite3")
    assert vaulted.restore().entries == 0


def test_a_backup_of_another_version_is_refused(vaulted: Vaulted) -> None:
    vaulted.back_up()
    place = vaulted.folder / "manifest.json"
    told = json.loads(place.read_text()) | {"format": "onlyou-backup/9"}
    place.write_text(json.dumps(told))
    with pytest.raises(Misused, match="of another version"):
        vaulted.restore()


def test_entries_since_go_on_without_a_gap(vaulted: Vaulted) -> None:
    size = vaulted.back_up().head.size
    more = [Since(seq=Seq(size + n), body=b"%d" % n) for n in range(3)]
    assert len(backups._tree(rows_in(vaulted.folder), more)) == size + 3
    with pytest.raises(Broken, match=f"entry {size + 1} is missing"):
        backups._tree(rows_in(vaulted.folder), more[::2])


def test_a_log_that_came_from_a_backup_goes_on_from_its_head_and_no_other_does(
    vaulted: Vaulted,
) -> None:
    head = vaulted.back_up().head
    with database.reading(vaulted.rooms.consent.ledger.engine) as connection:
        assert backups.continued(connection, head)
        assert not backups.continued(connection, replace(head, size=head.size + 1))
        assert not backups.continued(connection, replace(head, root=bytes(32)))
    vaulted.rooms.person("Eve")
    with database.reading(vaulted.rooms.consent.ledger.engine) as connection:
        assert backups.continued(connection, head)


SPOILT = {
    "a note of another type": {"note": 5},
    "a count that is none": {"blobs": "many"},
    "rows that are none": {"rows": [1, 2]},
    "a code of another type": {"mac": None},
    "text that is no Unicode": {"origin": "\ud800"},
}


@pytest.mark.parametrize("changed", SPOILT.values(), ids=SPOILT)
def test_a_manifest_of_other_types_is_no_backup(
    vaulted: Vaulted, changed: dict[str, object]
) -> None:
    vaulted.back_up()
    place = vaulted.folder / "manifest.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | changed))
    with pytest.raises(Misused, match="there is no backup"):
        backups.read(vaulted.folder)


def test_a_code_in_other_letters_is_another_code(vaulted: Vaulted) -> None:
    vaulted.back_up()
    place = vaulted.folder / "manifest.json"
    for changed in ({"mac": "\u00e9"}, {"sha256": "../" * 500}):
        place.write_text(json.dumps(json.loads(place.read_text()) | changed))
        with pytest.raises(Broken, match="not as it was written"):
            vaulted.restore()


def test_what_is_no_bundle_is_refused_in_a_sentence(vaulted: Vaulted) -> None:
    vaulted.back_up()
    vaulted.rooms.person("Eve")
    for spoil in (_unsigned, _cut_short, _of_another_shape, shutil.rmtree):
        taken = vaulted.taken()
        spoil(taken)
        with pytest.raises(Misused, match="'taken' is no whole bundle"):
            vaulted.restore(taken)
    assert vaulted.restore(vaulted.taken()).entries > 0


def _unsigned(taken: Path) -> None:
    (taken / "checkpoint").write_bytes(b"\xffgarbage")


def _cut_short(taken: Path) -> None:
    _tile(taken).write_bytes(_tile(taken).read_bytes()[:-1])


def _of_another_shape(taken: Path) -> None:
    size = notes.parse_checkpoint((taken / "checkpoint").read_text()).size
    _tile(taken).write_bytes(tiles.pack([b"[]"] * size))


def _tile(taken: Path) -> Path:
    (found,) = (path for path in (taken / "tile" / "entries").rglob("*") if path.is_file())
    return found


def test_what_the_log_signed_and_is_no_checkpoint_proves_nothing(vaulted: Vaulted) -> None:
    vaulted.back_up()
    signed = vaulted.rooms.consent.ledger.signer.note("three\nlines\nof a receipt\n")
    with pytest.raises(Misused, match="is signed and is none"):
        vaulted.restore(heads=(signed,))
    with pytest.raises(Broken, match="not signed by the keys"):
        vaulted.restore(heads=("garbage",))
