# SPDX-License-Identifier: Apache-2.0
"""Opening selfies for a batch."""

from collections.abc import Mapping
from typing import Any

import pytest

from consent import tables
from consent.gate import Denial
from consent.words import ObjectId, Purpose, Reason, Step
from generation import reading
from generation.batching import Batch
from generation.faces import distance
from generation.portraits import Request
from tests.generation.house import House


def read(house: House, *requests: Request) -> tuple[Batch, Mapping[ObjectId, Reason]]:
    consent = house.rooms.consent
    batch = Batch(requests)
    return batch, reading.read(
        batch, ledger=consent.ledger, gate=consent.gate, vault=consent.vault
    )


def test_every_selfie_is_read_under_a_permit_of_its_own_request(house: House) -> None:
    subject = house.sitter(1)
    house.enrol(subject, 1, "studio_portrait")
    requests = (house.order(subject), house.order(subject))
    batch, faults = read(house, *requests)
    assert not faults
    assert [len(batch.likenesses[one.id]) for one in requests] == [2, 2]
    assert house.rooms.count(tables.selfie_read) == 4


def test_selfies_come_in_the_order_in_which_they_were_enrolled(house: House) -> None:
    subject = house.sitter(1)
    house.enrol(subject, 1, "studio_portrait")
    request = house.order(subject)
    first, second = read(house, request)[0].likenesses[request.id]
    assert first.pixels.shape == (900, 604, 3)
    assert second.pixels.shape == (900, 900, 3)


def test_a_selfie_is_read_only_for_what_its_person_said_yes_to(house: House) -> None:
    subject = house.sitter(1, Purpose.FEED_INSERT)
    request = house.order(subject, purpose=Purpose.FEED_INSERT)
    house.rooms.consent.withdrawals.withdraw(subject, Purpose.FEED_INSERT)
    _, faults = read(house, request)
    assert faults == {request.id: Reason.SELFIES_REQUIRED}
    assert house.rooms.count(tables.selfie_read) == 0


def test_one_selfie_serves_two_purposes_under_two_permits(house: House) -> None:
    subject = house.sitter(1)
    house.rooms.grant(subject, Purpose.FEED_INSERT)
    requests = (house.order(subject), house.order(subject, purpose=Purpose.FEED_INSERT))
    batch, _ = read(house, *requests)
    assert [len(batch.likenesses[one.id]) for one in requests] == [1, 1]
    reads = [e for e in house.rooms.entries("decision") if e["step"] == Step.READ]
    assert {e["purpose"] for e in reads} == {Purpose.IMAGINE, Purpose.FEED_INSERT}
    assert len(reads) == 2


def test_a_withdrawal_between_question_and_opening_is_a_denial(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [house.sitter(number) for number in (1, 3)]
    gone, stays = (house.order(subject) for subject in people)
    _after_asking(
        house,
        monkeypatch,
        lambda: house.rooms.consent.withdrawals.withdraw(people[0], Purpose.IMAGINE),
    )
    batch, faults = read(house, gone, stays)
    assert isinstance(batch.outcomes[gone.id], Denial)
    assert batch.open == (stays,)
    assert not faults


def test_a_selfie_deleted_between_question_and_opening_is_not_drawn_from(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = house.sitter(1)
    second = house.enrol(subject, 1, "studio_portrait")
    request = house.order(subject)
    _after_asking(
        house, monkeypatch, lambda: house.rooms.consent.withdrawals.destroy(subject, second)
    )
    batch, faults = read(house, request)
    assert not faults
    assert len(batch.likenesses[request.id]) == 1


def test_one_denied_selfie_and_none_is_opened(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = house.sitter(1)
    house.enrol(subject, 1, "studio_portrait")
    request = house.order(subject)
    real = house.rooms.consent.gate.ask_all

    def deny_last(asks: Any) -> Any:
        *allowed, last = real(asks)
        denied = Denial(
            seq=last.seq,
            step=Step.READ,
            subject=last.subject,
            purpose=last.purpose,
            object=last.object,
            reason=Reason.EXPIRED,
        )
        return (*allowed, denied)

    monkeypatch.setattr(house.rooms.consent.gate, "ask_all", deny_last)
    batch, _ = read(house, request)
    assert isinstance(batch.outcomes[request.id], Denial)
    assert house.rooms.count(tables.selfie_read) == 0


def test_what_was_enrolled_is_what_is_drawn_from(house: House) -> None:
    request = house.order(house.sitter(1))
    batch, _ = read(house, request)
    (likeness,) = batch.likenesses[request.id]
    measured = house.studio._inspector.faces.measure(likeness.pixels)
    assert likeness.box == measured.box
    assert distance(likeness.vector, measured.vector) < 0.1


def _after_asking(house: House, patch: pytest.MonkeyPatch, act: Any) -> None:
    """Let something happen right after the gate has been asked for the first time."""
    gate, acts = house.rooms.consent.gate, [act]
    real = gate.ask_all

    def asked(*given: Any, **named: Any) -> Any:
        answers = real(*given, **named)
        if acts:
            acts.pop()()
        return answers

    patch.setattr(gate, "ask_all", asked)
