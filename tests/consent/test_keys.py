# SPDX-License-Identifier: Apache-2.0
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from consent import envelopes, key_files
from consent.chance import FixedChance, SystemChance
from consent.errors import Broken
from consent.keys import ROOT_WEEK, UnsafeFileKeys, Week
from consent.notes import Checkpoint
from consent.words import Reason, Subject
from tests.rooms import founded

ADA, BOB = Subject(1), Subject(2)
HEAD = Checkpoint("onlyou.test/log", 7, bytes(32))
WEEK, NEXT = Week(2_900), Week(2_901)


@pytest.fixture
def keys(tmp_path: Path) -> UnsafeFileKeys:
    return founded(tmp_path / "keys", SystemChance())


def test_a_key_is_wrapped_and_unwrapped_in_its_context(keys: UnsafeFileKeys) -> None:
    keys.new_secret(ADA)
    wrapped = keys.wrap(ADA, WEEK, b"k" * 32, b"here")
    assert keys.unwrap(ADA, WEEK, wrapped, b"here") == b"k" * 32
    assert b"k" * 32 not in wrapped
    with pytest.raises(Broken):
        keys.unwrap(ADA, WEEK, wrapped, b"there")


def test_a_wrapped_key_opens_for_its_person_and_its_week_only(keys: UnsafeFileKeys) -> None:
    for person in (ADA, BOB):
        keys.new_secret(person)
    wrapped = keys.wrap(ADA, WEEK, b"k" * 32, b"here")
    keys.wrap(BOB, NEXT, b"b" * 32, b"here")
    for person, week in ((BOB, WEEK), (ADA, NEXT), (ADA, Week(1))):
        with pytest.raises(Broken):
            keys.unwrap(person, week, wrapped, b"here")


def test_without_the_persons_secret_no_wrapped_key_opens(keys: UnsafeFileKeys) -> None:
    keys.new_secret(ADA)
    wrapped = keys.wrap(ADA, WEEK, b"k" * 32, b"here")
    keys.destroy_secret(ADA)
    with pytest.raises(Broken, match="secret is not in the store"):
        keys.unwrap(ADA, WEEK, wrapped, b"here")
    keys.new_secret(ADA)  # even if somebody of this number came again
    with pytest.raises(Broken):
        keys.unwrap(ADA, WEEK, wrapped, b"here")


def test_without_its_weeks_key_no_wrapped_key_opens(keys: UnsafeFileKeys, tmp_path: Path) -> None:
    keys.new_secret(ADA)
    wrapped = keys.wrap(ADA, WEEK, b"k" * 32, b"here")
    keys.wrap(ADA, NEXT, b"k" * 32, b"here")
    file = tmp_path / "keys" / f"kek-{WEEK}.key"
    os.link(file, tmp_path / "same bytes on the disk")
    assert keys.weeks() == (WEEK, NEXT)
    keys.destroy_week(WEEK)
    keys.destroy_week(WEEK)
    assert keys.weeks() == (NEXT,)
    assert (tmp_path / "same bytes on the disk").read_bytes() == bytes(32)
    with pytest.raises(Broken, match="wrapping key of that week is destroyed"):
        keys.unwrap(ADA, WEEK, wrapped, b"here")


def test_a_key_from_before_there_were_weeks_still_opens(keys: UnsafeFileKeys) -> None:
    old = envelopes.seal(keys._root, b"k" * 32, b"here", SystemChance())
    assert keys.unwrap(ADA, ROOT_WEEK, old, b"here") == b"k" * 32


def test_keys_are_kept_from_one_start_to_the_next(tmp_path: Path) -> None:
    first = founded(tmp_path / "keys", SystemChance())
    secret, wrapped = first.new_secret(ADA), first.wrap(ADA, WEEK, b"k" * 32, b"here")
    again = UnsafeFileKeys(tmp_path / "keys", SystemChance())
    assert again.unwrap(ADA, WEEK, wrapped, b"here") == b"k" * 32
    assert again.secret(ADA) == again.new_secret(ADA) == secret
    assert again.signing_key().private_bytes_raw() == first.signing_key().private_bytes_raw()


@pytest.mark.parametrize("lost", [key_files.ROOT, key_files.LOG, key_files.SECOND])
def test_a_store_that_lost_a_key_does_not_open_and_makes_none(
    keys: UnsafeFileKeys, lost: str
) -> None:
    (keys.folder / lost).unlink()
    before = sorted(keys.folder.iterdir())
    with pytest.raises(Broken, match="the keys of this log are not here"):
        UnsafeFileKeys(keys.folder, SystemChance())
    assert sorted(keys.folder.iterdir()) == before


def test_where_no_key_ever_was_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="not here"):
        UnsafeFileKeys(tmp_path / "keys", SystemChance())
    assert not (tmp_path / "keys").exists()


def test_every_person_has_a_secret_of_their_own(keys: UnsafeFileKeys) -> None:
    assert keys.new_secret(ADA) != keys.new_secret(BOB)


def test_a_destroyed_secret_is_gone_for_good(keys: UnsafeFileKeys) -> None:
    keys.new_secret(ADA)
    keys.destroy_secret(ADA)
    keys.destroy_secret(ADA)
    with pytest.raises(Broken) as gone:
        keys.secret(ADA)
    assert gone.value.reason is Reason.UNAVAILABLE


def test_everybody_with_a_secret_is_listed_and_a_half_written_one_too(
    keys: UnsafeFileKeys, tmp_path: Path
) -> None:
    keys.new_secret(ADA)
    draft = tmp_path / "keys" / "people" / f"{BOB:x}.new"
    draft.parent.mkdir(exist_ok=True)
    draft.write_bytes(b"half a secret")
    assert keys.people() == (ADA, BOB)
    keys.destroy_secret(ADA)
    keys.destroy_secret(BOB)
    assert keys.people() == ()


def test_keys_for_different_uses_differ(keys: UnsafeFileKeys) -> None:
    assert keys.derived("cursors") == keys.derived("cursors")
    assert len({keys.derived("cursors"), keys.derived("tokens")}) == 2
    assert len(keys.derived("cursors")) == 32


def test_nobody_else_on_the_machine_may_read_a_key(keys: UnsafeFileKeys, tmp_path: Path) -> None:
    keys.new_secret(ADA)
    keys.wrap(ADA, WEEK, b"k" * 32, b"here")
    keys.advance(HEAD, lambda _signed: True)
    assert keys.folder == tmp_path / "keys"
    for path in keys.folder.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_a_half_written_key_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "root.new").write_bytes(b"half")
    keys = founded(folder, SystemChance())
    assert keys.signing_key()
    assert len((folder / "root.key").read_bytes()) == 32
    assert not list(folder.glob("*.new"))


def test_a_full_disk_leaves_no_short_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        key_files.found(tmp_path / "keys", FixedChance(7))
    assert not (tmp_path / "keys" / "root.key").exists()


def test_the_largest_head_that_was_signed_is_remembered(tmp_path: Path) -> None:
    keys = founded(tmp_path / "keys", SystemChance())
    asked: list[Checkpoint] = []

    def agrees(signed: Checkpoint) -> bool:
        asked.append(signed)
        return True

    keys.advance(HEAD, agrees)
    assert asked == []
    for smaller_or_larger in (5, 9, 8):
        keys.advance(replace(HEAD, size=smaller_or_larger), agrees)
    UnsafeFileKeys(tmp_path / "keys", SystemChance()).advance(HEAD, agrees)
    assert [signed.size for signed in asked] == [7, 7, 9, 9]


def test_a_head_that_does_not_continue_the_signed_one_is_refused(keys: UnsafeFileKeys) -> None:
    keys.advance(HEAD, lambda _signed: True)
    with pytest.raises(Broken, match="does not continue the 7 entries that were signed"):
        keys.advance(replace(HEAD, size=8), lambda _signed: False)
    keys.advance(HEAD, lambda signed: signed == HEAD)


def test_a_spoilt_memory_of_what_was_signed_stops_the_signer(
    keys: UnsafeFileKeys, tmp_path: Path
) -> None:
    (tmp_path / "keys" / "signed.head").write_text("onlyou.test/log\nseven\n")
    with pytest.raises(Broken, match="unreadable"):
        keys.advance(HEAD, lambda _signed: True)
