# SPDX-License-Identifier: Apache-2.0
"""A consent room with a studio over it, and people who say yes."""

from dataclasses import dataclass

from consent.chance import identifier
from consent.gate import Ask, Denial, Select
from consent.room import ConsentRoom
from consent.words import ObjectId, Purpose, Step, Subject
from generation.enrolment import Enrolled
from generation.portraits import Request, Wish
from generation.studio import Studio
from tests.generation import samples


@dataclass
class House:
    """A consent room, a studio over it, and people who say yes."""

    consent: ConsentRoom
    studio: Studio

    def person(self, number: int, *purposes: Purpose) -> Subject:
        """Open an account and say yes to `likeness` and to `purposes`."""
        subject = self.consent.accounts.add(f"P{number:03}").subject
        for purpose in (Purpose.LIKENESS, *purposes):
            served = self.consent.notices.serve(subject, purpose)
            self.consent.grants.grant(subject, purpose, served.served_id)
        return subject

    def sitter(self, number: int, purpose: Purpose = Purpose.IMAGINE) -> Subject:
        """Open an account with one enrolled selfie."""
        subject = self.person(number, purpose)
        (done,) = self.studio.enrol(subject, [samples.file_of(number)], samples.TRUE)
        assert isinstance(done, Enrolled)
        return subject

    def order(
        self, subject: Subject, scenario: str = "plain", purpose: Purpose = Purpose.IMAGINE
    ) -> Request:
        """Ask to be selected, and place the order."""
        ask: Ask[Select] = Ask(
            step=Step.SELECT,
            subject=subject,
            purpose=purpose,
            object=ObjectId(identifier(self.consent.chance)),
        )
        permit = self.consent.gate.ask(ask)
        (request,) = self.studio.order([permit], [Wish(scenario=scenario, seed=7)])
        assert not isinstance(request, Denial)
        return request
