# SPDX-License-Identifier: Apache-2.0
import pytest

from consent import merkle, notes, tiles
from tests.engine.homes import Home


def test_the_checkpoint_is_signed_and_names_the_whole_log(home: Home) -> None:
    ledger = home.rooms.consent.ledger
    answer = home.client.get("/v1/ledger/checkpoint")
    assert answer.headers["content-type"].startswith("text/plain")
    signed = notes.open_note(answer.text, ledger.signer.verifier)
    assert signed is not None
    assert notes.parse_checkpoint(signed).size == ledger.head()[0]


def test_the_checkpoint_grows_with_what_is_said(home: Home) -> None:
    before = home.client.get("/v1/ledger/checkpoint").text.splitlines()[1]
    home.serve("Dora", "likeness")
    assert int(home.client.get("/v1/ledger/checkpoint").text.splitlines()[1]) == int(before) + 1


def grow(home: Home, size: int) -> None:
    """Let the log have at least so many entries."""
    with home.rooms.consent.ledger.write() as writing:
        for _ in range(size - writing.size):
            writing.append("admin")


def test_a_monitor_rebuilds_the_root_from_tiles_alone(home: Home) -> None:
    grow(home, 600)
    note = home.client.get("/v1/ledger/checkpoint").text
    head = notes.parse_checkpoint(note)
    tree = merkle.Tree()
    for number, width in tiles.spans(head.size):
        bundle = home.client.get(f"/v1/ledger/{tiles.entries_path(number, width)}")
        tree.extend(map(merkle.leaf_hash, tiles.unpack(bundle.content)))
    assert tree.root() == head.root
    for path, content in tiles.tiles(tree, head.size):
        served = home.client.get(f"/v1/ledger/{path}")
        assert (served.status_code, served.content) == (200, content)
        assert served.headers["content-type"] == "application/octet-stream"


def test_a_full_tile_is_kept_for_ever_and_a_partial_one_never(home: Home) -> None:
    grow(home, 300)
    for name in ("tile/0", "tile/entries"):
        full = home.client.get(f"/v1/ledger/{name}/000")
        assert full.headers["cache-control"] == "public, max-age=31536000, immutable"
        partial = home.client.get(f"/v1/ledger/{name}/001.p/30")
        assert partial.headers["cache-control"] == "no-store"
        for any_answer in (full, partial):
            assert "set-cookie" not in any_answer.headers
            assert "vary" not in any_answer.headers
    assert home.client.get("/v1/ledger/tile/1/000.p/1").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("0/001", "0/001.p/256", "0/001.p/255", "1/000", "1/000.p/2", "2/000.p/1", "entries/001"),
        *("0/7", "entries/000.p/0", "0/x000/000", "64/000", "data/000", "", "-1/000"),
    ],
)
def test_what_is_no_tile_of_this_log_is_not_there(home: Home, path: str) -> None:
    grow(home, 300)
    missing = home.client.get(f"/v1/ledger/tile/{path}")
    assert missing.status_code == 404
    assert missing.headers["cache-control"] == "private, no-store"
