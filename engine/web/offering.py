# SPDX-License-Identifier: Apache-2.0
"""What the studio can offer somebody now: ideas, packs, and what they asked for lately."""

from importlib.resources import files
from typing import Any, Final

from consent.words import DAY, Micros, Purpose, Subject, rfc3339
from engine import jobs
from engine.api.jobs import shape
from engine.rooms import Rooms
from engine.web.drawing import shown
from engine.web.visitors import Visitor
from engine.web.wording import short
from generation import wishes
from generation.recipes import Moves

_FEW: Final = 4


def ideas(rooms: Rooms, subject: Subject) -> list[dict[str, Any]]:
    """List what can be drawn here and what the person did not block, by title."""
    unwanted = rooms.feed.preferences.unwanted(subject)
    known = rooms.feed.catalogue.by_id
    found = [known[one] for one in rooms.studio.recipe.scenarios - unwanted if one in known]
    listed = [
        {"id": one.id, "title": short(one.title), "picture": _picture(one.id)} for one in found
    ]
    return sorted(listed, key=lambda one: str(one["title"]))


def shown_in(viewer: Visitor, idea: str) -> dict[str, Any]:
    """Describe what may be asked for, with the choices of an idea that was chosen."""
    rooms, subject = viewer.rooms, viewer.subject
    listed = ideas(rooms, subject)
    at = idea if any(one["id"] == idea for one in listed) else ""
    held = rooms.consent.grants.show(subject)
    return {
        "ideas": listed,
        "idea": at,
        "slots": wishes.offered(at) if at else (),
        "most": wishes.MOST,
        "moves": isinstance(rooms.studio.recipe, Moves),
        "may_imagine": Purpose.IMAGINE in held,
        "may_pack": Purpose.AVATAR_PACK in held,
        **_packs(viewer),
    }


def recent(viewer: Visitor) -> list[dict[str, Any]]:
    """List the last things that were asked for."""
    mine = jobs.listed(viewer.rooms, viewer.subject, _FEW)
    return [shown(viewer, shape(viewer.rooms, one)) for one in mine]


def _packs(viewer: Visitor) -> dict[str, Any]:
    """Say how many packs are left, and when there is one again."""
    rooms = viewer.rooms
    rules = rooms.consent.policy.packs
    with rooms.consent.ledger.read() as connection:
        left = jobs.packs_left(rooms, connection, viewer.subject, viewer.now)
    ends = None if left else _next(viewer)
    return {"packs": rules, "packs_left": left, "next_pack": ends and rfc3339(ends)}


def _next(viewer: Visitor) -> Micros | None:
    """Find when the first pack of a rolling day is a day old; a calendar day has no such time."""
    rules = viewer.rooms.consent.policy.packs
    if rules.window != "rolling-24h":
        return None
    mine = jobs.listed(viewer.rooms, viewer.subject)
    begun = sorted(one.at for one in mine if one.kind == "pack" and one.at > viewer.now - DAY)
    return Micros(begun[0] + DAY) if begun else None


def _picture(idea: str) -> str | None:
    there = (files("engine.web") / "static" / "styles" / f"{idea}.jpg").is_file()
    return f"/static/styles/{idea}.jpg" if there else None
