# SPDX-License-Identifier: Apache-2.0
"""The words for a purpose, the answer to them, turning off, and the receipt.

Every form calls the function that the API route calls. Yes takes the words first, no takes none.
"""

import re
from types import SimpleNamespace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from consent import records
from consent.words import Kind, Purpose, Step, parent_of
from engine.api import consents, notices
from engine.api.desk import Once
from engine.api.problems import not_found
from engine.rooms import Rooms
from engine.web import rendering, wording
from engine.web.saying import back, purpose_of
from engine.web.visitors import Here, Visitor
from engine.web.wording import GROUPS

router = APIRouter(include_in_schema=False, route_class=Once)

Field = Annotated[str, Form()]
_ON_THE_WAY: Final = re.compile(r"/studio|/share/[0-9a-z]{1,20}\?to=[a-z]{1,10}", re.ASCII)


@router.get("/likeness/notices/{purpose}")
def notice(viewer: Here, purpose: Purpose, then: str = "") -> Response:
    """Show the words for a purpose, and ask; serving them is logged.

    `then` is the page of ours where the answer leads.
    """
    parent, consent = parent_of(purpose), viewer.rooms.consent
    held = consent.grants.show(viewer.subject)
    known = consent.attestations.of(viewer.subject)
    return rendering.page(
        "notice.html",
        here="likeness",
        notice=notices.serve(viewer.rooms, viewer.subject, purpose),
        missing=parent if parent and parent not in held else None,
        guarded=known.age_band == "minor" and consent.policy.ages.minors == "guardian",
        then=_ours(then),
        ask_place=bool(consent.policy.regions.refused) and known.region is None,
        **viewer.shown(),
    )


@router.post("/likeness/answer")
def answer(
    viewer: Here,
    purpose: Field,
    served_id: Field,
    answer: Field,
    *,
    guardian: Field = "",
    region: Field = "",
    then: Field = "",
) -> Response:
    """Take the answer to a notice: yes records a grant, no records nothing."""
    if answer != "yes":
        return _onward(then, "refused")
    consent, asked = viewer.rooms.consent, purpose_of(purpose)
    if region.strip():
        consent.attestations.attest(viewer.subject, region=region.strip())
    who = consents.speaker(guardian == "true")
    consent.grants.grant(viewer.subject, asked, served_id, actor=who, method="page")
    return _onward(then, "granted")


def _ours(then: str) -> str:
    """Keep the address of a page that asks for a yes on its way; nothing else leads anywhere."""
    return then if _ON_THE_WAY.fullmatch(then) else ""


def _onward(then: str, said: str) -> Response:
    """Go on where the answer was asked for, else back to the control centre."""
    return RedirectResponse(then, status_code=303) if _ours(then) else back(said)


@router.post("/likeness/withdraw")
def withdraw(viewer: Here, purpose: Field) -> Response:
    """Turn a purpose off, at once."""
    off = purpose_of(purpose)
    viewer.rooms.consent.withdrawals.withdraw(viewer.subject, off)
    return back("off", off)


@router.get("/likeness/receipts/{purpose}")
def receipt(viewer: Here, purpose: Purpose) -> Response:
    """Show the proof of the person's last word on a purpose."""
    consent = viewer.rooms.consent
    record = records.read(consent.ledger, consent.policy, viewer.subject, purpose)
    if record is None:
        raise not_found()
    said = record.last.body
    return rendering.page(
        "receipt.html",
        here="likeness",
        receipt={"destroyed": None} | dict(record.receipt),
        told=wording.told(said),
        implied=said.get("kind") == Kind.IMPLIED,
        words=record.last.notice,
        facts=wording.validity(record.last.facts),
        processors=[{"recipe": None} | dict(card) for card in record.processors],
        **viewer.shown(),
    )


def shown(viewer: Visitor) -> dict[str, Any]:
    """Describe every purpose for the control centre, in the groups in which a person meets it."""
    standing = {one["purpose"]: one for one in _standing(viewer)}
    on = sum(one["state"] != "not_granted" for one in standing.values())
    return {
        "groups": _groups(viewer.rooms, standing),
        "due": [one for one in standing.values() if one["due"]],
        "on": on,
        "off": len(standing) - on,
        "may_enrol": standing[Purpose.LIKENESS]["state"] == "granted",
    }


def _standing(viewer: Visitor) -> list[dict[str, Any]]:
    """Describe every purpose, and why its yes wants a look, where there are words to read."""
    asked = {notice.purpose for notice in viewer.rooms.consent.notices.all}
    every = consents.standing(viewer.rooms, viewer.subject)
    return [
        one | {"due": wording.due(one, viewer.now) if one["purpose"] in asked else None}
        for one in every
    ]


def _groups(rooms: Rooms, standing: dict[Any, Any]) -> list[SimpleNamespace]:
    """Group the purposes as a person meets them, those that no rule accepts last."""
    return [
        SimpleNamespace(
            title=title,
            consents=[standing[purpose] for purpose in purposes],
            possible=any(_accepted(rooms, purpose) for purpose in purposes),
        )
        for title, purposes in GROUPS
    ]


def _accepted(rooms: Rooms, purpose: Purpose) -> bool:
    """Say whether any step would take a yes to this purpose; else nobody is asked for one."""
    policy = rooms.consent.policy
    return any(rule.kinds for step in Step if (rule := policy.rule(step, purpose)))
