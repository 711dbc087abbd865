# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine import settings
from tests.engine.cli.conftest import Onlyou
from tests.engine.town import Town
from tests.generation import samples


def test_a_file_from_here_and_one_from_elsewhere(
    onlyou: Onlyou, make_town: Callable[..., Town], tmp_path: Path
) -> None:
    town = make_town()
    town.plan()
    ours, changed, other = (tmp_path / f"{name}.jpg" for name in ("ours", "changed", "other"))
    ours.write_bytes(town.file("Ada"))
    spoilt = bytearray(ours.read_bytes())
    spoilt[-5_000] ^= 1
    changed.write_bytes(spoilt)
    other.write_bytes(samples.small_file_of(5))
    town.rooms.consent.ledger.engine.dispose()
    home = town.rooms.settings.home
    settings.write(replace(town.rooms.settings, simulated_clock=True))  # nothing runs out

    said = onlyou("verify-image", str(ours), "--json", home=home)
    assert said.status == 0
    assert {key: said.json[key] for key in ("c2pa", "watermark", "fingerprint")} == {
        "c2pa": "trusted",
        "watermark": "found",
        "fingerprint": "found",
    }
    mine = onlyou("verify-image", str(ours), "--subject", "Ada", "--json", home=home)
    assert len(mine.json["answer"]["yours"]) == 1
    theirs = onlyou("verify-image", str(ours), "--subject", "Bo", home=home)
    assert "Nothing of yours was found in it." in theirs.out
    broken = onlyou("verify-image", str(changed), home=home)
    assert (broken.status, "invalid" in broken.out) == (1, True)
    elsewhere = onlyou("verify-image", str(other), home=home)
    assert (elsewhere.status, elsewhere.out.count("absent")) == (0, 3)


def test_no_file_and_no_picture_are_one_sentence_each(
    onlyou: Onlyou, town_home: Path, tmp_path: Path
) -> None:
    gone = onlyou("verify-image", str(tmp_path / "gone.jpg"), home=town_home)
    assert (gone.status, "There is no file 'gone.jpg'." in gone.err) == (2, True)
    text = tmp_path / "text.jpg"
    text.write_text("hello")
    said = onlyou("verify-image", str(text), home=town_home)
    assert (said.status, "neither JPEG, PNG nor WebP" in said.err) == (2, True)
