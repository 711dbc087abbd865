# SPDX-License-Identifier: Apache-2.0
"""The token without which nobody may speak to our Ray.

Ray listens on every interface and, of itself, runs whatever anybody sends. So it is never loaded
here before its authentication is on, with a token that its owner alone can read.
Source: docs.ray.io token authentication; CVE-2023-48022.
"""

import os
import stat
import sys
from pathlib import Path
from typing import Final

from consent.chance import SystemChance
from consent.errors import Broken
from consent.words import Reason
from engine.settings import Settings

FILE: Final = "ray-token"
_MODE: Final = "RAY_AUTH_MODE"
_PATH: Final = "RAY_AUTH_TOKEN_PATH"
_BYTES: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def place(chosen: Settings) -> Path:
    """Say where the token lies; a relative path is one in the home."""
    return chosen.home / (chosen.ray_token or FILE)


def show(chosen: Settings) -> None:
    """Turn Ray's authentication on in this process, with the home's token; make one if need be.

    Errors: Broken(unavailable) where it is off and too late to change, or the token is not ours
    alone.
    """
    if "ray" in sys.modules and os.environ.get(_MODE) != "token":
        raise Broken(Reason.UNAVAILABLE, "Ray was loaded without RAY_AUTH_MODE=token; not joining")
    path = place(chosen)
    if not path.exists():
        if chosen.ray_address:
            raise Broken(Reason.UNAVAILABLE, f"to join a Ray its token must lie in {path.name}")
        _make(path)
    check(chosen)
    os.environ |= {_MODE: "token", _PATH: str(path), "RAY_USAGE_STATS_ENABLED": "0"}


def check(chosen: Settings) -> None:
    """Look at the token file. Errors: Broken(unavailable) where it lacks or others can read it."""
    path = place(chosen)
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise Broken(Reason.UNAVAILABLE, f"there is no Ray token in {path.name}") from error
    if found.st_mode & _OTHERS or found.st_size < _BYTES:
        raise Broken(
            Reason.UNAVAILABLE, f"{path.name} must be 0600 and hold {_BYTES} characters or more"
        )


def _make(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(SystemChance().token(_BYTES).hex())
