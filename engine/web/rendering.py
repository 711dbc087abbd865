# SPDX-License-Identifier: Apache-2.0
"""Templates and how they are filled: one environment, autoescaped, undefined names are errors."""

import base64
import hashlib
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.responses import HTMLResponse

from engine.experiments import figures, sentences
from engine.web import wording

HTMX: Final = "htmx-4.0.1.min.js"


def static_hash(name: str) -> str:
    """Name a static file's content for Subresource Integrity: sha384- and base64."""
    content = (files("engine.web") / "static" / name).read_bytes()
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


HTMX_INTEGRITY: Final = "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"
"""Pinned, not computed: a changed file must fail a test and be refused by the browser."""


@pass_context
def _ago(context: Context, at: str) -> str:
    return wording.ago(at, context["now"])


@pass_context
def _left(context: Context, at: str) -> str:
    return wording.left(at, context["now"])


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("engine.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names = ("day", "clock", "figure", "odds", "plainly", "because", "takes", "language", "given")
    more = ("short", "alt", "initials", "shade", "blocks", "bold")
    made.filters |= {name: getattr(wording, name) for name in names + more}
    made.filters |= {"ago": _ago, "left": _left}
    made.filters |= {"cell": sentences.cell, "title_of": sentences.title_of}
    made.filters |= {"p": figures.p_value, "e": figures.e_value, "percent": figures.percent}
    made.globals["htmx_integrity"] = HTMX_INTEGRITY
    return made


_PAGES: Final = _environment()


def text(template: str, **context: Any) -> str:  # noqa: ANN401 - whatever the template names
    """Fill a template. Errors: jinja2.UndefinedError for a name that was not given, a bug."""
    blank = {"viewer": None, "here": None, "said": None, "swapped": False, "plain": False}
    return _PAGES.get_template(template).render(**(blank | context))


def page(template: str, status: int = 200, **context: Any) -> HTMLResponse:  # noqa: ANN401
    """Answer with a filled template."""
    return HTMLResponse(text(template, **context), status_code=status)
