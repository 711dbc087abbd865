# SPDX-License-Identifier: Apache-2.0
"""What the policy values that are only words do: they are said to those who read them."""

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from typer.testing import CliRunner

from consent.errors import Denied
from consent.policy import Policy
from consent.words import DAY, HOUR, Micros, Purpose, Step
from engine import friends as asking_for_others
from engine import jobs, onward, ordering, quotas
from engine.cli.policies import app
from engine.ordering import Unfit
from engine.web import rendering
from generation import album
from tests.consent.probes import hospitable, opened
from tests.probes import probe


@probe("id", "title", "summary", "jurisdiction", "claims")
def what_is_said_of_a_policy(policy: Policy) -> object:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "policy.toml"
        file.write_text(policy.text, "utf-8")
        said = CliRunner().invoke(app, ["check", str(file)]).output
    assert policy.id in said
    return said.replace(policy.sha256, "")


@probe("labels.note")
def what_is_said_of_a_portrait(policy: Policy) -> object:
    why = {
        "portrait_id": "0" * 13,
        "granted_at": "2026-01-01T00:00:00Z",
        "purpose": "imagine",
        "selfies": [],
        "reasons": [],
        "notice": {"version": "1", "language": "en"},
        "policy": {"id": policy.id},
        "recipe": {"id": "photobooth"},
        "grant_seq": 1,
    }
    return rendering.text("why.html", why=why, selfies=[], plain=True, labels=policy.labels)


MANY = 200
MORNING = Micros(20_000 * DAY + 6 * HOUR)


@probe("packs.styles", "packs.outputs")
def how_large_a_pack_is_taken(policy: Policy) -> object:
    return (
        [_fits(policy, styles=styles, count=1) for styles in range(MANY)].index(False),
        [_fits(policy, styles=1, count=count) for count in range(MANY)].index(False),
    )


def _fits(policy: Policy, *, styles: int, count: int) -> bool:
    try:
        ordering.fits(policy, styles=styles, count=count)
    except Unfit:
        return False
    return True


@probe("packs.per_day", "packs.window")
def how_many_packs_are_left(policy: Policy) -> object:
    zone = quotas.zone_of("UTC")
    ago = [[Micros(MORNING - hours * HOUR)] for hours in (1, 12, 25)]
    return [quotas.left(policy.packs, ordered, MORNING, zone) for ordered in ago]


@probe("sharing.friends_may_ask")
def who_may_have_somebody_else_drawn(policy: Policy) -> object:
    return [_may_ask(policy, friends=mutual) for mutual in (False, True)]


def _may_ask(policy: Policy, *, friends: bool) -> str:
    try:
        asking_for_others.may_ask(policy, friends=friends)
    except Denied as denied:
        return str(denied.reason)
    return "allowed"


@probe("selfies.delete_after_generation")
def what_is_left_of_selfies_when_all_is_made(policy: Policy) -> object:
    with tempfile.TemporaryDirectory() as folder, opened(hospitable(policy), folder) as rooms:
        ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.AVATAR_PACK)
        selfie = rooms.selfie(ada)
        made = rooms.requested(ada, Purpose.AVATAR_PACK)
        read = rooms.ask(Step.READ, ada, Purpose.AVATAR_PACK, selfie, request=made)
        rooms.consent.vault.read([read])
        rooms.stored(ada, Purpose.AVATAR_PACK, made)
        with rooms.consent.ledger.write() as writing:
            jobs.keep(
                writing, rooms.object(), ada, [made], kind="pack", purpose=Purpose.AVATAR_PACK
            )
        everything: Any = SimpleNamespace(consent=rooms.consent)
        onward.go_on(everything)
        with rooms.consent.ledger.read() as connection:
            return len(album.selfies(connection, ada))
