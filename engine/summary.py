# SPDX-License-Identifier: Apache-2.0
"""Count what happened from the ledger itself: the demo's `summary.json` (CONTRACTS.md)."""

from collections import Counter
from importlib.metadata import version
from typing import Any

from consent import recorded
from consent.words import Purpose, Step
from engine.rooms import Rooms

_PACKAGES = ("onlyou", "numpy", "opencv-python-headless", "scikit-learn", "sqlalchemy")


def summarise(rooms: Rooms, *, people: int, days: int, seconds: float) -> dict[str, Any]:
    """Write the summary: every count is a fold of the ledger's entries."""
    bodies = rooms.consent.ledger.bodies()
    effects = Counter(body["step"] for body in bodies if body["t"] == "effect")
    denials = Counter(
        body["reasons"][0]
        for body in bodies
        if body["t"] == "decision" and body["verdict"] == "deny"
    )
    with rooms.consent.ledger.read() as connection:
        denials += recorded.denials(connection)
    opted_in = {
        body["tag"]
        for body in bodies
        if body["t"] == "grant" and body["purpose"] == Purpose.FEED_INSERT
    }
    return {
        "policy": rooms.consent.policy.id,
        "policy_sha256": rooms.consent.policy.sha256,
        "seed": rooms.settings.seed,
        "people": people,
        "opted_in": len(opted_in),
        "days": days,
        "portraits": effects[Step.STORE],
        "inserts": effects[Step.INSERT],
        "views": effects[Step.VIEW],
        "refusals": effects[Step.GENERATE] - effects[Step.STORE],
        "denials": {"total": denials.total(), "by_reason": dict(sorted(denials.items()))},
        "withdrawals": sum(body["t"] == "withdraw" for body in bodies),
        "ledger_size": len(bodies),
        "root": rooms.consent.ledger.tree().root(len(bodies)).hex(),
        "recipe": rooms.studio.recipe.id,
        "versions": {name: version(name) for name in _PACKAGES},
        "seconds": round(seconds, 1),
        "url": None,
    }
