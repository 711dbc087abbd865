# SPDX-License-Identifier: Apache-2.0
"""The ranking models of one installation: which is in charge, and which are apprentices.

Rules:
1. a model is a file of numbers in `HOME/models`, named by its SHA-256; a file of another content
   than its name is refused, and nothing in it is ever run
2. `roles.json` names the one in charge and the apprentices; without it the one that comes with the
   package is in charge
3. an apprentice decides nothing: beside every choice it is noted what it would have done
4. who takes over is decided by the log (feed/promotion) and a named person; it is an entry of the
   ledger before it acts, and it acts from the next plan on, in whichever process
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from consent.errors import Broken, Misused
from consent.words import Actor, Reason
from engine.rooms import Rooms
from feed import model
from feed.experiments.record import Reliability
from feed.model import Model

if TYPE_CHECKING:
    from feed.promotion import Judgement
    from feed.retraining import Fresh

FOLDER: Final = "models"
ROLES: Final = "roles.json"
_SCHEMA: Final = "onlyou-models/1"
_MOST_APPRENTICES: Final = 4
_MAX_NAME: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Who decides, and who only says what they would have done."""

    in_charge: Model
    apprentices: tuple[Model, ...] = ()

    @property
    def all(self) -> tuple[Model, ...]:
        """List every model that is asked."""
        return (self.in_charge, *self.apprentices)

    def apprentice(self, sha256: str) -> Model:
        """Find an apprentice by the beginning of its hash. Errors: Misused(unknown-key)."""
        found = [one for one in self.apprentices if sha256 and one.sha256.startswith(sha256)]
        if len(found) != 1:
            raise Misused(Reason.UNKNOWN_KEY, f"no one apprentice here begins with {sha256!r}")
        return found[0]


def roles(home: Path) -> Roles:
    """Read who has which role now. Errors: Broken(unknown-key) for files that are not ours."""
    path = home / FOLDER / ROLES
    if not path.is_file():
        return Roles(in_charge=model.shipped())
    return _roles(home / FOLDER, path.read_text("utf-8"))


def in_charge(rooms: Rooms) -> Model:
    """Return the model that decides."""
    return roles(rooms.settings.home).in_charge


@lru_cache(maxsize=4)
def _roles(folder: Path, text: str) -> Roles:
    try:
        told = json.loads(text)
        schema, names = told["schema"], [told["in_charge"], *told["apprentices"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Broken(Reason.UNKNOWN_KEY, f"{ROLES} cannot be read: {error}") from error
    if schema != _SCHEMA:
        raise Broken(Reason.UNKNOWN_KEY, f"{ROLES} has the schema {schema!r}, not {_SCHEMA!r}")
    first, *others = (_model(folder, name) for name in names)
    return Roles(in_charge=first, apprentices=tuple(others))


def _model(folder: Path, name: str) -> Model:
    if name == model.shipped().sha256:
        return model.shipped()
    path = folder / f"{name}.json"
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != name:
        raise Broken(Reason.UNKNOWN_KEY, f"the model {name[:12]} is not what its name says")
    return model.parse(content.decode())


# --- learning and taking over


# What learns is imported by who learns: scikit-learn and pandas take longer to load than all of
# the engine, and every command imports this file.


def train(rooms: Rooms) -> "Fresh":
    """Train a model on what may be learned here; keep it as an apprentice unless it is refused.

    Errors: Misused(unreadable) where there is too little to learn from, Misused(unknown-key)
    where there are apprentices enough.
    """
    from feed import retraining, training_log  # noqa: PLC0415

    home, now = rooms.settings.home, rooms.consent.ledger.now()
    held = roles(home)
    if len(held.apprentices) >= _MOST_APPRENTICES:
        raise Misused(Reason.UNKNOWN_KEY, f"{_MOST_APPRENTICES} apprentices are enough: drop one")
    everybody = [account.subject for account in rooms.consent.accounts.list()]
    with rooms.consent.ledger.read() as connection:
        log = training_log.read(
            connection,
            everybody,
            rooms.consent.notices.current,
            rooms.feed.catalogue,
            held.in_charge,
            now=now,
        )
    made = retraining.retrain(
        log, held.in_charge, source="feed/training_log.py", seed=rooms.settings.seed
    )
    if not made.refused:
        _keep(home, made)
        _write(home, held.in_charge, (*held.apprentices, made.model))
    return made


def judge(rooms: Rooms, sha256: str) -> "Judgement":
    """Hold an apprentice against the model in charge, by the choices both have spoken of.

    Errors: Misused(unknown-key) for no such apprentice, Misused(unreadable) for no such choice.
    """
    from feed import promotion, shadow_log  # noqa: PLC0415

    held, now = roles(rooms.settings.home), rooms.consent.ledger.now()
    names = (held.apprentice(sha256).sha256, held.in_charge.sha256)
    everybody = [account.subject for account in rooms.consent.accounts.list()]
    with rooms.consent.ledger.read() as connection:
        beside = shadow_log.read(
            connection,
            everybody,
            rooms.consent.notices.current,
            rooms.feed.catalogue,
            rooms.consent.policy,
            models=names,
            now=now,
        )
    return promotion.judge(beside)


def held_up(rooms: Rooms, sha256: str) -> tuple[Reliability, ...]:
    """Say how often what a model foretold here came true; nothing where it foretold nothing."""
    from feed import shadow_log  # noqa: PLC0415

    everybody = [account.subject for account in rooms.consent.accounts.list()]
    now = rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        current = rooms.consent.notices.current
        return shadow_log.held_up(connection, everybody, current, sha256, now)


def promote(rooms: Rooms, sha256: str, *, by: str) -> "Judgement":
    """Put an apprentice in charge, where the log says that it may; the old one goes.

    Errors: as `judge`, Misused(unknown-key) for nobody's name. Where it may not, nothing changes.
    """
    who = " ".join(by.split())
    if not 1 <= len(who) <= _MAX_NAME:
        raise Misused(Reason.UNKNOWN_KEY, f"say who does this, in 1 to {_MAX_NAME} characters")
    found = judge(rooms, sha256)
    if found.passed:
        _take_over(rooms, sha256, who)
    return found


def _take_over(rooms: Rooms, sha256: str, who: str) -> None:
    held = roles(rooms.settings.home)
    fresh = held.apprentice(sha256)
    with rooms.consent.ledger.write() as writing:
        writing.append("admin", content=fresh.sha256, what="ranker", by=who, actor=Actor.OPERATOR)
    others = tuple(one for one in held.apprentices if one is not fresh)
    _write(rooms.settings.home, fresh, others)


def drop(rooms: Rooms, sha256: str) -> None:
    """Send an apprentice away. Errors: Misused(unknown-key) for no such one."""
    held = roles(rooms.settings.home)
    gone = held.apprentice(sha256)
    others = tuple(one for one in held.apprentices if one is not gone)
    _write(rooms.settings.home, held.in_charge, others)


def _keep(home: Path, made: "Fresh") -> None:
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    _put(folder / f"{made.model.sha256}.json", made.text)


def _write(home: Path, decides: Model, apprentices: tuple[Model, ...]) -> None:
    told: dict[str, Any] = {
        "schema": _SCHEMA,
        "in_charge": decides.sha256,
        "apprentices": [one.sha256 for one in apprentices],
    }
    _put(home / FOLDER / ROLES, json.dumps(told, indent=1) + "\n")


def _put(path: Path, text: str) -> None:
    """Put a file in its place whole, or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)
