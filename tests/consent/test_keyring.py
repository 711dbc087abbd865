# SPDX-License-Identifier: Apache-2.0
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.chance import FixedChance
from consent.keyring import Keyring
from consent.words import Subject
from tests.rooms import founded

ADA, BOB, CY = Subject(5), Subject(3), Subject((1 << 63) - 1)


def secret(person: int) -> bytes:
    return person.to_bytes(32, "big")


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "ring")


def test_an_empty_ring_holds_nobodys_secret(ring: Keyring) -> None:
    assert ring.find([]) == {}
    assert ring.find([ADA, BOB]) == {}
    ring.destroy(ADA)


def test_many_are_found_at_once_and_strangers_are_absent(ring: Keyring) -> None:
    ring.add({ADA: secret(1), CY: secret(2)})
    ring.add({BOB: secret(3)})
    found = ring.find([CY, Subject(4), BOB, ADA, Subject(1)])
    assert found == {CY: secret(2), BOB: secret(3), ADA: secret(1)}


@given(
    people=st.lists(st.integers(1, 40).map(Subject), max_size=30),
    gone=st.sets(st.integers(1, 40).map(Subject)),
)
def test_whatever_is_added_and_destroyed_the_rest_is_found(
    people: list[Subject], gone: set[Subject], tmp_path_factory: pytest.TempPathFactory
) -> None:
    ring = Keyring(tmp_path_factory.mktemp("ring") / "ring")
    expected: dict[Subject, bytes] = {}
    for place, person in enumerate(people):
        if person in expected:
            ring.destroy(person)
        expected[person] = secret(place)
        ring.add({person: secret(place)})
    for person in gone:
        ring.destroy(person)
        expected.pop(person, None)
    assert ring.find(sorted({*people, *gone})) == expected


def test_what_another_process_does_to_the_file_is_seen_at_once(tmp_path: Path) -> None:
    one, other = Keyring(tmp_path / "ring"), Keyring(tmp_path / "ring")
    one.add({ADA: secret(1)})
    assert other.find([ADA]) == {ADA: secret(1)}
    other.add({BOB: secret(2)})
    one.destroy(ADA)
    assert one.find([ADA, BOB]) == other.find([ADA, BOB]) == {BOB: secret(2)}


def test_a_destroyed_secret_is_gone_from_the_disk_wherever_the_bytes_are_linked(
    tmp_path: Path,
) -> None:
    ring = Keyring(tmp_path / "ring")
    ring.add({ADA: secret(1), BOB: secret(2)})
    os.link(tmp_path / "ring", tmp_path / "same bytes on the disk")
    ring.destroy(ADA)
    ring.destroy(ADA)
    left = (tmp_path / "same bytes on the disk").read_bytes()
    assert left == bytes(40) + BOB.to_bytes(8, "big") + secret(2)


def test_a_destroyed_secret_reaches_the_disk(
    ring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring.add({ADA: secret(1)})
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    ring.destroy(ADA)
    ring.destroy(ADA)
    assert len(synced) == 2, "a repetition after a crash must reach the disk too"


def test_somebody_of_a_number_that_was_there_before_has_a_secret_of_their_own(
    ring: Keyring,
) -> None:
    ring.add({ADA: secret(1)})
    ring.destroy(ADA)
    ring.add({ADA: secret(2)})
    assert ring.find([ADA]) == {ADA: secret(2)}


@pytest.mark.parametrize("torn", [1, 39])
def test_a_place_that_a_crash_tore_is_written_over(tmp_path: Path, torn: int) -> None:
    ring = Keyring(tmp_path / "ring")
    ring.add({ADA: secret(1)})
    with (tmp_path / "ring").open("ab") as file:
        file.write(b"\xff" * torn)
    again = Keyring(tmp_path / "ring")
    assert again.find([ADA, BOB]) == {ADA: secret(1)}
    again.add({BOB: secret(2)})
    assert again.find([ADA, BOB]) == {ADA: secret(1), BOB: secret(2)}
    assert (tmp_path / "ring").stat().st_size == 80


def test_many_writers_at_once_lose_nobody(tmp_path: Path) -> None:
    def write(first: int) -> None:
        ring = Keyring(tmp_path / "ring")
        for person in range(first, first + 25):
            ring.add({Subject(person): secret(person)})

    threads = [threading.Thread(target=write, args=(100 * n + 1,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    people = [Subject(100 * n + 1 + k) for n in range(4) for k in range(25)]
    assert Keyring(tmp_path / "ring").find(people) == {who: secret(who) for who in people}


def test_a_home_made_before_the_ring_keeps_its_secrets_and_loses_them_when_told(
    tmp_path: Path,
) -> None:
    keys = founded(tmp_path / "keys", FixedChance(7))
    old = tmp_path / "keys" / "people" / f"{ADA:x}.key"
    old.write_bytes(secret(1))
    os.link(old, tmp_path / "same bytes on the disk")
    keys.new_secret(BOB)
    assert keys.new_secret(ADA) == keys.secret(ADA) == secret(1)
    assert keys.secrets([ADA, BOB, CY]) == {ADA: secret(1), BOB: keys.secret(BOB)}
    keys.destroy_secret(ADA)
    assert keys.secrets([ADA, BOB]).keys() == {BOB}
    assert not old.exists()
    assert (tmp_path / "same bytes on the disk").read_bytes() == bytes(32)
