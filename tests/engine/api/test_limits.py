# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from engine.api.limits import BodyLimit
from engine.api.problems import Problem
from engine.api.refusals import answer_for


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI()

    @app.post("/{where}")
    async def size(request: Request) -> int:
        return len(await request.body())

    app.add_exception_handler(Problem, lambda _, error: answer_for(error))
    app.add_middleware(BodyLimit, default=10, by_path={"/photos": 100})
    with TestClient(app) as made:
        yield made


def chunks(size: int) -> Iterator[bytes]:
    yield from (b"x" for _ in range(size))


def test_a_body_within_the_limit_is_read(client: TestClient) -> None:
    assert client.post("/notes", content=b"x" * 10).json() == 10
    assert client.post("/notes", content=chunks(10)).json() == 10


def test_a_declared_excess_is_refused(client: TestClient) -> None:
    refused = client.post("/notes", content=b"x" * 11)
    assert refused.status_code == 413
    assert refused.json()["type"].endswith("/too-large")


def test_an_undeclared_excess_is_refused_while_it_arrives(client: TestClient) -> None:
    assert client.post("/notes", content=chunks(11)).status_code == 413


def test_a_path_can_have_a_limit_of_its_own(client: TestClient) -> None:
    assert client.post("/photos", content=b"x" * 100).json() == 100
    assert client.post("/photos", content=b"x" * 101).status_code == 413
