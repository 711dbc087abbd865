# SPDX-License-Identifier: Apache-2.0
"""`/experiments`: what was tried and what it did to people, for staff. Nobody is named here.

A report is also handed out as the file that `onlyou experiment report` writes: with its style in
it, so it is never shown in place.
"""

from importlib.metadata import version
from importlib.resources import files as resources

from fastapi import APIRouter, Response
from markupsafe import Markup

from engine.api.answers import REFUSALS, SIGNED_IN
from engine.api.experiments import EXPERIMENTER, Name, Reporting, found
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
        "experiments/report.html", style=ours, version=version("onlyou"), report=report
    )


@pages.get("/experiments")
def experiments(reports: Reporting) -> Response:
    """List what has run, and in one sentence what it found."""
    entries = list(reports.all())
    return rendering.page(
        "experiments/list.html", entries=entries, title="Experiments", here="experiments"
    )


@pages.get("/experiments/{id}")
def experiment(id: Name, reports: Reporting) -> Response:  # noqa: A002  as the path names it
    """Show one run: first what matters most, then the evidence."""
    report = found(reports, id)
    return rendering.page("experiments/page.html", report=report, title=report.plan.title)


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
