# SPDX-License-Identifier: Apache-2.0
"""Turn a person's own words into an idea and into words for a model: the port, and our own way.

Rules:
1. An expander hears the words, which were screened, and the ideas that can be drawn; never who
   asks.
2. Ours needs no model: the idea that shares most words with them, its reviewed prompt, the
   choices, and the person's words where they fit. The same words give the same answer.
3. Another package may offer one by an entry point of the group `onlyou.expanders`, a language
   model say. Nobody trusts what comes of it: `generation.phrasing` screens it, a page shows it.
   Nobody waits for it for ever: it has a few seconds, and a few askers at once.
"""

import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from typing import Final, Protocol, runtime_checkable

from generation import wishes
from generation.fitting import fitting

GROUP: Final = "onlyou.expanders"
OWN: Final = "template"
"""The one that is always there."""
PATIENCE: Final = 20.0
"""Seconds that another package's expander has for an answer."""
AT_ONCE: Final = 8
"""So many at most ask another package's expander at once."""
ROOM: Final = 62
"""Words and commas that the shortest text encoder reads: 77 tokens, less its marks, in English."""
OWN_ROOM: Final = 24
"""Of these, so many at most are a person's own."""
_LEAD: Final = re.compile(
    r"^\W*(?:(?:please|can you|could you|draw|paint|imagine|show|make|picture|portrait|a|an|of|i|"
    r"want|to|be|am|i'm|see|me|myself|as if)\b[\s,:]*)+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody would like to see; of whom, nobody is told."""

    #: screened already, as it was read
    text: str
    #: the ideas that can be drawn here, by id; one alone where the person named it
    ideas: tuple[str, ...]
    #: slot id -> choice id (`generation.wishes`)
    choices: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """An idea, and the words that a model is given for it."""

    scenario: str
    words: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """No idea comes near to the words."""


@runtime_checkable
class Expander(Protocol):
    """A way from a person's words to an idea and to the words for a model."""

    def expand(self, asked: Asked) -> Expanded | Nothing:
        """Choose one of the ideas and write its words.

        Errors: NotOffered for a choice that the idea does not have.
        """
        ...


class Template:
    """Our own way: the idea that shares most words, its prompt, choices and the person's words."""

    def expand(self, asked: Asked) -> Expanded | Nothing:
        """Choose the idea that fits best, and write its words. Errors: NotOffered."""
        own = asked.ideas[0] if len(asked.ideas) == 1 else fitting(asked.text, asked.ideas)
        if own is None:
            return Nothing()
        return Expanded(scenario=own, words=_written(own, asked))


class Named:
    """An expander by its name, begun when somebody first asks. Units: patience in seconds.

    Whatever is wrong with it, the engine opens and everybody can still leave.
    """

    def __init__(self, name: str, patience: float = PATIENCE) -> None:
        self._name = name
        self._patience = patience
        self._free = threading.Semaphore(AT_ONCE)

    @cached_property
    def _meant(self) -> Expander:
        factory = Template if self._name == OWN else _load(self._name)
        return factory()

    def expand(self, asked: Asked) -> Expanded | Nothing:
        """Have it expand.

        Errors: its own; ValueError where it is not here, TimeoutError where it does not answer in
        time or owes too many others an answer.
        """
        return self._meant.expand(asked) if self._name == OWN else self._in_time(asked)

    def _in_time(self, asked: Asked) -> Expanded | Nothing:
        """Ask on a thread of its own, which may be stuck: the one that asks goes on."""
        if not self._free.acquire(blocking=False):
            raise TimeoutError("too many are waiting for it")
        answer: Future[Expanded | Nothing] = Future()
        threading.Thread(target=self._answer, args=(asked, answer), daemon=True).start()
        return answer.result(self._patience)

    def _answer(self, asked: Asked, answer: "Future[Expanded | Nothing]") -> None:
        try:
            answer.set_result(self._meant.expand(asked))
        except BaseException as error:  # noqa: BLE001  raised again where it was asked
            answer.set_exception(error)
        finally:
            self._free.release()


def offered() -> tuple[str, ...]:
    """List the expanders that are here, ours first; none can take its place."""
    return (OWN, *sorted({point.name for point in entry_points(group=GROUP)} - {OWN}))


def _load(name: str) -> Callable[[], Expander]:
    (point,) = entry_points(group=GROUP, name=name)
    factory: Callable[[], Expander] = point.load()
    return factory


def _written(scenario: str, asked: Asked) -> str:
    """Put what must be said first: a text encoder cuts the end off unseen.

    First the idea, then the person's words, the choices, and of the idea's details what has room.
    """
    idea, *details = wishes.wish(scenario, {}).split(", ")
    chosen = wishes.choices(scenario, asked.choices)
    taken = _length([idea, *chosen])
    own = _own(asked.text, ROOM - taken)
    words = [idea, *own, *chosen]
    for detail in details:
        if _length([*words, detail]) <= ROOM:
            words.append(detail)
    return ", ".join(words)


def _own(text: str, room: int) -> tuple[str, ...]:
    """Take the person's words, less the way they asked, as many as have room."""
    said = _LEAD.sub("", text).strip(" .,;:!?") or text
    kept: list[str] = []
    for word in said.split():
        if _length([" ".join([*kept, word])]) >= min(room, OWN_ROOM):
            break
        kept.append(word)
    return (" ".join(kept).strip(" .,;:!?"),) if kept else ()


def _length(words: list[str]) -> int:
    """Count words and commas, about as many as tokens of plain English."""
    return len(re.findall(r"\w+|[^\w\s]", ", ".join(words)))
