# SPDX-License-Identifier: Apache-2.0
import pytest

from consent import entries, naming
from consent.errors import Broken
from consent.gate import Ask
from consent.naming import Names
from consent.words import ObjectId, Purpose, Step, Subject, public_id
from tests.rooms import Rooms

SECRET = bytes(range(32))
OTHER = bytes(32)
FACE, LIFE = ObjectId(7), ObjectId(9)


def test_names_are_what_entries_say_of_each_persons_object_and_request() -> None:
    names = Names()
    for secret in (SECRET, OTHER, SECRET):
        assert names.object(secret, FACE) == entries.object_commitment(secret, public_id(FACE))
        assert names.request(secret, LIFE) == entries.request_name(secret, public_id(LIFE))
        assert names.opening_key(secret) == naming.opening_key(secret)


def test_what_was_named_once_is_not_derived_again(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names()
    said = names.object(SECRET, FACE), names.request(SECRET, LIFE), names.opening_key(SECRET)
    for derives in ("object_commitment", "request_name"):
        monkeypatch.delattr(entries, derives)
    monkeypatch.delattr(naming, "opening_key")
    assert (names.object(SECRET, FACE), names.request(SECRET, LIFE)) == said[:2]
    assert names.opening_key(SECRET) == said[2]


def test_what_is_named_before_the_head_is_taken_stands_in_the_entry_as_ever(rooms: Rooms) -> None:
    ada, consent = rooms.person("Ada", Purpose.LIKENESS), rooms.consent
    said = [_ask(ada), _ask(Subject(5))]
    names = Names.of(consent.keys, said)
    secret = consent.keys.secret(ada)
    assert list(names._objects) == [
        (secret, FACE)
    ]  # of whom there is no secret nothing is derived
    with consent.ledger.write(said) as writing:
        seq = writing.append("admin", subject=ada, object=FACE, request=LIFE)
    body = entries.decode(consent.ledger.body(seq))
    assert body["object"] == entries.object_commitment(secret, public_id(FACE))
    assert body["request"] == entries.request_name(secret, public_id(LIFE))


def test_a_secret_that_is_gone_by_then_names_nothing(rooms: Rooms) -> None:
    ada, keys = rooms.person("Ada", Purpose.LIKENESS), rooms.consent.keys
    names = Names.of(keys, [_ask(ada)])
    keys.destroy_secret(ada)
    with rooms.consent.ledger.write() as writing:
        writing._names = names
        writing.know([ada])
        with pytest.raises(Broken, match="secret"):
            writing.append("admin", subject=ada, object=FACE)


def _ask(who: Subject) -> Ask[Step]:
    return Ask(step=Step.READ, subject=who, purpose=Purpose.LIKENESS, object=FACE, request=LIFE)
