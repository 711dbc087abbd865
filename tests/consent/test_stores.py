# SPDX-License-Identifier: Apache-2.0
import socket
import time
from pathlib import Path

import pytest

from consent import stores
from consent.blobs import ObstoreBlobs
from consent.errors import Broken, Misused
from consent.stores import Reach
from consent.words import Reason
from tests.buckets import CREDENTIALS, Bucket


@pytest.mark.parametrize("where", ["foo://x", "s3://", "s3:///x", "sftp://user:secret@host/x"])
def test_what_names_no_store_is_the_operators_fault_and_is_not_repeated(where: str) -> None:
    with pytest.raises(Misused, match="must name a folder or s3://") as refused:
        stores.opened(where)
    assert refused.value.reason is Reason.UNKNOWN_KEY
    assert "secret" not in refused.value.sentence


def test_a_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    stores.opened(str(tmp_path / "home" / "blobs"))
    assert (tmp_path / "home" / "blobs").stat().st_mode & 0o077 == 0


@pytest.mark.xdist_group("bucket")
def test_what_lies_in_a_bucket_lies_under_its_prefix(bucket: Bucket) -> None:
    bucket.open().put_new("ab/one", b"sealed")
    whole = ObstoreBlobs(bucket.blobs.removesuffix("/sealed"), bucket.reach)
    assert [one.name for one in whole.list()] == ["sealed/ab/one"]


def test_a_server_that_never_answers_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        endpoint = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        reach = Reach(endpoint=endpoint, region="x", seconds=0.2, retries=1)
        started = time.monotonic()
        with pytest.raises(Broken, match="fails"):
            ObstoreBlobs("s3://bucket", reach).get("ab/one")
    assert time.monotonic() - started < 10


def test_without_tls_nothing_is_said_to_a_server_whose_address_asks_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"https://127.0.0.1:{server.getsockname()[1]}"
        reach = Reach(endpoint=endpoint, region="x", seconds=0.3, retries=0)
        with pytest.raises(Broken):
            ObstoreBlobs("s3://bucket", reach).put_new("ab/one", b"sealed")
        connected, _ = server.accept()
        with connected:
            connected.settimeout(0.2)
            said = connected.recv(4_096)
    assert not said.startswith(b"PUT")
