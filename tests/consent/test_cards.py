# SPDX-License-Identifier: Apache-2.0
import hashlib
from pathlib import Path

import pytest

from consent import bundle, cards, tables, verify
from consent.cards import Card
from consent.words import Purpose
from tests.rooms import Rooms

ONE = Card.of('schema = "onlyou-card/1"\nby = "this installation"\n')


def test_a_card_is_named_by_its_bytes_and_kept_once(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    for _ in range(2):
        with rooms.consent.ledger.write() as writing:
            cards.keep(writing, ONE)
    assert rooms.count(tables.card) == 1
    assert ONE.sha256 == hashlib.sha256(ONE.text.encode()).hexdigest()
    with rooms.consent.ledger.read() as connection:
        assert cards.read(connection, [ONE.sha256, "00"])[ONE.sha256]["by"] == "this installation"


def test_a_card_cannot_be_changed_afterwards(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    with rooms.consent.ledger.write() as writing:
        cards.keep(writing, ONE)
    with pytest.raises(Exception, match="card"), rooms.consent.ledger.write() as writing:
        writing.connection.execute(tables.card.update().values(content="x"))


def test_an_effect_names_its_card_and_the_bundle_holds_it(rooms: Rooms, tmp_path: Path) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    obj = rooms.object()
    permit = rooms.ask(tables.selfie.info["step"], ada, Purpose.LIKENESS, obj)
    sealed = rooms.consent.vault.seal(permit, b"x")
    with rooms.consent.ledger.write() as writing:
        cards.keep(writing, ONE)
        row = sealed.columns() | {"expires_at": writing.now + 1}
        rooms.consent.vault.keep_selfies(writing, [permit], [row], recipe=ONE.sha256)
    assert rooms.entries("effect")[-1]["recipe"] == ONE.sha256
    bundle.export(rooms.consent, tmp_path / "out")
    kept = (tmp_path / "out" / "recipes" / f"{ONE.sha256}.toml").read_text("utf-8")
    assert kept == ONE.text
    assert verify.verify(tmp_path / "out")["findings"] == []
