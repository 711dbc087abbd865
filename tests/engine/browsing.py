# SPDX-License-Identifier: Apache-2.0
"""Use the pages as a browser without script does: read, follow links, send forms."""

import html
import re
from typing import Any

from tests.engine.homes import Home

HTML = {"Accept": "text/html"}


def enter(home: Home, name: str) -> None:
    home.client.post("/enter", data={"subject": name})


def page(home: Home, path: str, **headers: str) -> str:
    answer = home.client.get(path, headers=HTML | headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    return html.unescape(answer.text)


def form_of(text: str, action: str, holding: str = "") -> dict[str, str]:
    """Read the hidden fields of a form, as a browser would send them."""
    forms = re.findall(rf'<form[^>]*action="{action}"[^>]*>.*?</form>', text, re.DOTALL)
    chosen = next(form for form in forms if holding in form)
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', chosen)
    return dict(found)


def send(home: Home, action: str, fields: dict[str, str], **headers: str) -> Any:
    return home.client.post(action, data=fields, headers=HTML | headers)
