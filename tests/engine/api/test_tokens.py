# SPDX-License-Identifier: Apache-2.0
import base64
import json

import pytest
from joserfc import jwk, jwt

from consent.clocks import VirtualClock
from consent.words import Micros, Subject, public_id
from engine.api import tokens
from engine.api.problems import Problem, Slug
from engine.api.tokens import PERSONAL, STAFF, Issuer, Scope, scopes_of

SECRET = b"s" * 32
ANNA = Subject(0x1234_5678_9ABC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(Micros(1_800_000_000_000_000))


@pytest.fixture
def issuer(clock: VirtualClock) -> Issuer:
    return Issuer(SECRET, clock)


def forged(claims: dict[str, object], algorithm: str = "HS256", key: bytes = SECRET) -> str:
    return jwt.encode({"alg": algorithm}, claims, jwk.OctKey.import_key(key), [algorithm])


def refusal(issuer: Issuer, token: str) -> Problem:
    with pytest.raises(Problem) as caught:
        issuer.read(token)
    return caught.value


def test_a_token_says_who_may_do_what_until_when(issuer: Issuer, clock: VirtualClock) -> None:
    claims = issuer.read(issuer.issue(ANNA, PERSONAL))
    assert claims.subject == ANNA
    assert claims.scopes == {Scope.FEED_READ, Scope.LIKENESS_MANAGE}
    assert claims.expires == clock.now() + 3_600_000_000


def test_a_token_ends_when_its_time_is_over(issuer: Issuer, clock: VirtualClock) -> None:
    token = issuer.issue(ANNA, PERSONAL)
    clock.advance(3_599)
    assert issuer.read(token).subject == ANNA
    clock.advance(2)
    assert refusal(issuer, token).slug is Slug.UNAUTHENTICATED


def test_a_token_ends_at_the_same_second_whether_or_not_it_was_read_before(
    clock: VirtualClock,
) -> None:
    one, other = Issuer(SECRET, clock), Issuer(SECRET, clock)
    token = one.issue(ANNA, PERSONAL)
    assert one.read(token).subject == ANNA
    clock.advance(3_599)
    assert one.read(token) == other.read(token)
    clock.advance(1)
    assert refusal(one, token).slug is refusal(Issuer(SECRET, clock), token).slug


def test_no_more_tokens_are_remembered_than_there_is_room_for(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_REMEMBERED", 3)
    given = [issuer.issue(Subject(number), PERSONAL) for number in range(1, 9)]
    assert [issuer.read(token).subject for token in given] == list(range(1, 9))
    assert len(issuer._known) == 3
    assert [issuer.read(token).subject for token in given] == list(range(1, 9))
    assert not any(token.encode() in issuer._known for token in given), "by hash alone"


def test_a_staff_token_names_nobody(issuer: Issuer) -> None:
    claims = issuer.read(issuer.issue(None, STAFF))
    assert claims.subject is None
    assert claims.scopes == {Scope.AUDIT_READ, Scope.EXPERIMENT_READ}


def test_no_two_wrong_tokens_can_be_told_apart(issuer: Issuer, clock: VirtualClock) -> None:
    good = {"iss": "onlyou", "exp": clock.now() // 1_000_000 + 60, "scope": "feed:read"}
    unsigned = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "none"}, good)
    )
    wrong = [
        "",
        "not a token",
        unsigned + ".",
        forged(good, key=b"x" * 32),
        forged(good, algorithm="HS512", key=SECRET * 2),
        forged(good | {"iss": "somebody"}),
        forged({"iss": "onlyou", "scope": "feed:read"}),
        forged(good | {"sub": "not an id"}),
        forged(good | {"scope": "everything"}),
        forged({key: good[key] for key in ("iss", "exp")}),
    ]
    answers = {(refusal(issuer, token).slug, refusal(issuer, token).detail) for token in wrong}
    assert answers == {(Slug.UNAUTHENTICATED, "A valid token is needed.")}


def test_a_token_carries_the_public_id_and_nothing_else(issuer: Issuer) -> None:
    payload = issuer.issue(ANNA, PERSONAL).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert set(claims) == {"iss", "iat", "exp", "scope", "sub"}
    assert claims["sub"] == public_id(ANNA)


def test_scopes_default_by_whether_the_token_names_a_person() -> None:
    assert scopes_of(None, ANNA) == PERSONAL
    assert scopes_of(None, None) == STAFF


def test_a_token_for_nobody_cannot_read_a_feed() -> None:
    with pytest.raises(Problem) as caught:
        scopes_of(["feed:read"], None)
    assert caught.value.slug is Slug.INVALID
    assert caught.value.field == "scopes"


@pytest.mark.parametrize("asked", [[], ["everything"], ["feed:read", "root"]])
def test_unknown_or_empty_scopes_are_refused(asked: list[str]) -> None:
    with pytest.raises(Problem):
        scopes_of(asked, ANNA)


def test_a_forms_token_belongs_to_one_cookie(issuer: Issuer, clock: VirtualClock) -> None:
    first = issuer.issue(ANNA, PERSONAL)
    clock.advance(5)
    second = issuer.issue(ANNA, PERSONAL)
    assert issuer.csrf(first) == issuer.csrf(first) != issuer.csrf(second)
