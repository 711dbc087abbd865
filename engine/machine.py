# SPDX-License-Identifier: Apache-2.0
"""What an installation stands on: libraries, ciphers, clock, disk, graphics card."""

import shutil
import sqlite3
from collections.abc import Iterator
from typing import Final

from cryptography.hazmat.backends.openssl import backend
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consent import database, merkle
from consent.words import SECOND, Micros
from engine import stock
from engine.checks import Check, attempt
from engine.rooms import Rooms
from engine.settings import Settings

_GB: Final = 1_000_000_000
_LITTLE: Final = 5 * _GB
_NONE: Final = _GB // 4
_BEHIND: Final = 60
"""Seconds that the machine's clock may be behind the log's last entry: other machines wrote it."""
_DRAWN_BY_CARD: Final = frozenset({"sdxl", "flux2"})


def checks(rooms: Rooms) -> Iterator[Check]:
    """Look at everything below the engine itself."""
    ledger = rooms.consent.ledger
    yield from sqlite(ledger.engine.dialect.name, sqlite3.sqlite_version_info)
    yield attempt("ciphers", ciphers)
    yield attempt("clock", lambda: clock(ledger.head()[1], rooms.consent.clock.now()))
    yield attempt("disk", lambda: disk(shutil.disk_usage(rooms.settings.home).free))
    yield attempt("graphics", lambda: graphics(rooms.settings))


def sqlite(dialect: str, version: tuple[int, ...]) -> Iterator[Check]:
    """Say how SQLite is used, if it is: some versions may corrupt what two connections write."""
    if dialect != "sqlite":
        return
    safe = version >= database.WAL_SAFE
    mode = "WAL" if safe else "journal_mode TRUNCATE, because of a WAL race before 3.51.3"
    yield Check("sqlite", True if safe else None, f"{'.'.join(map(str, version))}: {mode}")


def ciphers() -> Check:
    """Compare what the libraries compute with published answers.

    Source: RFC 8032 section 7.1, test 1; NIST GCM test case 14; RFC 6962 section 2.1.
    """
    wrong = [name for name, right in _answers().items() if not right]
    library = backend.openssl_version_text()
    said = f"{library} answers wrongly: {', '.join(wrong)}" if wrong else library
    return Check("ciphers", not wrong, said)


def _answers() -> dict[str, bool]:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    signed = Ed25519PrivateKey.from_private_bytes(seed).sign(b"")
    sealed = AESGCM(bytes(32)).encrypt(bytes(12), bytes(16), None)
    return {
        "Ed25519": signed.hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974"),
        "AES-256-GCM": sealed.hex().startswith("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0"),
        "SHA-256": merkle.Tree().root().hex().startswith("e3b0c44298fc1c149afbf4c8996fb924"),
    }


def clock(last: Micros, now: Micros) -> Check:
    """Compare the clock with the log's last entry: time there never goes back."""
    behind = (last - now) / SECOND
    if behind <= 0:
        return Check("clock", True, "not behind the log's last entry")
    detail = f"{behind:.0f} s behind the log's last entry: nothing runs out until it is there"
    return Check("clock", False if behind > _BEHIND else None, detail)


def disk(free: int) -> Check:
    """Say how much room is left beside the data. Units: bytes."""
    said = f"{free / _GB:.1f} GB free"
    if free < _NONE:
        return Check("disk", False, f"{said}: the next entry may not fit")
    return Check("disk", None if free < _LITTLE else True, said)


def graphics(chosen: Settings) -> Check:
    """Say what the recipe draws on."""
    spec = stock.find(chosen)
    if spec is None or spec.kind not in _DRAWN_BY_CARD:
        return Check("graphics", True, f"none needed: {chosen.recipe} draws on the processor")
    import torch  # noqa: PLC0415 - seconds, and only where something is drawn with it

    if torch.cuda.is_available():
        return Check("graphics", True, _card(torch.cuda.get_device_properties(0)))
    if chosen.device.startswith("cuda"):
        return Check("graphics", False, f"the settings say {chosen.device}, and there is no card")
    return Check("graphics", None, "no card: drawing takes minutes a portrait")


def _card(found: object) -> str:
    name, memory = getattr(found, "name", "?"), getattr(found, "total_memory", 0)
    return f"{name}, {memory / _GB:.0f} GB"
