# SPDX-License-Identifier: Apache-2.0
"""The rooms as one installation runs them: what commands, routes and the cycle are handed."""

from dataclasses import dataclass

from consent.room import ConsentRoom
from engine.settings import Settings
from feed.room import FeedRoom
from generation.expander import Expander
from generation.studio import Studio


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """Everything, built once a process."""

    settings: Settings
    consent: ConsentRoom
    feed: FeedRoom
    studio: Studio
    #: turns people's own words into an idea and words for a model
    expander: Expander
