# SPDX-License-Identifier: Apache-2.0
"""A POST sent twice with the same `Idempotency-Key` acts once.

1. A key belongs to one person and one path; two people may use the same key.
2. Same key and same body: the first answer again, sealed until then under the issuer's secret.
3. Same key and another body: `key-reused`. First answer still under way: `unavailable`, try again.
4. Rows are found by a hash that names person, scopes and key; nobody is asked for by name.
5. An answer of ours that failed (5xx) is not kept; anything else is, for a day.
Source: draft-ietf-httpapi-idempotency-key-header-07.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Request, Response
from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from consent.chance import Chance
from consent.clocks import Clock
from consent.scopes import EVERYBODY, within
from consent.words import DAY, SECOND, Micros, Subject
from engine.api.problems import Problem, Slug
from engine.api.tokens import Claims, unauthenticated
from engine.tables import answered

HEADER: Final = "idempotency-key"
_KEPT: Final = DAY
_ABANDONED: Final = 60 * SECOND
_LONGEST_KEY: Final = 255
_NONCE: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeatable:
    """One POST as its key names it: whose, which key, and a digest of what it says."""

    name: bytes
    digest: bytes
    subject: Subject | None


class Answers:
    """Remember answers, sealed, so that the database alone tells nobody what they said."""

    def __init__(self, database: Engine, secret: bytes, clock: Clock, chance: Chance) -> None:
        self._database = database
        self._cipher = AESGCM(hashlib.sha256(b"answers " + secret).digest())
        self._clock = clock
        self._chance = chance

    @within(EVERYBODY)
    def claim(self, post: Repeatable) -> Response | None:
        """Give the first answer again, or None to whoever is to make it.

        Errors: Problem `key-reused` for another body, `unavailable` while the first is under way.
        """
        now = self._clock.now()
        with self._database.begin() as connection:
            _forget(connection, now)
            try:
                with connection.begin_nested():
                    connection.execute(insert(answered).values(_fresh(post, now)))
            except IntegrityError:
                return self._again(connection, post)
        return None

    @within(EVERYBODY)
    def keep(self, post: Repeatable, answer: Response) -> None:
        """Seal the first answer for whoever asks again."""
        nonce = self._chance.token(_NONCE)
        head = [
            [name.decode("latin-1"), value.decode("latin-1")] for name, value in answer.raw_headers
        ]
        plain = orjson.dumps([head, bytes(answer.body).decode()])
        sealed = nonce + self._cipher.encrypt(nonce, plain, post.name)
        with self._database.begin() as connection:
            connection.execute(
                update(answered)
                .where(answered.c.name == post.name)
                .values(status=answer.status_code, sealed=sealed)
            )

    @within(EVERYBODY)
    def release(self, post: Repeatable) -> None:
        """Let the key be tried again: nothing was answered that should last."""
        with self._database.begin() as connection:
            connection.execute(delete(answered).where(answered.c.name == post.name))

    def _again(self, connection: Connection, post: Repeatable) -> Response:
        columns = (answered.c.digest, answered.c.status, answered.c.sealed)
        mine = select(*columns).where(answered.c.name == post.name)
        row = connection.execute(mine).one_or_none()
        if row is None:  # the person was erased while their token is still good
            raise unauthenticated()
        digest, status, sealed = row
        if digest != post.digest:
            raise Problem(Slug.KEY_REUSED, "Use a new Idempotency-Key for another request.")
        if status is None:
            raise Problem(Slug.UNAVAILABLE, "The first request with this key is under way.")
        plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], post.name)
        head, body = orjson.loads(plain)
        again = Response(body, status_code=status)
        again.raw_headers = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in head
        ]
        return again


def _forget(connection: Connection, now: Micros) -> None:
    unanswered = answered.c.status.is_(None) & (answered.c.at < now - _ABANDONED)
    connection.execute(delete(answered).where(unanswered | (answered.c.at < now - _KEPT)))


def _fresh(post: Repeatable, now: Micros) -> dict[str, object]:
    return {"name": post.name, "subject": post.subject, "digest": post.digest, "at": now}


async def repeatable(request: Request, who: Claims | None) -> Repeatable:
    """Read what makes this POST the same as another with the same key.

    The scopes count, so that a token never gets an answer it could not have asked for.
    """
    key = request.headers[HEADER]
    if not 0 < len(key) <= _LONGEST_KEY:
        raise Problem(Slug.INVALID, "An Idempotency-Key has 1 to 255 characters.", field=HEADER)
    subject = who.subject if who else None
    scopes = sorted(who.scopes) if who else []
    name = hashlib.sha256(f"{subject} {scopes} {request.url.path} {key}".encode()).digest()
    return Repeatable(name=name, digest=await _digest(request), subject=subject)


async def _digest(request: Request) -> bytes:
    """Hash a body by what it says: a form's boundary is drawn anew at every try."""
    body = await request.body()
    kind = request.headers.get("content-type", "")
    boundary = re.search(r'boundary="?([^";]+)', kind)
    if boundary:
        body = body.replace(boundary[1].encode(), b"")
    return hashlib.sha256(kind.partition(";")[0].encode() + b"\n" + body).digest()
