# SPDX-License-Identifier: Apache-2.0
"""Put the measured tables into docs/quality.md: `python -m benchmarks.quality_page`.

What stands between the two marks of each table is written from `benchmarks/results/quality.json`
and from nothing else; a test holds the page to that file.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.scores import at_least

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "quality.json"
PAGE = ROOT / "docs" / "quality.md"

Row = Mapping[str, Any]


def main() -> None:
    """Rewrite the tables of the page."""
    result = json.loads(RESULT.read_text("utf-8"))
    PAGE.write_text(filled(PAGE.read_text("utf-8"), result), "utf-8")


def filled(page: str, result: Row) -> str:
    """Replace every table of a page by what the result says."""
    for name, table in TABLES.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = page.partition(start)
        after = rest.partition(end)[2]
        page = f"{before}{start}{table(result)}{end}{after}"
    return page


def conditions(result: Row) -> str:
    """Say when, where and with what it was measured."""
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    hardware, second = result["hardware"], "with" if result["second_model"] else "without"
    return (
        f"Measured {result['at'][:10]} at {result['git']} on {hardware['cpu']}, "
        f"{hardware['cores']} cores, no GPU, {second} the second model; recipe "
        f"`{result['recipe']['id']}` {result['recipe']['version'][:12]}; {versions}.\n"
    )


def overall(result: Row) -> str:
    """Write the figures over all portraits."""
    lines = [
        "| what | value | 95 % by person | plain cut | people, portraits |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {one['what']} | {one['value']:g} {one['unit']} "
        f"| {one['low']:g} to {one['high']:g} | {one['floor']:g} "
        f"| {one['n']}, {one['portraits']} |"
        for one in result["results"]
    ]
    people = result["results"][0]["n"]
    proven = (
        f"\n{people} of {people} people right proves {at_least(people):.0%} at 95 %, no more.\n"
    )
    return "\n".join(lines) + "\n" + proven


def scenarios(result: Row) -> str:
    """Write one row a scenario."""
    return _table("scenario", result["scenarios"])


def people(result: Row) -> str:
    """Write one row a person, with the type on paper and the tone in the picture."""
    rows = [
        {**one, "person": f"{one['person']} ({one['type']}, {one['tone']:g}°)"}
        for one in result["people"]
    ]
    return _table("person", rows)


def types(result: Row) -> str:
    """Write one row a skin type, the plain cut's drift beside it."""
    floors = {one["type"]: one for one in result["floor_types"]}
    lines = [
        "| type | people, portraits | a, b (worst) | plain cut | L (worst) | red | yellow |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one['type']} | {one['people']}, {one['portraits']} | {_two(one['ab'])} "
        f"| {floors[one['type']]['ab'][0]:.1f} | {_signed(one['lightness'])} "
        f"| {one['red']:+.1f} | {one['yellow']:+.1f} |"
        for one in result["types"]
    ]
    return "\n".join(lines) + "\n"


def _table(key: str, rows: Sequence[Row]) -> str:
    head = (
        key, "own (worst)", "rank 1", "all photos", "second model", "margin", "a, b (worst)",
        "L (worst)", "width/length % (worst)", "NSFW worst", "sharpness",
    )  # fmt: skip
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for one in rows:
        cells = (
            one[key], _two(one["own"], 3), _share(one["rank1"]), _share(one["rank1_cohort"]),
            _share(one["rank1_second"]), f"{one['margin_least']:.2f}", _two(one["ab"]),
            _signed(one["lightness"]), _signed(one["aspect"]), f"{one['nsfw'][1]:.2f}",
            f"{one['sharpness']}",
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _two(pair: Sequence[float], digits: int = 1) -> str:
    return f"{pair[0]:.{digits}f} ({pair[1]:.{digits}f})"


def _signed(pair: Sequence[float] | None) -> str:
    return "not found again" if pair is None else f"{pair[0]:+.1f} ({pair[1]:+.1f})"


def _rank(said: Mapping[str, Row], whose: str) -> str:
    found = next((row for what, row in said.items() if what.endswith(whose)), None)
    return _share(None if found is None else found["value"] / 100)


def _share(share: float | None) -> str:
    if share is None:
        return "not asked"
    return "all" if share == 1 else f"{100 * share:.0f} %"


def diversity(result: Row) -> str:
    """Write how different portraits look."""
    told = result["diversity"]
    one, other, least = told["nearest_two_looks"]
    return (
        "| what | CIE Lab |\n|---|---|\n"
        f"| two scenarios of one person, mean | {told['between_looks_of_one_person']} |\n"
        f"| the two scenarios most alike: {one}, {other} | {least} |\n"
        f"| two people in one scenario, mean | {told['between_people_in_one_scenario']} |\n"
        f"| two seeds of one scenario and person, mean | {told['between_seeds']} |\n"
    )


def recipes(result: Row) -> str:
    """Write one row a recipe, of those that were measured on fewer portraits too."""
    others = sorted(RESULT.parent.glob("quality-*.json"))
    results = [result, *(json.loads(file.read_text("utf-8")) for file in others)]
    words = ("distance to the own selfie", "skin: a and b", "skin: lightness")
    head = (
        "recipe", "people, portraits", "rank 1", "second model", *words, "two looks apart",
        "bounds broken",
    )  # fmt: skip
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for one in results:
        said = {row["what"]: row for row in one["results"]}
        first = one["results"][0]
        cells = [one["recipe"]["id"], f"{first['n']}, {first['portraits']}"]
        cells += [_rank(said, word) for word in ("among the selfies", "second model")]
        cells += [f"{said[word]['value']:.3g}" for word in words]
        cells += [f"{one['diversity']['between_looks_of_one_person']:.1f}", str(len(one["over"]))]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def bounds(result: Row) -> str:
    """Write what portraits are held to, and whether they keep it."""
    shares, *groups = result["bounds"].items()
    words = list(groups[0][1])
    lines = ["| of every | " + " | ".join(words) + " |", "|---|" + "---|" * len(words)]
    lines += [
        f"| {name} | " + " | ".join(f"{values[word]:g}" for word in words) + " |"
        for name, values in groups
    ]
    told = ", ".join(f"{word.replace('_', ' ')} {share:.0%}" for word, share in shares[1].items())
    kept = "; ".join(result["over"]) or "none is broken"
    return "\n".join(lines) + f"\n\nOf all portraits at least: {told}. In this run: {kept}.\n"


TABLES: Mapping[str, Callable[[Row], str]] = {
    "conditions": conditions,
    "overall": overall,
    "diversity": diversity,
    "types": types,
    "people": people,
    "scenarios": scenarios,
    "bounds": bounds,
    "recipes": recipes,
}

if __name__ == "__main__":
    main()
