# SPDX-License-Identifier: Apache-2.0
"""`/likeness`: what a person agreed to, their selfies, every image made of them, their receipts.

Every form here calls the function that the API route calls. After a write the page is asked for
again (303), so that going back or reloading never repeats it.
"""

import base64
from types import SimpleNamespace
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Form, Request, Response, UploadFile
from starlette.responses import RedirectResponse

from consent import records
from consent.words import Kind, Purpose, Reason, Step, parent_of
from engine.api import consents, notices, portraits, selfies
from engine.api.desk import Once
from engine.api.problems import Problem, Slug, not_found
from engine.rooms import Rooms
from engine.web import doors, rendering, wording
from engine.web.visitors import Here, Visitor
from engine.web.wording import GROUPS, advice, plainly
from generation.album import State

router = APIRouter(include_in_schema=False, route_class=Once)

_SAID: Final = {
    "granted": "Noted: your yes is in the log",
    "refused": "Nothing was changed",
    "destroyed": "Destroyed",
    "passed": "Judged again: it passed, and you can see it now",
    "stays": "Judged again: it did not pass, and stays held back",
    "unjudged": "It could not be judged just now. You may ask again",
    "kept": "Your selfies are kept, sealed",
}

_WORD: Final = "erase"
Field = Annotated[str, Form()]


@router.get("/likeness")
def likeness(viewer: Here, said: str = "", purpose: str = "", reasons: str = "") -> Response:
    """Show the control centre, and what was just done there."""
    return rendering.page(
        "likeness.html",
        here="likeness",
        said=_said(viewer, said, purpose, reasons),
        **_centre(viewer),
        **viewer.shown(),
    )


@router.get("/likeness/notices/{purpose}")
def notice(viewer: Here, purpose: Purpose) -> Response:
    """Show the words for a purpose, and ask; serving them is logged."""
    parent, consent = parent_of(purpose), viewer.rooms.consent
    held = consent.grants.show(viewer.subject)
    known = consent.attestations.of(viewer.subject)
    return rendering.page(
        "notice.html",
        here="likeness",
        notice=notices.serve(viewer.rooms, viewer.subject, purpose),
        missing=parent if parent and parent not in held else None,
        guarded=known.age_band == "minor" and consent.policy.ages.minors == "guardian",
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
) -> Response:
    """Take the answer to a notice: yes records a grant, no records nothing."""
    if answer != "yes":
        return _back("refused")
    consent, asked = viewer.rooms.consent, _purpose(purpose)
    if region.strip():
        consent.attestations.attest(viewer.subject, region=region.strip())
    who = consents.speaker(guardian == "true")
    consent.grants.grant(viewer.subject, asked, served_id, actor=who, method="page")
    return _back("granted")


@router.post("/likeness/withdraw")
def withdraw(viewer: Here, purpose: Field) -> Response:
    """Turn a purpose off, at once."""
    off = _purpose(purpose)
    viewer.rooms.consent.withdrawals.withdraw(viewer.subject, off)
    return _back("off", off)


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


@router.post("/likeness/portraits/destroy")
def destroy_portrait(viewer: Here, id: Field) -> Response:  # noqa: A002  the form's field
    """Destroy one portrait."""
    portraits.destroy(viewer.rooms, viewer.subject, id)
    return _back("destroyed")


@router.post("/likeness/portraits/appeal")
def appeal_portrait(viewer: Here, id: Field) -> Response:  # noqa: A002  the form's field
    """Have one picture that is held back judged again."""
    image = portraits.appeal(viewer.rooms, viewer.subject, id)
    if image.state is State.READY:
        return _back("passed")
    left = viewer.rooms.consent.policy.moderation.may_appeal(image.judged)
    return _back("unjudged" if left and not image.judged else "stays")


@router.post("/likeness/selfies/destroy")
def destroy_selfie(viewer: Here, id: Field) -> Response:  # noqa: A002  the form's field
    """Destroy one selfie; the portraits made from it stay."""
    selfies.destroy(viewer.rooms, viewer.subject, id)
    return _back("destroyed")


@router.post("/likeness/selfies")
def add_selfies(
    viewer: Here,
    file: list[UploadFile],
    attest_self: Field = "",
    attest_adult: Field = "",
    attest_guardian: Field = "",
) -> Response:
    """Check photos and keep them, or say of each why not."""
    outcome = selfies.enrol(
        viewer.rooms,
        viewer.subject,
        [one.file.read() for one in file],
        attest_self=attest_self == "true",
        attest_adult=attest_adult == "true",
        attest_guardian=attest_guardian == "true",
    )
    reasons = ",".join(str(one.get("reason", "")) for one in outcome)
    kept = all(one["accepted"] for one in outcome)
    return _back("kept") if kept else _back("not-kept", reasons=reasons)


@router.post("/likeness/erase")
def erase(request: Request, viewer: Here, confirm: Field) -> Response:
    """Delete everything of the person, and show the certificate: the last page they get."""
    if confirm.strip().lower() != _WORD:
        raise Problem(
            Slug.INVALID, f"Nothing was deleted: the word is “{_WORD}”.", field="confirm"
        )
    certificate = viewer.rooms.consent.erasures.erase(viewer.subject)
    file = base64.b64encode(orjson.dumps(certificate)).decode()
    shown = rendering.page("erased.html", certificate=certificate, file=file)
    return doors.without_cookie(shown, request)


def _back(said: str, purpose: Purpose | None = None, *, reasons: str = "") -> Response:
    about = f"&purpose={purpose}" if purpose else ""
    why = f"&reasons={reasons}" if reasons else ""
    return RedirectResponse(f"/likeness?said={said}{about}{why}", status_code=303)


def _purpose(name: str) -> Purpose:
    try:
        return Purpose(name)
    except ValueError as unknown:
        raise Problem(Slug.INVALID, "There is no such purpose.", field="purpose") from unknown


def _said(viewer: Visitor, said: str, purpose: str, reasons: str) -> dict[str, Any] | None:
    """Say what the last write did. What comes by URL only chooses among our own words."""
    blank: dict[str, Any] = {"receipt": None, "lines": [], "refused": False}
    if said == "off":
        proof = consents.last_receipt(viewer.rooms, viewer.subject, _purpose(purpose))
        text = f"Off: {plainly(purpose)}"
        return blank | {"text": text, "receipt": proof if "destroyed" in proof else None}
    if said == "not-kept":
        codes = [code for code in reasons.split(",") if code in set(Reason)]
        lines = [advice(code) for code in dict.fromkeys(codes)]
        return blank | {"text": "Not kept, none of them", "lines": lines, "refused": True}
    return blank | {"text": _SAID[said]} if said in _SAID else None


def _centre(viewer: Visitor) -> dict[str, Any]:
    rooms, subject = viewer.rooms, viewer.subject
    standing = {one["purpose"]: one for one in _standing(viewer)}
    on = sum(one["state"] != "not_granted" for one in standing.values())
    return {
        "groups": _groups(rooms, standing),
        "due": [one for one in standing.values() if one["due"]],
        "minor": rooms.consent.attestations.of(subject).age_band == "minor",
        "on": on,
        "off": len(standing) - on,
        "selfies": selfies.listed(rooms, subject),
        "rules": rooms.consent.policy.selfies,
        "may_enrol": standing[Purpose.LIKENESS]["state"] == "granted",
        "portraits": portraits.listed(rooms, subject),
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
