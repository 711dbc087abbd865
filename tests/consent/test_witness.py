# SPDX-License-Identifier: Apache-2.0
"""Every answer of add-checkpoint, and that no line is ever given out for a second history."""

import base64
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import merkle, notes
from consent.clocks import VirtualClock
from consent.witness import MOST_BYTES, Answer, Memory, Witness, read, written
from consent.words import Micros

ORIGIN = "onlyou.test/log"
NOW = Micros(1_780_000_000_000_000)
LOG = notes.Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"l" * 32))
SAFE = notes.QuantumSafeSigner(ORIGIN, b"q" * 32)
COSIGNER = notes.Cosigner("witness.test/w1", Ed25519PrivateKey.from_private_bytes(b"w" * 32))
TREE = merkle.Tree(merkle.leaf_hash(b"entry %d" % number) for number in range(40))
FORK = merkle.Tree(merkle.leaf_hash(b"other %d" % number) for number in range(40))


def note(size: int, tree: merkle.Tree = TREE, signer: notes.Signer = LOG) -> str:
    return signer.note(notes.Checkpoint(ORIGIN, size, tree.root(size)).text())


def asking(old: int, size: int, tree: merkle.Tree = TREE) -> bytes:
    proof = tree.consistency(old, size) if 0 < old < size else ()
    return written(old, proof, note(size, tree))


def opened(folder: Path, *logs: str) -> Witness:
    return Witness(COSIGNER, logs or (LOG.verifier,), Memory(folder), VirtualClock(NOW))


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return opened(tmp_path)


def cosigned(witness: Witness, body: bytes) -> bool:
    """Ask; say whether a valid cosignature of exactly that checkpoint came back."""
    answer = witness.add_checkpoint(body)
    text = read(body).head.text()
    if answer.status != 200:
        assert "\N{EM DASH}" not in answer.body
        return False
    assert answer.body.endswith("\n")
    assert notes.cosigned_at(text, answer.body, witness.verifier) == NOW // 1_000_000
    return True


def test_a_log_is_cosigned_from_its_first_checkpoint_on(witness: Witness) -> None:
    assert cosigned(witness, asking(0, 5))
    for old in range(5, 40):
        assert cosigned(witness, asking(old, old + 1))


def test_the_empty_tree_and_the_same_tree_again_are_cosigned(witness: Witness) -> None:
    assert cosigned(witness, asking(0, 0))
    assert cosigned(witness, asking(0, 0))
    assert cosigned(witness, asking(0, 7))
    assert cosigned(witness, asking(7, 7))


def test_another_size_than_the_one_held_is_told_the_one_held(witness: Witness) -> None:
    assert cosigned(witness, asking(0, 7))
    for old in (0, 3, 6, 8, 40):
        answer = witness.add_checkpoint(asking(old, 40))
        assert (answer.status, answer.body, answer.kind) == (409, "7\n", "text/x.tlog.size")


def test_a_fork_of_the_same_size_is_a_conflict(witness: Witness) -> None:
    assert cosigned(witness, asking(0, 7))
    answer = witness.add_checkpoint(asking(7, 7, FORK))
    assert (answer.status, answer.body) == (409, "7\n")


def test_a_fork_of_a_larger_size_does_not_continue(witness: Witness) -> None:
    assert cosigned(witness, asking(0, 7))
    for proof in (FORK.consistency(7, 20), TREE.consistency(7, 20), ()):
        body = written(7, proof, note(20, FORK))
        assert witness.add_checkpoint(body).status == 422
    assert cosigned(witness, asking(7, 20))


def test_a_rollback_is_refused(witness: Witness) -> None:
    assert cosigned(witness, asking(0, 20))
    assert witness.add_checkpoint(asking(0, 7)).status == 409
    assert witness.add_checkpoint(asking(7, 7)).status == 409
    assert witness.add_checkpoint(written(20, (), note(7))).status == 400


def test_a_replayed_request_is_told_the_size(witness: Witness) -> None:
    first = asking(0, 7)
    assert cosigned(witness, first)
    assert witness.add_checkpoint(first).status == 409
    assert cosigned(witness, asking(7, 20))
    assert witness.add_checkpoint(asking(7, 20)).status == 409


@pytest.mark.parametrize(
    ("old", "size", "root", "proof"),
    [
        (0, 0, b"r" * 32, ()),
        (0, 0, bytes(32), ()),
        (0, 0, merkle.EMPTY_ROOT, (b"p" * 32,)),
        (0, 5, TREE.root(5), (b"p" * 32,)),
    ],
)
def test_a_first_checkpoint_that_cannot_be_is_refused(
    witness: Witness, old: int, size: int, root: bytes, proof: tuple[bytes, ...]
) -> None:
    signed = LOG.note(notes.Checkpoint(ORIGIN, size, root).text())
    assert witness.add_checkpoint(written(old, proof, signed)).status == 422


def test_a_proof_where_none_is_needed_is_refused(witness: Witness) -> None:
    assert cosigned(witness, asking(0, 7))
    assert witness.add_checkpoint(written(7, (b"p" * 32,), note(7))).status == 422


def test_an_unknown_log_is_not_found(witness: Witness) -> None:
    other = notes.Signer("onlyou.test/other", Ed25519PrivateKey.from_private_bytes(b"l" * 32))
    text = notes.Checkpoint("onlyou.test/other", 5, TREE.root(5)).text()
    refused = witness.add_checkpoint(written(0, (), other.note(text)))
    assert refused == Answer(404, "this log is not known here\n")


def test_what_the_log_did_not_sign_is_forbidden(witness: Witness) -> None:
    other = notes.Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"o" * 32))
    refused = witness.add_checkpoint(written(0, (), note(5, signer=other)))
    assert refused == Answer(403, "no signature of this log verifies\n")
    changed = note(5).replace("\n5\n", "\n6\n")
    assert witness.add_checkpoint(written(0, (), changed)).status == 403


def test_either_key_of_the_log_is_enough_and_others_lines_are_passed_over(tmp_path: Path) -> None:
    witness = opened(tmp_path, SAFE.verifier, LOG.verifier)
    text = notes.Checkpoint(ORIGIN, 5, TREE.root(5)).text()
    safe = f"{text}\n{SAFE.line(text)}\n"
    both = f"{note(5)}{COSIGNER.line(text, 7)}\n{SAFE.line(text)}\n"
    assert cosigned(witness, written(0, (), safe))
    assert cosigned(witness, written(5, (), both))


def test_extension_lines_are_cosigned_with_the_rest(witness: Witness) -> None:
    text = notes.Checkpoint(ORIGIN, 5, TREE.root(5)).text() + "more\n"
    answer = witness.add_checkpoint(written(0, (), LOG.note(text)))
    assert notes.verify_line(text, answer.body, witness.verifier)


GOOD = asking(0, 5)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        GOOD.replace(b"old 0", b"old 00"),
        GOOD.replace(b"old 0", b"old -1"),
        GOOD.replace(b"old 0", b"old x"),
        GOOD.replace(b"old 0", b"new 0"),
        GOOD.replace(b"old 0", b"old  0"),
        GOOD.replace(b"old 0\n", b"old 0\nAAAA\n"),
        GOOD.replace(b"old 0\n", b"old 0\n!\n"),
        GOOD.replace(b"old 0\n", b"old 0\n" + base64.b64encode(bytes(32) * 2) + b"\n"),
        GOOD.replace(b"old 0\n", b"old 0\n" + (base64.b64encode(bytes(32)) + b"\n") * 64),
        GOOD.replace(b"\n5\n", b"\n05\n"),
        GOOD.rstrip(b"\n"),
        GOOD.replace(b"\n\n\xe2", b"\n\xe2"),
        b"\xff" + GOOD,
        bytes(1_000),
    ],
)
def test_what_is_no_request_is_a_bad_request(witness: Witness, body: bytes) -> None:
    assert body != GOOD
    assert witness.add_checkpoint(body).status == 400
    assert cosigned(witness, GOOD)


def test_as_many_hashes_as_the_protocol_admits_are_read(witness: Witness) -> None:
    many = GOOD.replace(b"old 0\n", b"old 0\n" + (base64.b64encode(bytes(32)) + b"\n") * 63)
    assert witness.add_checkpoint(many).status == 422
    assert len(many) + 16 * 5_000 < MOST_BYTES


# --- the same requests as another implementation's tests (filippo.io/torchwood internal/witness)

SIGSUM = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
SIGSUM_KEY = notes.verifier_key(
    SIGSUM, bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")
)


def sigsum(old: int, size: int, root: str, signature: str, *proof: str) -> bytes:
    lines = [f"old {old}", *proof, "", SIGSUM, str(size), root, "", f"— {SIGSUM} {signature}"]
    return ("\n".join(lines) + "\n").encode()


ONE = sigsum(
    *(0, 1, "KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=",
)
THREE = sigsum(
    *(1, 3, "RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0="),
    "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=",
    "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
)
FIVE = sigsum(
    *(1, 5, "QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY="),
    "UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=",
    "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=",
    "KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
)


@pytest.mark.parametrize("later", [THREE, FIVE])
def test_the_requests_of_another_implementation_are_cosigned(tmp_path: Path, later: bytes) -> None:
    witness = opened(tmp_path, SIGSUM_KEY)
    assert cosigned(witness, ONE)
    assert cosigned(witness, later)
    assert witness.add_checkpoint(THREE).status == 409


# --- one act under one lock, on the disk before the answer


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    assert cosigned(opened(tmp_path), asking(0, 7))
    again = opened(tmp_path)
    assert again.add_checkpoint(asking(0, 7)).status == 409
    assert again.add_checkpoint(asking(7, 7, FORK)).status == 409
    assert cosigned(again, asking(7, 20))


def test_two_logs_are_remembered_apart(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"l" * 32)
    other = notes.Signer("onlyou.test/other", key)
    witness = opened(tmp_path, LOG.verifier, other.verifier)
    assert cosigned(witness, asking(0, 7))
    text = notes.Checkpoint("onlyou.test/other", 5, FORK.root(5)).text()
    assert cosigned(witness, written(0, (), other.note(text)))
    assert cosigned(witness, asking(7, 8))


def test_what_is_remembered_is_on_the_disk_before_a_line_is_given_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = opened(tmp_path)
    done: list[str] = []
    line, replace = COSIGNER.line, Path.replace

    def told(what: str, act: Callable[..., object]) -> Callable[..., object]:
        def acting(*given: object) -> object:
            done.append(what)
            return act(*given)

        return acting

    monkeypatch.setattr(os, "fsync", told("sync", lambda _handle: None))
    monkeypatch.setattr(Path, "replace", told("rename", replace))
    monkeypatch.setattr(COSIGNER, "line", told("sign", line))
    assert cosigned(witness, asking(0, 7))
    assert done == ["sync", "rename", "sync", "sign"]


def test_a_kill_between_remembering_and_answering_costs_one_more_question(tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    class Dying(notes.Cosigner):
        def line(self, text: str, seconds: int) -> str:  # noqa: ARG002
            raise Killed

    dying = Dying("witness.test/w1", Ed25519PrivateKey.from_private_bytes(b"w" * 32))
    witness = Witness(dying, (LOG.verifier,), Memory(tmp_path), VirtualClock(NOW))
    with pytest.raises(Killed):
        witness.add_checkpoint(asking(0, 7))
    again = opened(tmp_path)
    assert again.add_checkpoint(asking(0, 7)).body == "7\n"
    assert again.add_checkpoint(asking(7, 7, FORK)).status == 409
    assert cosigned(again, asking(7, 7))


def test_a_half_written_memory_is_not_taken_for_one(tmp_path: Path) -> None:
    assert cosigned(opened(tmp_path), asking(0, 7))
    (state,) = tmp_path.glob("*.head")
    state.with_suffix(".new").write_bytes(b"onlyou.test/log\n4")
    assert cosigned(opened(tmp_path), asking(7, 8))
    state.write_text("onlyou.test/log\n")
    with pytest.raises(ValueError, match=r"."):
        opened(tmp_path).add_checkpoint(asking(0, 9))


def test_of_forks_asked_for_at_once_one_is_cosigned(tmp_path: Path) -> None:
    for attempt in range(5):
        witness = opened(tmp_path / str(attempt))
        bodies = [asking(0, 7, tree) for tree in (TREE, FORK) * 8]
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(witness.add_checkpoint, bodies))
        assert sorted(one.status for one in answers) == [200] + [409] * 15


def _ask(folder: Path, tree: Any, together: Any, said: Any) -> None:
    together.wait(60)
    said.put(opened(folder).add_checkpoint(asking(0, 7, tree)).status)


def test_of_forks_asked_of_two_processes_one_is_cosigned(tmp_path: Path) -> None:
    apart = multiprocessing.get_context("fork")
    together, said = apart.Barrier(2), apart.SimpleQueue()
    started = [
        apart.Process(target=_ask, args=(tmp_path, tree, together, said)) for tree in (FORK, TREE)
    ]
    for one in started:
        one.start()
    for one in started:
        one.join(60)
    assert [one.exitcode for one in started] == [0, 0]
    assert sorted(said.get() for _ in started) == [200, 409]
