# SPDX-License-Identifier: Apache-2.0
"""`GET /metrics`: what the machine did, in Prometheus' text format. It tells nothing of anybody.

Rules:
1. no label, name or number here belongs to a person; there is no token to ask for
2. portraits, entries and seconds are told in whole tens: a single look, drawing or withdrawal
   does not show, and a small installation shows nothing. What one portrait took is computed from
   these; the exact figures are the operator's (`onlyou cost`)
Source: Prometheus text exposition format 0.0.4.
"""

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from engine.api.desk import rooms_of
from engine.costs import Book, Cost
from engine.rooms import Rooms

router = APIRouter(tags=["engine"])
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
_TENS: Final = 10
_KINDS: Final = ("rendered", "stored", "inserted", "viewed", "unseen")


def book_of(request: Request) -> Book:
    """Find the account that the running engine keeps, or begin it."""
    state = request.app.state
    if not hasattr(state, "book"):
        state.book = Book()
    book: Book = state.book
    return book


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Metrics"}},
)
def metrics(
    rooms: Annotated[Rooms, Depends(rooms_of)], book: Annotated[Book, Depends(book_of)]
) -> Response:
    """Say how many portraits were drawn and looked at, and what they took."""
    size, _ = rooms.consent.ledger.head()
    lines = [
        *_metric("onlyou_ledger_entries", "counter", "Entries of the ledger, in tens"),
        f"onlyou_ledger_entries {_tens(size)}",
        *_metric("onlyou_plan_seconds", "gauge", "Seconds a plan may draw ahead; 0 is no limit"),
        f"onlyou_plan_seconds {rooms.settings.gpu_seconds}",
        *_portraits(book.costs(rooms)),
    ]
    return Response("\n".join([*lines, ""]), media_type=_TEXT)


def _portraits(costs: tuple[Cost, ...]) -> Iterator[str]:
    name = "onlyou_portraits"
    yield from _metric(name, "counter", "Portraits by what became of them, in whole tens")
    for one in costs:
        for kind in _KINDS:
            yield f'{name}{{{_of(one)},became="{kind}"}} {_tens(getattr(one, kind))}'
    name = "onlyou_render_seconds"
    yield from _metric(name, "counter", "Seconds that passes took, in whole tens")
    for one in costs:
        if one.seconds is not None:
            yield f"{name}{{{_of(one)}}} {_tens(int(one.seconds))}"
    name = "onlyou_seconds_per_portrait"
    yield from _metric(name, "gauge", "Seconds for each portrait drawn, and for each looked at")
    for one in costs:
        for kind in ("rendered", "viewed"):
            count = _tens(getattr(one, kind))
            if one.seconds is not None and count:
                each = _tens(int(one.seconds)) / count
                yield f'{name}{{{_of(one)},each="{kind}"}} {each:.3f}'


def _metric(name: str, kind: str, help_text: str) -> tuple[str, str]:
    return f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"


def _of(one: Cost) -> str:
    """Label a recipe: its id and its card's first letters, both of them letters of our own."""
    return f'recipe="{_quoted(one.recipe)}",card="{one.sha256[:12]}"'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _tens(count: int) -> int:
    return count - count % _TENS
