# SPDX-License-Identifier: Apache-2.0
"""A witness as a log meets it: over HTTP, with a key and a memory that outlive it."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from consent.chance import FixedChance
from consent.clocks import VirtualClock
from consent.errors import Misused
from consent.notes import verify_line
from consent.witness import MOST_BYTES, Witness, read
from engine.cosigning import KEY, open_witness, serving
from tests.consent.test_witness import LOG, NOW, asking


def opened(folder: Path, name: str = "witness.test/w1", *logs: str) -> Witness:
    return open_witness(
        folder,
        name=name,
        logs=logs or (LOG.verifier,),
        clock=VirtualClock(NOW),
        chance=FixedChance(1),
    )


def test_it_answers_as_the_protocol_says(tmp_path: Path) -> None:
    witness = opened(tmp_path)
    client = TestClient(serving(witness))
    good = client.post("/add-checkpoint", content=asking(0, 7))
    assert good.status_code == 200
    assert verify_line(read(asking(0, 7)).head.text(), good.text, witness.verifier)
    conflict = client.post("/add-checkpoint", content=asking(3, 20))
    assert (conflict.status_code, conflict.text) == (409, "7\n")
    assert conflict.headers["content-type"] == "text/x.tlog.size"
    assert client.post("/add-checkpoint", content=b"x").status_code == 400
    assert client.get("/add-checkpoint").status_code == 405
    assert client.post("/").status_code == 404


def test_more_than_a_request_can_hold_is_not_read(tmp_path: Path) -> None:
    client = TestClient(serving(opened(tmp_path)))
    assert client.post("/add-checkpoint", content=bytes(MOST_BYTES + 1)).status_code == 400


def test_its_key_is_made_once_and_kept_to_itself(tmp_path: Path) -> None:
    first = opened(tmp_path / "w").verifier
    assert opened(tmp_path / "w").verifier == first
    assert (tmp_path / "w" / KEY).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "w").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("name", "log"), [("", ""), ("a b", ""), ("a+b", ""), ("witness.test/w1", "no key")]
)
def test_a_name_or_a_key_that_is_none_is_refused(tmp_path: Path, name: str, log: str) -> None:
    with pytest.raises(Misused):
        opened(tmp_path, name, log or LOG.verifier)
