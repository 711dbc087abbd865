# SPDX-License-Identifier: Apache-2.0
"""What is told of the API is true of it, and the file that is kept says the same."""

from pathlib import Path

from engine.api.description import text
from engine.web import site
from tests.engine.homes import Home

KEPT = Path(__file__).parents[3] / "docs" / "openapi.json"


def test_the_file_that_is_kept_is_what_the_routes_are(home: Home) -> None:
    """After a change to a route: `make openapi`."""
    told = text(site(home.rooms, home.rooms.settings))
    assert KEPT.read_text("utf-8").splitlines() == told.splitlines()


def test_every_action_describes_its_answers_and_its_refusals(home: Home) -> None:
    told = home.client.get("/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    shape = {"schema": {"$ref": "#/components/schemas/ProblemShape"}}
    for path, actions in told["paths"].items():
        for method, action in actions.items():
            answers = action["responses"]
            assert "422" not in answers, path
            for status in ("4XX", "5XX"):
                assert answers[status]["content"] == {"application/problem+json": shape}
            (good,) = {status for status in answers if status[0] in "23"}
            empty = good in {"204", "303"}
            assert bool(answers[good].get("content")) is not empty, (method, path)
            assert all("RateLimit" in answer["headers"] for answer in answers.values())
            assert action["description"]
    assert not {"HTTPValidationError", "ValidationError"} & set(told["components"]["schemas"])


def test_every_post_may_be_sent_again_under_its_key(home: Home) -> None:
    told = home.client.get("/openapi.json").json()
    for actions in told["paths"].values():
        for method, action in actions.items():
            names = [one["name"] for one in action.get("parameters", [])]
            assert ("Idempotency-Key" in names) is (method == "post")


def test_it_is_told_the_same_way_again(home: Home) -> None:
    first = home.client.get("/openapi.json")
    assert home.client.get("/openapi.json").content == first.content
