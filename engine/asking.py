# SPDX-License-Identifier: Apache-2.0
"""A portrait that somebody asks for and waits for: ordered as over HTTP, made at once."""

from consent.words import Purpose, Subject
from engine import jobs, ordering, wanting
from engine.ordering import Order
from engine.rooms import Rooms
from generation.batching import Made


def imagine(rooms: Rooms, subject: Subject, scenario: str | None = None) -> Made:
    """Make one portrait for a person who asks; without a scenario the ranking chooses one.

    What using `imagine` implies is recorded as implied, and nothing under strict policies.
    Errors: Denied, an ordinary answer; Misused(unknown-key) for no such scenario,
    Unwanted for one that the person blocked.
    """
    wish = wanting.one(rooms, subject, scenario)
    order = Order(kind="imagine", purpose=Purpose.IMAGINE, wishes=(wish,))
    placed = ordering.place(rooms, subject, order)
    (outcome,) = rooms.studio.make(rooms.studio.pending(jobs.parts(placed)))
    return outcome
