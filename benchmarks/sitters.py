# SPDX-License-Identifier: Apache-2.0
"""People who want inserts, made many at once through the real ledger: yes, key, card and selfie.

What `Grants` and `Enrolment` write one person after the other is written here for hundreds in a
transaction, with the same entries, rows, keys and permits: the ledger verifies, whoever withdraws
loses everything. Only the photograph is a grey one, measured by nobody.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np

from consent import entries, validity
from consent.chance import identifier
from consent.effects import Spent
from consent.gate import Ask, Enrol, Permit
from consent.subject_keys import SubjectKeys
from consent.tables import account, basis, chain, granted, notice_served, preview
from consent.tables import subject as subjects
from consent.validity import Around
from consent.words import DAY, Actor, Epoch, Kind, ObjectId, Purpose, Step, Subject, public_id
from consent.writing import Writing
from engine.rooms import Rooms
from generation import selfies
from generation.recipes import Likeness

TOGETHER: Final = 500
_ROOT, _FEED = Purpose.LIKENESS, Purpose.FEED_INSERT


def settle(rooms: Rooms, count: int, *, first: int = 0) -> tuple[Subject, ...]:
    """Let `count` people come, say yes to inserts, give a selfie; named after their number."""
    return tuple(
        person
        for start in range(first, first + count, TOGETHER)
        for person in _some(rooms, range(start, min(start + TOGETHER, first + count)))
    )


def name_of(number: int) -> str:
    """Name a person after their number."""
    return f"Sitter {number}"


def _some(rooms: Rooms, numbers: Sequence[int]) -> Sequence[Subject]:
    people = [Subject(identifier(rooms.consent.chance)) for _ in numbers]
    secrets = rooms.consent.keys
    tags = [entries.tag(secrets.new_secret(who), rooms.consent.ledger.origin) for who in people]
    with rooms.consent.ledger.write() as writing:
        writing.insert(subjects, [{"id": who} for who in people])
        named = zip(people, numbers, strict=True)
        writing.insert(
            account,
            [
                {"subject": who, "name": name_of(n), "place": n, "created_at": writing.now}
                for who, n in named
            ],
        )
        chains = zip(people, tags, strict=True)
        writing.insert(chain, [{"subject": who, "tag": tag, "last": None} for who, tag in chains])
        writing.know(people)
        _say_yes(rooms, writing, people)
    _sit(rooms, people)
    return people


# --- yes


def _say_yes(rooms: Rooms, writing: Writing, people: Sequence[Subject]) -> None:
    roots = _grant(rooms, writing, people, _ROOT, [None] * len(people))
    epochs = _grant(rooms, writing, people, _FEED, roots)
    answered = {"purpose": _FEED, "answer": "accepted", "at": writing.now}
    writing.insert(
        preview,
        [
            answered | {"subject": who, "epoch": epoch}
            for who, epoch in zip(people, epochs, strict=True)
        ],
    )


def _grant(
    rooms: Rooms,
    writing: Writing,
    people: Sequence[Subject],
    purpose: Purpose,
    parents: Sequence[Epoch | None],
) -> list[Epoch]:
    notice = rooms.consent.notices.find(purpose)
    quoted = {"sha256": notice.sha256, "version": notice.version, "language": notice.language}
    served = [
        writing.append("notice.served", subject=who, purpose=purpose, notice=notice.sha256)
        for who in people
    ]
    policy = rooms.consent.policy
    end = writing.now + policy.consent.term_days * DAY
    around = Around(jurisdiction=policy.jurisdiction, age_band=None, region=None)
    said = validity.said("api", notice.language, around, alone=True).opening()
    epochs = [
        Epoch(
            writing.append(
                "grant",
                subject=who,
                purpose=purpose,
                kind=Kind.EXPLICIT,
                notice=notice.sha256,
                served=seq,
                policy=policy.sha256,
                not_after=end,
                actor=Actor.SELF,
                facts=said,
            )
        )
        for who, seq in zip(people, served, strict=True)
    ]
    told = [
        {"seq": seq, "subject": who, "purpose": purpose, **quoted}
        | {"served_id": public_id(identifier(rooms.consent.chance))}
        for who, seq in zip(people, served, strict=True)
    ]
    writing.insert(notice_served, told)
    common = {"purpose": purpose, "kind": Kind.EXPLICIT}
    dated = common | {"t": "grant", "at": writing.now, "term_end": end}
    each = list(zip(people, served, epochs, parents, strict=True))
    writing.insert(
        granted,
        [dated | {"seq": e, "subject": who, "served_seq": seq} for who, seq, e, _ in each],
    )
    writing.insert(basis, [common | _under(who, e, parent) for who, _, e, parent in each])
    keys = SubjectKeys(rooms.consent.keys, rooms.consent.chance)
    for who, _, epoch, _ in each:
        keys.make(writing.connection, (who, purpose, epoch), writing.now)
    return epochs


def _under(who: Subject, epoch: Epoch, parent: Epoch | None) -> dict[str, Any]:
    above = None if parent is None else _ROOT
    return {"subject": who, "epoch": epoch, "parent_purpose": above, "parent_epoch": parent}


# --- selfies


def _sit(rooms: Rooms, people: Sequence[Subject]) -> None:
    consent = rooms.consent
    asks: list[Ask[Enrol]] = [
        Ask(
            step=Step.ENROL,
            subject=who,
            purpose=_ROOT,
            object=ObjectId(identifier(consent.chance)),
        )
        for who in people
    ]
    permits = [one for one in consent.gate.ask_all(asks) if isinstance(one, Permit)]
    sealed = [consent.vault.seal(permit, _grey()) for permit in permits]
    with consent.ledger.write() as writing:
        ends = {"expires_at": writing.now + consent.policy.selfies.retention_seconds * 1_000_000}
        rows = [one.columns() | ends for one in sealed]
        done = consent.vault.keep_selfies(writing, permits, rows)
    if not all(isinstance(one, Spent) for one in done) or len(done) != len(people):
        raise RuntimeError("somebody could not give a selfie")


@cache
def _grey() -> bytes:
    likeness = Likeness(
        pixels=np.full((16, 16, 3), 128, np.uint8),
        box=(2, 2, 14, 14),
        landmarks=np.full((5, 2), 8, np.float32),
        vector=np.zeros(128, np.float32),
        smile=0.5,
    )
    return selfies.pack(likeness)
