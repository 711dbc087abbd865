# SPDX-License-Identifier: Apache-2.0
"""Where a person stands for a purpose, read for many at once in the deciding transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import Connection, and_, func, select

from consent.among import among
from consent.paused import paused
from consent.policy import CAPPED, AgeBand, Facts
from consent.tables import (
    attestation,
    basis,
    ended,
    entry,
    granted,
    notice_served,
    permit,
    preview,
)
from consent.words import DAY, Epoch, Kind, Micros, ObjectId, Purpose, Seq, Step, Subject

WEEK: Final = 7 * DAY
_CHUNK: Final = 5_000
_Key = tuple[Subject, Purpose]


class Question(Protocol):
    """What the gate is asked: enough of it to look the facts up."""

    @property
    def step(self) -> Step:
        """The step asked for."""
        ...

    @property
    def subject(self) -> Subject:
        """Whose likeness it is about."""
        ...

    @property
    def purpose(self) -> Purpose:
        """The purpose asked for."""
        ...

    @property
    def object(self) -> ObjectId:
        """The one thing the permit would be for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One person's basis for one purpose, or its absence, and how much was used lately.

    A basis that ran out and was swept is still told by its kind, expired, without an epoch.
    """

    kind: Kind | None = None
    epoch: Epoch | None = None
    withdrawn: bool = False
    expired: bool = False
    notice_current: bool = True
    preview: bool = False
    used_day: int = 0
    used_week: int = 0
    age_band: AgeBand | None = None
    region: str | None = None
    paused: bool = False

    @property
    def relied_on(self) -> Kind | None:
        """Name the kind of the basis that holds, as a decision's entry names it."""
        return self.kind if self.epoch is not None else None

    def facts(self, *, confirmed: bool) -> Facts:
        """Return what the policy decides on."""
        return Facts(
            kind=self.kind,
            withdrawn=self.withdrawn,
            expired=self.expired,
            notice_current=self.notice_current,
            preview=self.preview,
            confirmed=confirmed,
            used_day=self.used_day,
            used_week=self.used_week,
            age_band=self.age_band,
            region=self.region,
            paused=self.paused,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said of a person that policies decide on; None where nobody said anything."""

    age_band: AgeBand | None = None
    region: str | None = None


_UNSAID: Final = Said()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """The notice a grant rests on."""

    seq: Seq
    sha256: str
    version: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """The newest grant or renewal of a purpose. An explicit renewal outweighs an implied basis."""

    kind: Kind
    at: Micros
    end: Micros
    notice: Quoted | None

    def current(self, purpose: Purpose, notices: Mapping[Purpose, frozenset[str]]) -> bool:
        """Say whether it quotes a notice that is still served; an implied one quotes none."""
        return self.notice is None or self.notice.sha256 in notices.get(purpose, frozenset())


class Standings:
    """Where everybody in a batch of questions stands, answered one after the other."""

    def __init__(
        self,
        connection: Connection,
        now: Micros,
        questions: Sequence[Question],
        current: Mapping[Purpose, frozenset[str]],
    ) -> None:
        """Read everything the questions need in a handful of queries."""
        people = sorted({question.subject for question in questions})
        purposes = sorted({question.purpose for question in questions})
        self._now = now
        self._current = current
        self._held = bases(connection, people, purposes)
        self._terms = newest_terms(connection, people, purposes)
        self._ran_out = _ran_out(connection, people, purposes, self._terms.keys() - self._held)
        self._said = said_of(connection, people)
        self._paused = paused(connection, people, now)
        self._previewed = _previews(connection, people, self._held)
        self._uses = Uses(connection, now, questions)

    def __call__(self, question: Question) -> Standing:
        """Say where the person of a question stands."""
        key = (question.subject, question.purpose)
        term = self._terms.get(key)
        said = self._said.get(question.subject, _UNSAID)
        who: dict[str, Any] = {"age_band": said.age_band, "region": said.region}
        who["paused"] = question.subject in self._paused
        if term is None:
            return Standing(**who)
        if key in self._ran_out:
            return Standing(kind=term.kind, expired=True, **who)
        if key not in self._held:
            return Standing(withdrawn=True, **who)
        day, week = self._uses.others(question)
        return Standing(
            kind=term.kind,
            epoch=self._held[key],
            expired=term.end <= self._now,
            notice_current=term.current(question.purpose, self._current),
            preview=key in self._previewed,
            used_day=day,
            used_week=week,
            **who,
        )

    def allowed(self, question: Question) -> None:
        """Let a question that was allowed count for those of the same batch that follow."""
        self._uses.add(question)


def _chunks(people: Sequence[Subject]) -> Iterable[Sequence[Subject]]:
    return (people[i : i + _CHUNK] for i in range(0, len(people), _CHUNK))


def bases(
    connection: Connection, people: Sequence[Subject], purposes: Collection[Purpose]
) -> dict[_Key, Epoch]:
    """Read the epochs of the bases that hold now."""
    found: dict[_Key, Epoch] = {}
    for some in _chunks(people):
        rows = connection.execute(
            select(basis.c.subject, basis.c.purpose, basis.c.epoch).where(
                among(basis.c.subject, some), basis.c.purpose.in_(purposes)
            )
        ).all()
        found |= {(Subject(s), Purpose(p)): Epoch(e) for s, p, e in rows}
    return found


def newest_terms(
    connection: Connection, people: Sequence[Subject], purposes: Collection[Purpose]
) -> dict[_Key, Term]:
    """Read the newest grant or renewal of each purpose, ended or not."""
    latest = (
        select(func.max(granted.c.seq))
        .group_by(granted.c.subject, granted.c.purpose)
        .where(granted.c.purpose.in_(purposes))
    )
    served = granted.outerjoin(notice_served, notice_served.c.seq == granted.c.served_seq)
    found: dict[_Key, Term] = {}
    for some in _chunks(people):
        mine = latest.where(among(granted.c.subject, some))
        rows = connection.execute(
            select(*_TERM).select_from(served).where(granted.c.seq.in_(mine))
        ).all()
        found |= {(Subject(s), Purpose(p)): _term(*rest) for s, p, *rest in rows}
    return found


def said_of(connection: Connection, people: Sequence[Subject]) -> dict[Subject, Said]:
    """Read what was attested of people: an age band, a place."""
    columns = (attestation.c.subject, attestation.c.age_band, attestation.c.region)
    found: dict[Subject, Said] = {}
    for some in _chunks(people):
        rows = connection.execute(select(*columns).where(among(attestation.c.subject, some)))
        found |= {Subject(s): Said(age_band=band, region=place) for s, band, place in rows}
    return found


def _ran_out(
    connection: Connection,
    people: Sequence[Subject],
    purposes: Sequence[Purpose],
    over: Collection[_Key],
) -> set[_Key]:
    """Name what ended by itself: the last word on it is the system's `expire`, not a no."""
    if not over:
        return set()
    found: set[_Key] = set()
    for some in _chunks(people):
        latest = (
            select(func.max(ended.c.seq))
            .group_by(ended.c.subject, ended.c.purpose)
            .where(among(ended.c.subject, some), ended.c.purpose.in_(purposes))
        )
        rows = connection.execute(
            select(ended.c.subject, ended.c.purpose)
            .join(entry, entry.c.seq == ended.c.seq)
            .where(ended.c.seq.in_(latest), entry.c.t == "expire")
        ).all()
        found |= {(Subject(s), Purpose(p)) for s, p in rows}
    return found & set(over)


_TERM: Final = (
    granted.c.subject,
    granted.c.purpose,
    granted.c.kind,
    granted.c.at,
    granted.c.term_end,
    notice_served.c.seq,
    notice_served.c.sha256,
    notice_served.c.version,
    notice_served.c.language,
)


def _term(kind: str, at: int, end: int, *served: Any) -> Term:  # noqa: ANN401 - outer-joined
    seq, sha256, version, language = served
    quoted = Quoted(seq=seq, sha256=sha256, version=version, language=language) if sha256 else None
    return Term(kind=Kind(kind), at=Micros(at), end=Micros(end), notice=quoted)


def _previews(
    connection: Connection, people: Sequence[Subject], held: Mapping[_Key, object]
) -> set[_Key]:
    if not held:
        return set()
    accepted: set[_Key] = set()
    for some in _chunks(people):
        rows = connection.execute(
            select(preview.c.subject, preview.c.purpose).where(
                among(preview.c.subject, some), preview.c.answer == "accepted"
            )
        ).all()
        accepted |= {(Subject(s), Purpose(p)) for s, p in rows}
    return accepted


class Uses:
    """Earlier permits for other objects: a retry of the same object is no second use."""

    def __init__(self, connection: Connection, now: Micros, questions: Sequence[Question]) -> None:
        self._now = now
        self._log: dict[tuple[Subject, Step, Purpose], list[tuple[int, int]]] = {}
        people = sorted({question.subject for question in questions if question.step in CAPPED})
        for some in _chunks(people):
            recent = and_(
                among(permit.c.subject, some), permit.c.step.in_(CAPPED), permit.c.at > now - WEEK
            )
            for subject, step, purpose, obj, at in connection.execute(_USED.where(recent)).all():
                key = (Subject(subject), Step(step), Purpose(purpose))
                self._log.setdefault(key, []).append((obj, at))

    def others(self, question: Question) -> tuple[int, int]:
        """Count the other objects of the last day and of the last week."""
        rows = self._log.get((question.subject, question.step, question.purpose), [])
        others = {(obj, at) for obj, at in rows if obj != question.object}
        day = {obj for obj, at in others if at > self._now - DAY}
        return len(day), len({obj for obj, _ in others})

    def add(self, question: Question) -> None:
        """Count one more, of now."""
        if question.step in CAPPED:
            key = (question.subject, question.step, question.purpose)
            self._log.setdefault(key, []).append((question.object, self._now))


_USED: Final = select(
    permit.c.subject, permit.c.step, permit.c.purpose, permit.c.object, permit.c.at
)
