# SPDX-License-Identifier: Apache-2.0
"""The pages: a feed, the person's control centre, the audit, and a door for development.

`site` is the whole HTTP engine: the API of `engine/api` and, beside it, pages that call the same
functions. Every page works as a plain document; htmx only replaces a piece of it.
"""

from dataclasses import replace
from importlib.resources import files

from fastapi import FastAPI

from engine.api import app
from engine.rooms import Rooms
from engine.settings import Settings
from engine.web import auditing, doors, experiments, feed, likeness, sharing, studio, welcoming
from engine.web.public import PublicFiles
from engine.web.refusing import refuse

__all__ = ["site"]


def site(rooms: Rooms, settings: Settings) -> FastAPI:
    """Build the API and the pages around built rooms."""
    made = app(rooms, settings)
    made.state.desk = replace(made.state.desk, refuse=refuse)
    mine = (feed.router, welcoming.router, studio.router, sharing.router, *likeness.ROUTERS)
    staff = (auditing.pages, auditing.files, experiments.pages, experiments.files)
    for router in (*mine, *staff, doors.leaving):
        made.include_router(router)
    if settings.dev_tokens:
        made.include_router(welcoming.joining)
        made.include_router(doors.entering)
        made.include_router(auditing.entering)
    made.mount("/pictures", PublicFiles(directory=str(files("data") / "posts" / "pictures")))
    made.mount("/static", PublicFiles(directory=str(files("engine.web") / "static")))
    return made
