# SPDX-License-Identifier: Apache-2.0
"""Short-lived tokens bound to one person. Knows consent's words and clock, and joserfc.

1. A token is a signed JWT (HS256): who, which scopes, until when. Nothing else is in it.
2. A token without a person carries staff scopes only, so it can never name somebody's portrait.
3. What a signature said is remembered by the token's hash until it ends; nothing that can be
   taken back is in a token: whether somebody is still known, and what they consent to, is not
4. Whatever is wrong with a token, the answer is the same: sign in first.
Source: RFC 7519; RFC 9068 for the claim names; RFC 8725 for the fixed algorithm.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from joserfc import jwk, jwt
from joserfc.errors import JoseError

from consent.clocks import Clock
from consent.words import SECOND, Micros, Subject, parse_id, public_id
from engine.api.problems import Problem, Slug

COOKIE: Final = "onlyou"
_ISSUER: Final = "onlyou"
_ALGORITHMS: Final = ("HS256",)
_REMEMBERED: Final = 4_096


class Scope(StrEnum):
    """What a token may be used for; decided by route, never by object."""

    FEED_READ = "feed:read"
    LIKENESS_MANAGE = "likeness:manage"
    AUDIT_READ = "audit:read"
    EXPERIMENT_READ = "experiment:read"


PERSONAL: Final = frozenset({Scope.FEED_READ, Scope.LIKENESS_MANAGE})
STAFF: Final = frozenset({Scope.AUDIT_READ, Scope.EXPERIMENT_READ})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Who asks, for what, and until when. `subject` is None for staff."""

    subject: Subject | None
    scopes: frozenset[Scope]
    expires: Micros


def scopes_of(asked: Sequence[str] | None, subject: Subject | None) -> frozenset[Scope]:
    """Decide which scopes a token gets. Errors: Problem `invalid` for one it cannot have."""
    allowed = frozenset(Scope) if subject is not None else STAFF
    if asked is None:
        return PERSONAL if subject is not None else STAFF
    known = {scope.value: scope for scope in allowed}
    if not asked or any(name not in known for name in asked):
        raise Problem(
            Slug.INVALID,
            f"Scopes for this token can be {', '.join(sorted(known))}.",
            field="scopes",
        )
    return frozenset(known[name] for name in asked)


class Issuer:
    """Make and read tokens with one secret. Units: lifetime in seconds."""

    def __init__(self, secret: bytes, clock: Clock, lifetime: int = 3_600) -> None:
        self._secret = secret
        self._key = jwk.OctKey.import_key(secret)
        self._clock = clock
        self._known: dict[bytes, Claims] = {}
        self.lifetime = lifetime

    def issue(self, subject: Subject | None, scopes: frozenset[Scope]) -> str:
        """Sign a token for one person, or for staff when `subject` is None."""
        now = self._clock.now() // SECOND
        claims: dict[str, object] = {
            "iss": _ISSUER,
            "iat": now,
            "exp": now + self.lifetime,
            "scope": " ".join(sorted(scopes)),
        }
        if subject is not None:
            claims["sub"] = public_id(subject)
        return jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims, self._key, list(_ALGORITHMS))

    def read(self, token: str) -> Claims:
        """Check a token's time, and its signature the first time. Errors: `unauthenticated`."""
        now = self._clock.now() // SECOND
        name = hashlib.sha256(token.encode()).digest()
        known = self._known.get(name)
        if known is not None and now < known.expires // SECOND:
            return known
        claims = self._checked(token, now)
        while len(self._known) >= _REMEMBERED:
            self._known.pop(next(iter(self._known)), None)
        self._known[name] = claims
        return claims

    def _checked(self, token: str, now: int) -> Claims:
        registry = jwt.JWTClaimsRegistry(
            now=now, iss={"essential": True, "value": _ISSUER}, exp={"essential": True}
        )
        try:
            claims = jwt.decode(token, self._key, list(_ALGORITHMS)).claims
            registry.validate(claims)
            return _claims(claims)
        except (JoseError, ValueError, KeyError) as wrong:
            raise unauthenticated() from wrong

    def csrf(self, token: str) -> str:
        """Bind a form to the cookie it was served under."""
        return hmac.new(self._secret, b"csrf " + token.encode(), hashlib.sha256).hexdigest()


def unauthenticated() -> Problem:
    """Ask for a token, whatever was wrong with the one sent."""
    return Problem(Slug.UNAUTHENTICATED, "A valid token is needed.")


def _claims(claims: dict[str, object]) -> Claims:
    """Read checked claims. Errors: ValueError, KeyError for what no issuer of ours wrote."""
    subject = None
    if "sub" in claims:
        number = parse_id(str(claims["sub"]))
        if number is None:
            raise ValueError("expected a subject's public id")
        subject = Subject(number)
    scopes = frozenset(Scope(name) for name in str(claims["scope"]).split())
    return Claims(subject=subject, scopes=scopes, expires=Micros(int(str(claims["exp"])) * SECOND))
