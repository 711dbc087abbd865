# SPDX-License-Identifier: Apache-2.0
"""`onlyou recipe`: what can draw portraits here, and whether it may."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from consent.errors import Broken, Misused
from consent.words import Reason
from engine import settings, stock, wiring
from engine.cli.output import Home, Json, say, say_json, say_table
from engine.settings import Settings
from generation import inspection, isolation
from generation.isolation import Isolation
from generation.probes import probes
from generation.recipes import factories
from generation.recipes.specs import Spec
from generation.recipes.weights import Known

app = typer.Typer(no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="The recipe's id, as `recipe list` shows it.")]


@app.command("list")
def list_recipes(home: Home = None, as_json: Json = False) -> None:
    """List the recipes that are known here, and for each that cannot start why."""
    chosen = settings.read(home)
    found = stock.described(chosen)
    items = [_described(spec, chosen) for _, spec in sorted(found.items())]
    items += [_offered(name) for name in sorted(factories()) if name not in found]
    if as_json:
        say_json({"items": items, "faults": list(stock.faults(chosen))})
        return
    columns = ("id", "kind", "size", "rows", "licence", "here")
    say_table("Recipes", columns, [_columns(item) for item in items])
    for item in items:
        if item["why"]:
            say(f"[yellow]![/] {item['why']}")
    for fault in stock.faults(chosen):
        say(f"[red]✗[/] {fault}")


def _described(spec: Spec, chosen: Settings) -> dict[str, Any]:
    why = stock.hindrance(spec, chosen)
    ready = wiring.make(spec, chosen) if why is None else None
    return {
        "id": spec.id,
        "title": spec.title,
        "kind": spec.kind,
        "licence_class": spec.licence_class,
        "conditioning": spec.conditioning,
        "isolation": spec.isolation,
        "size": list(spec.size),
        "batches": list(spec.batches),
        "file_sha256": spec.sha256,
        "sha256": ready.version if ready else None,
        "scenarios": sorted(ready.scenarios) if ready else [],
        "ready": ready is not None,
        "why": why,
    }


def _offered(name: str) -> dict[str, Any]:
    """Name what another package offers; to say more it would have to be run."""
    fields = ("title", "licence_class", "conditioning", "isolation", "size", "file_sha256")
    unknown = dict.fromkeys((*fields, "sha256", "ready", "why"))
    return {"id": name, "kind": "another package", "batches": [], "scenarios": [], **unknown}


def _columns(item: Mapping[str, Any]) -> tuple[str | Text, ...]:
    size = " x ".join(map(str, item["size"])) if item["size"] else "?"
    rows = "alone" if item["isolation"] == "alone" else f"up to {max(item['batches'], default=1)}"
    state = {True: Text("ready", "green"), False: Text("not ready", "red"), None: Text("?")}[
        item["ready"]
    ]
    return item["id"], item["kind"], size, rows, item["licence_class"] or "?", state


@app.command("check")
def check(
    recipe: Id,
    home: Home = None,
    pin: Annotated[
        bool, typer.Option("--pin", help="Write down the files' hashes as they lie here.")
    ] = False,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch missing files from the hub, by name.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check a recipe's licence, libraries and every byte of its files; exit 1 when it is wrong."""
    chosen, spec = _find(recipe, home)
    if spec is None:
        raise Misused(
            Reason.UNKNOWN_KEY, f"{recipe} comes from another package, which keeps its own files"
        )
    known = stock.look(spec, chosen, wiring.maker(spec), fetch=fetch)
    if pin:
        stock.pin(spec, chosen, known)
    files = list(_files(stock.pinned(spec, chosen), known))
    why = _hindrance(spec, chosen, known)
    if as_json:
        result = {"recipe": spec.id, "licence_class": spec.licence_class, "files": files}
        say_json({**result, "ok": why is None, "why": why})
    else:
        if files:
            rows = [(f["part"], f["path"], f["sha256"][:12], f["state"]) for f in files]
            say_table(spec.title, ("part", "file", "sha256", "is"), rows)
        say(f"[red]✗[/] {why}" if why else f"[green]✓[/] {spec.id} can start here")
    raise typer.Exit(1 if why else 0)


def _files(spec: Spec, known: Known) -> Iterator[dict[str, str]]:
    for part in spec.parts:
        for path, wanted in part.files.items():
            here = known[part.name][path]
            state = "as named" if here == wanted else "DIFFERS" if wanted else "not pinned"
            yield {"part": part.name, "path": path, "sha256": here, "state": state}


def _hindrance(spec: Spec, chosen: Settings, known: Known) -> str | None:
    try:
        stock.compare(spec, chosen, known)
    except Broken as error:
        return error.sentence
    return None


@app.command("selftest")
def selftest(recipe: Id, home: Home = None, as_json: Json = False) -> None:
    """Exchange one person in a batch of synthetic people; exit 1 when anybody else changes."""
    chosen, spec = _find(recipe, home)
    stock.check(chosen)
    found = isolation.selftest(
        wiring.recipe(chosen), probes(inspection.shipped().faces, isolation.PROBES)
    )
    if as_json:
        say_json(_told(found, random=spec is not None and stock.is_random(spec)))
    else:
        _say_found(found)
    raise typer.Exit(0 if found.ok else 1)


def _told(found: Isolation, *, random: bool) -> dict[str, Any]:
    """Write what was found as CONTRACTS has it."""
    return {
        "recipe": found.recipe,
        "sha256": found.version,
        "device": found.device,
        "dtype": found.dtype,
        "rows": found.rows,
        "swapped": list(found.swapped),
        "isolation": found.kind,
        "max_abs_diff_others": found.max_abs_diff_others,
        "swapped_row_changed": found.swapped_row_changed,
        "weights": "tiny-random" if random else "real",
        "files": [{"path": path, "sha256": sha} for path, sha in found.files.items()],
        "scenario": found.scenario,
        "ok": found.ok,
    }


def _say_found(found: Isolation) -> None:
    mark = "[green]✓[/]" if found.ok else "[red]✗[/]"
    places = " and ".join(str(place) for place in found.swapped)
    exchanged = f"{len(found.swapped)} of {found.rows} rows exchanged (places {places})"
    say(f"{mark} {found.recipe} on {found.device}, {found.dtype}: {found.kind}")
    say(f"  {exchanged}, others moved by {found.max_abs_diff_others:g}")
    if not found.swapped_row_changed:
        say("  the exchanged row stayed as it was: this recipe draws nobody")


def _find(recipe: str, home: Path | None) -> tuple[Settings, Spec | None]:
    """Read a recipe's file; None where another package offers it. Errors: Misused(unknown-key)."""
    chosen = settings.read(home, recipe=recipe)
    wiring.starter(chosen)
    return chosen, stock.find(chosen)
