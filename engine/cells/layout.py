# SPDX-License-Identifier: Apache-2.0
"""Where each cell keeps its shards: `cells.toml` in the front's home, one table a cell.

`shards` is fixed for good. In a cell's values `{shard}` stands for a shard's number, 03 say, and
`$NAME` for a variable, such as one that holds a password. A cell that says nothing is a folder of
the home, with SQLite in it. A shard's keys lie with the front, in no cell: they do not move with
rows.
No two shards and no two cells share a database or a store: what a shard leaves behind is cleared,
and a reaper deletes what its own rows do not name.
"""

import hashlib
import os
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import make_url

from consent.errors import Misused
from consent.words import Reason
from engine import egress, settings
from engine.settings import Settings
from engine.shards import LAYOUT, MOST, Shard

_OWNER_ONLY: Final = 0o600
_POSTGRESQL: Final = 5432
_SEED_BYTES: Final = 4
_VARIABLE: Final = re.compile(r"\$\{?(\w+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How one cell's databases and blobs are reached, as settings say it for an installation."""

    database_url: str = ""
    database_owner: str = ""
    blobs: str = ""
    blobs_endpoint: str = ""
    blobs_region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The front's settings, how many shards there are, and every cell by name."""

    front: Settings
    shards: int
    cells: Mapping[str, Cell]

    def label(self, number: int) -> str:
        """Write a shard's number as names have it."""
        return f"{number:0{max(2, len(str(self.shards - 1)))}d}"

    def origin(self, number: int) -> str:
        """Name a shard's log."""
        return f"{self.front.origin}/shard-{self.label(number)}"

    def settings(self, number: int, cell: str, term: int = 1) -> Settings:
        """Say what a shard runs by while it lies in a cell. Errors: Misused(unknown-key)."""
        if cell not in self.cells:
            raise Misused(Reason.UNKNOWN_KEY, f"{LAYOUT} names no cell {cell!r}")
        home, label = self.front.home, self.label(number)
        told, place = self.cells[cell], home / "cells" / cell / f"shard-{label}"
        return replace(
            self.front,
            home=home / "shards" / label,
            origin=self.origin(number),
            seed=_seed(self.front.seed, number),
            shard=Shard(number=number, of=self.shards, term=term).said(),
            database_url=_filled(told.database_url, label) or f"sqlite:///{place}.sqlite3",
            database_owner=_filled(told.database_owner, label),
            blobs=_filled(told.blobs, label) or f"{place}-blobs",
            blobs_endpoint=told.blobs_endpoint or self.front.blobs_endpoint,
            blobs_region=told.blobs_region or self.front.blobs_region,
            witnesses=str(home / self.front.witnesses) if self.front.witnesses else "",
            weights=str(self.front.weights_folder),
        )


def _filled(template: str, label: str) -> str:
    """Put a shard's number and variables where they are named. Errors: Misused for one not set."""
    unset = [name for name in _VARIABLE.findall(template) if name not in os.environ]
    if unset:
        raise Misused(Reason.UNKNOWN_KEY, f"{LAYOUT} names ${unset[0]}, which is not set here")
    return os.path.expandvars(template.replace("{shard}", label))


def _seed(seed: int, number: int) -> int:
    """Let no two shards draw the same."""
    digest = hashlib.sha256(f"onlyou shard {seed} {number}".encode()).digest()
    return int.from_bytes(digest[:_SEED_BYTES], "big")


def read(front: Settings) -> Layout:
    """Read the layout of a home. Errors: Misused(unknown-key), the operator's fault."""
    path = front.home / LAYOUT
    try:
        return _checked(front, _told(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise Misused(Reason.UNKNOWN_KEY, "no cells here; run `onlyou cells init`") from error
    except UnicodeDecodeError as error:
        raise Misused(Reason.UNKNOWN_KEY, f"{LAYOUT} cannot be read: {error.reason}") from error


def _told(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misused(Reason.UNKNOWN_KEY, f"{LAYOUT} cannot be read: {error}") from error


def _checked(front: Settings, told: Mapping[str, Any]) -> Layout:
    if front.workers != "local":
        raise Misused(Reason.UNKNOWN_KEY, "cells take local workers, as many processes as wanted")
    shards, cells = told.get("shards"), told.get("cells")
    if not isinstance(shards, int) or not 1 <= shards <= MOST:
        raise Misused(Reason.UNKNOWN_KEY, f"{LAYOUT}: shards is a number from 1 to {MOST}")
    if not isinstance(cells, dict) or not cells or set(told) != {"shards", "cells"}:
        raise Misused(Reason.UNKNOWN_KEY, f"{LAYOUT} has `shards` and at least one `[cells.NAME]`")
    known = {name: _cell(name, one) for name, one in cells.items()}
    plan = Layout(front=front, shards=shards, cells=known)
    _apart(plan)
    return plan


def _apart(plan: Layout) -> None:
    """Refuse two shards, or two cells, in one place. Errors: Misused(unknown-key)."""
    taken: dict[tuple[str, ...], str] = {}
    for name, one in plan.cells.items():
        for key, said in (("database_url", one.database_url), ("blobs", one.blobs)):
            if said and plan.shards > 1 and "{shard}" not in said:
                wrong = f"{LAYOUT}: {key} of [cells.{name}] lacks {{shard}}: shards would share it"
                raise Misused(Reason.UNKNOWN_KEY, wrong)
            for number in range(plan.shards if said else 0):
                place = _place(key, os.path.expandvars(said), one, plan.label(number))
                if taken.setdefault(place, f"{number} {name}") != f"{number} {name}":
                    other = taken[place].partition(" ")[2]
                    wrong = f"{LAYOUT}: {key} of [cells.{name}] leads where that of {other} does"
                    raise Misused(Reason.UNKNOWN_KEY, wrong)
    _not_within({place[1:] for place in taken if place[0] == "blobs"})


def _place(key: str, said: str, cell: Cell, label: str) -> tuple[str, ...]:
    """Name a place as what it is written as leads there, whoever asks for it."""
    filled = said.replace("{shard}", label)
    if key == "blobs":
        endpoint = cell.blobs_endpoint.rstrip("/").lower()
        return key, endpoint, *(part for part in filled.split("/") if part not in {"", "."})
    url = make_url(filled)
    if url.get_backend_name() == "sqlite":
        return key, "sqlite", os.path.realpath(url.database or "")
    host, schema = str(url.query.get("host", url.host)), str(url.query.get("options"))
    return key, host.lower(), str(url.port or _POSTGRESQL), str(url.database), schema


def _not_within(stores: Collection[tuple[str, ...]]) -> None:
    """Refuse a store within another: whoever has the outer one would reap the inner one's."""
    for store in stores:
        if any(store[:upto] in stores for upto in range(1, len(store))):
            wrong = f"{LAYOUT}: blobs {'/'.join(store[1:])!r} lies within another store"
            raise Misused(Reason.UNKNOWN_KEY, wrong)


def _cell(name: str, told: Mapping[str, Any]) -> Cell:
    known = Cell.__dataclass_fields__.keys()
    if not name.isidentifier() or not isinstance(told, dict) or not told.keys() <= known:
        said = f"{LAYOUT}: [cells.{name}] has a plain name, and of keys only {', '.join(known)}"
        raise Misused(Reason.UNKNOWN_KEY, said)
    return Cell(**{key: str(value) for key, value in told.items()})


def outward(plan: Layout) -> Settings:
    """Return the front's settings with every place that some cell is reached by."""
    every = (plan.settings(n, cell) for n in range(plan.shards) for cell in plan.cells)
    places = {place for one in every for place in egress.reachable(one).places}
    named = [f"{host}:{port}" for host, port in sorted(places)]
    told = [plan.front.egress] if plan.front.egress else []
    return replace(plan.front, egress=",".join([*told, *named]))


def write(front: Settings, shards: int, cells: Collection[str]) -> Layout:
    """Write a layout whose cells are folders of the home; return it, read again."""
    made = [f"shards = {shards}", *(f"\n[cells.{name}]" for name in cells)]
    _checked(front, _told("\n".join(made)))
    settings.write(front)
    path = front.home / LAYOUT
    path.write_text("\n".join([*made, ""]), encoding="utf-8")
    path.chmod(_OWNER_ONLY)
    return read(front)
