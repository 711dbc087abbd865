# SPDX-License-Identifier: Apache-2.0
"""The way in for selfies, against the real consent room."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from consent import policies, tables
from consent.errors import Denied
from consent.gate import Ask, View
from consent.policy import SelfieRules
from consent.words import Purpose, Reason, Step, Subject
from generation import enrolment, photographs, selfies
from generation.enrolment import Enrolled, Withheld
from generation.selfies import Attested, Rejected
from tests.generation import samples
from tests.generation.house import House


def under(house: House, monkeypatch: pytest.MonkeyPatch, **rules: Any) -> None:
    """Change the policy's rules for selfies."""
    gate = house.rooms.consent.gate
    changed = replace(gate.policy, selfies=replace(gate.policy.selfies, **rules))
    monkeypatch.setattr(gate, "policy", changed)


def test_good_selfies_are_enrolled_and_only_their_owner_can_open_them(house: House) -> None:
    subject = house.rooms.person("Ada", Purpose.LIKENESS)
    files = [samples.file_of(1), samples.file_of(1, "studio_portrait")]
    first, second = house.studio.enrol(subject, files, samples.TRUE)
    assert isinstance(first, Enrolled)
    assert isinstance(second, Enrolled)
    look: Ask[View] = Ask(
        step=Step.VIEW, subject=subject, purpose=Purpose.LIKENESS, object=first.id
    )
    vault, gate = house.rooms.consent.vault, house.rooms.consent.gate
    likeness = selfies.unpack(vault.view(gate, look, tables.selfie_view))
    assert likeness.pixels.shape == (1400, 939, 3)


def test_without_a_yes_no_file_is_opened(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = house.rooms.person("Ada")
    monkeypatch.setattr(photographs, "opened", _never)
    with pytest.raises(Denied) as denied:
        house.studio.enrol(subject, [samples.file_of(1)], samples.TRUE)
    assert denied.value.reason is Reason.NOT_GRANTED
    assert house.rooms.count(tables.selfie) == 0


def _never(*_: object, **__: object) -> None:
    raise AssertionError


def test_without_attestation_no_file_is_opened(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = house.rooms.person("Ada", Purpose.LIKENESS)
    monkeypatch.setattr(photographs, "opened", _never)
    answer = house.studio.enrol(subject, [b"x"], Attested(myself=True, adult=False))
    assert answer == (Rejected(Reason.ATTESTATION_MISSING),)


def test_one_bad_file_keeps_the_others_out(house: House) -> None:
    subject = house.rooms.person("Ada", Purpose.LIKENESS)
    files = [samples.file_of(1), b"no picture"]
    answer = house.studio.enrol(subject, files, samples.TRUE)
    assert answer == (Withheld(), Rejected(Reason.UNREADABLE))
    assert house.rooms.count(tables.selfie) == 0
    assert not [path for path in (house.rooms.home / "blobs").rglob("*") if path.is_file()]


def test_unless_the_policy_says_otherwise(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    under(house, monkeypatch, all_or_nothing=False)
    subject = house.rooms.person("Ada", Purpose.LIKENESS)
    bad, good = house.studio.enrol(subject, [b"no picture", samples.file_of(1)], samples.TRUE)
    assert bad == Rejected(Reason.UNREADABLE)
    assert isinstance(good, Enrolled)
    assert house.rooms.count(tables.selfie) == 1


@pytest.mark.parametrize(
    ("count", "reason"),
    [
        (1, Reason.SELFIES_REQUIRED),
        (2, Reason.UNREADABLE),
        (3, Reason.UNREADABLE),
        (4, Reason.QUOTA),
    ],
)
def test_how_many_is_the_policys(
    house: House, monkeypatch: pytest.MonkeyPatch, count: int, reason: Reason
) -> None:
    under(house, monkeypatch, minimum=2, maximum=3)
    subject = house.rooms.person("Ada", Purpose.LIKENESS)
    answer = house.studio.enrol(subject, [b"no picture"] * count, samples.TRUE)
    assert answer == (Rejected(reason),) * count


def test_what_is_enrolled_already_counts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = house.sitter(1)
    under(house, monkeypatch, maximum=1)
    answer = house.studio.enrol(subject, [samples.file_of(1, "studio_portrait")], samples.TRUE)
    assert answer == (Rejected(Reason.QUOTA),)


def test_of_two_uploads_at_once_the_later_one_finds_the_first(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = house.rooms.person("Ada", Purpose.LIKENESS)
    under(house, monkeypatch, maximum=1)
    real, between = selfies.examine, [samples.small_file_of(1, "studio_portrait")]

    def examine(*given: Any, **named: Any) -> Any:
        judged = real(*given, **named)
        if between:  # both were counted as fitting before either is kept
            (first,) = house.studio.enrol(subject, [between.pop()], samples.TRUE)
            assert isinstance(first, Enrolled)
        return judged

    monkeypatch.setattr(enrolment.selfies, "examine", examine)
    answer = house.studio.enrol(subject, [samples.small_file_of(1)], samples.TRUE)
    assert answer == (Rejected(Reason.QUOTA),)
    assert house.rooms.count(tables.selfie) == 1


def test_how_long_is_the_policys(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    under(house, monkeypatch, retention_seconds=299)
    house.sitter(1)
    with house.rooms.consent.ledger.read() as connection:
        row = connection.execute(tables.selfie.select()).one()
    assert row.expires_at - row.at == 299 * 1_000_000


def test_five_minutes_after_the_upload_nobody_can_read_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    under(house, monkeypatch, retention_seconds=_tiktok().retention_seconds)
    house.sitter(1)
    house.rooms.clock.advance(299)
    house.rooms.consent.retention.sweep()
    assert house.rooms.count(tables.selfie) == 1
    house.rooms.clock.advance(1)
    house.rooms.consent.retention.sweep()
    assert house.rooms.count(tables.selfie) == 0
    assert house.rooms.consent.blobs.list() == ()


def _tiktok() -> SelfieRules:
    return policies.load("tiktok-avatars-2023").selfies


@pytest.mark.parametrize("moment", ["judging", "sealed"])
def test_a_withdrawal_in_the_middle_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    subject = house.rooms.person("Ada", Purpose.LIKENESS)

    def then_withdraw(real: Callable[..., Any]) -> Callable[..., Any]:
        def acting(*given: Any, **named: Any) -> Any:
            answer = real(*given, **named)
            house.rooms.consent.withdrawals.withdraw(subject, Purpose.LIKENESS)
            return answer

        return acting

    place: Any = enrolment.selfies if moment == "judging" else house.rooms.consent.vault
    name = "examine" if moment == "judging" else "seal"
    monkeypatch.setattr(place, name, then_withdraw(getattr(place, name)))
    with pytest.raises(Denied) as denied:
        house.studio.enrol(subject, [samples.file_of(1)], samples.TRUE)
    assert denied.value.reason is Reason.WITHDRAWN
    assert house.rooms.count(tables.selfie) == 0


# --- what was given before


def enrolled(house: House, subject: Subject, person: int, picture: str = "amateur_selfie") -> Any:
    (done,) = house.studio.enrol(subject, [samples.small_file_of(person, picture)], samples.TRUE)
    return done


def test_a_later_upload_is_held_to_the_face_and_the_pictures_of_before(house: House) -> None:
    subject = house.rooms.person("Ada", Purpose.LIKENESS)
    first = enrolled(house, subject, 1)
    assert enrolled(house, subject, 1) == Rejected(Reason.DUPLICATE)
    assert enrolled(house, subject, 3) == Rejected(Reason.DIFFERENT_PERSON)
    assert isinstance(enrolled(house, subject, 1, "studio_portrait"), Enrolled)
    assert house.rooms.count(tables.selfie, subject) == 2
    house.rooms.consent.withdrawals.destroy(subject, first.id)
    assert isinstance(enrolled(house, subject, 1), Enrolled)


def test_nobody_is_compared_with_somebody_else(house: House) -> None:
    ada = house.rooms.person("Ada", Purpose.LIKENESS)
    bob = house.rooms.person("Bob", Purpose.LIKENESS)
    assert isinstance(enrolled(house, ada, 1), Enrolled)
    assert isinstance(enrolled(house, bob, 1), Enrolled)


def test_who_said_no_and_yes_again_starts_anew(house: House) -> None:
    ada = house.rooms.person("Ada", Purpose.LIKENESS)
    enrolled(house, ada, 1)
    house.rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    house.rooms.grant(ada, Purpose.LIKENESS)
    assert isinstance(enrolled(house, ada, 3), Enrolled)
