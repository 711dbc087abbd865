# SPDX-License-Identifier: Apache-2.0
"""One cache of compiled statements for all databases of a test process.

SQLAlchemy keeps one an engine. A test opens an engine of its own, mostly to say each of a hundred
statements once, so that writing statements out as text took most of the time of the whole suite.
What is kept is the text alone: dialects that are equal in all that a text depends on share it.
"""

from collections.abc import MutableMapping
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.util import LRUCache

STATEMENTS = 2_000


class Shared(MutableMapping[Any, Any]):
    """Keep statements under what their dialect is, not under which one it is."""

    def __init__(self) -> None:
        self._kept: LRUCache[Any, Any] = LRUCache(STATEMENTS)

    def __getitem__(self, key: Any) -> Any:
        return self._kept[_alike(key)]

    def get(self, key: Any, default: Any = None) -> Any:
        return self._kept.get(_alike(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._kept[_alike(key)] = value

    def __delitem__(self, key: Any) -> None:
        del self._kept[_alike(key)]

    def __iter__(self) -> Any:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _alike(key: tuple[Dialect, Any]) -> Any:
    dialect, *rest = key
    version = getattr(dialect, "server_version_info", None)
    return (type(dialect), dialect.paramstyle, version, *rest)


SHARED = Shared()


@event.listens_for(Engine, "engine_connect")
def _share(connection: Connection) -> None:
    connection.execution_options(compiled_cache=SHARED)
