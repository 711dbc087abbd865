# SPDX-License-Identifier: Apache-2.0
import re
from importlib.resources import files

import pytest
from jinja2 import UndefinedError

from engine.web import rendering

WEB = files("engine.web")
FOLDERS = [WEB / "templates" / name for name in (".", "likeness", "studio", "welcome")]
TEMPLATES = {
    f"{folder.name}/{f.name}".lstrip("./"): f.read_text("utf-8")
    for folder in FOLDERS
    for f in folder.iterdir()
    if f.name.endswith(".html")
}
STYLE = (WEB / "static" / "onlyou.css").read_text("utf-8")


def test_htmx_is_the_file_that_was_pinned() -> None:
    assert rendering.static_hash(rendering.HTMX) == rendering.HTMX_INTEGRITY
    assert rendering.HTMX_INTEGRITY in (WEB / "static" / "NOTICE").read_text("utf-8")


def test_what_is_said_is_escaped() -> None:
    said = rendering.text(
        "refused.html",
        problem={"title": "<script>", "detail": "a & b", "reason": None},
    )
    assert '<h1 id="no">&lt;script&gt;</h1>' in said
    assert "a &amp; b" in said


def test_a_name_that_was_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        rendering.text("refused.html")


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_nothing_runs_or_is_styled_inline(name: str) -> None:
    text = TEMPLATES[name]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals=.js", text)
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_form_that_writes_carries_its_token(name: str) -> None:
    text = TEMPLATES[name]
    without = {
        'action="/enter"',
        'action="/audit/enter"',
        'action="/welcome/join"',
    }  # nobody is known there yet
    for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
        carries = 'name="csrf"' in form or "act_fields(item)" in form
        assert carries or any(known in form for known in without), form


def test_the_style_sheet_has_no_class_that_no_page_uses() -> None:
    used = set(re.findall(r"[a-z][\w-]*", " ".join(TEMPLATES.values())))
    used |= {f"face-{shade}" for shade in range(6)} | {"htmx-swapping", "htmx-request"}
    named = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\d\.\d|/\*.*?\*/", "", STYLE)))
    assert named - used == set()
