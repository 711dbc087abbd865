# SPDX-License-Identifier: Apache-2.0
"""Weights are found in a folder or in the hub's cache, fetched by name, or asked for in words."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from generation.recipes import places
from generation.recipes.places import MissingWeights, Places
from generation.recipes.starting import MissingExtra
from tests.generation.recipes import weighing
from tests.generation.recipes.weighing import FILES, REPO, REVISION

SPEC = weighing.spec()


@pytest.fixture
def where(tmp_path: Path) -> Places:
    return Places(folder=tmp_path / "weights", hub=tmp_path / "hub")


def refuse(*_: Any) -> None:
    raise AssertionError("somebody went to the network")


@pytest.fixture
def unplugged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.usefixtures("unplugged")
@pytest.mark.parametrize("place", [REPO, "something", "mine/base", "base"])
def test_a_part_is_found_by_its_repository_or_its_own_name(where: Places, place: str) -> None:
    folder = weighing.put(where.folder / place)
    assert places.find(SPEC, where) == {"base": folder}


@pytest.mark.usefixtures("unplugged")
def test_a_part_is_found_in_the_hubs_cache_without_asking_the_hub(where: Places) -> None:
    assert where.hub is not None
    snapshot = weighing.cached(where.hub)
    assert places.find(SPEC, where) == {"base": snapshot}
    local = weighing.put(where.folder / REPO)
    assert places.find(SPEC, where) == {"base": local}  # what lies in the folder comes first


@pytest.mark.usefixtures("unplugged")
def test_half_a_part_is_none(where: Places) -> None:
    assert where.hub is not None
    one = {"unet/config.json": FILES["unet/config.json"]}
    weighing.put(where.folder / REPO, one)
    weighing.cached(where.hub, one)
    with pytest.raises(MissingWeights) as why:
        places.find(SPEC, where)
    assert str(why.value) == (
        f"mine lacks its base: put unet/model.safetensors and 1 more from {REPO} at "
        f"revision {REVISION[:12]} into {where.folder / REPO}, "
        "or run `onlyou recipe check mine --fetch`"
    )


@pytest.mark.usefixtures("unplugged")
def test_a_part_that_no_hub_has_is_asked_for_by_its_own_folder(where: Places) -> None:
    with pytest.raises(MissingWeights, match=r"put unet/config.json .* into .*mine/base$"):
        places.find(weighing.spec(repo=""), where)


# --- fetching


class Hub(BaseHTTPRequestHandler):
    """Answer for files as the hub does: a commit, an entity tag, the bytes."""

    files = FILES
    asked: list[str]

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        content = self._answer()
        self.wfile.write(content)

    def _answer(self) -> bytes:
        type(self).asked.append(f"{self.command} {self.path}")
        content = self.files.get(self.path.removeprefix(f"/{REPO}/resolve/{REVISION}/"))
        self.send_response(200 if content else 404)
        self.send_header("Content-Length", str(len(content or b"")))
        if content:
            self.send_header("ETag", f'"{weighing.sha256(content)}"')
            self.send_header("X-Repo-Commit", REVISION)
        self.end_headers()
        return content or b""

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a hub on this machine's own loopback."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    Hub.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_is_missing_is_fetched_by_name_and_nothing_else(where: Places, hub: str) -> None:
    found = places.fetch(SPEC, where, endpoint=hub)
    for name, content in FILES.items():
        assert (found["base"] / name).read_bytes() == content
    assert {line.partition(f"{REVISION}/")[2] for line in Hub.asked} == set(FILES)
    asked = len(Hub.asked)
    assert places.fetch(SPEC, where, endpoint=hub) == found
    assert len(Hub.asked) == asked  # what is there is not asked for again


def test_a_hub_that_does_not_have_it_is_one_sentence(
    where: Places, hub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hub, "files", {})
    with pytest.raises(MissingWeights, match=f"could not be fetched from {REPO}"):
        places.fetch(SPEC, where, endpoint=hub)


@pytest.mark.usefixtures("unplugged")
def test_offline_nothing_is_asked(where: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(MissingWeights, match="HF_HUB_OFFLINE is set"):
        places.fetch(SPEC, where)


@pytest.mark.usefixtures("unplugged")
def test_what_no_hub_has_is_not_fetched(where: Places) -> None:
    with pytest.raises(MissingWeights, match=r"put unet/config\.json"):
        places.fetch(weighing.spec(repo=""), where)


@pytest.mark.usefixtures("unplugged")
def test_without_the_hubs_library_folders_still_do(
    where: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "find_spec", lambda _name: None)
    with pytest.raises(MissingWeights, match=r"put unet/config\.json"):
        places.find(SPEC, where)
    with pytest.raises(MissingExtra, match="huggingface_hub"):
        places.fetch(SPEC, where)
    folder = weighing.put(where.folder / REPO)
    assert places.fetch(SPEC, where) == {"base": folder}
