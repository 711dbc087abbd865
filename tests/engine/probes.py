# SPDX-License-Identifier: Apache-2.0
"""What the policy values that are only words do: they are said to those who read them."""

import tempfile
from pathlib import Path

from typer.testing import CliRunner

from consent.policy import Policy
from engine.cli.policies import app
from engine.web import rendering
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
