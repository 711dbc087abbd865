# SPDX-License-Identifier: Apache-2.0
"""Which model decides is in files of numbers, and who takes over is in the ledger."""

import json

import pytest
from sqlalchemy import select

from consent.errors import Broken, Misused
from consent.words import Purpose
from engine import choosing, export, models
from engine.models import FOLDER, ROLES, roles
from feed import model
from feed.model import Model
from feed.tables import decision, predicted
from tests.engine import town
from tests.engine.town import Town
from tests.feed.chosen import other


def hired(home: Town, *apprentices: Model) -> None:
    """Keep apprentices as training keeps them."""
    folder = home.rooms.settings.home / FOLDER
    folder.mkdir(exist_ok=True)
    for one in apprentices:
        text = model.write(one.heads, one.population, dict(one.trained_on))
        (folder / f"{one.sha256}.json").write_text(text, "utf-8")
    models._write(home.rooms.settings.home, model.shipped(), apprentices)


def deciders(home: Town) -> list[str]:
    """Name which model made each choice, oldest first."""
    with home.rooms.consent.ledger.read() as connection:
        rows = connection.execute(select(decision.c.model_sha256).order_by(decision.c.at))
        return list(rows.scalars())


def speakers(home: Town) -> set[str]:
    """Name the models that spoke of any choice."""
    with home.rooms.consent.ledger.read() as connection:
        return set(connection.execute(select(predicted.c.model_sha256)).scalars())


def test_without_roles_the_shipped_model_decides(small_town: Town) -> None:
    held = roles(small_town.rooms.settings.home)
    assert held.all == (model.shipped(),)
    assert models.in_charge(small_town.rooms) is model.shipped()


def test_an_apprentice_speaks_and_decides_nothing_until_it_takes_over(
    small_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing.ranking, "choose", town.choose)
    hired(small_town, other())
    small_town.says_yes("Ada", Purpose.PERSONALISATION)
    rooms, first, second = small_town.rooms, model.shipped().sha256, other().sha256
    with pytest.raises(Misused, match="no decision to weigh"):
        models.promote(rooms, second, by="Grace")
    small_town.plan()
    assert (deciders(small_town), speakers(small_town)) == ([first], {first, second})
    told = export.feed(rooms, small_town.people["Ada"])["foretold"]
    assert {one["model_sha256"] for one in told} == {first, second}
    for _ in range(8):
        small_town.next_day()
    found = models.promote(rooms, second, by="Grace")
    assert "1 people, 30 are needed" in found.against[0]
    assert models.in_charge(rooms) is model.shipped()
    assert small_town.bodies("admin") == []
    models._take_over(rooms, second[:10], "Grace")
    (entry,) = small_town.bodies("admin")
    assert (entry["by"], entry["what"], entry["actor"]) == ("Grace", "ranker", "operator")
    small_town.plan()
    assert deciders(small_town) == [first, second]


def test_somebody_must_say_who_they_are(small_town: Town) -> None:
    with pytest.raises(Misused, match="say who does this"):
        models.promote(small_town.rooms, other().sha256, by="  ")


def test_a_file_that_is_not_what_its_name_says_is_refused(small_town: Town) -> None:
    hired(small_town, other())
    home = small_town.rooms.settings.home
    path = home / FOLDER / f"{other().sha256}.json"
    path.write_text(path.read_text("utf-8").replace('"log":"a test"', '"log":"a toad"'), "utf-8")
    models._roles.cache_clear()
    with pytest.raises(Broken, match="not what its name says"):
        roles(home)
    path.unlink()
    with pytest.raises(Broken, match="not what its name says"):
        roles(home)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        (json.dumps({"schema": "x", "in_charge": "", "apprentices": []}), "has the schema"),
        (
            json.dumps({"schema": "onlyou-models/1", "in_charge": "../x", "apprentices": []}),
            "name",
        ),
    ],
)
def test_roles_that_cannot_be_read_are_refused(small_town: Town, text: str, why: str) -> None:
    hired(small_town)
    (small_town.rooms.settings.home / FOLDER / ROLES).write_text(text, "utf-8")
    with pytest.raises(Broken, match=why):
        roles(small_town.rooms.settings.home)


def test_too_little_to_learn_from_trains_nothing(small_town: Town) -> None:
    with pytest.raises(Misused, match="two days"):
        models.train(small_town.rooms)
    assert not (small_town.rooms.settings.home / FOLDER).exists()


def test_there_are_never_many_apprentices_and_one_can_be_dropped(small_town: Town) -> None:
    shipped = model.shipped()
    several = [
        model.parse(model.write(shipped.heads, shipped.population, {"log": str(n)}))
        for n in range(4)
    ]
    hired(small_town, *several)
    with pytest.raises(Misused, match="4 apprentices are enough"):
        models.train(small_town.rooms)
    models.drop(small_town.rooms, several[0].sha256)
    held = roles(small_town.rooms.settings.home)
    assert [one.sha256 for one in held.apprentices] == [one.sha256 for one in several[1:]]
    with pytest.raises(Misused, match="no one apprentice"):
        models.drop(small_town.rooms, several[0].sha256)
    with pytest.raises(Misused, match="no one apprentice"):
        held.apprentice("")
