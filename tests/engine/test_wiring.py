# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from consent.clocks import ContinuingClock
from consent.errors import Broken, Misused
from engine import settings, wiring
from tests.engine.forking import Forks
from tests.engine.town import Town


def test_a_home_that_is_not_there_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="onlyou init"):
        wiring.open_home(tmp_path / "nowhere")


def test_an_unknown_recipe_or_policy_names_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="photobooth"):
        wiring.recipe(settings.read(tmp_path / "home", recipe="crayon"))
    with pytest.raises(Misused, match="strict-opt-in"):
        wiring.install(settings.read(tmp_path / "home", policy="lax"))


def test_a_database_that_takes_forbidden_rows_is_not_opened(small_town: Town) -> None:
    with small_town.rooms.consent.ledger.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER entry_gapless")
    with pytest.raises(Broken, match="not starting"):
        wiring.open_home(small_town.rooms.settings.home)


def test_a_simulated_home_goes_on_from_its_last_entry(small_town: Town) -> None:
    home = small_town.rooms.settings.home
    chosen = settings.read(home, simulated_clock=True)
    settings.write(chosen)
    again = wiring.open_home(home)
    assert isinstance(again.consent.clock, ContinuingClock)
    assert again.consent.ledger.now() >= small_town.rooms.consent.ledger.head()[1]
    again.consent.ledger.engine.dispose()


@pytest.mark.xdist_group("demo")  # where a process has imported the engine and nothing else
def test_the_base_needs_no_torch_and_no_diffusers(forks: Forks, tmp_path: Path) -> None:
    heavy = {"torch", "diffusers", "ray", "mediapipe"}
    code = f"import sys, engine.cli; print({heavy!r} & set(sys.modules), flush=True)"
    done = forks.run(tmp_path, ["--help"], code)
    assert done.stdout.splitlines()[0] == "set()"


def test_who_answers_for_the_installation_is_what_its_settings_say(small_town: Town) -> None:
    home = small_town.rooms.settings.home
    settings.write(settings.read(home, controller="Yard Ltd", controller_email="a@yard.example"))
    again = wiring.open_home(home)
    who = again.consent.controller
    assert (who.name, who.email, who.phone) == ("Yard Ltd", "a@yard.example", "")
    again.consent.ledger.engine.dispose()
