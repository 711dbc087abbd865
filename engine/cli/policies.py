# SPDX-License-Identifier: Apache-2.0
"""`onlyou policy`: the rules as data."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from consent import differences, lint, policies
from consent.differences import Difference, Unlike
from consent.overlays import overlaid
from consent.policy import Policy
from consent.words import Purpose, Step
from engine.cli.output import Json, say, say_json, say_table

app = typer.Typer(no_args_is_help=True)
Which = Annotated[str, typer.Argument(help="A shipped policy's id, or a TOML file.")]


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
def check(policy: Which, as_json: Json = False) -> None:
    """Check a policy: every key known, every rule able to fire, every claim true of all facts."""
    chosen = named(policy)
    found = lint.findings(chosen, _tiers(chosen))
    if as_json:
        say_json(
            {
                "id": chosen.id,
                "sha256": chosen.sha256,
                "ok": not found,
                "dead_rules": [one.rule for one in found if one.rule is not None],
                "claims": list(chosen.claims),
                "findings": [{"code": one.code, "detail": one.detail} for one in found],
            }
        )
    else:
        for one in found:
            say(f"[red]✗[/] {one.detail} [dim]({one.code})[/]")
        say(f"[green]✓[/] {chosen.id} {chosen.sha256}" if not found else f"{chosen.id}: see above")
        say(f"{chosen.title}, {chosen.jurisdiction}: {chosen.summary}")
        for claim in lint.claims(chosen):
            say(f"[dim]claims that {claim}[/]")
    raise typer.Exit(1 if found else 0)


def named(policy: str) -> Policy:
    """Read the policy that a command names, shipped or in a file.

    Errors: Misused(unknown-key) for one that is neither, or that is no policy.
    """
    path = Path(policy)
    if not path.is_file():
        return policies.load(policy)
    return policies.parse(path.read_bytes().decode(errors="replace"))


def _tiers(policy: Policy) -> list[Policy]:
    """Load the shipped overlays of a policy."""
    return [policies.load(name) for name in policies.names() if overlaid(name) == policy.id]


@app.command()
def diff(a: Which, b: Which, as_json: Json = False) -> None:
    """Compare two policies over every fact there can be; nothing is sampled."""
    first, second = named(a), named(b)
    decided, values = differences.decisions(first, second), differences.values(first, second)
    if as_json:
        say_json(
            {
                "a": first.id,
                "b": second.id,
                "equal": not decided and not values,
                "differences": [_decided(one) for one in decided],
                "values": [_valued(one) for one in values],
            }
        )
        return
    for line in _told(decided, values):
        say(line)
    if not decided and not values:
        say(f"[green]✓[/] {first.id} and {second.id} never differ")


_TELLING = (
    Step.INSERT,
    Step.SHARE,
    Step.LEARN,
    Step.GENERATE,
    Step.ENROL,
    Step.SELECT,
    Step.READ,
    Step.STORE,
    Step.MODERATE,
    Step.VIEW,
)
"""Of the steps that flip together, the one whose consequence says most."""


def _decided(one: Difference) -> dict[str, object]:
    return {
        "step": one.step,
        "purpose": one.purpose,
        "facts": one.facts.opening(),
        "a": one.a,
        "b": one.b,
        "meaning": one.meaning,
        "vectors": one.vectors,
    }


def _valued(one: Unlike) -> dict[str, object]:
    return {"path": one.path, "a": one.a, "b": one.b, "meaning": one.meaning}


def _told(decided: Sequence[Difference], values: Sequence[Unlike]) -> Iterator[str]:
    """Write a comparison for people: who flips, at which steps; other reasons only as a count."""
    flips = sorted((one for one in decided if one.flips), key=_alike)
    for _, group in groupby(flips, key=_alike):
        same = list(group)
        told = min(same, key=lambda one: _TELLING.index(one.step))
        steps = ", ".join(step for step in Step if any(one.step is step for one in same))
        yield f"[bold]{told.purpose}[/] [dim]{steps}[/]\n  {told.meaning}"
    reasons = len(decided) - len(flips)
    if reasons:
        yield f"[dim]{reasons} more are denied by both, for another reason (--json lists them)[/]"
    if values:
        yield "[bold]values[/]"
    yield from (f"  {one.meaning}" for one in values)


def _alike(one: Difference) -> tuple[str, ...]:
    """Group the steps at which the same person flips in the same way."""
    return (one.purpose, one.a, one.b, repr(one.facts.opening()))
