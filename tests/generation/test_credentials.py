# SPDX-License-Identifier: Apache-2.0
"""Four answers about a file's credential, each for its own reason."""

import io
from dataclasses import replace

import c2pa
import numpy as np
import pytest
from PIL import Image

from generation import credentials, darkroom, notary, provenance
from generation.apart import Apart
from generation.authority import Authority
from generation.credentials import Credentials, Statement, judged
from generation.notary import Reading, State
from tests.generation import samples
from tests.generation.test_decoding import at_work, status

JPEG = "image/jpeg"
OURS = Credentials(Authority(b"s" * 32))
SAID = Statement(
    name=b"0123456789abcdef",
    source_type=provenance.SOURCE_TYPE,
    label="AI, made for you",
    receipt="ab" * 32,
)


@pytest.fixture(scope="session")
def plain() -> bytes:
    return provenance.marked(np.asarray(samples.image_of(1, longer=640)))


@pytest.fixture(scope="session")
def signed(plain: bytes) -> bytes:
    return OURS.sign(plain, JPEG, SAID)


def test_no_credential_is_parsed_in_this_process(
    signed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parsed(*_: object, **__: object) -> None:
        raise AssertionError("a stranger's credential met c2pa here")

    monkeypatch.setattr(c2pa.Reader, "try_create", parsed)
    monkeypatch.setattr(c2pa.Reader, "__init__", parsed)
    assert OURS.read(signed, JPEG).state is State.TRUSTED


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[" * 900,
        b"\xff",
        b"{}",
        b'["trusted"]',
        b'["other", null, null]',
        b'["trusted", "said", null]',
        b'["trusted", "said", "00"]',
        b'["trusted", 3, "%s"]' % (b"a" * 64),
        b'["valid", "said", "%s"]' % (b"a" * 64),
    ],
)
def test_an_answer_that_cannot_be_is_not_believed(answer: bytes) -> None:
    assert judged(answer) == Reading(state=State.INVALID)


def test_each_file_is_read_by_a_process_of_its_own_that_is_confined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Look at one that waits for the rest of its file; then it is late, and ended."""
    room = Apart("generation.notary", most=1_000, seconds=1)
    monkeypatch.setattr(credentials, "_NOTARY", room)
    assert OURS.read(b"x", JPEG).state is State.INVALID
    with room.asked() as stuck:
        stuck.sendall(darkroom.LENGTH.pack(99))
        found = status(at_work(room))
        assert "Seccomp" not in found or (found["Seccomp"], found["NoNewPrivs"]) == ("2", "1")
        stuck.settimeout(10)
        assert stuck.recv(1) == b""
    room.stop()


def test_what_we_signed_is_trusted_and_says_what_it_said(signed: bytes) -> None:
    assert OURS.read(signed, JPEG) == Reading(
        state=State.TRUSTED, label=SAID.label, sha256=SAID.sha256
    )


def test_it_is_whole_but_unknown_where_our_root_is_not_trusted(signed: bytes) -> None:
    other = Credentials(Authority(b"t" * 32))
    assert other.read(signed, JPEG) == Reading(state=State.VALID)


def test_a_changed_pixel_makes_it_invalid(signed: bytes) -> None:
    for at in (3_000, 9_000, 20_000):
        changed = bytearray(signed)
        changed[-at] ^= 1
        assert OURS.read(bytes(changed), JPEG).state is State.INVALID


def test_no_flipped_bit_outside_the_credential_is_ever_trusted(
    signed: bytes, plain: bytes
) -> None:
    box = signed.find(b"jumb")
    chance, ends = np.random.default_rng(1), box + len(signed) - len(plain)
    for at in chance.integers(ends, len(signed), 100):
        changed = bytearray(signed)
        changed[at] ^= 1 << int(chance.integers(0, 8))
        found = notary.read(bytes(changed), JPEG, OURS.anchor)
        assert found.state is State.INVALID


def test_a_changed_word_makes_it_invalid(signed: bytes) -> None:
    forged = signed.replace(b"AI, made for you", b"A real photograph"[:16])
    assert forged != signed
    assert OURS.read(forged, JPEG).state is State.INVALID


def test_a_credential_put_on_another_picture_is_invalid(signed: bytes, plain: bytes) -> None:
    other = provenance.marked(np.asarray(samples.image_of(3, longer=640)))
    starts = signed.find(b"\xff\xeb")
    box = signed[starts : starts + 4 + len(signed) - len(plain) - 4]
    moved = other[:starts] + box + other[starts:]
    assert OURS.read(moved, JPEG).state is State.INVALID


def test_a_file_without_one_has_none(plain: bytes) -> None:
    assert OURS.read(plain, JPEG) == Reading(state=State.ABSENT)


def test_saving_anew_takes_it_off(signed: bytes) -> None:
    with Image.open(io.BytesIO(signed)) as image:
        again = samples.written(image.convert("RGB"), quality=95)
    assert OURS.read(again, JPEG).state is State.ABSENT


def test_a_file_cut_off_is_invalid_and_no_traceback(signed: bytes) -> None:
    for length in (60, 1_000, len(signed) // 2):
        assert OURS.read(signed[:length], JPEG).state is State.INVALID


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_carry_one_too(kind: str) -> None:
    media_type = f"image/{kind.lower()}"
    file = OURS.sign(samples.written(samples.image_of(1, longer=300), kind), media_type, SAID)
    assert OURS.read(file, media_type).state is State.TRUSTED


def test_it_names_neither_a_time_nor_the_machine(signed: bytes, plain: bytes) -> None:
    starts = signed.find(b"\xff\xeb")
    box = signed[starts : starts + len(signed) - len(plain)]
    for word in (b"http://ocsp", b"timestamp", b"sigTst", b"softwareAgent", b"when"):
        assert word not in box


def test_the_hash_covers_every_word_of_it() -> None:
    others = [
        replace(SAID, name=b"x" * 16),
        replace(SAID, label="Real"),
        replace(SAID, receipt="00" * 32),
        replace(SAID, source_type="other"),
    ]
    assert len({SAID.sha256, *(one.sha256 for one in others)}) == 5
