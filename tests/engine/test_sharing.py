# SPDX-License-Identifier: Apache-2.0
"""Sharing for a person who has just said so."""

import pytest

from consent.errors import Denied
from consent.words import ObjectId, Purpose, Reason, parse_id
from engine import sharing
from feed.shares import Audience
from tests.engine.homes import Home


def portrait(home: Home) -> ObjectId:
    return ObjectId(parse_id(home.portraits("Anna")[0]["id"]) or 0)


def test_shared_twice_is_one_share(home: Home) -> None:
    anna, obj, consent = home.person("Anna"), portrait(home), home.rooms.consent
    served = consent.notices.serve(anna, Purpose.STORY)
    consent.grants.grant(anna, Purpose.STORY, served.served_id)
    first = sharing.share(home.rooms, anna, obj, Audience.STORY)
    before = consent.ledger.head()[0]
    assert sharing.share(home.rooms, anna, obj, Audience.STORY) == first
    assert consent.ledger.head()[0] == before


def test_without_a_yes_to_it_nothing_is_shared(home: Home) -> None:
    with pytest.raises(Denied) as denied:
        sharing.share(home.rooms, home.person("Anna"), portrait(home), Audience.STORY)
    assert denied.value.reason is Reason.NOT_GRANTED
    assert home.rooms.feed.shares.of_owner(home.person("Anna")) == ()
