# SPDX-License-Identifier: Apache-2.0
"""Every denial in one clear sentence."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consent.words import Purpose, Reason

_WHY: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.NOT_GRANTED: "you have not said yes to {purpose}",
        Reason.WITHDRAWN: "you have turned {purpose} off",
        Reason.EXPIRED: "your yes to {purpose} has run out",
        Reason.PAUSED: "you have paused everything, {purpose} too",
        Reason.NOTICE_OUTDATED: "the text for {purpose} has changed since you said yes",
        Reason.POLICY_SILENT: "the policy does not mention this step for {purpose}",
        Reason.POLICY_FORBIDS: "the policy does not allow this step for {purpose}",
        Reason.AGE: "{purpose} is for adults",
        Reason.GUARDIAN_REQUIRED: "{purpose} needs a yes from your parent or guardian",
        Reason.CAP: "the limit for {purpose} is reached for now",
    }
)


def sentence(reason: Reason, purpose: Purpose) -> str:
    """Say a denial in one clear sentence."""
    return _WHY.get(reason, "{purpose} is not possible now").format(purpose=purpose)
