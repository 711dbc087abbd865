# SPDX-License-Identifier: Apache-2.0
"""What is said of a person that policies decide on: of age or not, and where.

Rules:
1. an age band and a place, never a birthday: nothing more is asked than policies can use
2. the more careful word counts at once: anybody who may speak can say that a person is a minor
3. a minor becomes an adult here by the operator's word alone, who has checked; their own word, or
   a guardian's, is refused
4. a guardian speaks only for somebody who is known to be a minor
5. what a guardian agreed to before stays until its term ends, as the law leaves it; the person, of
   age now, can renew it or turn it off, and the guardian can do neither any more
It is not proof of an age, and docs/receipts.md says so. Every decision's facts carry it.
"""

import re
from typing import Final

from consent.errors import Denied, Misused
from consent.ledger import Ledger
from consent.policy import AgeBand, Policy
from consent.standing import Said, said_of
from consent.tables import attestation
from consent.words import Actor, Reason, Subject
from consent.writing import Writing

_PLACE: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


class Attestations:
    """Keep the last word on a person's age band and place."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def of(self, subject: Subject) -> Said:
        """Return what is known of a person."""
        with self._ledger.read() as connection:
            return said_of(connection, [subject]).get(subject, Said())

    def attest(
        self,
        subject: Subject,
        *,
        age_band: AgeBand | None = None,
        region: str | None = None,
        actor: Actor = Actor.SELF,
    ) -> Said:
        """Write down what somebody says of a person; what is not said stays as it was.

        Errors: Denied(age) when a minor is said to be an adult by anybody but the operator,
        Misused(unknown-key) for a place that is no ISO 3166 code such as DE or US-IL.
        """
        if region is not None and _PLACE.fullmatch(region) is None:
            raise Misused(Reason.UNKNOWN_KEY, "a place is an ISO 3166 code such as DE or US-IL")
        with self._ledger.write() as writing:
            known = said_of(writing.connection, [subject]).get(subject, Said())
            if known.age_band == "minor" and age_band == "adult" and actor is not Actor.OPERATOR:
                raise Denied(
                    Reason.AGE,
                    "known here as a minor; only whoever runs this installation can change that",
                )
            said = Said(age_band=age_band or known.age_band, region=region or known.region)
            if said != known:
                _keep(writing, subject, said, actor)
        return said


def _keep(writing: Writing, subject: Subject, said: Said, actor: Actor) -> None:
    writing.connection.execute(attestation.delete().where(attestation.c.subject == subject))
    who = {"subject": subject, "said_by": actor, "at": writing.now}
    writing.insert(attestation, [who | {"age_band": said.age_band, "region": said.region}])


def guarded(said: Said, actor: Actor) -> None:
    """Let a guardian act only for a minor. Errors: Misused(attestation-missing)."""
    if actor is Actor.GUARDIAN and said.age_band != "minor":
        raise Misused(
            Reason.ATTESTATION_MISSING,
            "a guardian acts only for somebody who is known here to be a minor",
        )


def barred(policy: Policy, said: Said, actor: Actor) -> Reason | None:
    """Say why no step would accept a person's yes, whatever else holds; None where some may."""
    if said.region in policy.regions.refused:
        return Reason.POLICY_FORBIDS
    if said.age_band == "adult":
        return None
    treatment = policy.ages.minors if said.age_band else policy.ages.unknown
    if treatment == "guardian" and actor is not Actor.GUARDIAN:
        return Reason.GUARDIAN_REQUIRED
    return Reason.AGE if treatment == "refused" else None
