# SPDX-License-Identifier: Apache-2.0
"""What kind of picture stands there, in a sentence under it.

The policy has the sentence for drawings; a recipe whose pictures are something else says so in its
own file, and then its words stand there.
"""

from collections.abc import Iterable, Mapping
from functools import cache

from consent.words import ObjectId, parse_id, public_id
from engine.rooms import Rooms
from generation import album
from generation.recipes import specs


def notes(rooms: Rooms, portraits: Iterable[str]) -> Mapping[str, str]:
    """Give each of these portraits its sentence."""
    numbers = (parse_id(one) for one in portraits)
    objects = [ObjectId(number) for number in numbers if number is not None]
    with rooms.consent.ledger.read() as connection:
        drawn_by = album.recipes(connection, objects)
    usual = rooms.consent.policy.labels.note
    return {public_id(one): _own_words().get(drawn_by.get(one, ""), usual) for one in objects}


@cache
def _own_words() -> Mapping[str, str]:
    """Read what recipes say of their pictures themselves."""
    said = {name: spec.options.get("note") for name, spec in specs.shipped().items()}
    return {name: words for name, words in said.items() if isinstance(words, str)}
