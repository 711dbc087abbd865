# SPDX-License-Identifier: Apache-2.0
"""`/v1/experiments`: what product experiments found, for staff. Never a person, never an image.

Whatever fewer than ten people did is null; `engine/experiments/suppression` says why.
"""

from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from consent.errors import Misused, OnlyouError
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import asking
from engine.api.problems import Problem, Slug, not_found
from engine.api.shapes import Shape
from engine.api.tokens import Scope
from engine.experiments.report import Report
from engine.experiments.reports import Reports
from engine.experiments.told import head, told

EXPERIMENTER: Final = Depends(asking(Scope.EXPERIMENT_READ))
"""Lets nobody by who may not read experiments."""
Name = Annotated[str, Path(max_length=64)]
router = APIRouter(
    tags=["experiments"], responses=REFUSALS, dependencies=[SIGNED_IN, EXPERIMENTER]
)


class Run(BaseModel):
    """One run in the list; one that cannot be read has an id and nothing else."""

    id: str


class Runs(Shape):
    """Every run that there is."""

    items: list[Run]


class ExperimentReport(BaseModel):
    """What an experiment found (CONTRACTS, experiment report --json); more fields are told."""

    id: str
    policy: str
    state: str
    arms: list[dict[str, Any]]
    srm: dict[str, Any]
    metrics: list[dict[str, Any]]
    guardrails: list[dict[str, Any]]
    censored: int | None


def reports_of(request: Request) -> Reports:
    """Find the reports of the running engine."""
    return cast("Reports", request.app.state.experiments)


Reporting = Annotated[Reports, Depends(reports_of)]


def found(reports: Reports, experiment: str) -> Report:
    """Report one run. Errors: Problem `not-found`; `unavailable` where its record is spoilt."""
    try:
        return reports.of(experiment)
    except Misused as error:
        raise not_found() from error
    except OnlyouError as error:
        raise Problem(Slug.UNAVAILABLE, error.sentence, reason=error.reason) from error


@router.get("/v1/experiments", response_model=Runs)
def runs(reports: Reporting) -> Response:
    """List the experiments that have run or are running, and how each stands."""
    items = [head(one.report) if one.report else {"id": one.id} for one in reports.all()]
    return json({"items": items})


@router.get("/v1/experiments/{id}", response_model=ExperimentReport)
def experiment(id: Name, reports: Reporting) -> Response:  # noqa: A002  as the path names it
    """Tell everything that one experiment found."""
    return json(told(found(reports, id)))
