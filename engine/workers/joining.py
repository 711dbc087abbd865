# SPDX-License-Identifier: Apache-2.0
"""Start Ray or join one, and start the actors of a home, once a process.

Rules:
1. nobody speaks to Ray without the token (engine/workers/tokens.py)
2. one that we start ourselves keeps its logs in a folder that we alone may enter
3. Ray listens on every interface whatever it is told: the token is what keeps others out, and a
   network of its own is better (docs/scale.md)
"""

import atexit
import logging
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import make_url

from consent.errors import Broken, Misused
from consent.words import Reason
from engine.settings import Settings
from engine.workers import tokens
from engine.workers.hand import Answer, Hand

READY_SECONDS: Final = 120
"""How long actors may take to open the home."""
_STORE: Final = 80 << 20
"""Bytes of Ray's object store: what goes through it is small. Its least is 75 MiB."""
_log: Final = logging.getLogger(__name__)


def check(chosen: Settings) -> None:
    """Refuse settings under which several processes cannot work. Errors: Misused(unknown-key)."""
    if chosen.workers != "ray":
        raise Misused(Reason.UNKNOWN_KEY, f"no workers {chosen.workers!r}; there are local, ray")
    if make_url(chosen.database).get_backend_name() == "sqlite":
        raise Misused(Reason.UNKNOWN_KEY, "workers of Ray need PostgreSQL: SQLite has one writer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Actors, and what they are spoken to with."""

    ray: Any
    actors: Sequence[Any]
    #: seconds without an answer from anybody after which who was asked is ended
    patience: float

    @property
    def lost(self) -> tuple[type[Exception], ...]:
        """Name what is raised where an actor died, or may have: what it did is looked up."""
        said = self.ray.exceptions
        return said.RayActorError, said.ActorUnavailableError

    def heard(self, asked: Mapping[Any, Any]) -> list[Answer | None]:
        """Wait for answers of these actors; None of one that died, or was silent for too long."""
        _, silent = self.ray.wait([*asked], num_returns=len(asked), timeout=self.patience)
        self.end(asked[one] for one in silent)
        return [None if one in silent else self._answer(one) for one in asked]

    def end(self, silent: Iterable[Any]) -> None:
        """Kill actors that hang or were stopped; each is started anew."""
        for actor in silent:
            _log.warning("a worker has been silent for too long; it is ended")
            self.ray.kill(actor, no_restart=False)

    def _answer(self, one: Any) -> Answer | None:  # noqa: ANN401 - Ray's own handle
        try:
            answer: Answer = self.ray.get(one)
        except self.lost:
            return None
        return answer


@cache
def hands(chosen: Settings, opener: str) -> Hands:
    """Start the actors of a home, once a process. Errors: Broken(unavailable)."""
    ray = started(chosen)
    count, cards = share(chosen)
    kind = ray.remote(Hand).options(
        max_restarts=-1, num_cpus=0 if cards else 1, num_gpus=1 if cards else 0
    )
    address = ray.get_runtime_context().gcs_address
    told = (str(chosen.home), opener, address, bool(chosen.ray_address))
    actors = [kind.remote(*told) for _ in range(count)]
    try:
        ray.get([one.ready.remote() for one in actors], timeout=READY_SECONDS)
    except ray.exceptions.RayError as error:
        share.cache_clear()
        raise Broken(Reason.UNAVAILABLE, "Ray's actors did not open the home") from error
    return Hands(ray=ray, actors=actors, patience=chosen.ray_patience)


@cache
def share(chosen: Settings) -> tuple[int, bool]:
    """Say how many actors this process takes, and whether each has a graphics card.

    Of a Ray that is joined what is free, once: who takes the place of dead actors waits for them
    to be gone. Errors: Broken(unavailable) where nothing is free.
    """
    ray = started(chosen)
    there = ray.cluster_resources()
    kind = "GPU" if int(there.get("GPU", 0)) else "CPU"
    free = ray.available_resources() if chosen.ray_address else there
    count = chosen.ray_actors or int(free.get(kind, 0))
    if chosen.ray_address and not count:
        raise Broken(
            Reason.UNAVAILABLE,
            f"no {kind} of the Ray at {chosen.ray_address} is free: each process brings actors of "
            f"its own; divide them by ONLYOU_RAY_ACTORS",
        )
    return max(1, count), kind == "GPU"


@cache
def started(chosen: Settings) -> Any:  # noqa: ANN401 - the package itself
    """Load Ray with its authentication on, and join the one that is named, or start one.

    Errors: Broken(unavailable).
    """
    tokens.show(chosen)
    try:
        import ray  # noqa: PLC0415 - half a second and 240 MB, where they are asked for alone
    except ImportError as error:
        raise Broken(Reason.UNAVAILABLE, "Ray is not installed: the extra `ray`") from error
    if ray.is_initialized():
        return ray
    try:
        ray.init(**_terms(chosen))
    except Exception as error:  # one that does not come up in time raises a plain one
        raise Broken(Reason.UNAVAILABLE, "Ray could not be started or joined") from error
    atexit.register(ray.shutdown)
    return ray


def _terms(chosen: Settings) -> dict[str, Any]:
    quiet = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}
    if chosen.ray_address:
        return quiet | {"address": chosen.ray_address}
    folder = Path(tempfile.mkdtemp(prefix="onlyou-ray-"))  # Ray opens its own to everybody
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return quiet | {
        "_node_ip_address": "127.0.0.1",
        "include_dashboard": False,
        "object_store_memory": _STORE,
        "_temp_dir": str(folder / "r"),
    }
