# SPDX-License-Identifier: Apache-2.0
"""Open the store that sealed bytes lie in: a folder, or a bucket of any S3-compatible server.

Rules:
1. a store is given up on soon: whoever waits for it holds a request or a batch
2. credentials come from the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`), never from
   a setting, which `onlyou init` would write into a file. Without them the machine is asked for
   its own, which what runs for long may do only where `egress` names its metadata service
3. files are for their owner alone; a server is spoken to without TLS only where its URL says so
"""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from consent.errors import Misused
from consent.words import Reason

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_OWNER_ONLY: Final = 0o077
_FILES: Final = "file://"
_BUCKET: Final = "s3://"
_PLAIN: Final = "http://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How a bucket is reached; nothing of it matters to a folder.

    Units: `seconds` for one request, tried anew up to `retries` times, all within twice that.
    """

    endpoint: str = ""  #: of a server that is not Amazon's: https://host:port
    region: str = ""
    seconds: float = 5
    retries: int = 3


USUAL: Final = Reach()


def sync(path: Path) -> None:
    """Wait until what a file holds, or which names a folder has, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def opened(where: str, reach: Reach = USUAL) -> ObjectStore:
    """Open a store by folder or URL; nothing is asked of a server yet.

    Errors: Misused(unknown-key) for a URL that names no store, the operator's fault.
    """
    os.umask(_OWNER_ONLY)
    if "://" not in where:
        return _folder(Path(where))
    if where.startswith(_FILES):
        return _folder(Path(url2pathname(urlsplit(where).path)))
    try:
        return _bucket(where, reach) if where.startswith(_BUCKET) else from_url(where)
    except (BaseError, ValueError) as error:
        scheme = where.partition("://")[0]
        said = f"blobs must name a folder or s3://bucket/prefix; {scheme}://... cannot be opened"
        raise Misused(Reason.UNKNOWN_KEY, said) from error


def _folder(path: Path) -> ObjectStore:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return cast("ObjectStore", LocalStore(path))


def _bucket(where: str, reach: Reach) -> ObjectStore:
    patience = timedelta(seconds=reach.seconds)
    client: ClientConfig = {
        "timeout": patience,
        "connect_timeout": patience,
        "allow_http": reach.endpoint.startswith(_PLAIN),
    }
    again: RetryConfig = {"max_retries": reach.retries, "retry_timeout": 2 * patience}
    named = {"endpoint": reach.endpoint, "region": reach.region}
    given = {key: value for key, value in named.items() if value}
    return from_url(where, client_options=client, retry_config=again, **given)  # type: ignore[call-overload, no-any-return]
