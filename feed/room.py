# SPDX-License-Identifier: Apache-2.0
"""The feed room, put together: what the engine is handed."""

from dataclasses import dataclass

from consent.room import ConsentRoom
from feed import model, scenarios
from feed.contexts import Contexts
from feed.cursors import Cursors
from feed.decisions import Decisions
from feed.feedback import Feedback
from feed.friends import Friends
from feed.inserts import Inserts
from feed.looks import Looks
from feed.memory import Memory
from feed.model import Model
from feed.page import Pages
from feed.posts import Posts
from feed.preferences import Preferences
from feed.reports import Reports
from feed.scenarios import Catalogue
from feed.shares import Shares
from feed.telemetry import Telemetry
from feed.trials import counting
from feed.trials.places import Trials
from feed.trials.switches import Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRoom:
    """Everything a person is shown, and how they took it."""

    catalogue: Catalogue
    model: Model
    posts: Posts
    inserts: Inserts
    pages: Pages
    feedback: Feedback
    memory: Memory
    looks: Looks
    telemetry: Telemetry
    contexts: Contexts
    decisions: Decisions
    preferences: Preferences
    reports: Reports
    shares: Shares
    friends: Friends
    trials: Trials
    switches: Switches


def build(consent: ConsentRoom) -> FeedRoom:
    """Put the room together on the consent room."""
    catalogue = scenarios.shipped()
    memory = Memory(consent.ledger, consent.gate)
    contexts = Contexts(consent.keys.derived("feed contexts"))
    reports = Reports(
        ledger=consent.ledger,
        policy=consent.policy,
        withdrawals=consent.withdrawals,
        chance=consent.chance,
    )
    trials = Trials(
        gate=consent.gate,
        policy=consent.policy,
        salt=consent.keys.derived("experiment arms"),
        chance=consent.chance,
    )
    consent.partings.hear("experiments", counting.leave)
    return FeedRoom(
        catalogue=catalogue,
        model=model.shipped(),
        posts=Posts(consent.ledger),
        inserts=Inserts(consent.ledger, consent.policy),
        pages=Pages(
            ledger=consent.ledger,
            policy=consent.policy,
            catalogue=catalogue,
            cursors=Cursors(consent.keys.derived("onlyou cursors")),
            contexts=contexts,
            chance=consent.chance,
            trials=trials,
        ),
        feedback=Feedback(
            ledger=consent.ledger,
            grants=consent.grants,
            withdrawals=consent.withdrawals,
            memory=memory,
            reports=reports,
            chance=consent.chance,
        ),
        memory=memory,
        looks=Looks(consent.ledger, consent.gate),
        telemetry=Telemetry(
            consent.ledger, consent.gate, consent.keys.derived("telemetry events")
        ),
        contexts=contexts,
        decisions=Decisions(consent.ledger),
        preferences=Preferences(consent.ledger, consent.policy, catalogue),
        reports=reports,
        shares=Shares(
            ledger=consent.ledger,
            gate=consent.gate,
            vault=consent.vault,
            withdrawals=consent.withdrawals,
            policy=consent.policy,
            chance=consent.chance,
        ),
        friends=Friends(consent.ledger),
        trials=trials,
        switches=Switches(
            ledger=consent.ledger,
            policy=consent.policy,
            withdrawals=consent.withdrawals,
            trials=trials,
        ),
    )
