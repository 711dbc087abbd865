# SPDX-License-Identifier: Apache-2.0
"""The one way from a person's own words to words that a model is given.

1. their words are screened, before anybody else reads them
2. an expander chooses an idea and writes words for it
3. what it wrote is screened likewise, whoever wrote it
4. an idea that it was not offered, or no answer, is no answer: nothing is guessed for it
Nothing is stored here, nothing is logged; a refusal never repeats what was said.
"""

import logging
from collections.abc import Collection, Mapping

from consent.errors import Broken
from consent.telling import told
from consent.words import Reason
from generation import screening
from generation.expander import Asked, Expanded, Expander, Nothing
from generation.screening import Failed
from generation.wishes import NotOffered

_log = logging.getLogger(__name__)


def phrased(
    expander: Expander, text: str, *, ideas: Collection[str], choices: Mapping[str, str]
) -> Expanded | Failed | Nothing:
    """Find the idea and the words for what somebody would like to see.

    `ideas` are those that can be drawn here; one alone where the person named it.
    Errors: NotOffered for a choice that the idea does not have; Broken(unavailable) where an
    expander gives no answer.
    """
    read = screening.screen(text)
    if isinstance(read, Failed):
        return read
    asked = Asked(text=read.text, ideas=tuple(sorted(ideas)), choices=dict(choices))
    found = _ask(expander, asked)
    if isinstance(found, Nothing):
        return found
    written = screening.screen(found.words, screening.EXPANDED)
    if isinstance(written, Failed):
        return written
    return Expanded(scenario=found.scenario, words=written.text)


def _ask(expander: Expander, asked: Asked) -> Expanded | Nothing:
    found: object = None
    try:
        found = expander.expand(asked)
    except NotOffered:
        raise
    except Exception as error:  # noqa: BLE001 - of whatever kind: it has not answered
        # its message may repeat what somebody said, so only its kind is told
        kind, name = type(error).__name__, type(expander).__name__
        _log.error("the expander broke", extra=told(expander=name, kind=kind))
    if isinstance(found, Nothing):
        return found
    if isinstance(found, Expanded) and found.scenario in asked.ideas:
        return found
    raise Broken(Reason.UNAVAILABLE, "the expander gave no answer")
