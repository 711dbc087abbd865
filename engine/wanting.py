# SPDX-License-Identifier: Apache-2.0
"""From what a person names to what is drawn: ideas become wishes, each with its own seed.

What a person blocked is not drawn, also when they name it; what the recipe cannot draw is not
offered (CannotRender would come too late, when the order stands).
"""

from collections.abc import Sequence
from dataclasses import replace

from consent.errors import Misused
from consent.words import ObjectId, Reason, Subject
from engine import choosing, models
from engine.ordering import Unfit
from engine.rooms import Rooms
from feed import ranking
from feed.ranking import Candidate
from generation.portraits import Form, Wish
from generation.recipes import Moves


def one(
    rooms: Rooms, subject: Subject, scenario: str | None = None, *, form: Form = "still"
) -> Wish:
    """Wish for one portrait, of this idea or of one that the ranking chooses.

    Errors: Misused(unknown-key) for an idea that is not here or that the person blocked;
    Unfit for a picture that moves, of a recipe that draws stills only.
    """
    _movable(rooms, form)
    if scenario is None:
        scenario = _chosen(rooms, subject)
    else:
        offered(rooms, subject, [scenario])
    (wish,) = _wishes(rooms, subject, [scenario], form)
    return wish


def pack(
    rooms: Rooms, subject: Subject, styles: Sequence[str], count: int, *, form: Form = "still"
) -> tuple[Wish, ...]:
    """Wish for a pack: its styles in turn. Errors: as for one."""
    _movable(rooms, form)
    offered(rooms, subject, styles)
    return _wishes(rooms, subject, [styles[at % len(styles)] for at in range(count)], form)


def again(rooms: Rooms, subject: Subject, portrait: ObjectId) -> Wish:
    """Wish for the same picture once more, under whatever purpose; its person's own words go on.

    Errors: Misused(unknown-key) where this person has no such portrait, or has blocked its idea
    since; Unfit as for one.
    """
    found = rooms.studio.wish_of(subject, portrait)
    if found is None:
        raise Misused(Reason.UNKNOWN_KEY, "there is no such portrait")
    _movable(rooms, found.form)
    offered(rooms, subject, [found.scenario])
    return found


def offered(rooms: Rooms, subject: Subject, scenarios: Sequence[str]) -> None:
    """Refuse ideas that are not here, cannot be drawn here, or that the person blocked."""
    for scenario in dict.fromkeys(scenarios):
        choosing.unless_blocked(rooms, subject, scenario)
        if scenario not in rooms.studio.recipe.scenarios:
            raise Misused(Reason.UNKNOWN_KEY, f"{scenario!r} cannot be drawn here")


def _movable(rooms: Rooms, form: Form) -> None:
    """Refuse what moves where only stills are drawn, before anybody is selected."""
    if form == "loop" and not isinstance(rooms.studio.recipe, Moves):
        raise Unfit("form", "Only still pictures can be drawn here.")


def _chosen(rooms: Rooms, subject: Subject) -> str:
    without = choosing.unless_blocked(rooms, subject, None)
    key = rooms.consent.accounts.draw_keys([subject])[subject]
    candidate = Candidate(draw_key=key, without=without, asked=True)
    now = choosing.terms(rooms)
    (made,) = ranking.choose(models.in_charge(rooms), rooms.feed.catalogue, [candidate], now)
    return made.scenario or ""


def _wishes(
    rooms: Rooms, subject: Subject, scenarios: Sequence[str], form: Form
) -> tuple[Wish, ...]:
    key = rooms.consent.accounts.draw_keys([subject])[subject]
    moment = f"moment {choosing.terms(rooms).now}"
    return tuple(
        replace(choosing.wish(rooms, key, scenario, f"{moment} {at}" if at else moment), form=form)
        for at, scenario in enumerate(scenarios)
    )
