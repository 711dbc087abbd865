# SPDX-License-Identifier: Apache-2.0
import tempfile

import pytest
from starlette.formparsers import MultiPartParser

from engine.api import uploads
from tests.engine.homes import Home

LARGE = 3_000_000
FORM = {"attest_self": "true", "attest_adult": "true"}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Hear of every temporary file."""
    made: list[str] = []
    real = tempfile.TemporaryFile

    def heard(*given: object, **more: object) -> object:
        made.append("a file")
        return real(*given, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(tempfile, "TemporaryFile", heard)
    return made


def send(home: Home) -> int:
    file = ("file", ("x.jpg", b"\xff\xd8\xff" + bytes(LARGE), "image/jpeg"))
    sent = home.client.post("/v1/selfies", headers=home.as_("Anna"), files=[file], data=FORM)
    return sent.status_code


def test_a_large_photograph_touches_no_disk(home: Home, written: list[str]) -> None:
    assert send(home) == 422
    assert written == []


def test_as_starlette_has_it_it_would(
    home: Home, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1 << 20)
    assert send(home) == 422
    assert written


def test_a_smaller_limit_takes_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 100)
    uploads.stay_in_memory(50)
    assert MultiPartParser.spool_max_size == 100
    uploads.stay_in_memory(500)
    assert MultiPartParser.spool_max_size == 501
