# SPDX-License-Identifier: Apache-2.0
"""Every described action, tried with what its description allows and with what it does not.

No answer is a server error, and each has the status, the kind and the shape that is described.
A few tries in the suite; `make fuzz-api` makes many.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.engine import homes
from tests.engine.homes import Home

KEPT = Path(__file__).parents[3] / "docs" / "openapi.json"
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
SCHEMA = schemathesis.openapi.from_path(KEPT)
LONGEST = 60_000
HERE = "http://testserver"
ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _actions() -> list[Any]:
    """List every action, what destroys last and erasing everything at the very end."""
    found = [one.ok() for one in SCHEMA.get_all_operations()]
    last = "/v1/erasure"
    return sorted(found, key=lambda one: (one.path == last, ORDER.index(one.method.upper())))


ACTIONS = _actions()


@pytest.fixture(scope="module")
def fuzzed(made_home: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Open one home for all tries; what an earlier one did to it is there for the next."""
    opened = homes.open_copy(made_home, tmp_path_factory.mktemp("fuzzed") / "home")
    yield opened
    opened.close()


def _ids(home: Home) -> list[str]:
    """Name what there is: own and others' things, an id that nobody has, and no id."""
    found = [one["id"] for name in ("Anna", "Ben") for one in home.portraits(name)]
    posts = [one["id"] for one in home.feed("Anna")["items"][:2]]
    return [*found, *posts, "preview", "0" * 13, "x"]


def _sent(home: Home, told: dict[str, Any]) -> Any:
    """Send a request as its bytes are, whatever they are."""
    told.pop("cookies", None)
    made = requests.Request(**told).prepare()
    assume(len(str(made.url)) < LONGEST)  # no client sends more
    request = home.client.build_request(
        str(made.method), str(made.url), headers=dict(made.headers), content=made.body or b""
    )
    request.read()
    return home.client.send(request)


def _known(body: Any, choose: Callable[[], str]) -> Any:
    """Put known ids where a body names things, so that a try gets past the first look."""
    if isinstance(body, list):
        return [_known(one, choose) for one in body]
    if not isinstance(body, dict):
        return body
    named = {"item_id", "share_id"}
    return {
        name: choose() if name in named and isinstance(value, str) else _known(value, choose)
        for name, value in body.items()
    }


def _try(home: Home, action: Any, tries: int) -> None:
    people = [home.as_("Anna"), home.as_("Anna", "audit:read"), home.as_(None), {}]
    ids = _ids(home)

    @settings(
        max_examples=tries,
        phases=[Phase.generate],
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def one(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from(list(schemathesis.GenerationMode)))
        case = data.draw(action.as_strategy(generation_mode=mode))
        if "id" in (case.path_parameters or {}) and data.draw(st.booleans()):
            case.path_parameters["id"] = data.draw(st.sampled_from(ids))
        if data.draw(st.booleans()):
            case.body = _known(case.body, lambda: data.draw(st.sampled_from(ids)))
        sign = data.draw(st.sampled_from([people[0], *people]))
        answer = _sent(home, case.as_transport_kwargs(base_url=HERE, headers=sign))
        assert answer.status_code < 500, (case.formatted_path, answer.text)
        case.validate_response(answer, checks=CHECKS)

    one()


@pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.label)
def test_an_action_answers_as_it_is_described(fuzzed: Home, action: Any) -> None:
    _try(fuzzed, action, 4)


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.label)
def test_an_action_answers_as_it_is_described_many_times(home: Home, action: Any) -> None:
    _try(home, action, 100)
