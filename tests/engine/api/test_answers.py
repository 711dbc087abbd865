# SPDX-License-Identifier: Apache-2.0
from consent.words import Purpose
from engine.api.answers import json


def test_an_answer_is_compact_json_with_its_status_and_headers() -> None:
    made = json({"purpose": Purpose.LIKENESS, "none": None}, 201, {"ETag": 'W/"1"'})
    assert made.status_code == 201
    assert bytes(made.body) == b'{"purpose":"likeness","none":null}'
    assert made.headers["content-type"] == "application/json"
    assert made.headers["etag"] == 'W/"1"'
