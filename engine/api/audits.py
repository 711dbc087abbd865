# SPDX-License-Identifier: Apache-2.0
"""`/v1/audit`: this log verified and replayed, for staff. Never an image, never a name.

What it answers rests on entries, commitments and tags. Whoever does not trust this engine takes a
bundle home instead (`onlyou audit export`).
"""

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from consent import policies
from consent.errors import Broken
from consent.replay.run import Mode
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import asking
from engine.api.problems import Problem, Slug
from engine.api.shapes import Shape
from engine.api.tokens import Scope
from engine.audit.live import Live, Seen

AUDITOR = Depends(asking(Scope.AUDIT_READ))
"""Lets nobody by who may not read audits."""
router = APIRouter(tags=["audit"], responses=REFUSALS, dependencies=[SIGNED_IN, AUDITOR])


class Audit(Shape):
    """The log as it was found: its checkpoint, what the verifier says, what can be replayed."""

    origin: str
    size: int
    root: str
    checkpoint: str
    verified: dict[str, Any]
    policies: list[str]


class Replay(BaseModel):
    """What another policy would have said (CONTRACTS, Replay); more fields are told."""

    policy: dict[str, Any]
    mode: Literal["pointwise", "closed-loop"]
    decisions: int
    recomputed: int
    not_recomputable: int
    table: dict[str, int]
    flips: list[dict[str, Any]]
    people_affected: int
    bounds: dict[str, int]
    caveat: str


def live_of(request: Request) -> Live:
    """Find the audit of the running engine."""
    return cast("Live", request.app.state.live)


Looking = Annotated[Live, Depends(live_of)]


def look(live: Live) -> Seen:
    """Verify the log. Errors: Problem `unavailable` where it is too long or does not verify."""
    try:
        return live.look()
    except Broken as error:
        raise Problem(Slug.UNAVAILABLE, error.sentence, reason=error.reason) from error


@router.get("/v1/audit", response_model=Audit)
def audit(live: Looking) -> Response:
    """Verify the log as it is now: size, root, checkpoint, and what was found."""
    seen = look(live)
    found = {
        "origin": seen.note.partition("\n")[0],
        "size": seen.size,
        "root": seen.loaded.report["root"],
        "checkpoint": seen.note,
        "verified": seen.loaded.report,
        "policies": list(policies.names()),
    }
    return json(found)


@router.get("/v1/audit/replay", response_model=Replay)
def replay(
    live: Looking, policy: Annotated[str, Query(max_length=80)], mode: Mode = "pointwise"
) -> Response:
    """Say which recorded decisions a shipped policy would take differently."""
    target = policies.load(policy)
    look(live)
    return json(live.replay(target, mode))
