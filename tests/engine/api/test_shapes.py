# SPDX-License-Identifier: Apache-2.0
"""Every answer has exactly the shape that the contract names, checked against the models."""

from typing import Any

import pytest
from pydantic import BaseModel

from engine.api import shapes
from engine.api.health import Health
from tests.engine.homes import Home

PATHS: dict[str, type[BaseModel]] = {
    "/healthz": Health,
    "/v1/feed": shapes.FeedPage,
    "/v1/portraits": shapes.Portraits,
    "/v1/selfies": shapes.Selfies,
    "/v1/consents": shapes.Consents,
    "/v1/consents/feed_insert/receipt": shapes.Receipt,
    "/v1/notices/story": shapes.Notice,
}


def get(home: Home, name: str, path: str) -> Any:
    answer = home.client.get(path, headers=home.as_(name))
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("path", sorted(PATHS))
def test_an_answer_has_the_shape_of_the_contract(home: Home, path: str) -> None:
    PATHS[path].model_validate(get(home, "Anna", path))


def test_a_portrait_and_its_reasons_have_their_shapes(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    shapes.Portrait.model_validate(get(home, "Anna", f"/v1/portraits/{own}"))
    shapes.Explanation.model_validate(get(home, "Anna", f"/v1/portraits/{own}/why"))


def test_the_card_that_asks_has_nothing_that_was_not_made(home: Home) -> None:
    card = home.insert("Cleo")
    shapes.FeedImagined.model_validate(card)
    assert card["preview"] is True
    assert not {"portrait_id", "scenario", "why", "image_url", "expires_at"} & set(card)


def test_an_imagined_item_names_its_viewer_and_its_maker(home: Home) -> None:
    item = home.insert("Anna")
    assert item["label"] == "Only you can see this"
    assert item["ai_label"] == "AI, made for you"
    assert item["visible_to"] == "only_you"
    assert item["is_ad"] is False
    assert item["image_url"] == f"/v1/portraits/{item['portrait_id']}/image"
    assert item["why"] == f"/v1/portraits/{item['portrait_id']}/why"


def test_every_refusal_has_the_shape_of_a_problem(home: Home) -> None:
    headers = home.as_("Dora")
    refused = [
        home.client.get("/v1/feed"),
        home.client.get("/v1/portraits/x", headers=headers),
        home.client.get("/v1/feed", headers=headers, params={"limit": 0}),
        home.client.get("/v1/feed", headers=headers, params={"cursor": "mine"}),
        home.client.get("/v1/notices/ads", headers=headers),
        home.client.put("/v1/consents/imagine", headers=headers, json={}),
        home.client.put(
            "/v1/consents/imagine", headers=headers, json={"served_id": "x", "affirmative": True}
        ),
        home.client.post("/v1/selfies", headers=headers),
    ]
    for answer in refused:
        assert answer.status_code >= 400
        assert answer.headers["content-type"] == "application/problem+json"
        problem = shapes.ProblemShape.model_validate(answer.json())
        assert problem.status == answer.status_code
