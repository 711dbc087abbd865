# SPDX-License-Identifier: Apache-2.0
"""Decisions: what is allowed may be spent, what is forgotten is looked up."""

import pytest

from consent.verify.decisions import question
from tests.consent.findings import found_in
from tests.consent.forge import Forge
from tests.consent.frauds import FRAUDS

FORGETFUL = [name for name in FRAUDS if "effect" in name or "permit" in name or "denied" in name]


@pytest.mark.parametrize("name", FORGETFUL)
def test_what_was_forgotten_is_looked_up_and_the_same_is_found(
    forge: Forge, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    FRAUDS[name](forge)
    bundle = forge.close()
    remembered = found_in(bundle)
    monkeypatch.setattr("consent.verify.decisions._PERMITS", -1)
    monkeypatch.setattr(
        "consent.verify.decisions.Decisions._sweep", lambda self, _: self.live.clear()
    )
    assert found_in(bundle) == remembered


def test_an_honest_year_needs_no_memory_of_permits(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consent.verify.decisions._PERMITS", -1)
    monkeypatch.setattr(
        "consent.verify.decisions.Decisions._sweep", lambda self, _: self.live.clear()
    )
    assert found_in(forge.close()) == []


ALLOWED = (b"7", b"explicit", b"3", b"f", b"9", b"o", b"p", None, b"imagine", None, None, None)


def test_a_question_that_is_not_whole_is_left_to_the_exact_reading() -> None:
    end = (b"view", b"tag", b"allow")
    assert question((*ALLOWED, *end)) is not None
    for place, value in ((1, None), (1, b"no kind"), (2, None), (4, None), (9, b'["cap"]')):
        fields = [*ALLOWED, *end]
        fields[place] = value
        assert question(tuple(fields)) is None
    assert question((*ALLOWED, b"view", b"tag", b"deny")) is None
    assert question((*ALLOWED, b"view", b"tag", b"perhaps")) is None
