# SPDX-License-Identifier: Apache-2.0
import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import Request, Response
from sqlalchemy import Engine, select

from consent import database
from consent.chance import FixedChance
from consent.clocks import VirtualClock
from consent.words import Micros, Subject
from engine.api.idempotency import Answers, Repeatable, repeatable
from engine.api.problems import Problem, Slug
from engine.api.tokens import PERSONAL, STAFF, Claims
from engine.tables import answered

ANNA, BEN = Subject(11), Subject(12)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(Micros(1_800_000_000_000_000))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = database.connect(database_url)
    with made.begin() as connection:
        connection.exec_driver_sql("INSERT INTO subject VALUES (11), (12)")
    yield made
    made.dispose()


@pytest.fixture
def answers(engine: Engine, clock: VirtualClock) -> Answers:
    return Answers(engine, b"k" * 32, clock, FixedChance(1))


def post(name: bytes = b"n" * 32, digest: bytes = b"d" * 32) -> Repeatable:
    return Repeatable(name=name, digest=digest, subject=ANNA)


def said(text: str = '{"said":"canary"}', status: int = 201) -> Response:
    return Response(text, status_code=status, media_type="application/json")


def test_the_second_time_gets_the_first_answer(answers: Answers) -> None:
    assert answers.claim(post()) is None
    answers.keep(post(), said())
    again = answers.claim(post())
    assert again is not None
    assert (again.status_code, bytes(again.body)) == (201, b'{"said":"canary"}')
    assert again.headers["content-type"] == "application/json"


def test_another_body_under_the_same_key_is_refused(answers: Answers) -> None:
    answers.claim(post())
    answers.keep(post(), said())
    with pytest.raises(Problem) as caught:
        answers.claim(post(digest=b"e" * 32))
    assert caught.value.slug is Slug.KEY_REUSED


def test_while_the_first_is_under_way_the_second_is_asked_to_wait(answers: Answers) -> None:
    answers.claim(post())
    with pytest.raises(Problem) as caught:
        answers.claim(post())
    assert caught.value.slug is Slug.UNAVAILABLE


def test_of_four_at_once_one_is_to_answer(answers: Answers) -> None:
    def claim(_: int) -> str:
        try:
            return "mine" if answers.claim(post()) is None else "again"
        except Problem as problem:
            return str(problem.slug)

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(claim, range(4)))
    assert outcomes == ["mine", "unavailable", "unavailable", "unavailable"]


def test_what_was_released_can_be_tried_again(answers: Answers) -> None:
    answers.claim(post())
    answers.release(post())
    assert answers.claim(post()) is None


def test_a_try_that_never_ended_is_forgotten_after_a_minute(
    answers: Answers, clock: VirtualClock
) -> None:
    answers.claim(post())
    clock.advance(61)
    assert answers.claim(post()) is None


def test_an_answer_is_kept_for_a_day(answers: Answers, clock: VirtualClock) -> None:
    answers.claim(post())
    answers.keep(post(), said())
    clock.advance(86_300)
    assert answers.claim(post()) is not None
    clock.advance(200)
    assert answers.claim(post()) is None


def test_the_database_does_not_tell_what_was_answered(answers: Answers, engine: Engine) -> None:
    answers.claim(post())
    answers.keep(post(), said())
    with database.reading(engine) as connection:
        row = connection.execute(select(answered)).one()
    assert b"canary" not in b"".join(part for part in row if isinstance(part, bytes))


def test_erasing_a_person_takes_their_answers_along(
    answers: Answers, engine: Engine, owner_url: str
) -> None:
    answers.claim(post())
    answers.keep(post(), said())
    owner = database.connect(owner_url)
    with owner.begin() as connection:
        connection.exec_driver_sql("DELETE FROM subject WHERE id = 11")
    owner.dispose()
    with database.reading(engine) as connection:
        assert connection.execute(select(answered)).all() == []
    with pytest.raises(Problem) as caught:
        answers.claim(post())
    assert caught.value.slug is Slug.UNAUTHENTICATED


def a_request(body: bytes, kind: str = "application/json", key: str = "k") -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", kind.encode()), (b"idempotency-key", key.encode())]
    scope = {"type": "http", "method": "POST", "path": "/v1/x", "headers": headers}
    return Request(scope | {"query_string": b"", "server": ("testserver", 80)}, receive)


def claims(subject: Subject | None, scopes: frozenset[object] = PERSONAL) -> Claims:
    return Claims(subject=subject, scopes=scopes, expires=Micros(0))  # type: ignore[arg-type]


async def named(body: bytes = b"{}", who: Claims | None = None, **more: str) -> Repeatable:
    return await repeatable(a_request(body, **more), who or claims(ANNA))


def run(awaited: Coroutine[Any, Any, Repeatable]) -> Repeatable:
    """Await in a thread of its own: a browser test may keep this one's event loop running."""
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(asyncio.run, awaited).result()


def test_a_key_belongs_to_one_person_and_their_scopes() -> None:
    mine = run(named())
    assert run(named()).name == mine.name
    assert run(named(who=claims(BEN))).name != mine.name
    assert run(named(who=claims(ANNA, STAFF))).name != mine.name
    assert run(named(key="other")).name != mine.name


def test_the_same_form_with_another_boundary_says_the_same() -> None:
    def form(boundary: str) -> Repeatable:
        body = f"--{boundary}\r\nname=file\r\n\r\nbytes\r\n--{boundary}--".encode()
        return run(named(body, kind=f"multipart/form-data; boundary={boundary}"))

    assert form("one").digest == form("two").digest
    assert run(named(b"{}")).digest != run(named(b"[]")).digest


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_is_short_and_not_empty(key: str) -> None:
    with pytest.raises(Problem) as caught:
        run(named(key=key))
    assert caught.value.field == "idempotency-key"
