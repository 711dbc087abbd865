# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, insert, select

from consent import cases, database, policies
from consent.policy import CAPPED, Facts, Policy, Treatment, decide
from consent.words import Purpose, Step
from tests.consent import facts

CHUNK = 20_000


def rows(policy: Policy) -> Iterator[dict[str, object]]:
    for step, purpose in facts.CELLS:
        for one in facts.listed(policy.id, step, purpose):
            yield {name: getattr(one, name) for name in NAMES} | {"step": step, "purpose": purpose}


NAMES = (
    *("kind", "withdrawn", "expired", "notice_current", "preview", "confirmed"),
    *("age_band", "region", "used_day", "used_week", "paused"),
)


@pytest.mark.parametrize("name", facts.each_policy())
def test_the_database_decides_as_the_gate_does_over_all_facts(name: str) -> None:
    policy = policies.load(name)
    table = cases.facts_table("facts", MetaData())
    expected = [said for cell in facts.CELLS for said in facts.decided(name, *cell)]
    with create_engine("sqlite://").connect() as connection:
        table.create(connection)
        every = list(rows(policy))
        for start in range(0, len(every), CHUNK):
            connection.execute(insert(table), every[start : start + CHUNK])
        query = select(cases.decide(policy, table)).select_from(table)
        decided = connection.execute(query).scalars().all()
    assert len(decided) == len(expected)
    wrong = [
        n for n, (said, right) in enumerate(zip(decided, expected, strict=True)) if said != right
    ]
    assert not wrong, (every[wrong[0]], decided[wrong[0]], expected[wrong[0]])


def test_both_databases_decide_alike(database_url: str) -> None:
    """Every fourteenth vector of the policy with the most axes; the others are SQLite's alone."""
    policy, engine = policies.load("instagram-2025"), database.connect(database_url)
    some = list(rows(policy))[::14]
    cells = [said for cell in facts.CELLS for said in facts.scalar(policy, *cell)][::14]
    table = cases.facts_table("facts", MetaData())
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table), some)
        numbered = select(table, cases.decide(policy, table).label("verdict"))
        found = connection.execute(numbered).mappings().all()
    engine.dispose()
    decided = sorted(_key(dict(row), row["verdict"]) for row in found)
    assert decided == sorted(_key(row, said) for row, said in zip(some, cells, strict=True))


def _key(row: Mapping[str, object], verdict: str) -> tuple[str, ...]:
    """Write a row and its verdict as words: a database keeps no order."""
    return (*(str(row[name] and str(row[name])) for name in ("step", "purpose", *NAMES)), verdict)


def test_a_policy_without_rules_is_silent_in_the_database_too() -> None:
    table = cases.facts_table("facts", MetaData())
    silent = Policy(**_parts(policies.load("strict-opt-in")) | {"rules": ()})
    words = str(cases.decide(silent, table).compile(compile_kwargs={"literal_binds": True}))
    assert words == "'policy-silent'"


def _parts(policy: Policy) -> dict[str, object]:
    return {name: getattr(policy, name) for name in Policy.__slots__}


def test_the_expression_holds_no_value_from_outside() -> None:
    table = cases.facts_table("facts", MetaData())
    policy = policies.load("instagram-2025")
    bound = cases.decide(policy, table).compile().params.values()
    known = {*Step, *Purpose, "minor", "parental", *policy.regions.refused}
    assert all(isinstance(one, int | list) or one in known | _WORDS for one in bound)


_WORDS = {
    *("allow", "policy-silent", "policy-forbids", "withdrawn", "not-granted", "expired"),
    *("notice-outdated", "guardian-required", "age", "cap", "paused"),
}


@pytest.mark.parametrize("treatment", ["refused", "guardian", "allowed"])
def test_every_treatment_of_minors_is_decided_alike(treatment: Treatment) -> None:
    """`refused` is in no shipped policy, and must mean the same in every form all the same."""
    strict = policies.load("strict-opt-in")
    policy = replace(strict, ages=replace(strict.ages, minors=treatment))
    assert ("age" in decided_alike(policy, list(rows(strict))[::7])) is (treatment == "refused")


def test_a_cap_is_that_of_its_own_purpose() -> None:
    strict = policies.load("strict-opt-in")
    capped = strict.caps[Purpose.FEED_INSERT]
    loose = strict.caps | {Purpose.IMAGINE: replace(capped, per_day=10**6, per_week=10**6)}
    both = tuple(replace(one, purposes=frozenset(Purpose)) for one in strict.rules)
    asked = list(rows(strict))[::5]
    said = decided_alike(replace(strict, caps=loose, rules=both), asked)
    capped_rows = [row for row, verdict in zip(asked, said, strict=True) if verdict == "cap"]
    assert {row["purpose"] for row in capped_rows} == {Purpose.FEED_INSERT}
    assert {row["step"] for row in capped_rows} == CAPPED


def decided_alike(policy: Policy, every: list[dict[str, Any]]) -> list[str]:
    """Decide rows in SQLite and by the gate's own function, which must say the same."""
    table = cases.facts_table("facts", MetaData())
    right = [policy_says(policy, row) for row in every]
    with create_engine("sqlite://").connect() as connection:
        table.create(connection)
        connection.execute(insert(table), every)
        query = select(cases.decide(policy, table)).select_from(table)
        assert connection.execute(query).scalars().all() == right
    return right


def policy_says(policy: Policy, row: dict[str, Any]) -> str:
    """Ask the gate's own function."""
    given = dict(row)
    step, purpose = given.pop("step"), given.pop("purpose")
    return str(getattr(decide(policy, step, purpose, Facts(**given)), "reason", "allow"))
