# SPDX-License-Identifier: Apache-2.0
"""What an installation can be told: by environment `ONLYOU_*`, or by `onlyou.toml` in its home.

The environment wins over the file, the file over the defaults. An unknown key is an error.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from consent import key_files
from consent.errors import Misused
from consent.words import Reason

FILE: Final = "onlyou.toml"
_PREFIX: Final = "ONLYOU_"
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_UNWRITTEN: Final = frozenset({"home", "database_owner"})
_OTHER: Final = frozenset({"HOME", "LOG_FORMAT", "TEST_DATABASE_URL", "CHROMIUM"})
"""Variables with our prefix that are not settings of this file."""
_LEAST: Final[Mapping[str, int]] = MappingProxyType(
    {"database_parts": 1, "blobs_seconds": 1, "ray_patience": 1, "plan_hours": 1, "threads": 1}
    | {"blobs_retries": 0, "ray_actors": 0, "gpu_seconds": 0}
)
"""Below these a number means nothing."""
_SQLITE: Final = frozenset({"sqlite", "sqlite+pysqlite"})
_POSTGRESQL: Final = frozenset({"postgresql", "postgresql+psycopg"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one installation runs. Paths are absolute; a database URL is SQLAlchemy's."""

    home: Path
    database_url: str = ""
    #: who owns the tables on PostgreSQL, as a URL: for `onlyou init` alone, and never written down
    database_owner: str = ""
    #: into how many parts people's tables are divided on PostgreSQL when they are made; 1: whole
    database_parts: int = 1
    #: as whom a reaper reads how sealed bytes are named on PostgreSQL, as role:password
    database_reaper: str = ""
    #: where sealed bytes lie: a folder, or s3://bucket/prefix (credentials: AWS_* alone)
    blobs: str = ""
    #: of a server that is not Amazon's, and its region
    blobs_endpoint: str = ""
    blobs_region: str = ""
    #: how long one request to a bucket may take, and how often it is tried anew
    blobs_seconds: int = 5
    blobs_retries: int = 3
    recipe: str = "photobooth"
    policy: str = "strict-opt-in"
    #: who plans and draws: this process (local), or actors that Ray runs (ray)
    workers: str = "local"
    #: the Ray to join, host:port; empty starts one of our own on this machine, for us alone
    ray_address: str = ""
    #: how many actors draw; 0 is one a graphics card, or one a core where there is none, of a Ray
    #: that is joined those that are free
    ray_actors: int = 0
    #: seconds for which actors may be silent: sixteen slow pictures, or a plan for very many
    ray_patience: int = 900
    #: the file that holds the token without which nobody may speak to Ray; empty: one in the home
    ray_token: str = ""
    origin: str = "localhost/onlyou"
    seed: int = 7
    plan_hours: int = 24
    threads: int = 2
    #: the time zone in which a calendar day begins, where a policy counts by those
    zone: str = "UTC"
    dev_tokens: bool = False
    #: which shard this is, of how many, in which term, as `onlyou cells` says it: 3/16/2
    shard: str = ""
    #: a TOML file: who must cosign the ledger, and after how long the gate closes without
    witnesses: str = ""
    #: who answers for this installation, as receipts name them to others
    controller: str = ""
    controller_address: str = ""
    controller_email: str = ""
    controller_phone: str = ""
    #: where recipes' weights lie; a folder in the home unless another is given
    weights: str = ""
    #: comma-separated ids of recipes whose licence forbids commercial use, and we know it
    acknowledge: str = ""
    #: what recipes draw on, as torch names it; `auto` takes a graphics card where there is one
    device: str = "auto"
    #: what turns people's own words into words for a model: ours, or one of another package
    expander: str = "template"
    #: how long drawing ahead may keep the device busy, in seconds a plan; 0 is no limit
    gpu_seconds: int = 0
    #: how often anybody may ask, where it differs from what is usual: read=600/minute, upload=...
    rates: str = ""
    #: where it may call beside what these settings name: host:port, comma-separated; * is anywhere
    egress: str = ""
    #: the clock goes on from the ledger's last time instead of the machine's: for demo homes
    simulated_clock: bool = False
    #: keys and ids come from the seed: for tests that compare roots, never for people
    fixed_keys: bool = False

    @property
    def database(self) -> str:
        """Return the database URL: SQLite in the home unless another is given."""
        return self.database_url or f"sqlite:///{self.home / 'onlyou.sqlite3'}"

    @property
    def keys_folder(self) -> Path:
        """Return where the keys of a home lie, apart from the data as far as files can be."""
        return self.home / "keys"

    @property
    def reaper(self) -> str:
        """Name the same database as whoever reads there how bytes are named; empty: nobody."""
        if not self.database_reaper:
            return ""
        role, _, password = self.database_reaper.partition(":")
        url = make_url(self.database)._replace(username=role, password=password or None)
        return url.render_as_string(hide_password=False)

    @property
    def blob_store(self) -> str:
        """Return where sealed bytes lie: a folder in the home unless another is given."""
        return self.blobs or str(self.home / "blobs")

    @property
    def weights_folder(self) -> Path:
        """Return where recipes' weights lie; a relative path is one in the home."""
        return self.home / (self.weights or "weights")

    @property
    def acknowledged(self) -> frozenset[str]:
        """Return the recipes of which we know that they are not for commercial use."""
        return frozenset(name.strip() for name in self.acknowledge.split(",") if name.strip())


def read(home: Path | None = None, **given: str | int | bool | None) -> Settings:
    """Read the settings of a home; what is `given` here (a command's options) wins over all.

    Errors: Misused(unknown-key) for a key or value that is none, the operator's fault.
    """
    place = (home or Path(os.environ.get("ONLYOU_HOME", ".onlyou"))).absolute()
    told = _file(place / FILE) | _environment(os.environ)
    told |= {key: value for key, value in given.items() if value is not None}
    values: dict[str, Any] = {key: _value(key, value) for key, value in told.items()}
    chosen = replace(Settings(home=place), **values)
    for key in ("database_url", "database_owner"):
        _database(key, getattr(chosen, key))
    return chosen


def _database(key: str, url: str) -> None:
    """Refuse a database that this program does not speak to, or lacks the driver of."""
    try:
        kind = make_url(url).drivername if url else "sqlite"
    except ArgumentError:
        kind = ""
    if kind not in _SQLITE | _POSTGRESQL:
        said = f"{key} must be sqlite:///FILE or postgresql+psycopg://ROLE:PASSWORD@HOST/DATABASE"
        raise Misused(Reason.UNKNOWN_KEY, said)
    if kind in _POSTGRESQL and find_spec("psycopg") is None:
        said = "PostgreSQL's driver is not installed: pip install 'onlyou[postgres]'"
        raise Misused(Reason.UNKNOWN_KEY, said)


def write(settings: Settings) -> None:
    """Keep in the home what must be the same next time: all that differs from the defaults.

    For its owner alone, whatever folder it is: a database's URL may hold a password.
    """
    plain = Settings(home=settings.home)
    lines = [
        f"{f.name} = {_toml(getattr(settings, f.name))}"
        for f in fields(Settings)
        if f.name not in _UNWRITTEN and getattr(settings, f.name) != getattr(plain, f.name)
    ]
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_files.write(settings.home / FILE, "\n".join([*lines, ""]).encode())


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misused(Reason.UNKNOWN_KEY, f"{FILE} cannot be read: {error}") from error


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    ours = {key.removeprefix(_PREFIX): v for key, v in environ.items() if key.startswith(_PREFIX)}
    return {key.lower(): value for key, value in ours.items() if key not in _OTHER}


def _value(key: str, value: Any) -> str | int | bool:  # noqa: ANN401 - text, or TOML's own types
    kinds: dict[str, Any] = {f.name: f.type for f in fields(Settings) if f.name != "home"}
    if key not in kinds:
        raise Misused(Reason.UNKNOWN_KEY, f"no setting {key!r}; known are {', '.join(kinds)}")
    kind = kinds[key]
    if kind is bool:
        return value if isinstance(value, bool) else str(value).lower() in _TRUE
    return _number(key, value) if kind is int else str(value)


def _number(key: str, value: Any) -> int:  # noqa: ANN401 - text, or TOML's own types
    try:
        number = int(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise Misused(Reason.UNKNOWN_KEY, f"{key} must be a number, got {value!r}") from error
    if key in _LEAST and number < _LEAST[key]:
        raise Misused(Reason.UNKNOWN_KEY, f"{key} is {_LEAST[key]} at least, got {number}")
    return number


def _toml(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)
