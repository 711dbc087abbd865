# SPDX-License-Identifier: Apache-2.0
"""What the client promises of an answer is what the description promises."""

import json
from pathlib import Path
from typing import Any, get_type_hints, is_typeddict

import pytest

from engine import client_shapes as shapes

TOLD = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text("utf-8"))
DESCRIBED: dict[str, Any] = TOLD["components"]["schemas"]
NAMES = {
    "Counts": "Destroyed",
    "Job": "JobShape",
    "Marks": "ImageAnswer",
    "Named": "Hashed",
    "Proved": "ProvedEntry",
    "Reason": "WhyReason",
    "Refusal": "RefusedPart",
    "Report": "ReportShape",
    "Item": "FeedImagined",
    "Why": "Explanation",
}
"""Where the description has another name for it."""
OURS = [one for one in vars(shapes).values() if is_typeddict(one)]


def _described(shape: Any) -> dict[str, Any]:
    name = NAMES.get(shape.__name__, shape.__name__)
    fields: dict[str, Any] = DESCRIBED[name]["properties"]
    return fields


@pytest.mark.parametrize("shape", OURS, ids=lambda one: one.__name__)
def test_every_field_of_a_shape_is_described(shape: Any) -> None:
    described = set(_described(shape))
    if shape is shapes.Item:
        described |= set(DESCRIBED["FeedPost"]["properties"])
    assert set(get_type_hints(shape)) <= described


def test_nothing_of_the_engine_but_its_chance_comes_along_with_the_client() -> None:
    for name in ("client", "client_requests", "client_shapes"):
        code = (Path(shapes.__file__).parent / f"{name}.py").read_text("utf-8")
        found = [line for line in code.splitlines() if line.startswith(("import ", "from "))]
        ours = [line for line in found if "engine" in line or "consent" in line]
        allowed = ("engine import client_shapes", "engine.client_", "consent.chance")
        assert all(any(one in line for one in allowed) for line in ours), name
