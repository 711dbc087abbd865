# SPDX-License-Identifier: Apache-2.0
"""Judged once more because its owner asks: what passes is a portrait, what does not stays."""

from dataclasses import replace
from typing import Any

import pytest

from consent import bundle, policies, tables, verify
from consent.errors import Misused
from consent.gate import Denial
from consent.words import Purpose, Reason, Step
from generation import quarantine
from generation import tables as own
from generation.inspection import Inspector
from generation.portraits import HeldBack, Portrait, Request
from generation.quarantine import Resembles
from tests.generation.conftest import Housing
from tests.generation.house import House
from tests.generation.test_moderation import Fixed


@pytest.fixture
def down(housing: Housing, inspector: Inspector) -> House:
    """Open a studio whose scorer gives no answer."""
    return housing(models=replace(inspector, scorer=Fixed(RuntimeError("broke"))))


@pytest.fixture
def indecent(housing: Housing, inspector: Inspector) -> House:
    """Open a studio whose scorer likes nothing."""
    return housing(models=replace(inspector, scorer=Fixed(0.9)))


def hold(house: House, failing: House, number: int = 1) -> Request:
    """Draw a picture that is held back."""
    request = house.order(house.sitter(number))
    (made,) = failing.studio.make([request])
    assert isinstance(made, HeldBack)
    return request


def appeal(house: House, request: Request) -> Any:
    return house.studio.appeals.appeal(request.subject, request.id)


def count(house: House, *names: Any) -> tuple[int, ...]:
    return tuple(house.rooms.count(table) for table in names)


def test_what_no_gate_could_judge_passes_once_they_answer_again(
    house: House, down: House, tmp_path: Any
) -> None:
    request = hold(house, down)
    assert appeal(house, request) == Portrait(request=request, recipe="head")
    assert count(house, own.quarantined, own.moderated, tables.asset, own.portrait, own.mark) == (
        *(0, 1, 1, 1, 1),
    )
    picture = house.picture(request)
    assert picture.provenance.owner_distance < 0.3
    seen = house.studio.recognition.look(
        picture.file, request.subject, max_bytes=10**7, max_pixels=10**7
    )
    assert isinstance(seen, tuple)
    assert [one.object for one in seen[1]] == [request.id]
    assert (house.rooms.consent.retention.strays(), house.rooms.consent.retention.lost()) == (0, 0)
    bundle.export(house.rooms.consent, tmp_path / "bundle")
    assert verify.verify(tmp_path / "bundle")["findings"] == []


def test_every_step_of_an_appeal_has_its_own_permit(house: House, down: House) -> None:
    request = hold(house, down)
    before = house.rooms.consent.ledger.head()[0]
    appeal(house, request)
    told = [e for e in house.rooms.entries("decision", "effect") if e["seq"] >= before]
    read, moderate, store = Step.READ, Step.MODERATE, Step.STORE
    assert [(e["t"], e["step"]) for e in told] == [
        *(("decision", read), ("effect", read), ("decision", moderate), ("decision", store)),
        *(("effect", moderate), ("effect", store)),
    ]
    assert "reasons" not in told[4]


def test_what_does_not_pass_again_stays_and_the_outcome_is_in_the_ledger(
    house: House, indecent: House
) -> None:
    request = hold(house, indecent)
    assert appeal(indecent, request) == HeldBack(request=request, reason=Reason.NSFW)
    assert count(house, own.quarantined, own.appealed, tables.asset) == (1, 1, 0)
    judged = [e for e in house.rooms.entries("effect") if e["step"] == Step.MODERATE]
    assert [e["reasons"] for e in judged] == [["nsfw"], ["nsfw"]]


def test_an_appeal_is_used_up_by_an_answer(house: House, indecent: House) -> None:
    request = hold(house, indecent)
    appeal(indecent, request)
    before = house.rooms.consent.ledger.head()[0]
    with pytest.raises(Misused) as refused:
        appeal(house, request)
    assert refused.value.reason is Reason.QUOTA
    assert house.rooms.consent.ledger.head()[0] == before


def test_an_appeal_is_not_used_up_by_a_gate_that_gives_none(house: House, down: House) -> None:
    request = hold(house, down)
    for _ in range(2):
        assert appeal(down, request) == HeldBack(request=request, reason=Reason.UNAVAILABLE)
    assert isinstance(appeal(house, request), Portrait)


def test_nobody_else_can_appeal(house: House, down: House) -> None:
    request = hold(house, down)
    stranger = house.sitter(4)
    with pytest.raises(Misused) as refused:
        house.studio.appeals.appeal(stranger, request.id)
    assert refused.value.reason is Reason.UNKNOWN_KEY


def test_what_passed_is_not_judged_again(house: House, down: House) -> None:
    request = hold(house, down)
    appeal(house, request)
    with pytest.raises(Misused) as refused:
        appeal(house, request)
    assert refused.value.reason is Reason.UNKNOWN_KEY


def test_what_is_past_its_time_is_not_judged_again(house: House, down: House) -> None:
    request = hold(house, down)
    house.rooms.clock.advance(house.rooms.consent.policy.moderation.quarantine_seconds)
    with pytest.raises(Misused):
        appeal(house, request)


def test_without_a_selfie_there_is_nothing_to_judge_it_by(house: House, down: House) -> None:
    request = hold(house, down)
    with house.rooms.consent.ledger.read() as connection:
        selfie = connection.execute(own.selfie.select()).one().object
    house.rooms.consent.withdrawals.destroy(request.subject, selfie)
    with pytest.raises(Misused) as refused:
        appeal(house, request)
    assert refused.value.reason is Reason.SELFIES_REQUIRED


def test_who_withdraws_is_not_judged_again(house: House, down: House) -> None:
    request = hold(house, down)
    house.rooms.consent.withdrawals.withdraw(request.subject, Purpose.IMAGINE)
    with pytest.raises(Misused):
        appeal(house, request)
    assert house.rooms.count(own.quarantined) == 0


def test_who_withdraws_while_it_is_judged_leaves_nothing(
    house: House, down: House, housing: Housing, inspector: Inspector
) -> None:
    request = hold(house, down)

    class Late(Fixed):
        def score(self, pixels: Any) -> float:
            house.rooms.consent.withdrawals.withdraw(request.subject, Purpose.IMAGINE)
            return super().score(pixels)

    judging = housing(models=replace(inspector, scorer=Late(0.1)))
    assert isinstance(appeal(judging, request), Denial)
    assert count(house, own.quarantined, tables.asset) == (0, 0)
    assert len(house.rooms.consent.blobs.list()) == 1  # the selfie


def test_a_denied_step_leaves_it_where_it_is(house: House, down: House) -> None:
    request = hold(house, down)
    deny = house.rooms.consent.gate
    rules = tuple(replace(rule, steps=rule.steps - {Step.STORE}) for rule in deny.policy.rules)
    deny.policy = replace(deny.policy, rules=rules)
    outcome = appeal(house, request)
    assert isinstance(outcome, Denial)
    assert outcome.reason is Reason.POLICY_SILENT
    assert count(house, own.quarantined, own.appealed, tables.asset) == (1, 0, 0)


def test_a_second_opinion_may_judge_appeals(
    house: House, indecent: House, housing: Housing, inspector: Inspector
) -> None:
    request = hold(house, indecent)
    judging = housing(models=replace(inspector, scorer=Fixed(0.9)), second=inspector)
    assert isinstance(appeal(judging, request), Portrait)


def test_what_came_nearer_to_somebody_else_of_its_batch_never_passes(
    house: House, down: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = hold(house, down)
    unpack = quarantine.unpack
    near = Resembles(owner=0.2, others=0.01)
    monkeypatch.setattr(quarantine, "unpack", lambda raw: replace(unpack(raw), resembles=near))
    assert appeal(house, request) == HeldBack(request=request, reason=Reason.IDENTITY_FAILED)


def test_two_appeals_at_once_make_one_portrait(
    house: House, down: House, housing: Housing, inspector: Inspector
) -> None:
    request = hold(house, down)

    class Meanwhile(Fixed):
        def score(self, pixels: Any) -> float:
            appeal(house, request)
            return super().score(pixels)

    judging = housing(models=replace(inspector, scorer=Meanwhile(0.1)))
    with pytest.raises(Misused):
        appeal(judging, request)
    assert count(house, own.quarantined, tables.asset, own.moderated) == (0, 1, 1)
    assert house.picture(request).media_type == "image/jpeg"


def test_the_bytes_of_another_picture_do_not_open_in_its_place(house: House, down: House) -> None:
    one, other = hold(house, down), hold(house, down, 4)
    with house.rooms.consent.ledger.read() as connection:
        rows = {row.object: row for row in connection.execute(own.quarantined.select())}
    names = [rows[request.id].blob for request in (one, other)]
    store = house.rooms.consent.blobs
    contents = [store.get(name) for name in names]
    for name, content in zip(names, reversed(contents), strict=True):
        store.delete(name)
        store.put_new(name, content)
    with pytest.raises(Exception, match="do not open"):
        appeal(house, one)
    assert house.rooms.count(tables.asset) == 0


def test_the_number_of_appeals_is_the_policys(house: House, indecent: House) -> None:
    request = hold(house, indecent)
    gate = indecent.rooms.consent.gate
    twice = replace(policies.load("strict-opt-in").moderation, appeals=2)
    gate.policy = replace(gate.policy, moderation=twice)
    appeal(indecent, request)
    appeal(indecent, request)
    with pytest.raises(Misused):
        appeal(indecent, request)
    assert house.rooms.count(own.appealed) == 2
