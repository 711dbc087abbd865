# SPDX-License-Identifier: Apache-2.0
"""Less of it: pause everything, fewer portraits a week, themes that are never drawn."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Response

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


def shown(viewer: Visitor) -> dict[str, Any]:
    """Describe what a person wants less of."""
    wanted = viewer.rooms.feed.preferences
    mine = wanted.of(viewer.subject)
    return {
        "budget": wanted.most if mine.per_week is None else mine.per_week,
        "budgets": sorted({*range(min(wanted.most, _CHOICES) + 1), wanted.most}),
        "themes": [(theme, words, theme in mine.blocked) for theme, words in THEMES.items()],
    }
