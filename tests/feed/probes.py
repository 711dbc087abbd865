# SPDX-License-Identifier: Apache-2.0
"""What the policy values of the feed do, seen from outside: each where it begins to bite."""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlalchemy import select

from consent import policies
from consent.policy import Policy, SlotRules
from consent.words import DAY, Micros, ObjectId, Purpose, Step
from feed import model, quiet, reports, room, slots
from feed.experiments import approval
from feed.experiments.analysis import harm_stops
from feed.experiments.assignment import held_out
from feed.experiments.plan import Arm
from feed.experiments.tallies import ArmTally, Tally
from feed.inserts import Inserts
from feed.items import Imagined
from feed.quiet import Said
from feed.ranking import Candidate, Round, choose
from feed.scenarios import shipped
from feed.shares import Audience, Shared
from feed.slots import Neighbour, Organic, Past, Ready, Shown
from feed.tables import feed_insert
from tests.consent.probes import hospitable, opened
from tests.feed.trying import plan, sets
from tests.probes import probe

NOW = Micros(20_700 * DAY)
MANY = 500
LABELS = sorted(
    {label for name in policies.names() for label in policies.load(name).experiments.labels}
)
LOOSE = {
    "first": 2,
    "gap": 0,
    "per_page": MANY,
    "per_day": MANY,
    "per_week": MANY,
    "newcomer_per_week": MANY,
    "per_session": MANY,
    "cooldown_hours": 0,
    "least_organic": 0,
    "scenario_days": 0,
}
"""Slot rules that never bite; a probe keeps the one it looks at."""


def only(policy: Policy, *kept: str) -> SlotRules:
    loose = {name: value for name, value in LOOSE.items() if name not in kept}
    return replace(policy.slots, **loose)


def placed(
    rules: SlotRules,
    past: Past = Past(),  # noqa: B008 - a value, never changed
    posts: int = MANY,
    beside: Neighbour = Neighbour.ORDINARY,
) -> list[int]:
    """Say behind how many posts each insert of a page stands, with as many waiting as may."""
    organic = [Organic(id=n, neighbour=beside) for n in range(posts)]
    ready = [Ready(id=n, scenario=f"scenario {n}") for n in range(MANY, MANY + 30)]
    items = slots.blend(organic, ready, rules, past, NOW).items
    return [n for n, item in enumerate(items) if isinstance(item, Ready)]


def shown(count: int, days: float) -> tuple[Shown, ...]:
    at = Micros(NOW - round(days * DAY))
    return tuple(Shown(id=-n - 1, scenario=f"old {n}", at=at) for n in range(count))


def first_that(bites: Callable[[int], bool], upto: int = MANY) -> int | None:
    return next((n for n in range(upto) if bites(n)), None)


@probe("slots.first", "slots.gap", "slots.per_page", "slots.per_day", "slots.per_session")
def places(policy: Policy) -> object:
    names = ("first", "gap", "per_page", "per_day", "per_session")
    return [placed(only(policy, name)) for name in names]


@probe("slots.cooldown_hours")
def cooldowns(policy: Policy) -> object:
    rules = only(policy, "cooldown_hours")
    return first_that(lambda hours: bool(placed(rules, Past(shown=shown(1, hours / 24)))))


@probe("reports.answer_hours")
def how_long_a_report_waits(policy: Policy) -> object:
    return reports.due(NOW, policy.reports)


@probe("slots.per_week", "slots.newcomer_per_week")
def weeks(policy: Policy) -> object:
    return [
        len(placed(only(policy, name), Past(shown=shown(1, 2), newcomer=newcomer)))
        for name, newcomer in (("per_week", False), ("newcomer_per_week", True))
    ]


@probe("slots.least_organic")
def thin(policy: Policy) -> object:
    return first_that(lambda n: bool(placed(only(policy, "least_organic"), posts=n)))


@probe("slots.scenario_days")
def again(policy: Policy) -> object:
    organic = [Organic(id=n, neighbour=Neighbour.ORDINARY) for n in range(20)]
    rules = only(policy, "scenario_days")

    def free(days: int) -> bool:
        past = Past(shown=shown(1, days))
        return bool(slots.blend(organic, [Ready(id=1, scenario="old 0")], rules, past, NOW).placed)

    return first_that(free)


@probe("slots.allow_sensitive_neighbour")
def neighbours(policy: Policy) -> object:
    return [bool(placed(only(policy), beside=beside)) for beside in Neighbour]


@probe("slots.hide_hours", "slots.fewer_days", "slots.fewer_factor")
def quietness(policy: Policy) -> object:
    said = [Said(kind=kind, at=NOW) for kind in ("hide", "fewer", "fewer", "fewer")]
    spoken = (said[:1], said[1:2], said[1:])
    return [quiet.quiet_until(acts, policy.slots) for acts in spoken]


@probe("ranking", "slots.most_sensitive")
def choices(policy: Policy) -> object:
    catalogue = shipped()
    renders = frozenset(scenario.id for scenario in catalogue.scenarios)
    terms = Round(seed=7, now=NOW, policy=policy, renders=renders)
    crowd = [Candidate(draw_key=n * 7919 + 1) for n in range(50)]
    made = choose(model.shipped(), catalogue, crowd, terms)
    return [(one.scenario, one.propensity, one.value, one.eligible) for one in made]


@probe(*(f"experiments.{name}" for name in ("levers", "least_first", "least_gap")))
@probe(*(f"experiments.{name}" for name in ("most_per_week", "labels")))
def arms(policy: Policy) -> object:
    """Count what stands against each arm: its kind of lever, and its value, by themselves."""
    tried: dict[str, Iterable[int | str | bool]] = {
        **dict.fromkeys(("first", "gap", "per_week"), range(60)),
        "cooldown_hours": (1,),
        "visible_to": LABELS,
        "preview": (True,),
        "ranker": ("best",),
        "recipe": ("filter",),
    }
    return [
        len(list(approval.not_admitted(Arm(id="b", title="B", levers={name: value}), policy)))
        for name, values in tried.items()
        for value in values
    ]


@probe("experiments.holdout_permille")
def held_out_of_everything(policy: Policy) -> object:
    permille = policy.experiments.holdout_permille
    return sum(held_out(b"salt", b"%d" % n, permille) for n in range(9_000))


@probe("experiments.withdrawals_permille")
def withdrawals_in_a_day_that_stop_an_arm(policy: Policy) -> object:
    ceiling = policy.experiments.withdrawals_permille
    tried = plan(arms=(sets("a"), sets("b")), guardrails=())

    def stops(withdrew: int) -> bool:
        sums = {"exposed": 1_000, "assigned": 1_000, "left": 0, "metrics": {}}
        arms = {"a": ArmTally(withdrew=0, **sums), "b": ArmTally(withdrew=withdrew, **sums)}
        day = Tally(experiment=tried.id, plan="", day=1, arms=arms)
        return bool(harm_stops(tried, (day,), at=NOW, ceiling=ceiling))

    return first_that(stops)


@probe("portraits.insert_hours")
def how_long_an_insert_stays(policy: Policy) -> object:
    roomy = hospitable(policy)
    with tempfile.TemporaryDirectory() as folder, opened(roomy, folder) as rooms:
        ada = rooms.inserted_person()
        obj = rooms.portrait(ada, Purpose.FEED_INSERT)
        permit = rooms.ask(Step.INSERT, ada, Purpose.FEED_INSERT, obj)
        Inserts(rooms.consent.ledger, policy).place([permit], ["astronaut"])
        with rooms.consent.ledger.read() as connection:
            end = connection.execute(select(feed_insert.c.expires_at)).scalar_one()
        return end - rooms.clock.now()


@probe("labels.visible_to", "labels.made_by")
def labels(policy: Policy) -> object:
    scenario = shipped().scenarios[0]
    item = Imagined(
        object=ObjectId(1),
        scenario=scenario,
        labels=policy.labels,
        created_at=NOW,
        expires_at=NOW,
    )
    return item.json()


@probe("sharing.story_hours")
def how_long_a_story_lasts(policy: Policy) -> object:
    roomy = hospitable(policy)
    with tempfile.TemporaryDirectory() as folder, opened(roomy, folder) as rooms:
        ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE, Purpose.STORY)
        obj = rooms.portrait(ada, Purpose.IMAGINE)
        permit = rooms.ask(Step.SHARE, ada, Purpose.STORY, obj, confirmed=True)
        shown = room.build(rooms.consent).shares.share(permit, Audience.STORY)
        assert isinstance(shown, Shared)
        return None if shown.ends_at is None else shown.ends_at - rooms.clock.now()
