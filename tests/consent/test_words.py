# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.words import (
    PLAIN,
    PORTRAIT_PURPOSES,
    ROOTS,
    Purpose,
    Reason,
    Step,
    parent_of,
    parse_id,
    parse_rfc3339,
    public_id,
    rfc3339,
)

IDS = st.integers(min_value=0, max_value=(1 << 63) - 1)
CONTRACT_PURPOSES = (
    "likeness imagine feed_insert avatar_pack profile_picture story share ads training "
    "personalisation experiment telemetry"
)
CONTRACT_STEPS = "enrol select read generate moderate store insert view share learn"
CONTRACT_REASONS = (
    "not-granted withdrawn expired notice-outdated notice-missing paused purpose-mismatch "
    "policy-silent policy-forbids cap quota selfies-required age guardian-required stale "
    "permit-used moderation-failed identity-failed nsfw no-face multi-face too-small blurred dark "
    "duplicate different-person attestation-missing unreadable unavailable stopped "
    "unknown-subject unknown-key schema-version"
)


@pytest.mark.parametrize(
    ("words", "contract"),
    [(Purpose, CONTRACT_PURPOSES), (Step, CONTRACT_STEPS), (Reason, CONTRACT_REASONS)],
)
def test_the_closed_words_are_those_of_the_contract(words: type, contract: str) -> None:
    assert {str(word) for word in words} == set(contract.split())  # type: ignore[attr-defined]


def test_likeness_is_the_only_parent_and_four_purposes_stand_alone() -> None:
    assert {parent_of(p) for p in Purpose} == {None, Purpose.LIKENESS}
    assert {p for p in Purpose if parent_of(p) is None} == ROOTS


def test_using_an_edit_tool_is_no_ancestor_of_feed_insertion() -> None:
    assert parent_of(Purpose.FEED_INSERT) is not Purpose.IMAGINE


def test_every_purpose_can_be_asked_for_in_plain_words() -> None:
    assert set(PLAIN) == set(Purpose)
    assert set(PORTRAIT_PURPOSES) <= set(Purpose)


@given(IDS)
def test_an_id_survives_the_way_out_and_back(number: int) -> None:
    text = public_id(number)
    assert len(text) == 13
    assert parse_id(text) == number


@given(IDS, IDS)
def test_ids_sort_outside_as_they_do_inside(one: int, other: int) -> None:
    assert (public_id(one) < public_id(other)) == (one < other)


@given(st.text(max_size=20))
def test_whatever_a_client_sends_as_an_id_is_one_or_none(text: str) -> None:
    number = parse_id(text)
    assert number is None or public_id(number) == text


@pytest.mark.parametrize("text", ["", "0", "i" * 13, "z" * 13, "0000000000000 ", "000000000000A"])
def test_what_is_no_id_is_none(text: str) -> None:
    assert parse_id(text) is None


@given(st.integers(min_value=0, max_value=4_102_444_800_000_000))
def test_a_time_survives_the_way_out_and_back(at: int) -> None:
    assert rfc3339(at).endswith("Z")
    assert parse_rfc3339(rfc3339(at)) == at


def test_a_time_is_written_as_the_contract_says() -> None:
    assert rfc3339(1_736_200_800_000_000) == "2025-01-06T22:00:00Z"
    assert rfc3339(1_736_200_800_000_001) == "2025-01-06T22:00:00.000001Z"
    assert parse_rfc3339("2025-01-06T23:00:00+01:00") == 1_736_200_800_000_000


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        parse_rfc3339("2025-01-06T22:00:00")
