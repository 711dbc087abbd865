# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from itertools import product

import pytest

from consent import policies, wording
from consent.policy import Facts
from consent.words import Kind, Purpose, Step

STRICT, ROLLOUT, SNAPCHAT = (
    policies.load(name) for name in ("strict-opt-in", "instagram-2025", "snapchat-2024")
)
PLAIN = {"preview": True, "confirmed": True}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (Facts(kind=Kind.EXPLICIT, **PLAIN), "somebody who said yes to feed_insert"),
        (Facts(kind=Kind.PARENTAL, **PLAIN), "somebody whose guardian said yes to feed_insert"),
        (Facts(), "somebody who never said yes to feed_insert"),
        (Facts(withdrawn=True), "somebody who turned off feed_insert"),
        (Facts(kind=Kind.EXPLICIT, confirmed=True), "who has not accepted a preview"),
        (Facts(kind=Kind.EXPLICIT, preview=True), "who has not confirmed it this time"),
        (Facts(kind=Kind.EXPLICIT, age_band="minor", **PLAIN), "and who is a minor"),
        (Facts(kind=Kind.EXPLICIT, region="US-IL", **PLAIN), "and who is in US-IL"),
        (Facts(kind=Kind.EXPLICIT, expired=True, **PLAIN), "and whose yes has run out"),
        (Facts(kind=Kind.EXPLICIT, used_day=1, used_week=2, **PLAIN), "1 in the last day and 2"),
    ],
)
def test_facts_are_said_as_a_person(facts: Facts, words: str) -> None:
    assert words in wording.somebody(facts, Purpose.FEED_INSERT, (STRICT,))


def test_an_implied_basis_is_said_as_what_the_person_did() -> None:
    implied = Facts(kind=Kind.IMPLIED, **PLAIN)
    used = wording.somebody(implied, Purpose.FEED_INSERT, (STRICT, ROLLOUT))
    assert used == "somebody who only used the edit tool"
    agreed = replace(STRICT.consent, implies={Purpose.STORY: (Purpose.SHARE,)})
    other = wording.somebody(implied, Purpose.SHARE, (replace(STRICT, consent=agreed),))
    assert other == "somebody who only used story"
    bundled = wording.somebody(implied, Purpose.ADS, (STRICT, SNAPCHAT))
    assert bundled == "somebody whose yes to likeness brought ads along"
    alone = wording.somebody(implied, Purpose.STORY, (SNAPCHAT,))
    assert alone == "somebody whose basis for story is only implied"
    neither = wording.somebody(implied, Purpose.STORY, (STRICT, ROLLOUT))
    assert neither == "somebody whose basis for story is only implied"


def test_every_step_for_every_purpose_has_its_own_words() -> None:
    said = [wording.consequence(step, purpose) for step, purpose in product(Step, Purpose)]
    assert len(set(said)) == len(Step) * len(Purpose)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("selfies.retention_seconds", 300, "5 minutes"),
        ("selfies.retention_seconds", 301, "301 seconds"),
        ("selfies.retention_seconds", 86_400, "1 day"),
        ("selfies.retention_seconds", 0, "0 seconds"),
        ("consent.permit_seconds", 7_200, "2 hours"),
        ("packs.outputs", 30, "30"),
        ("selfies.attest_self", True, "yes"),
        ("regions.refused", ("US-IL", "US-TX"), "US-IL, US-TX"),
        ("regions.refused", (), "none"),
        ("consent.implies.imagine", None, "none"),
    ],
)
def test_values_are_said_in_the_largest_unit_that_fits(
    path: str, value: object, words: str
) -> None:
    assert wording.value(path, value) == words
