# SPDX-License-Identifier: Apache-2.0
"""An S3-compatible server for tests: moto's, real HTTP on the loopback, one a test process."""

import logging
import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import pytest

from consent.blobs import ObstoreBlobs
from consent.stores import Reach

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}
REGION = "eu-central-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket of its own for one test: what the settings of a home would say."""

    blobs: str
    reach: Reach

    def open(self) -> ObstoreBlobs:
        """Open it as a home does."""
        return ObstoreBlobs(self.blobs, self.reach)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server."""

    endpoint: str
    numbers: Iterator[int] = field(default_factory=count)

    def bucket(self, endpoint: str = "") -> Bucket:
        """Make an empty bucket; `endpoint` is another way to the server, such as a proxy."""
        name = f"onlyou-{next(self.numbers)}"
        asked = urllib.request.Request(f"{self.endpoint}/{name}", method="PUT")  # noqa: S310
        with urllib.request.urlopen(asked):  # noqa: S310 - our own server
            pass
        reach = Reach(endpoint=endpoint or self.endpoint, region=REGION, seconds=2, retries=1)
        return Bucket(blobs=f"s3://{name}/sealed", reach=reach)


@contextmanager
def running() -> Iterator[Server]:
    """Start a server and say its credentials in the environment, while it runs."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - a second, where it is asked for

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setitem(os.environ, name, value)
        server.start()
        host, port = server.get_host_and_port()
        try:
            yield Server(endpoint=f"http://{host}:{port}")
        finally:
            server.stop()
