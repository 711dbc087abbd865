# SPDX-License-Identifier: Apache-2.0
"""After a write in the control centre the page is asked for again (303), and says what was done.

What comes back by URL only chooses among our own words, so nobody can make the page say theirs.
"""

from typing import Any, Final

from fastapi import Response
from starlette.responses import RedirectResponse

from consent.words import Purpose, Reason
from engine.api import consents
from engine.api.problems import Problem, Slug
from engine.web.visitors import Visitor
from engine.web.wording import advice, plainly

_SAID: Final = {
    "granted": "Noted: your yes is in the log",
    "refused": "Nothing was changed",
    "destroyed": "Destroyed",
    "passed": "Judged again: it passed, and you can see it now",
    "stays": "Judged again: it did not pass, and stays held back",
    "unjudged": "It could not be judged just now. You may ask again",
    "kept": "Your selfies are kept, sealed",
    "paused": "Paused. Nothing is done with your face until it goes on",
    "resumed": "It goes on. Everything is as you had it before",
    "wished": "Saved. It counts from now on",
    "unshared": "Not shown to anybody any more",
    "named": "Noted. It counts once they name you, too",
    "unnamed": "Noted. Neither of you sees what the other shows to friends",
    "reported": "Reported. It is out of your feed",
}


def back(said: str, purpose: Purpose | None = None, *, reasons: str = "") -> Response:
    """Go back to the control centre, which says what was done."""
    about = f"&purpose={purpose}" if purpose else ""
    why = f"&reasons={reasons}" if reasons else ""
    return RedirectResponse(f"/likeness?said={said}{about}{why}", status_code=303)


def purpose_of(name: str) -> Purpose:
    """Read a purpose out of a form or a URL. Errors: Problem `invalid` for no purpose."""
    try:
        return Purpose(name)
    except ValueError as unknown:
        raise Problem(Slug.INVALID, "There is no such purpose.", field="purpose") from unknown


def told(viewer: Visitor, said: str, purpose: str, reasons: str) -> dict[str, Any] | None:
    """Say what the last write did; None for words that are not ours."""
    blank: dict[str, Any] = {"receipt": None, "lines": [], "refused": False}
    if said == "off":
        proof = consents.last_receipt(viewer.rooms, viewer.subject, purpose_of(purpose))
        text = f"Off: {plainly(purpose)}"
        return blank | {"text": text, "receipt": proof if "destroyed" in proof else None}
    if said == "not-kept":
        codes = [code for code in reasons.split(",") if code in set(Reason)]
        lines = [advice(code) for code in dict.fromkeys(codes)]
        return blank | {"text": "Not kept, none of them", "lines": lines, "refused": True}
    return blank | {"text": _SAID[said]} if said in _SAID else None
