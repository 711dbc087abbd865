# SPDX-License-Identifier: Apache-2.0
"""A policy as one SQL expression: the third form of `decide`, over rows of a facts table.

A CASE without a single parameter from outside: it holds the policy's own words and numbers.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    FromClause,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    case,
    false,
    literal,
    not_,
    or_,
)

from consent.policy import CAPPED, UNPAUSED, Policy, Rule, Treatment
from consent.words import Kind, Reason

Condition = ColumnElement[bool]
_When = tuple[Condition, ColumnElement[str]]


def facts_table(name: str, metadata: MetaData) -> Table:
    """Declare a table of facts, a row a decision, for whoever wants to ask about many."""
    flags = ("withdrawn", "expired", "notice_current", "preview", "confirmed", "paused")
    return Table(
        name,
        metadata,
        Column("step", String, nullable=False),
        Column("purpose", String, nullable=False),
        Column("kind", String),
        *(Column(flag, Boolean, nullable=False) for flag in flags),
        Column("age_band", String),
        Column("region", String),
        Column("used_day", Integer, nullable=False),
        Column("used_week", Integer, nullable=False),
        prefixes=["TEMPORARY"],
    )


def decide(policy: Policy, facts: FromClause) -> ColumnElement[str]:
    """Return the expression of a row's verdict: `allow` or the reason of the denial."""
    whens = [(_names(rule, facts), _ruled(policy, rule, facts)) for rule in policy.rules]
    silence = _said(Reason.POLICY_SILENT)
    return case(*whens, else_=silence) if whens else silence


def _names(rule: Rule, facts: FromClause) -> Condition:
    return and_(facts.c.step.in_(sorted(rule.steps)), facts.c.purpose.in_(sorted(rule.purposes)))


def _ruled(policy: Policy, rule: Rule, facts: FromClause) -> ColumnElement[str]:
    if not rule.kinds:
        return _said(Reason.POLICY_FORBIDS)
    whens = [
        *_basis(policy, rule, facts),
        (_stopped(facts), _said(Reason.PAUSED)),
        *_person(policy, facts),
        *((not_(facts.c[need]), _said(Reason.NOT_GRANTED)) for need in sorted(rule.needs)),
        *_caps(policy, rule, facts),
    ]
    return case(*whens, else_=literal("allow"))


def _basis(policy: Policy, rule: Rule, facts: FromClause) -> Iterator[_When]:
    nothing = facts.c.kind.is_(None)
    yield and_(nothing, facts.c.withdrawn), _said(Reason.WITHDRAWN)
    yield nothing, _said(Reason.NOT_GRANTED)
    yield facts.c.expired, _said(Reason.EXPIRED)
    yield facts.c.kind.not_in(sorted(rule.kinds)), _said(Reason.POLICY_FORBIDS)
    if policy.consent.current_notice:
        yield not_(facts.c.notice_current), _said(Reason.NOTICE_OUTDATED)


def _stopped(facts: FromClause) -> Condition:
    return and_(facts.c.paused, facts.c.step.not_in(sorted(UNPAUSED)))


def _person(policy: Policy, facts: FromClause) -> Iterator[_When]:
    refused = policy.regions.refused
    there = facts.c.region.in_(refused) if refused else false()
    yield and_(facts.c.region.is_not(None), there), _said(Reason.POLICY_FORBIDS)
    yield from _treated(policy.ages.minors, facts.c.age_band == "minor", facts)
    yield from _treated(policy.ages.unknown, facts.c.age_band.is_(None), facts)


def _treated(treatment: Treatment, those: Condition, facts: FromClause) -> Iterator[_When]:
    if treatment == "guardian":
        alone = facts.c.kind != Kind.PARENTAL
        yield and_(those, alone), _said(Reason.GUARDIAN_REQUIRED)
    elif treatment == "refused":
        yield those, _said(Reason.AGE)


def _caps(policy: Policy, rule: Rule, facts: FromClause) -> Iterator[_When]:
    for purpose, caps in policy.caps.items():
        if purpose in rule.purposes and CAPPED & rule.steps:
            here = and_(facts.c.step.in_(sorted(CAPPED)), facts.c.purpose == purpose)
            day, week = facts.c.used_day >= caps.per_day, facts.c.used_week >= caps.per_week
            yield and_(here, or_(day, week)), _said(Reason.CAP)


def _said(reason: Reason) -> ColumnElement[Any]:
    return literal(str(reason))
