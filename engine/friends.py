# SPDX-License-Identifier: Apache-2.0
"""Have somebody else drawn: Snapchat's rule for friends, in the simulator and nowhere else.

No route and no command leads here. Rules, in their order:
1. the policy lets friends ask at all
2. both name each other as friends; to name nobody is "only me"
3. everything else is as if the person had asked themselves: their own yes, their selfies, their
   quota; what is made is in their album alone, and the friend gets nothing to look at
"""

from typing import Final

from consent.errors import Denied
from consent.policy import Policy
from consent.words import ObjectId, Purpose, Reason, Step, Subject
from engine import ordering, wanting
from engine.ordering import Order
from engine.rooms import Rooms

PURPOSES: Final = (Purpose.AVATAR_PACK, Purpose.IMAGINE)
"""Under which yes a friend's pack is drawn: the one for packs where it is there."""
_FORBIDDEN: Final = "the policy does not let anybody have somebody else drawn"
_ONLY_ME: Final = "only friends who name each other may ask for this"


def dream(rooms: Rooms, owner: Subject, by: Subject, theme: str) -> ObjectId:
    """Order a themed pack of `owner` on the word of a friend; return the owner's job.

    Errors: Denied(policy-forbids) where friends may not ask, Denied(not-granted) for whoever is
    no friend; then as for any order.
    """
    may_ask(rooms.consent.policy, friends=by in rooms.feed.friends.of(owner))
    held = rooms.consent.grants.show(owner)
    purpose = next((one for one in PURPOSES if one in held), PURPOSES[0])
    wishes = wanting.pack(rooms, owner, [theme], rooms.consent.policy.packs.outputs)
    return ordering.place(rooms, owner, Order(kind="pack", purpose=purpose, wishes=wishes))


def may_ask(policy: Policy, *, friends: bool) -> None:
    """Refuse whoever may not have somebody else drawn. Errors: Denied."""
    if not policy.sharing.friends_may_ask:
        raise _no(Reason.POLICY_FORBIDS, _FORBIDDEN)
    if not friends:
        raise _no(Reason.NOT_GRANTED, _ONLY_ME)


def _no(reason: Reason, said: str) -> Denied:
    return Denied(reason, said, step=Step.SELECT, purpose=PURPOSES[0])
