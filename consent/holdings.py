# SPDX-License-Identifier: Apache-2.0
"""What a person holds now: every purpose with a basis, and how good it still is."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from consent.standing import Quoted, Term, bases, newest_terms
from consent.words import Epoch, Kind, Micros, Purpose, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One person's present basis for one purpose."""

    purpose: Purpose
    kind: Kind
    epoch: Epoch
    granted_at: Micros
    expires_at: Micros
    notice: Quoted | None
    outdated: bool
    expired: bool


def held(
    connection: Connection,
    now: Micros,
    subject: Subject,
    current: Mapping[Purpose, frozenset[str]],
) -> Mapping[Purpose, Held]:
    """Describe every purpose that a person holds a basis for; `current` are notices in force."""
    holds = bases(connection, [subject], list(Purpose))
    terms = newest_terms(connection, [subject], list(Purpose))
    return {
        purpose: _held(purpose, epoch, terms[(subject, purpose)], now, current)
        for (_, purpose), epoch in holds.items()
    }


def _held(
    purpose: Purpose,
    epoch: Epoch,
    term: Term,
    now: Micros,
    current: Mapping[Purpose, frozenset[str]],
) -> Held:
    return Held(
        purpose=purpose,
        kind=term.kind,
        epoch=epoch,
        granted_at=term.at,
        expires_at=term.end,
        notice=term.notice,
        outdated=not term.current(purpose, current),
        expired=term.end <= now,
    )
