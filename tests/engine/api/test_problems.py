# SPDX-License-Identifier: Apache-2.0
import json
import re
from pathlib import Path

import pytest

from consent.errors import Broken, Denied, Misused
from consent.words import Purpose, Reason, Seq
from engine.api.problems import OF_REASON, STATUS, Problem, Slug, answer, bare, body, not_found, of

DOCUMENTED = Path(__file__).parents[3] / "docs" / "problems.md"
CONTRACT = {
    "not-found": 404,
    "unauthenticated": 401,
    "scope": 403,
    "consent-required": 403,
    "purpose-mismatch": 403,
    "notice-required": 409,
    "notice-outdated": 409,
    "selfies-required": 409,
    "quarantined": 409,
    "stale": 412,
    "quota": 429,
    "rate-limited": 429,
    "image-refused": 422,
    "invalid": 422,
    "key-reused": 422,
    "too-large": 413,
    "media-type": 415,
    "unavailable": 503,
}


def test_every_problem_is_documented_where_its_name_leads() -> None:
    told = DOCUMENTED.read_text("utf-8")
    anchors = [line.removeprefix("## ") for line in told.splitlines() if line.startswith("## ")]
    assert sorted(anchors) == sorted(CONTRACT)
    table = re.findall(r"^\| (\d{3}) \| (.*) \|$", told, re.MULTILINE)
    linked = {
        slug: int(status)
        for status, row in table
        for slug in re.findall(r"\[([a-z-]+)\]\(#\1\)", row)
    }
    assert linked == CONTRACT


def test_every_reason_stands_in_the_words_that_explain_it() -> None:
    told = DOCUMENTED.read_text("utf-8")
    explained = {Slug.CONSENT_REQUIRED, Slug.IMAGE_REFUSED}
    missing = [
        one for one, slug in OF_REASON.items() if slug in explained and f"`{one}`" not in told
    ]
    assert missing == []


def test_slugs_and_statuses_are_those_of_the_contract() -> None:
    assert {slug.value: status for slug, status in STATUS.items()} == CONTRACT


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_told_by_a_problem(reason: Reason) -> None:
    told = body(of(Misused(reason, "a sentence")))
    assert told["type"] == f"https://onlyou.example/problems/{OF_REASON[reason]}"
    assert told["status"] == CONTRACT[OF_REASON[reason]]


def test_a_denial_tells_its_owner_the_reason_the_purpose_and_the_entry() -> None:
    denied = Denied(
        Reason.NOT_GRANTED, "You have not agreed.", purpose=Purpose.FEED_INSERT, seq=Seq(17)
    )
    told = body(of(denied))
    assert told == {
        "type": "https://onlyou.example/problems/consent-required",
        "title": "Consent is required",
        "status": 403,
        "detail": "You have not agreed.",
        "reason": "not-granted",
        "purpose": "feed_insert",
        "seq": 17,
    }


def test_what_is_broken_inside_is_not_told_outside() -> None:
    told = body(of(Broken(Reason.SCHEMA_VERSION, "table asset is missing a column")))
    assert told["status"] == 503
    assert "asset" not in json.dumps(told)


def test_nobody_and_somebody_else_answer_with_the_same_bytes() -> None:
    unknown = of(Misused(Reason.UNKNOWN_SUBJECT, "nobody here has the name Anna"))
    assert answer(unknown).body == answer(not_found()).body


def test_a_problem_is_problem_json_and_a_401_says_how_to_sign_in() -> None:
    told = answer(Problem(Slug.UNAUTHENTICATED, "A valid token is needed."))
    assert told.headers["content-type"] == "application/problem+json"
    assert told.headers["www-authenticate"].startswith("Bearer")


def test_what_may_work_later_says_when() -> None:
    assert answer(Problem(Slug.UNAVAILABLE, "Later.")).headers["retry-after"] == "1"


def test_a_bare_status_is_a_problem_too() -> None:
    told = bare(405, "Method Not Allowed", {"Allow": "GET"})
    assert json.loads(bytes(told.body))["type"] == "about:blank"
    assert told.headers["allow"] == "GET"
