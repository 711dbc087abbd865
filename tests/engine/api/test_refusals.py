# SPDX-License-Identifier: Apache-2.0
import json
from typing import Annotated

import pytest
from fastapi import FastAPI, Path
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy import create_engine, literal, select
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from consent.errors import Misused
from consent.words import Reason
from engine.api.problems import Slug, answer, not_found
from engine.api.refusals import answer_for, told


class Wish(BaseModel):
    scenario: str


def client() -> TestClient:
    app = FastAPI()

    @app.post("/wishes/{number}")
    def wish(number: Annotated[int, Path()], body: Wish) -> str:
        return f"{number} {body.scenario}"

    for kind in (RequestValidationError, HTTPException):
        app.add_exception_handler(kind, lambda _, error: answer_for(error))
    return TestClient(app)


def test_a_wrong_field_is_named_and_never_repeated() -> None:
    refused = client().post("/wishes/1", json={"scenario": {"canary": 1}})
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("/invalid")
    assert refused.json()["field"] == "scenario"
    assert "canary" not in refused.text


def test_what_is_no_json_is_invalid() -> None:
    refused = client().post(
        "/wishes/1", content=b"{canary", headers={"Content-Type": "application/json"}
    )
    assert refused.json()["field"] == "body"
    assert "canary" not in refused.text


def test_a_path_that_is_no_id_does_not_exist() -> None:
    assert (
        client().post("/wishes/canary", json={"scenario": "x"}).content == answer(not_found()).body
    )


def test_an_unknown_route_is_the_same_404() -> None:
    assert client().get("/nothing").content == answer(not_found()).body


def test_a_wrong_method_says_which_are_right() -> None:
    refused = client().get("/wishes/1")
    assert refused.status_code == 405
    assert refused.headers["allow"] == "POST"
    assert json.loads(refused.content)["type"] == "about:blank"


def test_a_room_s_refusal_is_told() -> None:
    problem = told(Misused(Reason.NOTICE_MISSING, "Read it first."))
    assert problem is not None
    assert problem.slug == "notice-required"


@pytest.mark.postgres
def test_text_that_a_database_cannot_keep_is_invalid(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with pytest.raises(DataError) as refused, engine.connect() as connection:
        connection.execute(select(literal("a\0b"))).all()
    engine.dispose()
    problem = told(refused.value)
    assert problem is not None
    assert problem.slug is Slug.INVALID
    assert "a" not in problem.detail.split()


def test_what_nobody_foresaw_is_raised_again() -> None:
    with pytest.raises(ZeroDivisionError):
        answer_for(ZeroDivisionError())
