# SPDX-License-Identifier: Apache-2.0
import io
from typing import Any

import c2pa
import pytest

from engine.api.recognition import ImageAnswer
from tests.contracts.shapes import wrong
from tests.engine.homes import Home
from tests.engine.test_recognizing import image
from tests.generation import samples


def ask(home: Home, file: bytes, name: str | None = None, **more: Any) -> Any:
    headers = home.as_(name) if name else {}
    files = {"file": ("a.jpg", file, "image/jpeg")}
    return home.client.post("/v1/verify", headers=headers, files=files, **more)


def test_anybody_may_ask_and_gets_three_answers(home: Home) -> None:
    _, file = image(home, "Anna")
    answer = ask(home, file)
    assert answer.status_code == 200
    told = ImageAnswer.model_validate(answer.json())
    assert not wrong("image_answer", answer.json())
    assert (told.c2pa, told.watermark, told.fingerprint) == ("trusted", "found", "found")
    assert told.answer is None


def test_a_person_gets_a_signed_answer_and_nobody_elses_name(home: Home) -> None:
    portrait, file = image(home, "Anna")
    mine = ImageAnswer.model_validate(ask(home, file, "Anna").json()).answer
    assert mine is not None
    assert [own.portrait_id for own in mine.yours] == [portrait]
    answer = ask(home, file, "Ben")
    theirs = ImageAnswer.model_validate(answer.json()).answer
    assert theirs is not None
    assert theirs.yours == []
    assert portrait not in answer.text


def test_a_token_that_does_not_hold_is_refused(home: Home) -> None:
    headers = {"Authorization": "Bearer nonsense"}
    files = {"file": ("a.jpg", samples.small_file_of(1), "image/jpeg")}
    assert home.client.post("/v1/verify", headers=headers, files=files).status_code == 401


def test_a_token_of_nobody_gets_the_plain_answer(home: Home) -> None:
    headers = home.as_(None)
    files = {"file": ("a.jpg", samples.small_file_of(1), "image/jpeg")}
    answer = home.client.post("/v1/verify", headers=headers, files=files)
    assert answer.status_code == 200
    assert "answer" not in answer.json()


@pytest.mark.parametrize(
    ("file", "says"),
    [(b"hello", "neither JPEG, PNG nor WebP"), (samples.file_of(1)[:9_000], "ends too early")],
    ids=["no picture", "cut off"],
)
def test_a_file_that_cannot_be_read_is_one_sentence(home: Home, file: bytes, says: str) -> None:
    answer = ask(home, file)
    problem = answer.json()
    assert (answer.status_code, problem["reason"]) == (422, "unreadable")
    assert says in problem["detail"]


def test_a_file_that_is_too_large_is_not_even_read(home: Home) -> None:
    limit = home.rooms.consent.policy.selfies.max_bytes
    assert ask(home, bytes(limit + 20_000)).status_code == 413


def test_json_is_not_what_is_read_here(home: Home) -> None:
    assert home.client.post("/v1/verify", json={}).status_code == 415


def test_whoever_has_the_anchor_can_check_without_us(home: Home) -> None:
    _, file = image(home, "Anna")
    answer = home.client.get("/v1/verify/anchor")
    assert answer.headers["content-type"].startswith("application/x-pem-file")
    trust = {"trust": {"user_anchors": answer.text}}
    assert _state(file, trust) == "Trusted"
    assert _state(file, {}) == "Valid"
    assert _state(samples.small_file_of(1), trust) is None


def _state(file: bytes, settings: dict[str, Any]) -> str | None:
    """Read a credential as an outsider does, with the library alone."""
    context = c2pa.Context.from_dict({"version": 1, **settings})
    reader = c2pa.Reader.try_create("image/jpeg", io.BytesIO(file), None, context)
    return None if reader is None else str(reader.get_validation_state())
