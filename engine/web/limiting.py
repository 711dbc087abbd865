# SPDX-License-Identifier: Apache-2.0
"""Less of it: pause everything, fewer portraits a week, themes that are never drawn."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Response

from consent.words import DAY, Micros, rfc3339
from engine.api import pausing
from engine.api.desk import Once
from engine.api.problems import Problem, Slug
from engine.web.saying import back
from engine.web.visitors import Here, Visitor
from feed.preferences import Wishes
from feed.scenarios import Theme

router = APIRouter(include_in_schema=False, route_class=Once)

Field = Annotated[str, Form()]
_CHOICES: Final = 7
"""More than so many numbers in a row are not offered; the most always is."""

_PAUSES: Final[Mapping[str, int]] = MappingProxyType({"month": 30 * DAY, "open": 3_652 * DAY})
"""Ten years stand for "until I say so": so far ahead a pause has no end worth telling."""
_SAYABLE: Final = 366 * DAY

THEMES: Final[Mapping[Theme, str]] = MappingProxyType(
    {
        Theme.OUTDOORS: "Outdoors",
        Theme.WINTER: "Winter",
        Theme.WATER: "Water",
        Theme.SKY: "Sky and space",
        Theme.CITY: "City",
        Theme.STAGE: "Stage",
        Theme.STORY: "Fairy tales",
        Theme.CRAFT: "Crafts",
        Theme.PAST: "History",
        Theme.FUTURE: "Future",
    }
)


@router.post("/likeness/preferences")
def prefer(
    viewer: Here, per_week: Field, blocked: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Keep how many a week at most, and what never; it counts from the next page on."""
    wanted = viewer.rooms.feed.preferences
    try:
        themes = frozenset(Theme(name) for name in blocked or ())
        number = int(per_week)
    except ValueError as unknown:
        raise Problem(Slug.INVALID, "This form is not one of ours.", field="per_week") from unknown
    weekly = None if number == wanted.most else number
    wanted.put(viewer.subject, Wishes(per_week=weekly, blocked=themes))
    return back("wished")


@router.post("/likeness/pause")
def pause(viewer: Here, until: Field) -> Response:
    """Pause everything for a month or until they say so, or let it go on: one press each."""
    if until == "now":
        pausing.set_until(viewer.rooms, viewer.subject, None)
        return back("resumed")
    if until not in _PAUSES:
        raise Problem(Slug.INVALID, "This form is not one of ours.", field="until")
    pausing.set_until(viewer.rooms, viewer.subject, Micros(viewer.now + _PAUSES[until]))
    return back("paused")


def shown(viewer: Visitor) -> dict[str, Any]:
    """Describe what a person has paused, and what they want less of."""
    paused = viewer.rooms.consent.pauses.of(viewer.subject)
    ends = None if paused is None else paused.until
    open_end = ends is None or ends > viewer.now + _SAYABLE
    wanted = viewer.rooms.feed.preferences
    mine = wanted.of(viewer.subject)
    return {
        "budget": wanted.most if mine.per_week is None else mine.per_week,
        "budgets": sorted({*range(min(wanted.most, _CHOICES) + 1), wanted.most}),
        "paused": paused is not None,
        "paused_until": None if ends is None or open_end else rfc3339(ends),
        "themes": [(theme, words, theme in mine.blocked) for theme, words in THEMES.items()],
    }
