# SPDX-License-Identifier: Apache-2.0
"""What the confined process makes of a credential is what c2pa makes of it anywhere."""

import json
from dataclasses import replace

import numpy as np
import pytest

from generation import notary, provenance
from generation.authority import Authority
from generation.credentials import Credentials, Statement, judged
from generation.notary import Reading, State
from tests.generation import samples

JPEG = "image/jpeg"
SAID = Statement(
    name=b"0123456789abcdef",
    source_type=provenance.SOURCE_TYPE,
    label="AI, made for you",
    receipt="ab" * 32,
)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_confined_it_says_what_it_says_unconfined(kind: str) -> None:
    """Whole, of another root, changed, cut off, without one."""
    ours, others = (Credentials(Authority(one * 32)) for one in (b"s", b"t"))
    media_type = f"image/{kind.lower()}"
    plain = samples.written(samples.image_of(1, longer=300), kind)
    file = ours.sign(plain, media_type, SAID)
    found = [State.TRUSTED, State.INVALID, State.INVALID, State.ABSENT]
    changed = file.replace(b"AI, made for you", b"A real photograph"[:16])
    for one, state in zip((file, changed, file[: len(file) // 2], plain), found, strict=True):
        there, here = ours.read(one, media_type), notary.read(one, media_type, ours.anchor)
        assert there == here
        assert kind != "JPEG" or here.state is state
    assert others.read(file, media_type) == Reading(state=State.VALID)


def test_an_answer_is_what_was_read() -> None:
    authority = Authority(b"s" * 32)
    plain = provenance.marked(np.asarray(samples.image_of(1, longer=300)))
    file = Credentials(authority).sign(plain, JPEG, SAID)
    answer = notary.answer(notary.order(file, JPEG, authority.anchor))
    assert json.loads(answer) == ["trusted", SAID.label, SAID.sha256]
    assert judged(answer) == Reading(state=State.TRUSTED, label=SAID.label, sha256=SAID.sha256)
    assert replace(SAID, label="x").sha256 != SAID.sha256
