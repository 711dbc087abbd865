# SPDX-License-Identifier: Apache-2.0
"""What a policy promises beside what it decides: the words on an insert, and until when."""

from dataclasses import dataclass
from typing import Literal

Lever = Literal["frequency", "first-slot", "gap", "label", "preview", "ranker", "recipe"]
"""What of a feed an experiment's arm may set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The words every insert carries."""

    visible_to: str
    made_by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingRules:
    """How long a story lasts, and whether friends may have somebody drawn who is not them."""

    story_hours: int
    friends_may_ask: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRules:
    """Within how many hours a report is answered; unanswered, it counts as right."""

    answer_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PortraitRules:
    """How long an insert stays in the feed and a portrait is kept."""

    insert_hours: int
    retention_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRules:
    """Within which bounds an arm may differ, who is never shown any, and what stops it at once.

    Units: permille are thousandths, `withdrawals_permille` of an arm's people in a day.
    """

    levers: tuple[Lever, ...]
    least_first: int
    least_gap: int
    most_per_week: int
    labels: tuple[str, ...]  #: other wordings of `labels.visible_to` that an arm may carry
    holdout_permille: int
    withdrawals_permille: int
