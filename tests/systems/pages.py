# SPDX-License-Identifier: Apache-2.0
"""The page of a system in docs/systems: what its policy says, what was played, what was proved.

Each story writes its own page and fails where the page that is kept says otherwise.

    python -m tests.systems.pages             plays all stories, writes every page
    python -m tests.systems.pages --pictures  and draws their portraits with the photobooth
"""

import argparse
import importlib
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from PIL import Image

from consent import policies, wording
from consent.words import SECOND, Kind, Step
from engine import choosing, wiring
from tests.engine import town
from tests.engine.town import Quick
from tests.systems import stage as stages
from tests.systems.stage import NINE, STRICT, Answer, Line, Stage

DOCS: Final = Path(__file__).parents[2] / "docs"
STORIES: Final = {name: name.replace("-", "_").replace("+", "_") for name in policies.names()}
"""Each policy, and the module that plays its story."""
_DRAWING: Final = (Step.SELECT, Step.GENERATE, Step.INSERT, Step.VIEW, Step.SHARE, Step.LEARN)
_VALUES: Final = {
    "selfies.minimum": "Selfies, at least",
    "selfies.maximum": "Selfies, at most",
    "selfies.retention_seconds": "Selfies are kept",
    "selfies.delete_after_generation": "Selfies go once drawn from",
    "portraits.retention_seconds": "Portraits are kept",
    "packs.styles": "Styles in a pack",
    "packs.outputs": "Portraits in a pack",
    "packs.per_day": "Packs a day",
    "slots.per_week": "Inserts a week",
    "labels.visible_to": "Label on an insert",
    "labels.made_by": "Label of the maker",
    "consent.term_days": "A yes holds, in days",
    "sharing.friends_may_ask": "Friends may have one drawn",
}


def page(policy: str, lines: list[Line], report: Answer, strict: Answer) -> str:
    """Write the page of one system."""
    loaded = policies.load(policy)
    picture = f"../img/systems/{policy}.jpg"
    shown = f"![What was drawn in this story]({picture})\n\n" if _drawn(policy) else ""
    parts = (
        f"# {loaded.title}\n\n{loaded.summary}\n\n"
        f"Policy `{policy}`, played by `tests/systems/test_{STORIES[policy]}.py`; this page is "
        "what was played.\n\n" + shown,
        "## What it says\n\n",
        _table(("value", "", "from", "sure"), _values(loaded.text)),
        "\n## Whose yes counts\n\n",
        _table(("step", "purposes and bases that it accepts"), _accepted(policy)),
        "\n## What was played\n\n",
        _table(("after", "who", "does", "answer"), map(_row, lines)),
        "\n## What the audit says\n\n" + _audit(report, strict),
    )
    return "".join(parts)


def _drawn(policy: str) -> bool:
    return (DOCS / "img" / "systems" / f"{policy}.jpg").exists()


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    ruled = (head, tuple("---" for _ in head), *rows)
    return "".join(f"| {' | '.join(row)} |\n" for row in ruled)


def _values(text: str) -> Iterator[tuple[str, ...]]:
    table = tomllib.loads(text)
    for path, words in _VALUES.items():
        section, name = path.split(".")
        value = table[section][name]
        told: dict[str, Any] = value if isinstance(value, dict) else {"value": value}
        said = wording.value(path, told["value"])
        yield words, said, told.get("source", "ours"), told.get("confidence", "")


def _accepted(policy: str) -> Iterator[tuple[str, ...]]:
    for step in _DRAWING:
        rules = [rule for rule in policies.load(policy).rules if step in rule.steps]
        named = [
            f"{', '.join(sorted(rule.purposes))}: {', '.join(_kinds(rule.kinds)) or 'never'}"
            for rule in rules
        ]
        yield step, "; ".join(named) or "nothing"


def _kinds(kinds: frozenset[Kind]) -> list[str]:
    return [kind for kind in Kind if kind in kinds]


def _row(line: Line) -> tuple[str, ...]:
    seconds = (line.at - NINE) // SECOND
    days, rest = divmod(seconds, 86_400)
    when = f"{days} d {rest // 3_600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return when, line.who, line.does, line.answer


def _audit(report: Answer, strict: Answer) -> str:
    table, checked = strict["table"], report["checked"]
    allowed = table["allow_allow"] + table["allow_deny"]
    verified = (
        f"The log verifies offline without a finding: {checked['decisions']} decisions, "
        f"{checked['recomputed']} of them recomputed from their disclosed facts. "
    )
    flips = ", ".join(
        f"{flip['step']} for {flip['purpose']} ({flip['reason']}, {flip['count']})"
        for flip in strict["flips"]
        if flip["from"] == "allow"
    )
    if not table["allow_deny"]:
        return verified + f"Replayed under `{STRICT}` nothing that was allowed is denied.\n"
    are = "is" if table["allow_deny"] == 1 else "are"
    return verified + (
        f"Replayed under `{STRICT}`, {table['allow_deny']} of its {allowed} allowed decisions "
        f"{are} denied: {flips}.\n"
    )


def play(policy: str, folder: Path) -> tuple[Stage, str]:
    """Play a policy's story in a folder and write its page."""
    story: Callable[[Stage], None]
    story = importlib.import_module(f"tests.systems.test_{STORIES[policy]}").story
    stage = stages.build(folder / "home", policy)
    story(stage)
    report, strict = stage.seen(folder / "bundle")
    return stage, page(policy, stage.lines, report, strict)


def index() -> str:
    """Write the page that leads to all systems."""
    rows = ((f"[{name}]({name}.md)", policies.load(name).summary) for name in STORIES)
    return (
        "# The systems that the articles name\n\n"
        "Each is a policy file of `data/policies`, with a source for what an article says, and a "
        "story that a test plays over HTTP against the real rooms: its limits from both sides, "
        "what it keeps for how long, its labels, who sees what, and what an audit of its log "
        "says. The pages are written by those tests.\n\n" + _table(("policy", "in short"), rows)
    )


def kept(policy: str) -> Path:
    """Name the file of a system's page."""
    return DOCS / "systems" / f"{policy}.md"


def main() -> None:
    """Play every story and write its page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", action="store_true")
    parser.add_argument("policy", nargs="*", default=list(STORIES))
    asked = parser.parse_args()
    choosing.ranking.choose = town.always_something
    if not asked.pictures:
        wiring.recipe = lambda _chosen: Quick()
    for name in asked.policy:
        with tempfile.TemporaryDirectory() as folder:
            stage, text = play(name, Path(folder))
            if asked.pictures:
                _strip(stage, DOCS / "img" / "systems" / f"{name}.jpg")
            kept(name).write_text(text, "utf-8")
    kept("README").write_text(index(), "utf-8")


def _strip(stage: Stage, file: Path) -> None:
    """Put what was drawn side by side."""
    drawn = [Image.fromarray(pixels) for pixels in stage.pictures]
    if not drawn:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    width, height = 192, 240
    strip = Image.new("RGB", (8 + len(drawn) * (width + 8), height + 16), "#faf6ef")
    for place, one in enumerate(drawn):
        strip.paste(one.resize((width, height), Image.Resampling.LANCZOS), (8 + place * 200, 8))
    strip.save(file, quality=85)


if __name__ == "__main__":
    main()
