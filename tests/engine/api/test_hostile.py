# SPDX-License-Identifier: Apache-2.0
"""Whatever is sent, the answer is a refusal with a name, soon, and nothing was stored.

Pictures that are judged as pictures are in tests/generation/test_photographs.py; here is what
reaches a route.
"""

import base64
import io
import json
import struct
import time
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from consent.tables import metadata
from tests.engine import homes
from tests.engine.homes import Home
from tests.generation import samples

SOON = 15.0
SAID = {"attest_self": "true", "attest_adult": "true"}
JSON = {"Content-Type": "application/json"}
LOGGED = {"answered", "entry", "opening", "permit"}
"""What grows when a decision is logged, also one that says no."""


def kept(home: Home) -> Mapping[str, int]:
    """Count what is stored: rows, and sealed files."""
    with home.rooms.consent.ledger.read() as connection:
        rows = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }
    blobs = sum(1 for one in (home.rooms.settings.home / "blobs").rglob("*") if one.is_file())
    return {name: count for name, count in rows.items() if name not in LOGGED} | {"blobs": blobs}


def refused(answer: Any, *slugs: str) -> None:
    told = answer.json()
    assert 400 <= answer.status_code < 500, answer.text
    assert told["type"].rpartition("/")[2] in slugs, answer.text


def soon(began: float) -> None:
    assert time.monotonic() - began < SOON


# --- files


def _png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(rows, 9)
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _saved(kind: str, **more: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (640, 640), (200, 150, 120)).save(file, kind, **more)
    return file.getvalue()


def _moving(kind: str) -> bytes:
    second = Image.new("RGB", (640, 640), (1, 2, 3))
    return _saved(kind, save_all=True, append_images=[second])


def hostile_files() -> Iterator[tuple[str, bytes]]:
    face = samples.file_of(1, "studio_portrait")
    yield "empty", b""
    yield "a bomb by its header", _png(60_000, 60_000, b"\0")
    yield "a bomb by its content", _png(64, 64, b"\0" * 50_000_000)
    yield "a text chunk that inflates", _png(64, 64, b"")[:-12] + zlib.compress(b"\0" * 10**7)
    yield (
        "webp bomb",
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff" + b"\0" * 8,
    )
    yield "gif", _saved("GIF")
    yield "tiff", _saved("TIFF")
    yield "bmp", _saved("BMP")
    yield "svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'
    yield "svg bomb", b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><svg>&c;</svg>'
    yield "html that begins as gif", b"GIF89a/*" + b"<script>alert(1)</script>" + b"*/=1;"
    yield "moving png", _moving("PNG")
    yield "moving webp", _moving("WEBP")
    yield "pdf", b"%PDF-1.7\n1 0 obj<<>>endobj\n"
    yield "zip", b"PK\x03\x04" + b"\0" * 200
    yield "half a photo", face[: len(face) // 3]
    yield "a photo with its head cut", face[2_000:]
    yield "postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"
    yield "no face", samples.landscape()
    yield "no face behind a page", samples.landscape() + b"<html><script>1</script></html>"
    yield "two faces", samples.two_people()
    yield "twenty megabytes", b"\xff\xd8\xff\xe0" + b"\0" * 20_000_000


FILES = dict(hostile_files())


@pytest.fixture(scope="module")
def shared_home(made_home: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Open one home for all that must leave nothing behind."""
    opened = homes.open_copy(made_home, tmp_path_factory.mktemp("hostile") / "home")
    yield opened
    opened.close()


def test_no_hostile_file_is_kept_and_each_is_refused_soon(shared_home: Home) -> None:
    home = shared_home
    headers = home.as_("Anna")
    home.rooms.consent.attestations.attest(home.person("Anna"), age_band="adult")
    before = kept(home)
    for name, file in FILES.items():
        began = time.monotonic()
        parts = [("file", ("../../etc/passwd", file, "image/jpeg"))]
        answer = home.client.post("/v1/selfies", headers=headers, files=parts, data=SAID)
        refused(answer, "image-refused", "too-large")
        assert answer.status_code == 413 or answer.json()["reason"], name
        soon(began)
        assert kept(home) == before, name
    assert home.client.get("/healthz").status_code == 200


def test_anybody_may_ask_of_any_file_and_the_server_stays_up(shared_home: Home) -> None:
    home = shared_home
    before = kept(home)
    for name, file in FILES.items():
        began = time.monotonic()
        answer = home.client.post("/v1/verify", files={"file": ("x", file, "image/png")})
        assert answer.status_code < 500, (name, answer.text)
        soon(began)
    assert kept(home) == before


def hostile_forms() -> Iterator[tuple[str, dict[str, str], bytes]]:
    form = "multipart/form-data; boundary=b"
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n'
    yield "no boundary", {"Content-Type": "multipart/form-data"}, b"--b--"
    yield "no end", {"Content-Type": form}, head + b"\r\nx"
    yield "nothing", {"Content-Type": form}, b""
    yield (
        "no name",
        {"Content-Type": form},
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
    )
    yield (
        "a field, no file",
        {"Content-Type": form},
        b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--',
    )
    yield "many parts", {"Content-Type": form}, (head + b"\r\nx\r\n") * 5_000 + b"--b--"
    yield "a long head", {"Content-Type": form}, head[:-2] + b"x" * 200_000 + b"\r\n\r\nx\r\n--b--"
    yield "odd charset", {"Content-Type": form + "; charset=utf-99"}, head + b"\r\nx\r\n--b--"
    yield "a long boundary", {"Content-Type": "multipart/form-data; boundary=" + "b" * 9_000}, b"x"
    yield "nothing sent as it", {"Content-Type": form}, b"\0\xff\xfe" * 50


@pytest.mark.filterwarnings(
    # a part that never ends is dropped by the parser, and closed when it is collected
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_no_form_that_is_none_is_read(shared_home: Home) -> None:
    home = shared_home
    headers, before = home.as_("Anna"), kept(home)
    for path in ("/v1/selfies", "/v1/verify"):
        for name, kind, body in hostile_forms():
            for keyed in ({}, {"Idempotency-Key": f"{path} {name}"}):
                answer = home.client.post(path, headers=headers | kind | keyed, content=body)
                assert 400 <= answer.status_code < 500, (path, name, answer.text)
    assert kept(home) == before


# --- bodies


def _deep(levels: int) -> bytes:
    return b'{"req_id": "r", "events": ' + b"[" * levels + b"]" * levels + b"}"


def _event(**changed: Any) -> bytes:
    event = {"event_id": "e", "item_id": "preview", "kind": "like"} | changed
    return json.dumps({"req_id": "r", "events": [event]}).encode()


BODIES: Mapping[str, bytes] = {
    "nothing": b"",
    "no json": b"{",
    "deep": _deep(100_000),
    "deeper keys": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a long number": b'{"req_id": ' + b"9" * 100_000 + b', "events": []}',
    "infinite": b'{"req_id": 1e999, "events": []}',
    "nan": b'{"req_id": NaN, "events": NaN}',
    "not utf-8": b'{"req_id": "\xff\xfe", "events": []}',
    "a list": b"[]",
    "null": b"null",
    "a bare string": b'"x"',
    "many events": json.dumps({"req_id": "r", "events": [{}] * 5_000}).encode(),
    "a lone surrogate": _event(event_id="\ud800"),
    "a zero byte": _event(event_id="a\0b"),
    "a zero byte in an item": _event(item_id="a\0b"),
    "a long id": _event(event_id="e" * 65),
    "an item of another kind": _event(item_id={"$ne": ""}),
    "a number for text": _event(kind=7),
}
READ = (
    ("POST", "/v1/interactions"),
    ("POST", "/v1/telemetry"),
    ("PUT", "/v1/consents/story"),
    ("POST", "/v1/erasure"),
    ("POST", "/v1/token"),
)


@pytest.mark.parametrize(("method", "path"), READ)
def test_no_body_that_is_none_is_read(shared_home: Home, method: str, path: str) -> None:
    home = shared_home
    headers, before = home.as_("Anna") | JSON, kept(home)
    for name, body in BODIES.items():
        if path == "/v1/token" and body == b"[]":
            continue
        began = time.monotonic()
        answer = home.client.request(method, path, headers=headers, content=body)
        if path == "/v1/token" and answer.status_code == 200:
            continue
        assert 400 <= answer.status_code < 500, (name, answer.status_code, answer.text)
        assert answer.json()["type"] != "about:blank", name
        soon(began)
    assert kept(home) == before
    assert home.client.get("/healthz").status_code == 200


ASKED = (
    ("POST", "/v1/imagine"),
    ("POST", "/v1/packs"),
    ("POST", "/v1/chat"),
    ("POST", "/v1/pause"),
    ("POST", "/v1/reports"),
    ("PUT", "/v1/preferences"),
    ("POST", "/v1/portraits/{id}/share"),
    ("POST", "/v1/portraits/{id}/profile-picture"),
)
WORDS: Mapping[str, bytes] = {
    "a long prompt": json.dumps(
        {"prompt": "a" * 200_000, "text": "/imagine " + "a" * 200_000}
    ).encode(),
    "a prompt of nothing": json.dumps(
        {"prompt": "\u200b\u202e\0", "text": "/imagine \0"}
    ).encode(),
    "choices without end": json.dumps({"choices": {str(n): "x" for n in range(20_000)}}).encode(),
    "a pack without end": json.dumps({"styles": ["a"] * 20_000, "count": 10**18}).encode(),
    "a time that never is": json.dumps({"until": "9999-99-99T99:99:99Z"}).encode(),
    "themes": json.dumps({"per_week": -1, "blocked_themes": ["x"] * 9_000}).encode(),
}


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_no_odd_wish_breaks_anything(shared_home: Home, method: str, path: str) -> None:
    home = shared_home
    headers, jobs = home.as_("Anna") | JSON, kept(home)["job"]
    url = path.replace("{id}", home.portraits("Anna")[0]["id"])
    for name, body in {**BODIES, **WORDS}.items():
        began = time.monotonic()
        answer = home.client.request(method, url, headers=headers, content=body)
        told = (name, answer.status_code, answer.text[:300])
        if path == "/v1/chat" and answer.status_code == 200:  # a chat says no in words
            assert "job" not in answer.json(), told
        else:
            assert 400 <= answer.status_code < 500, told
            assert answer.json()["type"] != "about:blank", told
        soon(began)
    assert kept(home)["job"] == jobs


def test_what_was_sent_is_never_repeated(shared_home: Home) -> None:
    body = _event(kind="<script>canary</script>")
    answer = shared_home.client.post(
        "/v1/interactions", headers=shared_home.as_("Anna") | JSON, content=body
    )
    assert "canary" not in answer.text


# --- addresses and headers

LONG = "x" * 20_000
QUERIES = (
    {"cursor": "x"},
    {"cursor": "\0"},
    {"cursor": "é☃"},
    {"cursor": LONG},
    {"cursor": base64.urlsafe_b64encode(b"\0" * 16 + b"[]").decode()},
    {"limit": "0"},
    {"limit": "-1"},
    {"limit": "101000"},
    {"limit": "9" * 400},
    {"limit": "1.5"},
    {"limit": "NaN"},
)
LISTS = ("/v1/feed", "/v1/portraits", "/v1/ledger/me", "/v1/jobs")


@pytest.mark.parametrize("path", LISTS)
def test_no_forged_cursor_or_limit_is_taken(shared_home: Home, path: str) -> None:
    headers = shared_home.as_("Anna")
    for query in QUERIES:
        answer = shared_home.client.get(path, headers=headers, params=query)
        refused(answer, "invalid")
    theirs = shared_home.client.get("/v1/feed", headers=headers, params={"limit": 5}).json()
    answer = shared_home.client.get(
        path, headers=shared_home.as_("Ben"), params={"cursor": theirs["cursor"]}
    )
    refused(answer, "invalid")


ODD = ("%00", "%ff%fe", "..%2f..", "a" * 5_000, "%E2%98%83", "'%20OR%201=1--", "%0d%0aX:%20y", "-")


def test_no_odd_address_finds_anything(shared_home: Home) -> None:
    headers = shared_home.as_("Anna")
    for path in ("/v1/portraits/{}", "/v1/portraits/{}/image", "/v1/jobs/{}", "/v1/shares/{}"):
        for odd in ODD:
            refused(shared_home.client.get(path.format(odd), headers=headers), "not-found")
    for odd in ODD:
        found = shared_home.client.get(f"/v1/notices/{odd}", headers=headers)
        refused(found, "not-found")
        refused(shared_home.client.get(f"/v1/ledger/tile/{odd}"), "not-found")


HEADERS: Mapping[str, Mapping[str, str]] = {
    "many": {f"X-{n}": "x" * 500 for n in range(500)},
    "long": {"X-Long": "x" * 500_000},
    "odd key": {"Idempotency-Key": "x" * 256},
    "no key": {"Idempotency-Key": ""},
    "odd length": {"Content-Length": "-1"},
    "no length": {"Content-Length": "ten"},
    "odd kind": {"Content-Type": "application/json; charset=\0"},
    "kinds": {"Content-Type": "application/json, text/html"},
    "odd origin": {"Sec-Fetch-Site": "\x7f", "Origin": "null"},
    "range": {"Range": "bytes=0-" + "9" * 5_000},
    "languages": {"Accept-Language": "," * 10_000, "Accept": "*/*;q=" + "9" * 5_000},
}


def test_odd_headers_do_no_harm(shared_home: Home) -> None:
    home = shared_home
    sign, before = home.as_("Anna"), kept(home)
    for name, headers in HEADERS.items():
        for method, path in (("GET", "/v1/feed"), ("POST", "/v1/interactions"), ("GET", "/")):
            began = time.monotonic()
            sent = {**sign, **JSON, **headers}
            answer = home.client.request(method, path, headers=sent, content=b"")
            assert answer.status_code < 500, (name, method, path, answer.text)
            soon(began)
    assert {**kept(home), "feed_listed": 0} == {**before, "feed_listed": 0}


# --- tokens


def _unsigned(claims: Mapping[str, Any], alg: str) -> str:
    def part(value: Mapping[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': alg, 'typ': 'at+jwt'})}.{part(claims)}."


def test_no_token_but_ours_opens_anything(shared_home: Home) -> None:
    home = shared_home
    good = home.token("Anna")
    claims = {"iss": "onlyou", "exp": 9_999_999_999, "scope": "feed:read", "sub": "0" * 13}
    forged = [
        "",
        "x",
        "." * 2,
        "." * 9_000,
        "a" * 100_000,
        _unsigned(claims, "none"),
        _unsigned(claims, "HS256"),
        good[:-2] + ("AA" if good[-2:] != "AA" else "BB"),
        good + "=",
        good.rpartition(".")[0] + ".",
        good.partition(".")[2],
    ]
    for token in forged:
        for sent in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"onlyou={token}"}):
            answer = home.client.get("/v1/feed", headers=sent)
            refused(answer, "unauthenticated")
            assert answer.headers["www-authenticate"]
    for sent in ({"Authorization": good}, {"Authorization": f"Basic {good}"}):
        refused(home.client.get("/v1/feed", headers=sent), "unauthenticated")


# --- keys and etags


def test_a_key_replayed_by_somebody_else_or_on_another_path_is_their_own(home: Home) -> None:
    key = {"Idempotency-Key": "k"}
    item = home.feed("Anna")["items"][0]["id"]
    body = {"req_id": "r", "events": [{"event_id": "e", "item_id": item, "kind": "like"}]}
    first = home.client.post("/v1/interactions", headers=home.as_("Anna") | key, json=body)
    theirs = home.client.post("/v1/interactions", headers=home.as_("Ben") | key, json=body)
    assert first.json()["results"] == theirs.json()["results"]
    elsewhere = home.client.post("/v1/telemetry", headers=home.as_("Anna") | key, json=body)
    refused(elsewhere, "invalid")
    other = home.client.post(
        "/v1/interactions", headers=home.as_("Anna") | key, json=body | {"req_id": "s"}
    )
    refused(other, "key-reused")


def test_a_stale_etag_stops_a_yes_and_never_a_no(home: Home) -> None:
    headers = home.as_("Anna")
    for seen in ('"x"', "W/", "*" * 10_000, ""):
        served = home.serve("Anna", "story")["served_id"]
        yes = {"served_id": served, "affirmative": True}
        sent = headers | {"If-Match": seen}
        refused(home.client.put("/v1/consents/story", headers=sent, json=yes), "stale")
    sent = headers | {"If-Match": '"x"', "If-None-Match": "*", "Idempotency-Key": ""}
    assert home.client.delete("/v1/consents/feed_insert", headers=sent).status_code == 200
