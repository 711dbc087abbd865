# SPDX-License-Identifier: Apache-2.0
"""`/likeness`: the control centre. One page, a file for each idea on it, which this one names.

    limiting    pause everything, how many a week, what never
    answering   purposes: the words, yes, turning off, receipts
    selfies     what was given, and when it goes
    images      every image ever made
    asked       who asked, and what was refused
    showing     what is shown to others, friends, reports
    parting     delete everything
Every form calls the function that the API route calls. After a write the page is asked for again
(`saying`), so that going back or reloading never repeats it. Nothing here opens a picture.
"""

from typing import Final

from fastapi import APIRouter, Response

from engine.web import (
    answering,
    asked,
    images,
    limiting,
    parting,
    rendering,
    saying,
    selfies,
    showing,
)
from engine.web.visitors import Here

router = APIRouter(include_in_schema=False)


@router.get("/likeness")
def likeness(viewer: Here, said: str = "", purpose: str = "", reasons: str = "") -> Response:
    """Show the control centre, and what was just done there."""
    return rendering.page(
        "likeness.html",
        here="likeness",
        said=saying.told(viewer, said, purpose, reasons),
        **limiting.shown(viewer),
        **answering.shown(viewer),
        **selfies.shown(viewer),
        **images.shown(viewer),
        **asked.shown(viewer),
        **showing.shown(viewer),
        **viewer.shown(),
    )


ROUTERS: Final = (
    router,
    answering.router,
    asked.router,
    images.router,
    limiting.router,
    parting.router,
    selfies.router,
    showing.router,
)
