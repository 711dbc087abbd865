# SPDX-License-Identifier: Apache-2.0
"""Nothing that names a person leaves with a bundle: names, addresses, ids, file names, prompts.

Each is looked for as it is, and as hex and base64 would write it, in every byte of every file.
"""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from consent import bundle, companions
from consent.companions import Companion, SealedBeside
from consent.gate import Ask, Read
from consent.tables import asset, notice_served, selfie
from consent.words import Purpose, Step, public_id
from feed.scenarios import shipped
from generation.tables import conditioning, portrait_order
from tests.engine.homes import Home
from tests.generation import samples

NAME = "Canary O'Kanarienvogel"
EMAIL = "canary@example.org"
FILE = "canary-holiday-1987.jpg"
DESCRIPTION = b"canary: a face in numbers, as an encoder wrote it"
ENCODER = "canary" * 8
SAID = "me as a lighthouse keeper with a canarywing lamp"
PLACE, BROWSER = "canary-referrer", "canary-browser/1.0"


def forms(word: str | bytes) -> Iterator[bytes]:
    """Yield a word as it may stand in a file; base64 at each of its three offsets."""
    raw = word.encode() if isinstance(word, str) else word
    yield from (raw, raw.hex().encode())
    for shift in range(3):
        padded = base64.b64encode(b"\0" * shift + raw)
        inner = padded[4 if shift else 0 : -4]
        if len(inner) > 8:
            yield from (inner, inner.replace(b"+", b"-").replace(b"/", b"_"))


def hits(folder: Path, words: dict[str, str | bytes]) -> set[str]:
    """Say which of the words stand anywhere below a folder, in names or in bytes of files."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    names = "\n".join(str(file.relative_to(folder)) for file in files).encode()
    whole = b"\n".join([names, *(file.read_bytes() for file in files)])
    return {what for what, word in words.items() if any(form in whole for form in forms(word))}


def live(home: Home) -> None:
    """Let somebody with telling words do what leaves traces, on every way in."""
    for name in (NAME, EMAIL):
        home.rooms.consent.accounts.add(name)
    for purpose in ("likeness", "imagine"):
        served = home.serve(NAME, purpose)["served_id"]
        yes = {"served_id": served, "affirmative": True}
        said = home.client.put(f"/v1/consents/{purpose}", json=yes, headers=telling(home))
        assert said.status_code == 200
    photo = samples.file_of(1, "studio_portrait")
    answer = home.client.post(
        "/v1/selfies",
        headers=telling(home),
        files=[("file", (FILE, photo, "image/jpeg"))],
        data={"attest_self": "true", "attest_adult": "true"},
    )
    assert answer.status_code == 201, answer.text
    for path, said in (
        ("/v1/imagine", {"prompt": SAID}),
        ("/v1/chat", {"text": "/imagine " + SAID}),
    ):
        assert home.client.post(path, json=said, headers=telling(home)).is_success
    describe(home)
    home.client.get("/v1/feed", headers=home.as_("Anna"))
    home.client.get(home.insert("Anna")["image_url"], headers=home.as_("Anna"))
    home.rooms.consent.withdrawals.withdraw(home.person("Ben"), Purpose.FEED_INSERT)
    home.rooms.consent.erasures.erase(home.person("Cleo"))


def describe(home: Home) -> None:
    """Keep what a recipe's encoder might have made of the selfie, sealed beside it."""
    consent, person = home.rooms.consent, home.rooms.consent.accounts.find(NAME).subject
    with consent.ledger.read() as connection:
        mine = select(selfie.c.object).where(selfie.c.subject == person)
        obj = connection.execute(mine).scalar_one()
    ask: Ask[Read] = Ask(step=Step.READ, subject=person, purpose=Purpose.IMAGINE, object=obj)
    permit = consent.gate.ask(ask)
    place = Companion(table=conditioning, encoder=ENCODER)
    consent.vault.read_beside([permit], place)
    (sealed,) = consent.vault.seal_beside([(permit, DESCRIPTION)], place)
    assert isinstance(sealed, SealedBeside)
    with consent.ledger.write() as writing:
        assert companions.keep(writing, [sealed]) == (None,)


def telling(home: Home) -> dict[str, str]:
    return home.as_(NAME) | {"User-Agent": BROWSER, "Referer": f"https://{PLACE}.example/"}


def words(home: Home) -> dict[str, str | bytes]:
    """Gather everything that would tell whom or what a bundle is about."""
    said: dict[str, str | bytes] = {
        "a name": NAME,
        "an address": EMAIL,
        "a file's name": FILE,
        "a place on the web": PLACE,
        "a browser": BROWSER,
        "a client's address": "testclient",
        "a face in numbers": DESCRIPTION,
        "what wrote them": ENCODER,
        "own words": SAID[6:],
    }
    with home.rooms.consent.ledger.read() as connection:
        served = connection.execute(select(notice_served.c.served_id)).scalars().all()
        things = [
            row
            for table in (asset, selfie)
            for row in connection.execute(select(table.c.object, table.c.blob)).all()
        ]
        (sealed,) = connection.execute(select(conditioning.c.sealed)).scalars()
        memo = connection.execute(select(portrait_order.c.words)).scalars().all()[-1]
    said |= {"a face in numbers, sealed": bytes(sealed), "own words, sealed": bytes(memo or b"")}
    for account in home.rooms.consent.accounts.list():
        if len(account.name) > 4:
            said[f"the name {account.name}"] = account.name
        said |= _number(f"the id of {account.name}", account.subject)
        secret = home.rooms.consent.keys.secret(account.subject)
        said[f"the secret of {account.name}"] = secret
    for nth, (obj, blob) in enumerate(things):
        said |= _number(f"thing {nth}", obj) | {f"blob {nth}": blob, f"blob's end {nth}": blob[3:]}
    said |= {f"serving {nth}": one for nth, one in enumerate(served)}
    said |= {f"prompt of {one.id}": one.prompt[:40] for one in shipped().scenarios}
    return said


def _number(what: str, number: int) -> dict[str, str | bytes]:
    """Write a number as clients see it, as digits, and as bytes."""
    return {
        f"{what}, as clients see it": public_id(number),
        f"{what}, in digits": str(number),
        f"{what}, in bytes": number.to_bytes(8, "big"),
    }


@pytest.mark.parametrize("openings", [True, False])
def test_no_canary_leaves_with_a_bundle(home: Home, tmp_path: Path, openings: bool) -> None:
    live(home)
    told = words(home)
    assert len(told) > 60
    bundle.export(home.rooms.consent, tmp_path / "bundle", openings=openings)
    assert (tmp_path / "bundle" / "openings").exists() is openings
    assert hits(tmp_path / "bundle", told) == set()


def test_the_same_search_finds_canaries_where_they_are(home: Home, tmp_path: Path) -> None:
    """What proves the search: the installation's own home holds many of them."""
    live(home)
    told = words(home)
    found = hits(home.rooms.settings.home, told)
    assert {"a name", "an address", "blob 0", "serving 0"} <= found
    assert f"the secret of {NAME}" in found
    assert {"a face in numbers, sealed", "what wrote them", "own words, sealed"} <= found
    assert not {"a face in numbers", "own words"} & found
    planted = tmp_path / "planted"
    planted.mkdir()
    (planted / "x").write_bytes(b"zz" + base64.urlsafe_b64encode(b"1" + NAME.encode() + b"23"))
    assert "a name" in hits(planted, told)
