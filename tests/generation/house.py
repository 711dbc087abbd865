# SPDX-License-Identifier: Apache-2.0
"""The consent room with a studio over it, and people who sit for it."""

from dataclasses import dataclass

from consent.gate import Denial
from consent.words import ObjectId, Purpose, Step, Subject
from generation import portraits
from generation.enrolment import Enrolled
from generation.portraits import Picture, Request, Wish
from generation.studio import Studio
from generation.tables import asset_view
from tests.generation import samples
from tests.rooms import Rooms


@dataclass(frozen=True)
class House:
    """What a test of this room acts in; everything in it is real."""

    rooms: Rooms
    studio: Studio

    def enrol(self, subject: Subject, number: int, picture: str = "amateur_selfie") -> ObjectId:
        """Enrol one synthetic person's picture for a subject."""
        file = samples.small_file_of(number, picture)
        (done,) = self.studio.enrol(subject, [file], samples.TRUE)
        assert isinstance(done, Enrolled)
        return done.id

    def sitter(self, number: int, purpose: Purpose = Purpose.IMAGINE) -> Subject:
        """Open an account with a yes and one enrolled selfie."""
        subject = self.rooms.person(f"P{number:03}", Purpose.LIKENESS, purpose)
        self.enrol(subject, number)
        return subject

    def order(
        self,
        subject: Subject,
        scenario: str = "plain",
        purpose: Purpose = Purpose.IMAGINE,
        wish: Wish | None = None,
    ) -> Request:
        """Ask to be selected, and place the order."""
        obj = self.rooms.object()
        permit = self.rooms.ask(Step.SELECT, subject, purpose, obj, request=obj)
        asked = wish or Wish(scenario=scenario, seed=7)
        (request,) = self.studio.order([permit], [asked])
        assert not isinstance(request, Denial)
        return request

    def picture(self, request: Request) -> Picture:
        """Open a portrait as its owner."""
        return portraits.unpack(
            self.rooms.look(request.subject, request.id, request.purpose, asset_view)
        )
