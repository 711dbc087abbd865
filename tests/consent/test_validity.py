# SPDX-License-Identifier: Apache-2.0
"""Every grant says, to whom may open it, how it came about."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import select

from consent import entries, tables
from consent.validity import surfaces
from consent.words import Purpose, Seq, Subject
from tests.conftest import Opener
from tests.rooms import Rooms


def opened(rooms: Rooms, seq: Seq) -> dict[str, Any]:
    """Open what a grant commits to, and hold the commitment to it."""
    with rooms.consent.ledger.read() as connection:
        row = connection.execute(
            select(tables.opening.c.subject, tables.opening.c.sealed).where(
                tables.opening.c.seq == seq
            )
        ).one()
    found: dict[str, Any] = rooms.consent.ledger.open_facts(Subject(row[0]), bytes(row[1]))
    salted = entries.from_base64url(found["salt"])
    committed = hashlib.sha256(salted + entries.canonical(found["facts"])).digest()
    assert rooms.consent.entry(seq)["facts"] == entries.base64url(committed)
    return found["facts"]  # type: ignore[no-any-return]


def test_a_yes_commits_to_how_it_was_said(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada")
    served = rooms.consent.notices.serve(ada, Purpose.LIKENESS)
    seq = rooms.consent.grants.grant(ada, Purpose.LIKENESS, served.served_id, method="page")
    assert opened(rooms, seq) == {
        "affirmative": True,
        "unbundled": True,
        "prechecked": False,
        "notice_shown": True,
        "clicks_grant": surfaces()["page"].grant,
        "clicks_withdraw": surfaces()["page"].withdraw,
        "method": "page",
        "language": "en",
        "jurisdiction": rooms.consent.policy.jurisdiction,
    }


def test_a_renewal_commits_to_how_it_was_said_too(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    assert opened(rooms, rooms.grant(ada, Purpose.LIKENESS))["method"] == "api"


def test_what_was_attested_is_committed_to_beside_it(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    rooms.consent.attestations.attest(ada, age_band="adult", region="DE")
    facts = opened(rooms, rooms.grant(ada, Purpose.LIKENESS))
    assert (facts["age_band"], facts["region"]) == ("adult", "DE")


@pytest.mark.parametrize(
    ("policy", "said", "bundled"),
    [("instagram-2025", False, False), ("snapchat-2024", True, True)],
)
def test_what_was_implied_says_that_nobody_was_asked(
    open_rooms: Opener, sqlite_url: str, policy: str, said: bool, bundled: bool
) -> None:
    rooms = open_rooms(sqlite_url, policy=policy)
    purposes = (Purpose.LIKENESS,) if said else (Purpose.LIKENESS, Purpose.IMAGINE)
    ada = rooms.person("Ada", *purposes)
    if not said:
        rooms.consent.grants.imply(ada, Purpose.IMAGINE)
    grants = rooms.entries("grant")
    facts = opened(rooms, grants[-1]["seq"])
    assert grants[-1]["kind"] == "implied"
    assert (facts["affirmative"], facts["notice_shown"], facts["unbundled"]) == (False,) * 3
    assert facts["prechecked"] is bundled
    assert facts["clicks_grant"] == 0 < facts["clicks_withdraw"]
    assert "language" not in facts
    own = opened(rooms, grants[0]["seq"])
    assert (own["affirmative"], own["unbundled"]) == (True, not bundled)


def test_on_every_surface_a_no_takes_no_more_acts_than_a_yes() -> None:
    assert set(surfaces()) == {"page", "api", "cli"}
    for surface in surfaces().values():
        assert 1 <= surface.withdraw <= surface.grant
