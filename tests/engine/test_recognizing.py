# SPDX-License-Identifier: Apache-2.0
"""What anybody is told about a picture, and the signed answer for a person."""

import hashlib

import pytest

from consent import entries, notes
from consent.errors import Misused
from consent.statements import signed_text
from consent.words import public_id
from engine.recognizing import MEANS, tell
from generation import album
from tests.engine.homes import Home
from tests.engine.town import Town
from tests.generation import samples


def image(home: Home, name: str) -> tuple[str, bytes]:
    """Open a person's newest portrait over HTTP."""
    portrait = home.portraits(name)[0]["id"]
    answer = home.client.get(f"/v1/portraits/{portrait}/image", headers=home.as_(name))
    return portrait, answer.content


def test_the_file_that_leaves_bears_every_mark(home: Home) -> None:
    _, file = image(home, "Anna")
    assert tell(home.rooms, file) == {
        "c2pa": "trusted",
        "watermark": "found",
        "fingerprint": "found",
        "means": MEANS,
    }


def test_no_answer_ever_says_that_a_picture_is_real(home: Home) -> None:
    told = tell(home.rooms, samples.small_file_of(5), home.person("Anna"))
    assert (told["c2pa"], told["watermark"], told["fingerprint"]) == ("absent",) * 3
    assert told["answer"]["says"] == "Nothing of yours was found in it."
    assert "whether it is real" in told["means"]


def test_a_person_is_told_signed_what_of_theirs_is_in_it(home: Home) -> None:
    portrait, file = image(home, "Anna")
    answer = tell(home.rooms, file, home.person("Anna"))["answer"]
    (own,) = answer["yours"]
    assert own["portrait_id"] == portrait
    assert own["by"] == ["c2pa", "watermark", "fingerprint"]
    assert answer["file"] == hashlib.sha256(file).hexdigest()
    line, (verifier, *_) = answer["signature"], home.rooms.consent.ledger.verifiers
    assert notes.verify_line(signed_text(answer), line, verifier)
    forged = answer | {"yours": []}
    assert not notes.verify_line(signed_text(forged), line, verifier)


def test_a_no_is_signed_too_and_tells_nothing_about_the_owner(home: Home) -> None:
    portrait, file = image(home, "Anna")
    told = tell(home.rooms, file, home.person("Ben"))
    answer = told["answer"]
    assert (told["watermark"], answer["yours"]) == ("found", [])
    assert notes.verify_line(
        signed_text(answer), answer["signature"], home.rooms.consent.ledger.verifiers[0]
    )
    assert portrait not in str(told)
    assert public_id(home.person("Anna")) not in str(told)


def test_asking_leaves_no_trace(home: Home) -> None:
    _, file = image(home, "Anna")
    before = home.rooms.consent.ledger.head()
    tell(home.rooms, file, home.person("Ben"))
    assert home.rooms.consent.ledger.head() == before


def test_what_is_no_picture_is_refused_in_one_sentence(home: Home) -> None:
    with pytest.raises(Misused, match=r"^This is no picture that is read here: .*nor WebP\.$"):
        tell(home.rooms, b"hello")


def test_the_insert_of_a_portrait_commits_to_its_label_and_credential(small_town: Town) -> None:
    small_town.plan()
    person = small_town.people["Ada"]
    (effect,) = small_town.bodies("effect", step="insert")
    consent = small_town.rooms.consent
    with consent.ledger.read() as connection:
        (shown,) = album.images(connection, person, consent.ledger.now())
        marks = album.marks(connection, [shown.id])
    assert effect["marks"] == marks[shown.id]
    (own,) = tell(small_town.rooms, small_town.file("Ada"), person)["answer"]["yours"]
    opened = own["marks"]
    assert opened["commitment"] == effect["marks"]
    salt = entries.from_base64url(opened["salt"])
    assert entries.commitment(salt, opened["facts"]) == effect["marks"]
    assert opened["facts"]["label"] == consent.policy.labels.made_by
