# SPDX-License-Identifier: Apache-2.0
"""`onlyou policy`: the rules as data."""

from pathlib import Path
from typing import Annotated

import typer

from consent import policies
from consent.policy import Policy
from consent.words import Purpose, Step
from engine.cli.output import Json, say, say_json, say_table

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_policies(as_json: Json = False) -> None:
    """List the shipped policies."""
    shipped = [policies.load(name) for name in policies.names()]
    if as_json:
        items = [{"id": p.id, "title": p.title, "sha256": p.sha256} for p in shipped]
        say_json({"items": items})
    else:
        rows = [(p.id, p.title, p.sha256[:12], p.summary) for p in shipped]
        say_table("Policies", ("id", "title", "sha256", "in short"), rows)


@app.command()
def show(policy: str, as_json: Json = False) -> None:
    """Print a policy file as it is hashed, or its rules as a table of steps and purposes."""
    chosen = policies.load(policy)
    if as_json:
        say_json({"id": chosen.id, "sha256": chosen.sha256, "text": chosen.text})
        return
    rows = [(purpose, _steps(chosen, purpose)) for purpose in Purpose]
    say_table(f"{chosen.title} ({chosen.sha256[:12]})", ("purpose", "accepted at"), rows)
    say("[dim]E explicit · P parental · I implied · + more is needed · ✗ never[/]")


def _steps(policy: Policy, purpose: Purpose) -> str:
    cells = [(step, _cell(policy, step, purpose)) for step in Step]
    said = [(step, cell) for step, cell in cells if cell]
    if said and all(cell == "✗" for _, cell in said):
        return "✗ never"
    return "  ".join(f"{step}\N{NO-BREAK SPACE}{cell}" for step, cell in said)


def _cell(policy: Policy, step: Step, purpose: Purpose) -> str:
    rule = policy.rule(step, purpose)
    if rule is None:
        return ""
    kinds = "".join(sorted(kind[0].upper() for kind in rule.kinds))
    return (kinds or "✗") + ("+" if rule.needs else "")


@app.command()
def check(
    policy: Annotated[str, typer.Argument(help="A shipped policy's id, or a TOML file.")],
    as_json: Json = False,
) -> None:
    """Check a policy: every key known, every value of its type, no rule that can never match."""
    path = Path(policy)
    chosen = policies.parse(path.read_text("utf-8")) if path.is_file() else policies.load(policy)
    dead = _dead_rules(chosen)
    if as_json:
        say_json({"id": chosen.id, "sha256": chosen.sha256, "ok": not dead, "dead_rules": dead})
    else:
        for number in dead:
            say(f"[red]✗[/] rule {number} can never match: earlier rules name all of it")
        say(f"[green]✓[/] {chosen.id} {chosen.sha256}" if not dead else f"{chosen.id}: see above")
        say(f"{chosen.title}, {chosen.jurisdiction}: {chosen.summary}")
    raise typer.Exit(1 if dead else 0)


def _dead_rules(policy: Policy) -> list[int]:
    """Find rules, counted from 1, whose every step and purpose an earlier rule names already."""
    taken: set[tuple[Step, Purpose]] = set()
    dead = []
    for number, rule in enumerate(policy.rules, start=1):
        named = {(step, purpose) for step in rule.steps for purpose in rule.purposes}
        if named <= taken:
            dead.append(number)
        taken |= named
    return dead
