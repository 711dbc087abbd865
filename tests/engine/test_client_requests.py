# SPDX-License-Identifier: Apache-2.0
"""A request carries who asks; a refusal is an exception that says what the problem said."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.client import Client, Refused
from tests.engine.homes import Home


@dataclass
class Said:
    """An answer, as httpx has it."""

    body: bytes
    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Wire:
    """Whatever sends requests: here it keeps them, and answers one thing after another."""

    answers: list[Said]
    sent: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def request(self, method: str, path: str, **parts: Any) -> Said:
        self.sent.append((method, path, parts))
        return self.answers.pop(0)


def test_a_post_carries_a_key_of_its_own_and_a_withdrawal_nothing_but_its_token() -> None:
    wire = Wire([Said(b'{"results": []}'), Said(b'{"results": []}'), Said(b"{}")])
    client = Client(wire, "t", fresh=iter(["k1", "k2"]).__next__)
    client.interact("r", [])
    client.interact("r", [])
    client.withdraw("story")
    heads = [parts["headers"] for _, _, parts in wire.sent]
    bearer = {"Authorization": "Bearer t"}
    assert heads == [
        bearer | {"Idempotency-Key": "k1"},
        bearer | {"Idempotency-Key": "k2"},
        bearer,
    ]
    assert wire.sent[2] == ("DELETE", "/v1/consents/story", {"headers": bearer})


def test_a_list_is_read_to_its_end() -> None:
    pages = [b'{"items": [{"id": 1}, {"id": 2}], "cursor": "c"}', b'{"items": [{"id": 3}]}']
    wire = Wire([Said(one) for one in pages])
    assert [one["id"] for one in Client(wire).portraits(limit=2)] == [1, 2, 3]  # type: ignore[comparison-overlap]
    queries = [parts["params"] for _, _, parts in wire.sent]
    assert queries == [{"limit": 2}, {"limit": 2, "cursor": "c"}]


def test_a_refusal_says_what_the_problem_said(home: Home) -> None:
    anna = Client(home.client).as_("Anna")
    with pytest.raises(Refused) as refused:
        anna.measure("r", [])
    told = refused.value
    assert (told.status, told.slug, told.reason) == (403, "consent-required", "not-granted")
    assert (told.purpose, told.field, told.retry_after) == ("telemetry", None, None)
    assert str(told).startswith("403 Consent is required: ")


def test_what_is_no_problem_is_refused_all_the_same() -> None:
    busy = Said(b"busy", 503, {"content-type": "text/plain", "retry-after": "7"})
    with pytest.raises(Refused) as refused:
        Client(Wire([busy])).checkpoint()
    assert (refused.value.status, refused.value.slug, refused.value.retry_after) == (503, "", 7)
