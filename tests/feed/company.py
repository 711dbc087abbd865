# SPDX-License-Identifier: Apache-2.0
"""People who show each other portraits: shares and friends over the real consent room."""

from dataclasses import dataclass

from consent.effects import Spent
from consent.words import ObjectId, Purpose, Step, Subject
from feed import room
from feed.friends import Friends
from feed.shares import PURPOSE_OF, Audience, Shared, Shares
from feed.tables import feed_share, share_view
from generation.tables import saved
from tests.rooms import Rooms

ALL = (Purpose.IMAGINE, Purpose.PROFILE_PICTURE, Purpose.STORY, Purpose.SHARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Ada, who said yes to showing things, and Bob, her friend; Cy is nobody's."""

    rooms: Rooms
    shares: Shares
    friends: Friends
    ada: Subject
    bob: Subject
    cy: Subject

    def portrait(self, purpose: Purpose = Purpose.IMAGINE) -> ObjectId:
        """Have a portrait of Ada made."""
        return self.rooms.portrait(self.ada, purpose)

    def show(self, obj: ObjectId, audience: Audience = Audience.STORY) -> Shared:
        """Show a portrait as Ada, who confirms it."""
        purpose = PURPOSE_OF[audience]
        permit = self.rooms.ask(Step.SHARE, self.ada, purpose, obj, request=obj, confirmed=True)
        shown = self.shares.share(permit, audience)
        assert isinstance(shown, Shared)
        return shown

    def seen_by(self, viewer: Subject) -> set[ObjectId]:
        """Name the shares that somebody may see of others."""
        return {one.id for one in self.shares.visible_to(viewer)}

    def look(self, viewer: Subject, shown: Shared) -> bytes | None:
        """Open a share as somebody does: find it, then look."""
        found = self.shares.find(viewer, shown.id)
        return None if found is None else self.shares.look(viewer, found)

    def save(self, obj: ObjectId) -> None:
        """Take a portrait of Ada away as a file."""
        permit = self.rooms.ask(Step.VIEW, self.ada, Purpose.IMAGINE, obj, request=obj)
        assert isinstance(self.rooms.spend(permit, saved), Spent)

    def rows(self) -> tuple[int, int]:
        """Count shares and looks at them."""
        return self.rooms.count(feed_share), self.rooms.count(share_view)


def gather(rooms: Rooms) -> Company:
    """Bring three people together, of whom two are friends."""
    built = room.build(rooms.consent)
    ada = rooms.person("Ada", Purpose.LIKENESS, *ALL)
    bob, cy = rooms.person("Bob"), rooms.person("Cy")
    built.friends.befriend(ada, bob)
    built.friends.befriend(bob, ada)
    return Company(
        rooms=rooms, shares=built.shares, friends=built.friends, ada=ada, bob=bob, cy=cy
    )
