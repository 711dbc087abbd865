# SPDX-License-Identifier: Apache-2.0
"""No nonce meets its key twice, and no ciphertext opens in another's place or version."""

import os
from itertools import permutations

import pytest

from consent import envelopes
from consent.chance import SystemChance
from consent.errors import Broken
from consent.words import ObjectId, Purpose, Subject
from tests.rooms import Rooms

NONCE = 12


def pairs(count: int) -> set[bytes]:
    """Seal so many contents as the vault does, each under a key of its own."""
    chance, seen = SystemChance(), set()
    for _ in range(count):
        key = chance.token(envelopes.KEY_BYTES)
        seen.add(key + envelopes.seal(key, b"", b"", chance)[:NONCE])
    return seen


def test_every_sealing_has_a_key_and_a_nonce_of_its_own() -> None:
    seen = pairs(20_000)
    assert len(seen) == 20_000
    assert len({pair[:-NONCE] for pair in seen}) == 20_000
    assert len({pair[-NONCE:] for pair in seen}) == 20_000


@pytest.mark.slow
def test_so_have_a_million() -> None:
    assert len(pairs(1_000_000)) == 1_000_000


def test_a_forked_process_draws_other_numbers() -> None:
    """Two workers that were one process until a moment ago."""
    ours, theirs = os.pipe()
    chance = SystemChance()
    chance.token(NONCE)
    pid = os.fork()
    if pid == 0:
        os.write(theirs, chance.token(NONCE))
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(ours, NONCE) != chance.token(NONCE)
    os.close(ours)
    os.close(theirs)


def test_contents_open_in_no_place_but_their_own() -> None:
    """Swap what every pair of places holds, of two people, objects, purposes and kinds."""
    ann, ben = Subject(1), Subject(2)
    one, two = ObjectId(1), ObjectId(2)
    places = [
        *(envelopes.content_context(who, what) for who in (ann, ben) for what in (one, two)),
        *(envelopes.held_context(who, one) for who in (ann, ben)),
        *(envelopes.memo_context(who, one) for who in (ann, ben)),
        *(envelopes.companion_context(ann, one, by) for by in ("a", "b")),
        *(envelopes.wrap_context(ann, one, use) for use in (Purpose.IMAGINE, Purpose.STORY)),
        envelopes.held_wrap_context(ann, one, Purpose.IMAGINE),
        *(envelopes.key_context(ann, Purpose.IMAGINE, epoch) for epoch in (1, 2)),
        *(one.replace(b" 1|", b" 2|") for one in [envelopes.content_context(ann, one)]),
    ]
    assert len(set(places)) == len(places)
    key, chance = bytes(32), SystemChance()
    sealed = {place: envelopes.seal(key, place, place, chance) for place in places}
    for place, other in permutations(places, 2):
        with pytest.raises(Broken):
            envelopes.unseal(key, sealed[place], other)
    assert all(envelopes.unseal(key, sealed[place], place) == place for place in places)


def test_two_peoples_blobs_that_change_places_open_for_neither(rooms: Rooms) -> None:
    people = [rooms.inserted_person(name) for name in ("Ann", "Ben")]
    made = [rooms.portrait(one, Purpose.FEED_INSERT, str(one).encode()) for one in people]
    for person, obj in zip(people, made, strict=True):
        rooms.insert(person, obj)
    files = sorted(one for one in (rooms.home / "blobs").rglob("*") if one.is_file())
    contents = [one.read_bytes() for one in files]
    for path, content in zip(files, contents[1:] + contents[:1], strict=True):
        path.chmod(0o600)
        path.write_bytes(content)
    for person, obj in zip(people, made, strict=True):
        with pytest.raises(Broken):
            rooms.look(person, obj)
    for path, content in zip(files, contents, strict=True):
        path.write_bytes(content)
    assert rooms.look(people[0], made[0]) == str(people[0]).encode()
