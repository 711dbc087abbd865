# SPDX-License-Identifier: Apache-2.0
"""Share a portrait for the person who said so just now: the question to the gate, then the row.

Routes, pages and the demo share through this; that the person confirmed is theirs to know.
"""

from consent.gate import Ask, Denial, Share, denied
from consent.words import ObjectId, Step, Subject
from engine.rooms import Rooms
from feed.shares import PURPOSE_OF, Audience, Shared


def share(rooms: Rooms, owner: Subject, obj: ObjectId, audience: Audience) -> Shared:
    """Show a portrait to an audience, confirmed; what is shown to it already stays as it is.

    Errors: Denied with the reason; Misused(permit-used) for a portrait that is gone or, as a
    profile picture, was made for something else.
    """
    standing = standing_of(rooms, owner, obj, audience)
    if standing is not None:
        return standing
    ask: Ask[Share] = Ask(
        step=Step.SHARE,
        subject=owner,
        purpose=PURPOSE_OF[audience],
        object=obj,
        request=obj,
        confirmed=True,
    )
    done = rooms.feed.shares.share(rooms.consent.gate.ask(ask), audience)
    if isinstance(done, Denial):
        raise denied(done)
    return done


def standing_of(rooms: Rooms, owner: Subject, obj: ObjectId, audience: Audience) -> Shared | None:
    """Find a portrait's share with an audience among those that live."""
    mine = rooms.feed.shares.of_owner(owner)
    return next((one for one in mine if (one.object, one.audience) == (obj, audience)), None)
