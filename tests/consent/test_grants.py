# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from consent import policies
from consent.errors import Denied, Misused
from consent.notices import current
from consent.tables import basis, granted, preview, subject_key
from consent.words import DAY, Actor, Kind, Purpose, Reason, Subject
from tests.conftest import Opener
from tests.rooms import Rooms


def test_a_yes_quotes_the_notice_that_was_served_before_it(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada")
    served = rooms.consent.notices.serve(ada, Purpose.LIKENESS)
    seq = rooms.consent.grants.grant(ada, Purpose.LIKENESS, served.served_id)
    body = rooms.consent.entry(seq)
    assert (body["t"], body["kind"], body["actor"]) == ("grant", "explicit", "self")
    assert (body["served"], body["notice"]) == (served.seq, served.notice.sha256)
    assert body["not_after"] - body["at"] == rooms.consent.policy.consent.term_days * DAY
    held = rooms.consent.grants.show(ada)[Purpose.LIKENESS]
    assert (held.epoch, held.kind, held.outdated, held.expired) == (
        seq,
        Kind.EXPLICIT,
        False,
        False,
    )
    assert held.notice is not None
    assert held.notice.seq == served.seq


def test_a_new_basis_has_a_key_of_its_own(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    assert rooms.count(subject_key, ada) == rooms.count(basis, ada) == 2


@pytest.mark.parametrize("quoted", ["nothing", "another's", "another purpose's", "used"])
def test_a_yes_that_quotes_no_serving_of_its_own_is_refused(
    rooms_on_both: Rooms, quoted: str
) -> None:
    rooms = rooms_on_both
    ada, bob = rooms.person("Ada", Purpose.LIKENESS), rooms.person("Bob", Purpose.LIKENESS)
    serve = rooms.consent.notices.serve
    used = serve(ada, Purpose.IMAGINE).served_id
    rooms.consent.grants.grant(ada, Purpose.IMAGINE, used)
    quotes = {
        "nothing": "0000000000000",
        "another's": serve(bob, Purpose.IMAGINE).served_id,
        "another purpose's": serve(ada, Purpose.STORY).served_id,
        "used": used,
    }
    before = rooms.consent.ledger.head()
    with pytest.raises(Misused) as refused:
        rooms.consent.grants.grant(ada, Purpose.IMAGINE, quotes[quoted])
    assert refused.value.reason is Reason.NOTICE_MISSING
    assert rooms.consent.ledger.head() == before


def test_a_yes_to_words_that_have_changed_since_is_refused(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = rooms.person("Ada")
    served = rooms.consent.notices.serve(ada, Purpose.LIKENESS)
    reworded = [replace(notice, sha256="0" * 64) for notice in rooms.consent.notices.all]
    monkeypatch.setattr(rooms.consent.notices, "current", current(tuple(reworded)))
    with pytest.raises(Denied) as refused:
        rooms.consent.grants.grant(ada, Purpose.LIKENESS, served.served_id)
    assert refused.value.reason is Reason.NOTICE_OUTDATED


def test_no_purpose_is_granted_along_with_another(rooms: Rooms) -> None:
    for purpose in Purpose:
        if purpose in {Purpose.ADS, Purpose.TRAINING, Purpose.LIKENESS}:
            continue
        person = rooms.person(str(purpose), Purpose.LIKENESS, purpose)
        assert set(rooms.consent.grants.show(person)) == {Purpose.LIKENESS, purpose}


def test_a_purpose_needs_its_parent_first(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada")
    with pytest.raises(Denied) as refused:
        rooms.grant(ada, Purpose.IMAGINE)
    assert (refused.value.reason, refused.value.purpose) == (Reason.NOT_GRANTED, Purpose.LIKENESS)
    assert "likeness" in refused.value.sentence
    assert rooms.count(granted) == 0


@pytest.mark.parametrize("purpose", [Purpose.ADS, Purpose.TRAINING])
def test_what_no_step_would_ever_accept_cannot_be_granted(rooms: Rooms, purpose: Purpose) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    with pytest.raises(Denied) as refused:
        rooms.consent.grants.grant(ada, purpose, "0000000000000")
    assert (refused.value.reason, refused.value.purpose) == (Reason.POLICY_FORBIDS, purpose)
    title = rooms.consent.policy.title
    said = f"{title} accepts {purpose} at no step, so nobody is asked for it"
    assert refused.value.sentence == said


def test_saying_yes_again_renews_the_term_and_destroys_nothing(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    rooms.portrait(ada, Purpose.FEED_INSERT)
    before = rooms.consent.grants.show(ada)[Purpose.FEED_INSERT]
    rooms.clock.advance(1_000)
    seq = rooms.grant(ada, Purpose.FEED_INSERT)
    after = rooms.consent.grants.show(ada)[Purpose.FEED_INSERT]
    assert rooms.consent.entry(seq)["t"] == "renew"
    assert after.epoch == before.epoch
    assert after.expires_at == before.expires_at + 1_000_000_000
    assert not rooms.entries("destroy")


def test_a_guardian_is_recorded_as_a_guardian(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    rooms.consent.attestations.attest(ada, age_band="minor")
    served = rooms.consent.notices.serve(ada, Purpose.LIKENESS)
    seq = rooms.consent.grants.grant(ada, Purpose.LIKENESS, served.served_id, actor=Actor.GUARDIAN)
    body = rooms.consent.entry(seq)
    assert (body["kind"], body["actor"]) == ("parental", "guardian")


def test_a_stranger_can_grant_nothing(rooms: Rooms) -> None:
    with pytest.raises(Misused) as stranger:
        rooms.consent.notices.serve(Subject(404), Purpose.LIKENESS)
    assert stranger.value.reason is Reason.UNKNOWN_SUBJECT


# --- what use implies


@pytest.fixture
def rollout(open_rooms: Opener, sqlite_url: str) -> Rooms:
    return open_rooms(sqlite_url, policy="instagram-2025")


def test_what_use_implies_is_recorded_as_implied_and_never_as_consent(rollout: Rooms) -> None:
    ada = rollout.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    assert rollout.consent.grants.imply(ada, Purpose.IMAGINE) == (Purpose.FEED_INSERT,)
    body = rollout.entries("grant")[-1]
    assert (body["kind"], body["actor"]) == ("implied", "system")
    assert {"notice", "served"}.isdisjoint(body)
    assert rollout.consent.grants.show(ada)[Purpose.FEED_INSERT].kind is Kind.IMPLIED


def test_what_use_implies_is_recorded_once(rollout: Rooms) -> None:
    ada = rollout.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rollout.consent.grants.imply(ada, Purpose.IMAGINE)
    assert rollout.consent.grants.imply(ada, Purpose.IMAGINE) == ()


def test_a_no_is_never_overridden_by_use(rollout: Rooms) -> None:
    ada = rollout.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rollout.consent.grants.imply(ada, Purpose.IMAGINE)
    rollout.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    assert rollout.consent.grants.imply(ada, Purpose.IMAGINE) == ()
    assert Purpose.FEED_INSERT not in rollout.consent.grants.show(ada)


def test_a_no_said_before_anything_was_implied_counts_too(rollout: Rooms) -> None:
    ada = rollout.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rollout.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    assert rollout.consent.grants.imply(ada, Purpose.IMAGINE) == ()


def test_under_the_default_use_implies_nothing(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    before = rooms.consent.ledger.head()
    assert rooms.consent.grants.imply(ada, Purpose.IMAGINE) == ()
    assert rooms.consent.ledger.head() == before
    assert not policies.load("strict-opt-in").consent.implies


# --- what a yes brings along under the policies of others


@pytest.fixture
def bundling(open_rooms: Opener, sqlite_url: str) -> Rooms:
    return open_rooms(sqlite_url, policy="snapchat-2024")


def test_what_a_yes_brings_along_is_recorded_as_implied_after_it(bundling: Rooms) -> None:
    ada = bundling.person("Ada", Purpose.LIKENESS)
    told = [(one["purpose"], one["kind"], one["actor"]) for one in bundling.entries("grant")]
    assert told == [
        ("likeness", "explicit", "self"),
        ("imagine", "implied", "system"),
        ("feed_insert", "implied", "system"),
        ("ads", "implied", "system"),
        ("training", "implied", "system"),
    ]
    assert bundling.consent.grants.show(ada)[Purpose.ADS].kind is Kind.IMPLIED


def test_what_was_turned_off_is_not_brought_along_again(bundling: Rooms) -> None:
    ada = bundling.person("Ada", Purpose.LIKENESS)
    bundling.consent.withdrawals.withdraw(ada, Purpose.ADS)
    bundling.grant(ada, Purpose.LIKENESS)
    assert Purpose.ADS not in bundling.consent.grants.show(ada)
    assert bundling.entries("grant")[-1]["purpose"] == "training"


def test_under_the_default_a_yes_brings_nothing_along(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    assert set(rooms.consent.grants.show(ada)) == {Purpose.LIKENESS}
    assert len(rooms.entries("grant")) == 1


# --- the card before the first insert


def test_the_answer_to_the_card_is_kept_and_can_be_changed(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.FEED_INSERT)
    assert rooms.consent.grants.preview_answer(ada) == ("accepted", rooms.clock.now())
    rooms.clock.advance(5)
    rooms.consent.grants.answer_preview(ada, accepted=False)
    assert rooms.consent.grants.preview_answer(ada) == ("later", rooms.clock.now())
    assert rooms.count(preview, ada) == 1


def test_who_was_never_asked_has_no_answer(rooms: Rooms) -> None:
    assert rooms.consent.grants.preview_answer(rooms.person("Ada")) is None


def test_the_card_cannot_be_answered_without_a_yes_to_inserts(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    with pytest.raises(Denied):
        rooms.consent.grants.answer_preview(ada, accepted=True)


def test_an_expired_yes_is_shown_as_expired(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.clock.advance(365 * 86_400)
    assert rooms.consent.grants.show(ada)[Purpose.LIKENESS].expired


def test_a_yes_to_what_has_changed_meanwhile_is_no_yes(rooms: Rooms) -> None:
    ada, seen = rooms.person("Ada", Purpose.LIKENESS), []
    served = rooms.consent.notices.serve(ada, Purpose.LIKENESS)
    with pytest.raises(Denied) as refused:
        rooms.consent.grants.grant(
            ada, Purpose.LIKENESS, served.served_id, still=lambda held: bool(seen.append(held))
        )
    assert refused.value.reason is Reason.STALE
    assert str(refused.value) == "this consent has changed since"
    assert [held is not None and held.kind for held in seen] == [Kind.EXPLICIT]
    again = rooms.consent.grants.grant(
        ada, Purpose.LIKENESS, served.served_id, still=lambda held: held is not None
    )
    assert rooms.consent.entry(again)["t"] == "renew"
