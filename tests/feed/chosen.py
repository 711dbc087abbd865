# SPDX-License-Identifier: Apache-2.0
"""A choice as a plan makes it, on a home: chosen, recorded with what models say, drawn, placed."""

from collections.abc import Sequence

from consent.words import ObjectId, Purpose, Step, Subject
from feed import inserts, model, ranking, shadows
from feed.calibration import Line, bent
from feed.history import histories
from feed.model import Model
from feed.ranking import Candidate, Decision, Round
from feed.reasons import Part
from generation import tables
from tests.feed.conftest import Home

IDEAS = frozenset({"aurora", "jazz", "chef", "knight", "kite"})


def other() -> Model:
    """Make a model that is three times as sure of what engages as the shipped one."""
    by = Line(slope=3.0, shift=2.0, brier=0, before=0, isotonic=0)
    shipped = model.shipped()
    heads = {**shipped.heads, "engage": bent(shipped.heads["engage"], by)}
    return model.parse(model.write(heads, shipped.population, {"log": "a test"}))


def terms(home: Home) -> Round:
    """Say what choices of this moment have in common."""
    return Round(
        seed=7, now=home.rooms.clock.now(), policy=home.rooms.consent.policy, renders=IDEAS
    )


def choose(
    home: Home, who: Subject, models: Sequence[Model] = (), *, must: bool = True
) -> tuple[ObjectId, Decision]:
    """Choose for somebody by the shipped model and record it; nothing is drawn."""
    obj = home.rooms.object()
    permit = home.rooms.ask(Step.SELECT, who, Purpose.FEED_INSERT, obj, request=obj)
    with home.rooms.consent.ledger.read() as connection:
        known = histories(connection, [who]).get(who)
        had = inserts.had_lately(connection, [who], days=30, now=home.rooms.clock.now())[who]
    person = Candidate(draw_key=int(obj) & 0xFFFF, history=known, without=had, asked=must)
    now, catalogue = terms(home), home.feed.catalogue
    made = ranking.choose(home.feed.model, catalogue, [person], now)
    parts: tuple[Part, ...] = ()
    said = shadows.cast(models, catalogue, [person], made, now)
    home.feed.decisions.record([(permit, made[0], parts)], said)
    if made[0].scenario is not None:
        home.rooms.spend(permit, tables.request)
    return obj, made[0]


def listed(home: Home, who: Subject, models: Sequence[Model] = ()) -> tuple[ObjectId, Decision]:
    """Choose for somebody, draw it, place it, and let them read their feed."""
    obj, made = choose(home, who, models)
    home.rooms.stored(who, Purpose.FEED_INSERT, obj)
    permit = home.rooms.ask(Step.INSERT, who, Purpose.FEED_INSERT, obj, request=obj)
    home.feed.inserts.place([permit], [made.scenario or ""])
    home.page(who)
    return obj, made
