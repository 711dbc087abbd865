# SPDX-License-Identifier: Apache-2.0
"""A person's data as one ZIP file, written while it is sent; docs/export.md says what is in it.

Rules:
1. one file is in memory at a time, whatever there is of a person
2. pictures are stored as they leave, everything else is deflated JSON; times are UTC
3. what a person did in their feed is told by what they did it to, never by a row's inner names
"""

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Table, select

from consent.words import Micros, Subject, public_id, rfc3339
from engine.rooms import Rooms
from feed.model import HEADS
from feed.tables import (
    decision,
    exposure,
    feed_act,
    feed_listed,
    feed_view,
    learned,
    post_act,
    predicted,
)
from generation.tables import asset_view, saved

ACTIVITY: Final = "https://www.w3.org/ns/activitystreams"
_DEFLATED: Final = frozenset({"json", "txt", "md"})
_ROWS: Final[Mapping[str, tuple[Table, Sequence[str]]]] = MappingProxyType(
    {
        "acts_on_portraits": (feed_act, ("at", "kind", "item")),
        "acts_on_posts": (post_act, ("at", "kind", "item")),
        "shown_in_feed": (feed_listed, ("at", "object", "scenario")),
        "looks_in_feed": (feed_view, ("at", "object")),
        "looks_elsewhere": (asset_view, ("at", "object")),
        "taken_away": (saved, ("at", "object")),
        "learned": (learned, ("at", "purpose", "kind", "scenario")),
        "experiments": (exposure, ("at", "experiment", "arm")),
        "choices": (
            decision,
            ("at", "id", "scenario", "propensity", "eligible", "personalised", "model_sha256"),
        ),
    }
)
_IDS: Final = frozenset({"item", "object", "id"})
File = tuple[str, bytes]


def json(name: str, content: object) -> File:
    """Write one JSON file as people and programs can read it."""
    return name, orjson.dumps(content, option=orjson.OPT_INDENT_2)


def zipped(files: Iterable[File], at: Micros) -> Iterator[bytes]:
    """Write files into a ZIP, and hand out its bytes as they come about."""
    out = _Out()
    stamp = rfc3339(at)
    date = (int(stamp[:4]), int(stamp[5:7]), int(stamp[8:10]))
    clock = (int(stamp[11:13]), int(stamp[14:16]), int(stamp[17:19]))
    with zipfile.ZipFile(out, "w") as archive:  # type: ignore[call-overload]
        for name, content in files:
            info = zipfile.ZipInfo(name, (*date, *clock))
            deflated = name.rpartition(".")[2] in _DEFLATED
            info.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
            archive.writestr(info, content)
            yield out.taken()
    yield out.taken()


def feed(rooms: Rooms, subject: Subject) -> Mapping[str, list[dict[str, Any]]]:
    """Tell everything that is kept of what a person saw and did, oldest first."""
    with rooms.consent.ledger.read() as connection:
        told = {
            name: [
                _told(row)
                for row in connection.execute(
                    select(*(table.c[column] for column in columns))
                    .where(table.c.subject == subject)
                    .order_by(table.c.at)
                ).mappings()
            ]
            for name, (table, columns) in _ROWS.items()
        }
        return told | {"foretold": _foretold(connection, subject)}


def _foretold(connection: Connection, subject: Subject) -> list[dict[str, Any]]:
    """Tell what models thought would come of choices; their lotteries are numbers for nobody."""
    heads = [predicted.c[name] for name in HEADS]
    rows = connection.execute(
        select(decision.c.at, decision.c.id, predicted.c.model_sha256, *heads)
        .join(predicted, predicted.c.decision == decision.c.id)
        .where(predicted.c.subject == subject)
        .order_by(decision.c.at, predicted.c.model_sha256)
    )
    return [_told(row) for row in rows.mappings()]


def activity(
    owner: str, portraits: Iterable[Mapping[str, Any]], files: Mapping[str, str]
) -> dict[str, Any]:
    """Describe pictures as ActivityStreams 2.0 `Image` objects, each for its owner alone.

    `files` names the file of each portrait. Source: W3C ActivityStreams 2.0.
    """
    me = f"urn:onlyou:person:{owner}"
    images = [
        {
            "type": "Image",
            "id": f"urn:onlyou:portrait:{one['id']}",
            "attributedTo": me,
            "to": [me],
            "name": one["scenario"]["title"] if one["scenario"] else "A portrait",
            "summary": "Made by AI from this person's selfies, for this person",
            "published": one["created_at"],
            "url": files[str(one["id"])],
            "generator": {"type": "Application", "name": "Onlyou"},
        }
        for one in portraits
        if str(one["id"]) in files
    ]
    return {
        "@context": ACTIVITY,
        "type": "OrderedCollection",
        "to": [me],
        "totalItems": len(images),
        "orderedItems": images,
    }


def _told(row: Mapping[Any, Any]) -> dict[str, Any]:
    told = {str(name): value for name, value in row.items()}
    ids = {name: public_id(told[name]) for name in _IDS & told.keys()}
    return told | ids | {"at": rfc3339(told["at"])}


class _Out:
    """Where a ZIP is written to: it only goes on, and what was written is handed out once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def write(self, content: bytes) -> int:
        """Take what comes next."""
        self._parts.append(bytes(content))
        self._at += len(content)
        return len(content)

    def tell(self) -> int:
        """Say how much was written."""
        return self._at

    def flush(self) -> None:
        """Do nothing: it is handed out when it is asked for."""

    def taken(self) -> bytes:
        """Hand out what was written since it was last asked for."""
        parts, self._parts = self._parts, []
        return b"".join(parts)
