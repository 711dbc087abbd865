# SPDX-License-Identifier: Apache-2.0
"""Who looks at a page, and what every page shows of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import Depends, Request
from starlette.datastructures import FormData

from consent.words import Micros, Purpose, Subject, public_id, rfc3339
from engine.api.desk import desk_of, person, token_of
from engine.api.tokens import Scope
from engine.rooms import Rooms
from engine.web.wording import number_word


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person with a page open."""

    subject: Subject
    name: str
    csrf: str
    portraits_since: str | None  #: since when portraits in the feed are on
    paused: bool  #: they have paused everything
    rooms: Rooms
    now: Micros

    def shown(self) -> dict[str, Any]:
        """Return what every template of a signed-in person needs."""
        return {
            "viewer": self,
            "now": self.now,
            "nonce": lambda: str(UUID(bytes=self.rooms.consent.chance.token(16))),
            "weekly": number_word(self.rooms.consent.policy.slots.per_week),
            "labels": self.rooms.consent.policy.labels,
        }


async def _checked(
    subject: Annotated[Subject, Depends(person(Scope.FEED_READ, Scope.LIKENESS_MANAGE))],
) -> Subject:
    return subject


def visitor(request: Request, subject: Annotated[Subject, Depends(_checked)]) -> Visitor:
    """Find out who looks, from the cookie that the page came with."""
    desk = desk_of(request)
    token, _ = token_of(request)
    held = desk.rooms.consent.grants.show(subject).get(Purpose.FEED_INSERT)
    return Visitor(
        subject=subject,
        name=desk.rooms.consent.accounts.find(public_id(subject)).name,
        csrf=desk.issuer.csrf(token or ""),
        portraits_since=rfc3339(held.granted_at) if held and not held.expired else None,
        paused=desk.rooms.consent.pauses.of(subject) is not None,
        rooms=desk.rooms,
        now=desk.rooms.consent.ledger.now(),
    )


Here = Annotated[Visitor, Depends(visitor)]


def event_id(nonce: str, kind: str) -> str:
    """Name an act on a card, so that a second press of the same button is the same act.

    Errors: ValueError for a nonce that is not ours.
    """
    return str(uuid5(UUID(nonce), kind))


def by_htmx(request: Request) -> bool:
    """Say whether a piece of the page is asked for, not a page."""
    return request.headers.get("hx-request") == "true"


async def form_of(request: Request) -> FormData:
    """Read a form whose fields depend on what was shown."""
    return await request.form()


def given(form: Mapping[str, object], name: str) -> str:
    """Read a text field of a form; empty where it is missing or a file."""
    value = form.get(name)
    return value if isinstance(value, str) else ""
