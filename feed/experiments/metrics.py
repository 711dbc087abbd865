# SPDX-License-Identifier: Apache-2.0
"""What an experiment can measure: a closed list, each with what it is counted against.

A metric is a ratio of two sums over people: what they did, and their portraits shown (or one each,
for what is told per person). People are the unit: whoever was shown ten counts once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Per = Literal["person", "shown", "hidden"]
Better = Literal["higher", "lower", "neither"]
WITHDREW: Final = "withdrew"
"""The metric that is a guardrail of every experiment: people who turned portraits off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One measure. Its figure is `scale` times the sum of it over the sum it is told per."""

    id: str
    title: str
    per: Per
    scale: int
    unit: str  #: how its figure is read, after the number
    better: Better
    trust: bool = False  #: told beside engagement, on the same page
    guards: bool = False  #: people to whom it happened can be counted, so that it can stop an arm
    on_feed: bool = True  #: measured on the feed too; else in the simulator alone


_ALL: Final = (
    Metric(
        id=WITHDREW, title="Turned portraits off", per="person", scale=1_000,
        unit="per 1,000 people", better="lower", trust=True, guards=True,
    ),
    Metric(
        id="engaged", title="Liked or shared", per="shown", scale=100,
        unit="per 100 shown", better="higher",
    ),
    Metric(
        id="kept", title="Kept: neither hidden nor reported", per="shown", scale=100,
        unit="per 100 shown", better="higher",
    ),
    Metric(
        id="shown", title="Portraits shown", per="person", scale=1,
        unit="per person", better="neither",
    ),
    Metric(
        id="visits", title="Visits", per="person", scale=1,
        unit="per person", better="higher", on_feed=False,
    ),
    Metric(
        id="hidden", title="Hidden", per="shown", scale=1_000,
        unit="per 1,000 shown", better="lower", trust=True, guards=True,
    ),
    Metric(
        id="fewer", title="Asked for fewer", per="shown", scale=1_000,
        unit="per 1,000 shown", better="lower", trust=True, guards=True,
    ),
    Metric(
        id="reported", title="Reported", per="shown", scale=1_000,
        unit="per 1,000 shown", better="lower", trust=True, guards=True,
    ),
    Metric(
        id="surprised", title="Surprised to see it", per="shown", scale=1_000,
        unit="per 1,000 shown", better="lower", trust=True, on_feed=False,
    ),
    Metric(
        id="knew-why", title="Knew why it was there", per="shown", scale=1_000,
        unit="per 1,000 shown", better="higher", trust=True, on_feed=False,
    ),
    Metric(
        id="taken-for-ad", title="Took it for an ad", per="shown", scale=1_000,
        unit="per 1,000 shown", better="lower", trust=True, on_feed=False,
    ),
    Metric(
        id="seconds-to-hide", title="Time until it was hidden", per="hidden", scale=1,
        unit="seconds", better="neither", trust=True,
    ),
)  # fmt: skip

METRICS: Final[Mapping[str, Metric]] = MappingProxyType({one.id: one for one in _ALL})
