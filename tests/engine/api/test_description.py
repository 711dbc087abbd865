# SPDX-License-Identifier: Apache-2.0
from tests.engine.homes import Home


def test_a_refusal_is_described_as_the_problem_that_it_is(home: Home) -> None:
    told = home.client.get("/openapi.json").json()
    shape = {"schema": {"$ref": "#/components/schemas/ProblemShape"}}
    for path, actions in told["paths"].items():
        for action in actions.values():
            assert "422" not in action["responses"], path
            if "4XX" in action["responses"]:
                content = action["responses"]["4XX"]["content"]
                assert content == {"application/problem+json": shape}
    assert not {"HTTPValidationError", "ValidationError"} & set(told["components"]["schemas"])


def test_it_is_told_the_same_way_again(home: Home) -> None:
    first = home.client.get("/openapi.json")
    assert home.client.get("/openapi.json").content == first.content
