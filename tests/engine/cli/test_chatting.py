# SPDX-License-Identifier: Apache-2.0
"""The chat from the command line."""

from pathlib import Path

from engine import wiring
from tests.engine.cli.conftest import Onlyou


def test_a_message_is_answered_and_what_it_asks_for_is_drawn(
    onlyou: Onlyou, town_home: Path
) -> None:
    said = onlyou("chat", "Bo", "/imagine me as a pirate", home=town_home)
    assert said.status == 0
    assert said.out.startswith("On it. Drawn as: You, captain of something small but fast.")
    rooms = wiring.open_home(town_home)
    assert rooms.studio.pending() == ()
    rooms.consent.ledger.engine.dispose()
    told = onlyou("chat", "Ada", "/imagine me as a pirate", "--json", home=town_home)
    assert told.status == 0
    assert told.json.keys() == {"reply"}
    assert told.json["reply"].startswith("I may not draw you yet: ")
