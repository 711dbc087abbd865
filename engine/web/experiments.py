# SPDX-License-Identifier: Apache-2.0
"""`/experiments`: what was tried and what it did to people, for staff. Nobody is named here.

A report is also handed out as the file that `onlyou experiment report` writes: with its style in
it, so it is never shown in place.
"""

from importlib.metadata import version
from importlib.resources import files as resources
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from markupsafe import Markup
from pydantic import BaseModel, Field

from engine.api.answers import REFUSALS, SIGNED_IN
from engine.api.experiments import EXPERIMENTER, Name, Reporting, found
from engine.experiments import power
from engine.experiments.power import Answer, Question
from engine.experiments.report import Report
from engine.web import rendering

pages = APIRouter(include_in_schema=False, dependencies=[EXPERIMENTER])
files = APIRouter(tags=["experiments"], responses=REFUSALS, dependencies=[SIGNED_IN, EXPERIMENTER])


def html(report: Report) -> str:
    """Write a report as one file that needs nothing else: no script, no picture, no address."""
    static = resources("engine.web") / "static"
    sheets = [(static / name).read_text("utf-8") for name in ("audit.css", "experiments.css")]
    ours = Markup("\n".join(sheets))  # noqa: S704  files of our own
    return rendering.text(
        "experiments/report.html", style=ours, version=version("onlyou"), **shown(report)
    )


def shown(report: Report) -> dict[str, Any]:
    """Return what a template needs to show a report, in place or as a file."""
    usual = power.usual(report)
    return {"report": report, "usual": usual, "power": list(power.answers(usual))}


@pages.get("/experiments")
def experiments(reports: Reporting) -> Response:
    """List what has run, and in one sentence what it found."""
    entries = list(reports.all())
    return rendering.page(
        "experiments/list.html", entries=entries, title="Experiments", here="experiments"
    )


class Asked(BaseModel):
    """A question to the calculator: of a hundred people, times as many, new ones a day."""

    percent: float | None = Field(default=None, gt=0, lt=100)
    times: float = Field(default=1.5, gt=0, le=100)
    per_day: int = Field(default=500, ge=1, le=1_000_000)
    days: int = Field(default=30, ge=1, le=366)

    def question(self) -> Question | None:
        """Ask it; None where nothing was asked."""
        if self.percent is None:
            return None
        base = self.percent / 100
        return Question(base=base, times=self.times, per_day=self.per_day, days=self.days)


@pages.get("/experiments/{id}")
def experiment(id: Name, reports: Reporting, query: Annotated[Asked, Query()]) -> Response:  # noqa: A002
    """Show one run: first what matters most, then the evidence, then a calculator."""
    report, asked = found(reports, id), query.question()
    return rendering.page(
        "experiments/page.html",
        title=report.plan.title,
        here="experiments",
        asked=asked,
        answered=_answered(asked) if asked else None,
        **shown(report),
    )


def _answered(asked: Question) -> Answer | None:
    """Work a question out; None for one that has no answer, as harm beyond everybody."""
    try:
        return power.answer(asked)
    except (ValueError, ArithmeticError):
        return None


@files.get(
    "/v1/experiments/{id}/report",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}, "description": "One HTML file"}},
)
def download(id: Name, reports: Reporting) -> Response:  # noqa: A002  as the path names it
    """Hand one run out as one HTML file that needs nothing else."""
    report = found(reports, id)
    headers = {"Content-Disposition": f'attachment; filename="onlyou-{report.plan.id}.html"'}
    return Response(html(report), media_type="text/html", headers=headers)
