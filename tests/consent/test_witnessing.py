# SPDX-License-Identifier: Apache-2.0
"""Having the log witnessed, with witnesses that are honest, down, behind, ahead, or liars."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from consent import bundle, merkle, notes, verify, witnessing
from consent.errors import Broken
from consent.receipts import last_receipt, receipt
from consent.tables import cosignature
from consent.witness import Memory, Witness, read, written
from consent.witnessing import post
from consent.words import Purpose, Reason, Step
from tests.consent.network import HOUR, NAMES, Network, connect
from tests.rooms import ORIGIN, Rooms


@dataclass
class Witnessed(Network):
    """The same around the rooms of a test."""

    rooms: Rooms = field(kw_only=True)


def connected(rooms: Rooms, folder: Path) -> Witnessed:
    made = connect(rooms.consent, rooms.clock, folder)
    return Witnessed(
        made.consent,
        made.cosigners,
        made.witnesses,
        made.between,
        made.asked,
        rooms=replace(rooms, consent=made.consent),
    )


@pytest.fixture
def network(rooms: Rooms, tmp_path: Path) -> Witnessed:
    return connected(rooms, tmp_path)


def permitted(network: Witnessed) -> bool:
    """Ask the gate for anything."""
    rooms = network.rooms
    person = rooms.person(f"P{rooms.consent.ledger.head()[0]}", Purpose.LIKENESS)
    try:
        rooms.ask(Step.ENROL, person, Purpose.LIKENESS, rooms.object())
    except Broken as closed:
        if closed.reason is Reason.UNAVAILABLE and "witnesses have cosigned" in closed.sentence:
            return False
        raise
    return True


def test_every_witness_is_asked_and_what_it_signs_is_kept(
    rooms_on_both: Rooms, tmp_path: Path
) -> None:
    network = connected(rooms_on_both, tmp_path)
    gathered = network.rooms.consent.witnessing.gather()
    assert gathered.silent == {}
    text = notes.parse_checkpoint(gathered.note).text()
    for one in network.cosigners:
        lines = gathered.note.splitlines()
        assert sum(notes.verify_line(text, line, one.verifier) for line in lines) == 1
    found = network.rooms.consent.witnessing.newest()
    assert found is not None
    assert found.note == gathered.note
    assert found.at == network.rooms.clock.now()
    assert permitted(network)
    assert network.rooms.consent.witnessing.gather().silent == {}
    told = network.rooms.entries("checkpoint.witnessed")[:3]
    assert [(one["size"], one["witness"]) for one in told] == [(found.size, n) for n in NAMES]


def test_a_later_checkpoint_is_asked_for_from_the_last_one_on(network: Witnessed) -> None:
    witnessing = network.rooms.consent.witnessing
    witnessing.gather()
    first = witnessing.newest()
    assert first is not None
    network.rooms.person("Ada", Purpose.LIKENESS)
    network.asked.clear()
    assert witnessing.gather().silent == {}
    assert sorted(network.asked) == [(name, first.size) for name in NAMES]


def test_a_log_at_rest_is_cosigned_again_without_growing(network: Witnessed) -> None:
    rooms, witnessing = network.rooms, network.rooms.consent.witnessing
    witnessing.gather()
    witnessing.gather()
    size = rooms.consent.ledger.head()[0]
    for _ in range(3):
        rooms.clock.advance(HOUR)
        assert witnessing.gather().silent == {}
        assert permitted_at_rest(network)
    assert rooms.consent.ledger.head()[0] == size


def permitted_at_rest(network: Witnessed) -> bool:
    rooms = network.rooms
    with rooms.consent.ledger.read() as connection:
        rooms.consent.witnessing.guard(connection, rooms.clock.now())
    return True


def test_the_gate_is_closed_until_enough_have_cosigned(network: Witnessed) -> None:
    assert not permitted(network)
    network.down("w1", "w2")
    assert set(network.rooms.consent.witnessing.gather().silent) == {"w1", "w2"}
    assert not permitted(network)
    network.down("w1")
    network.between.pop("w2")
    network.rooms.consent.witnessing.gather()
    assert permitted(network)


def test_where_nobody_answers_nothing_is_kept_and_the_checkpoint_stands_alone(
    network: Witnessed,
) -> None:
    network.down(*NAMES)
    consent = network.rooms.consent
    gathered = consent.witnessing.gather()
    assert set(gathered.silent) == set(NAMES)
    assert len(gathered.note.splitlines()) == len(consent.ledger.checkpoint().splitlines())
    with consent.ledger.read() as connection:
        assert connection.execute(select(cosignature)).all() == []


def test_the_gate_closes_when_the_time_is_over_and_opens_when_they_are_back(
    network: Witnessed,
) -> None:
    rooms, witnessing = network.rooms, network.rooms.consent.witnessing
    witnessing.gather()
    network.down("w1", "w2")
    rooms.clock.advance(HOUR)
    witnessing.gather()
    assert permitted(network)
    rooms.clock.advance(1)
    assert not permitted(network)
    network.up()
    witnessing.renew()
    assert permitted(network)


def test_without_the_guard_the_gate_stays_open(network: Witnessed) -> None:
    """The control: what closes the gate is the guard and nothing else."""
    network.rooms.consent.gate._guard = lambda _connection, _now: None
    assert permitted(network)


def test_a_closed_gate_refuses_blocks_and_leaves_no_decision(network: Witnessed) -> None:
    rooms = network.rooms
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.FEED_INSERT)
    with pytest.raises(Broken, match="witnesses have cosigned"):
        rooms.consent.gate.decide_all(Step.SELECT, Purpose.FEED_INSERT, [ada])
    with pytest.raises(Broken, match="witnesses have cosigned"):
        rooms.ask(Step.ENROL, ada, Purpose.LIKENESS, rooms.object())
    assert rooms.entries("decision", "block") == []
    network.rooms.consent.witnessing.gather()
    held = rooms.consent.gate.decide_all(Step.SELECT, Purpose.FEED_INSERT, [ada])
    assert len(held.blocks) == 1


def test_behind_a_closed_gate_people_withdraw_are_erased_and_read_their_own(
    network: Witnessed,
) -> None:
    rooms = network.rooms
    ada = rooms.person("Ada", Purpose.LIKENESS)
    assert not permitted(network)
    made = rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    assert made["event"] == "withdraw"
    assert last_receipt(rooms.consent.ledger, ada, Purpose.LIKENESS) is not None
    assert rooms.consent.grants.show(ada) == {}
    assert rooms.consent.lasts.log() is not None
    assert rooms.consent.erasures.erase(ada)["keys_destroyed"] == 1


# --- witnesses that are not as they should be

Between = Callable[[Witnessed, str, bytes], tuple[int, str]]


def other_text(network: Witnessed, name: str, body: bytes) -> tuple[int, str]:
    head = read(body).head
    forked = notes.Checkpoint(head.origin, head.size, merkle.leaf_hash(b"fork"))
    cosigner = next(one for one in network.cosigners if one.name == name)
    return 200, cosigner.line(forked.text(), 7) + "\n"


def other_key(_network: Witnessed, name: str, body: bytes) -> tuple[int, str]:
    key = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
    return 200, notes.Cosigner(name, key).line(read(body).head.text(), 7) + "\n"


def other_witness(network: Witnessed, name: str, body: bytes) -> tuple[int, str]:
    return network.honest("w3" if name != "w3" else "w1", body)


def earlier(network: Witnessed, name: str, _body: bytes) -> tuple[int, str]:
    text = notes.Checkpoint(ORIGIN, 1, network.rooms.consent.ledger.tree().root(1)).text()
    return 200, network.cosigners[NAMES.index(name)].line(text, 7) + "\n"


LIARS: dict[str, Between] = {
    "signs another tree": other_text,
    "signs with another key": other_key,
    "sends another's line": other_witness,
    "signs an earlier tree": earlier,
    "sends nothing": lambda *_: (200, ""),
    "sends words": lambda *_: (200, "\N{EM DASH} w1 !!!\n\xff\n\n"),
    "knows a longer log": lambda *_: (409, "999999\n"),
    "knows nothing": lambda *_: (404, "this log is not known here\n"),
    "says no": lambda *_: (403, ""),
    "breaks": lambda *_: (500, "<html>"),
    "says a size of words": lambda *_: (409, "many\n"),
    "always conflicts": lambda _n, _w, body: (409, f"{(read(body).old + 1) % 3}\n"),
    "does not answer": lambda *_: (0, "timed out"),
}


@pytest.mark.parametrize("how", LIARS)
def test_a_bad_witness_costs_its_own_line_only(network: Witnessed, how: str) -> None:
    network.between["w1"] = lambda body: LIARS[how](network, "w1", body)
    gathered = network.rooms.consent.witnessing.gather()
    assert set(gathered.silent) == {"w1"}
    assert gathered.silent["w1"]
    with network.rooms.consent.ledger.read() as connection:
        kept = set(connection.execute(select(cosignature.c.witness)).scalars())
    assert kept == {"w2", "w3"}
    assert permitted(network)
    network.between["w2"] = lambda body: LIARS[how](network, "w2", body)
    network.rooms.clock.advance(HOUR + 1)
    network.rooms.consent.witnessing.gather()
    assert not permitted(network)


def test_a_witness_that_lost_its_memory_or_missed_some_is_caught_up(
    network: Witnessed, tmp_path: Path
) -> None:
    rooms, witnessing = network.rooms, network.rooms.consent.witnessing
    witnessing.gather()
    network.down("w1")
    for name in ("Ada", "Bob"):
        rooms.person(name, Purpose.LIKENESS)
        witnessing.gather()
    fresh = Memory(tmp_path / "fresh")
    network.witnesses["w2"] = Witness(
        network.cosigners[1], rooms.consent.ledger.verifiers, fresh, rooms.clock
    )
    rooms.person("Cy", Purpose.LIKENESS)
    network.up()
    network.asked.clear()
    assert witnessing.gather().silent == {}
    assert [old for name, old in network.asked if name == "w2"][1:] == [0]


def test_a_witness_that_signed_but_whose_answer_was_lost_is_asked_again(
    network: Witnessed,
) -> None:
    def lost(body: bytes) -> tuple[int, str]:
        assert network.honest("w1", body)[0] == 200
        return 0, "connection reset"

    network.between["w1"] = lost
    assert set(network.rooms.consent.witnessing.gather().silent) == {"w1"}
    network.up()
    assert network.rooms.consent.witnessing.gather().silent == {}


def test_a_witness_is_never_shown_a_fork(network: Witnessed) -> None:
    """A second history of this log, signed with its keys: an honest witness says no for good."""
    rooms = network.rooms
    rooms.consent.witnessing.gather()
    forked = merkle.Tree(merkle.leaf_hash(b"fork %d" % number) for number in range(99))
    text = notes.Checkpoint(ORIGIN, 99, forked.root()).text()
    note = rooms.consent.ledger.signer.note(text)
    held = rooms.consent.witnessing.newest()
    assert held is not None
    for old in (0, held.size):
        proof = forked.consistency(old, 99) if old else ()
        status = network.honest("w1", written(old, proof, note))[0]
        assert status in {409, 422}


def test_lines_that_were_put_into_the_database_do_not_count(network: Witnessed) -> None:
    rooms = network.rooms
    rooms.consent.witnessing.gather()
    with rooms.consent.ledger.write() as writing:
        forged = update(cosignature).where(cosignature.c.witness != "w1")
        writing.connection.execute(forged.values(line="\N{EM DASH} w2 AAAA"))
    assert rooms.consent.witnessing.newest() is None
    assert not permitted(network)


def test_an_older_checkpoint_counts_while_the_newest_lacks_lines(network: Witnessed) -> None:
    rooms, witnessing = network.rooms, network.rooms.consent.witnessing
    witnessing.gather()
    first = witnessing.newest()
    rooms.person("Ada", Purpose.LIKENESS)
    network.down("w1", "w2")
    witnessing.gather()
    assert witnessing.newest() == first


def test_it_is_as_old_as_the_oldest_line_that_is_needed(network: Witnessed) -> None:
    """One witness that signs again and again does not keep the gate open for two."""
    rooms, witnessing = network.rooms, network.rooms.consent.witnessing
    witnessing.gather()
    witnessing.gather()
    network.down("w2", "w3")
    for _ in range(2):
        rooms.clock.advance(HOUR // 2)
        assert set(witnessing.gather().silent) == {"w2", "w3"}
    assert permitted(network)
    rooms.clock.advance(1)
    assert not permitted(network)


def test_a_log_that_lost_entries_is_told_so(network: Witnessed) -> None:
    network.between["w1"] = lambda _body: (409, "999999\n")
    why = network.rooms.consent.witnessing.gather().silent["w1"]
    assert why == "it has seen 999999 entries, more than there are"


def test_renewing_waits_for_half_the_time(network: Witnessed) -> None:
    rooms, witnessing = network.rooms, network.rooms.consent.witnessing
    witnessing.renew()
    assert len(network.asked) == 3
    rooms.clock.advance(HOUR // 2 - 1)
    witnessing.renew()
    assert len(network.asked) == 3
    for asked in (3, 6):
        rooms.clock.advance(1)
        witnessing.renew()
        assert len(network.asked) == asked


# --- what is handed out


def test_what_is_served_is_the_newest_checkpoint_that_counts(network: Witnessed) -> None:
    rooms, witnessing = network.rooms, network.rooms.consent.witnessing
    assert notes.parse_checkpoint(witnessing.checkpoint()).size == rooms.consent.ledger.head()[0]
    note = witnessing.gather().note
    rooms.person("Ada", Purpose.LIKENESS)
    assert witnessing.checkpoint() == note


def test_a_receipt_is_proved_at_a_witnessed_checkpoint_once_there_is_one(
    network: Witnessed,
) -> None:
    rooms = network.rooms
    ada = rooms.person("Ada")
    seq = rooms.grant(ada, Purpose.LIKENESS)
    at_once = receipt(rooms.consent.ledger, seq)
    assert "w1" not in at_once["checkpoint"]
    note = rooms.consent.witnessing.gather().note
    later = receipt(rooms.consent.ledger, seq)
    assert later["checkpoint"] == note
    newer = receipt(rooms.consent.ledger, rooms.grant(ada, Purpose.IMAGINE))
    assert notes.parse_checkpoint(newer["checkpoint"]).size > newer["seq"]
    head = notes.parse_checkpoint(note)
    leaf = merkle.leaf_hash(rooms.consent.ledger.body(seq))
    proof = [bytes.fromhex(node) for node in later["proof"]]
    assert merkle.verify_inclusion(leaf, seq, head.size, proof, head.root)


def found(folder: Path) -> list[str]:
    return [one["code"] for one in verify.verify(folder)["findings"]]


def test_an_exported_bundle_carries_the_lines_and_verify_misses_them_where_they_lack(
    network: Witnessed, tmp_path: Path
) -> None:
    rooms = network.rooms
    rooms.person("Ada", Purpose.LIKENESS)
    bundle.export(rooms.consent, tmp_path / "cosigned")
    policy = json.loads((tmp_path / "cosigned/keys/witnesses.json").read_bytes())
    assert policy == rooms.consent.ledger.quorum.told()
    assert found(tmp_path / "cosigned") == []
    network.down("w1", "w2")
    rooms.person("Bob", Purpose.LIKENESS)
    bundle.export(rooms.consent, tmp_path / "alone")
    assert found(tmp_path / "alone") == ["witness-threshold"]


def test_without_witnesses_nothing_is_asked_and_nothing_is_closed(rooms: Rooms) -> None:
    witnessing = rooms.consent.witnessing
    assert witnessing.gather().silent == {}
    assert witnessing.newest() is None
    witnessing.renew()
    with rooms.consent.ledger.read() as connection:
        witnessing.guard(connection, rooms.clock.now())
    assert rooms.entries("checkpoint.witnessed") == []


def test_nobody_at_an_address_is_no_answer() -> None:
    status, why = post("http://127.0.0.1:9/add-checkpoint", b"x")
    assert status == 0
    assert why


def test_an_address_is_asked_with_its_query() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:
        port = server.getsockname()[1]
        asked = pool.submit(post, f"http://127.0.0.1:{port}/add?log=7", b"note")
        line, _ = server.accept()
        with line:
            said = line.recv(1_000)
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        assert asked.result(30) == (200, "")
    assert said.startswith(b"POST /add?log=7 HTTP/1.1")


def test_nobody_at_an_address_is_an_answer_and_no_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    status, why = post(f"http://127.0.0.1:{port}/add-checkpoint", b"")
    assert status == 0
    assert why


@pytest.mark.parametrize(
    ("spoken", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nline", 200),
        (b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n17", 409),
        (b"HTTP/1.1 500 Oops\r\n\r\n" + b"x" * 100_000, 500),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000, 200),
        (b"this is no HTTP\r\n\r\n", 0),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\nthere", 302),
    ],
    ids=[
        "a line",
        "another size",
        "too long a complaint",
        "too long a line",
        "something else",
        "somewhere else",
    ],
)
def test_whatever_a_witness_says_is_an_answer(spoken: bytes, status: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as thread:
        said = thread.submit(post, f"http://127.0.0.1:{server.getsockname()[1]}/", b"note")
        client, _ = server.accept()
        with client:
            client.recv(4096)
            client.sendall(spoken)
        said_status, text = said.result(30)
    assert said_status == status
    assert 0 < len(text) <= 64 * 1024


@contextmanager
def dripping(first: bytes) -> Iterator[str]:
    """Serve somebody who begins to answer, and then sends a byte every twentieth of a second."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as thread:

        def drip() -> None:
            client, _ = server.accept()
            with client, suppress(OSError):
                client.recv(4096)
                client.sendall(first)
                while True:
                    client.sendall(b"x")
                    time.sleep(0.05)

        thread.submit(drip)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/add-checkpoint"


BEGINNINGS = {
    "nothing": b"",
    "a status": b"HTTP/1.1 200 OK\r\nX-Slow: ",
    "a head": b"HTTP/1.1 200 OK\r\n\r\n",
    "a head of a long answer": b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n",
    "a complaint": b"HTTP/1.1 500 Oops\r\n\r\n",
}


@pytest.mark.parametrize("first", BEGINNINGS)
def test_whoever_sends_a_byte_now_and_then_is_hung_up_on(
    monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    monkeypatch.setattr(witnessing, "_PATIENCE_SECONDS", 0.3)
    with dripping(BEGINNINGS[first]) as url:
        began = time.monotonic()
        assert post(url, b"note") == (0, "timed out")
        assert time.monotonic() - began < 15


def test_a_witness_that_drips_or_never_answers_costs_its_own_line_only(
    network: Witnessed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnessing, "_PATIENCE_SECONDS", 0.7)
    never = threading.Event()
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n") as url:
        network.between["w1"] = lambda body: post(url, body)
        began = time.monotonic()
        silent = network.rooms.consent.witnessing.gather().silent
        assert silent == {"w1": "no answer (timed out)"}
        network.between["w1"] = lambda _body: (0, str(never.wait(20)))
        silent = network.rooms.consent.witnessing.gather().silent
        assert time.monotonic() - began < 15
        never.set()
    assert silent == {"w1": "no answer in time"}
    assert permitted(network)
