# SPDX-License-Identifier: Apache-2.0
"""Ask about a picture: what anybody is told, and the signed answer that a person gets.

The signed answer is also given when nothing was found, so that a person can show that they asked
and what they were told. It says which file, when, and what of theirs is in it: not more.
"""

import hashlib
from typing import Any, Final

from consent.errors import Misused
from consent.statements import signed
from consent.words import Reason, Subject, public_id, rfc3339
from engine.rooms import Rooms
from generation.photographs import Unreadable
from generation.recognition import Own, Seen

SCHEMA: Final = "onlyou-image-answer/1"
MEANS: Final = (
    "These are marks of this installation. Marks can be lost: where none is found, nothing is "
    "said about where a picture comes from or whether it is real."
)
_NOTHING: Final = "Nothing of yours was found in it."
_YOURS: Final = "A portrait made of you here was found in it."

Told = dict[str, Any]


def tell(rooms: Rooms, file: bytes, subject: Subject | None = None) -> Told:
    """Say what a picture bears; to a person also, signed, what of theirs is in it.

    Errors: Misused(unreadable) for what is no picture that is read here.
    """
    rules = rooms.consent.policy.selfies
    found = rooms.studio.recognition.look(
        file, subject, max_bytes=rules.max_bytes, max_pixels=rules.max_pixels
    )
    if isinstance(found, Unreadable):
        raise Misused(Reason.UNREADABLE, f"This is no picture that is read here: {found.why}.")
    seen, own = found
    told = _told(seen)
    if subject is None:
        return told
    return told | {"answer": _signed(rooms, file, told, own)}


def _told(seen: Seen) -> Told:
    return {
        "c2pa": str(seen.credential),
        "watermark": "found" if seen.watermark else "absent",
        "fingerprint": "found" if seen.fingerprint else "absent",
        "means": MEANS,
    }


def _signed(rooms: Rooms, file: bytes, told: Told, own: tuple[Own, ...]) -> Told:
    """Sign what was told about a file, with the key that signs the log."""
    ledger = rooms.consent.ledger
    made: Told = {
        "schema": SCHEMA,
        "at": rfc3339(ledger.now()),
        "file": hashlib.sha256(file).hexdigest(),
        "found": {name: told[name] for name in ("c2pa", "watermark", "fingerprint")},
        "yours": [_own(one) for one in own],
        "says": _YOURS if own else _NOTHING,
    }
    return signed(made, ledger.signer)


def _own(one: Own) -> Told:
    opened = {} if one.opening is None else {"marks": dict(one.opening)}
    return {"portrait_id": public_id(one.object), "by": list(one.by), **opened}
