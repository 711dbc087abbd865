# SPDX-License-Identifier: Apache-2.0
"""What is put on a portrait, in which order, and what is remembered of it."""

import hashlib

import pytest

from consent import entries
from consent.chance import FixedChance
from consent.gate import Permit, Store
from consent.words import Purpose, Seq, Step, Subject, public_id
from generation import marking, photographs, provenance
from generation.marking import Marking
from generation.notary import State
from generation.tables import issued, mark
from tests.generation import samples
from tests.generation.house import House
from tests.generation.test_provenance import MADE as HOW
from tests.rooms import MADE

PICTURE = samples.pixels_of(1)[:640, :512]


@pytest.fixture
def permit(house: House) -> Permit[Store]:
    """Bring a portrait to where it may be stored."""
    subject = house.rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    obj = house.rooms.requested(subject, Purpose.IMAGINE)
    for step, columns in ((Step.GENERATE, {}), (Step.MODERATE, {"verdict": "pass"})):
        asked = house.rooms.ask(step, subject, Purpose.IMAGINE, obj, request=obj)
        house.rooms.spend(asked, MADE[step], columns)
    found: Permit[Store] = house.rooms.ask(Step.STORE, subject, Purpose.IMAGINE, obj, request=obj)
    return found


@pytest.fixture
def marks(house: House) -> Marking:
    consent = house.rooms.consent
    return Marking(ledger=consent.ledger, keys=consent.keys, chance=house.rooms.chance)


def test_a_file_bears_all_three(marks: Marking, permit: Permit[Store]) -> None:
    put = marks.put(permit, PICTURE, HOW)
    assert put is not None
    pixels = photographs.kept(put.file)
    assert put.reference in marks.watermark.readings(pixels)
    assert marks.credentials.read(put.file, provenance.MEDIA_TYPE).state is State.TRUSTED
    assert provenance.source_type(put.file) == provenance.SOURCE_TYPE
    near = int.from_bytes(put.fingerprint) ^ int.from_bytes(marks.fingerprints.of(pixels))
    assert near.bit_count() <= 2


def test_the_receipt_in_it_is_the_yes_it_rests_on_salted_for_this_portrait(
    house: House, marks: Marking, permit: Permit[Store]
) -> None:
    put = marks.put(permit, PICTURE, HOW)
    assert put is not None
    consent = house.rooms.consent
    said = consent.ledger.body(Seq(permit.epoch))
    secret = consent.keys.secret(permit.subject)
    salt = entries.salt(secret, b"receipt", public_id(permit.object).encode())
    assert entries.decode(said)["t"] == "grant"
    assert hashlib.sha256(salt + said).hexdigest().encode() in put.file
    assert hashlib.sha256(said).hexdigest().encode() not in put.file


def test_the_commitment_opens_to_label_and_credential_for_its_owner_alone(
    house: House, marks: Marking, permit: Permit[Store]
) -> None:
    put = marks.put(permit, PICTURE, HOW)
    assert put is not None
    read = marks.credentials.read(put.file, provenance.MEDIA_TYPE)
    opened = marks.opening(permit.subject, permit.object, read)
    assert opened is not None
    salt = entries.from_base64url(opened["salt"])
    assert opened["facts"] == {"label": HOW.label, "credential": read.sha256}
    assert entries.commitment(salt, opened["facts"]) == put.commitment
    stranger = house.rooms.person("Bo")
    other = marks.opening(stranger, permit.object, read)
    assert other is not None
    assert other["commitment"] != put.commitment


def test_no_file_names_a_person_or_a_place_in_the_ledger(
    house: House, marks: Marking, permit: Permit[Store]
) -> None:
    put = marks.put(permit, PICTURE, HOW)
    assert put is not None
    tag = house.rooms.tag(permit.subject)
    named = (public_id(permit.subject), public_id(permit.object), tag, put.commitment, "Ada")
    assert not [name for name in named if name.encode() in put.file]


def test_two_of_one_picture_share_neither_reference_nor_credential(
    marks: Marking, permit: Permit[Store]
) -> None:
    first, second = (marks.put(permit, PICTURE, HOW) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.reference != second.reference
    assert first.commitment != second.commitment


class Repeating(FixedChance):
    """Draws the same reference twice before it draws another."""

    drawn = 0

    def token(self, size: int) -> bytes:
        self.drawn += size == 4
        return b"same" if size == 4 and self.drawn <= 2 else super().token(size)


def test_a_reference_that_was_given_out_is_drawn_again(
    house: House, permit: Permit[Store]
) -> None:
    consent = house.rooms.consent
    marks = Marking(ledger=consent.ledger, keys=consent.keys, chance=Repeating(3))
    with consent.ledger.write() as writing:
        writing.insert(issued, [{"reference": int.from_bytes(b"same")}])
    put = marks.put(permit, PICTURE, HOW)
    assert put is not None
    assert put.reference != int.from_bytes(b"same")


def test_who_was_erased_meanwhile_gets_no_file(
    house: House, marks: Marking, permit: Permit[Store]
) -> None:
    house.rooms.consent.erasures.erase(permit.subject)
    assert marks.put(permit, PICTURE, HOW) is None


def test_what_is_remembered_goes_with_the_portrait_and_the_bare_number_stays(
    house: House,
) -> None:
    request = house.order(house.sitter(1))
    house.studio.make([request])
    assert (house.rooms.count(mark), house.rooms.count(issued)) == (1, 1)
    house.rooms.consent.withdrawals.withdraw(request.subject, Purpose.IMAGINE)
    assert (house.rooms.count(mark), house.rooms.count(issued)) == (0, 1)
    assert list(issued.columns.keys()) == ["reference"]


def test_only_ones_own_are_listed_and_only_while_they_last(house: House) -> None:
    request = house.order(house.sitter(1))
    house.studio.make([request])
    (one,) = _remembered(house, request.subject)
    assert one.object == request.id
    assert _remembered(house, house.rooms.person("Bo")) == ()
    house.rooms.clock.advance(house.rooms.consent.policy.portraits.retention_seconds)
    assert _remembered(house, request.subject) == ()


def _remembered(house: House, who: Subject) -> tuple[marking.Remembered, ...]:
    consent = house.rooms.consent
    now = consent.ledger.now()
    with consent.ledger.read() as connection:
        return marking.remembered(connection, who, now)
