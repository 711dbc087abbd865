# SPDX-License-Identifier: Apache-2.0
"""What must not stand in the code: data that is run, words that are filled in, addresses."""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.threats import ROOT
from tests.engine.homes import Home
from tests.test_architecture import sources, tree

RUNS = {
    "eval", "exec", "compile", "__import__", "pickle.load", "pickle.loads", "pickle.Unpickler",
    "marshal.load", "marshal.loads", "shelve.open", "dill.load", "dill.loads", "joblib.load",
    "cloudpickle.load", "cloudpickle.loads", "torch.load", "torch.jit.load", "torch.hub.load",
    "yaml.load", "yaml.unsafe_load", "numpy.load", "np.load", "np.fromfile", "pandas.read_pickle",
    "pd.read_pickle", "os.system", "subprocess.getoutput", "from_string", "Template",
}  # fmt: skip
"""Calls that run what they read, or could."""
FETCHES = {
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "hostname",
    "ipv4",
    "ipv6",
}
ADDRESSES = {"url", "uri", "href", "callback", "webhook", "redirect", "host", "endpoint", "link"}


def running(code: ast.Module) -> set[str]:
    """List what a file calls that runs what it reads."""
    found = set()
    for call in (node for node in ast.walk(code) if isinstance(node, ast.Call)):
        name = ast.unparse(call.func)
        told = {one.arg: ast.unparse(one.value) for one in call.keywords if one.arg}
        safe = told.get("allow_pickle") == "False" and name in {"np.load", "numpy.load"}
        if (name in RUNS and not safe) or name.rpartition(".")[2] in {"from_string", "Unpickler"}:
            found.add(name)
        found |= {one for one in ("allow_pickle", "shell") if told.get(one, "False") != "False"}
    return found


def test_nothing_runs_what_it_reads() -> None:
    found = {str(path): running(tree(path)) for path in sources() if SUSPECT.search(text(path))}
    assert {path: calls for path, calls in found.items() if calls} == {}


SUSPECT = re.compile("|".join(re.escape(one) for one in RUNS) + "|Unpickler|allow_pickle|shell")


def text(path: Path) -> str:
    return (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize(
    "planted",
    [
        "pickle.loads(b'')",
        "torch.load(path, weights_only=False)",
        "eval('1')",
        "np.load(path, allow_pickle=True)",
        "np.load(path)",
        "subprocess.run('x', shell=True)",
        "environment.from_string(words)",
    ],
)
def test_the_search_finds_what_does(planted: str) -> None:
    assert running(ast.parse(planted))


def test_no_weights_are_taken_but_safetensors_and_onnx() -> None:
    """Every file that a shipped recipe names cannot run, and has a hash or waits to be pinned."""
    files: dict[str, str] = {}
    for path in sorted((ROOT / "data" / "recipes").glob("*.toml")):
        for part in tomllib.loads(path.read_text("utf-8")).get("part", ()):
            files |= part["files"]
    assert files
    assert {Path(name).suffix for name in files} <= FORMS, files
    assert all(re.fullmatch("([0-9a-f]{64})?", sha256) for sha256 in files.values())


FORMS = {".safetensors", ".onnx", ".json", ".txt", ".model"}


# --- words


def formatting(code: ast.Module) -> set[str]:
    """List where `str.format` fills in a pattern that is no constant."""
    found = set()
    for node in ast.walk(code):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            written = isinstance(of, ast.Constant) or ast.unparse(of).isupper()
            if node.func.attr in {"format", "format_map"} and not written:
                found.add(ast.unparse(node.func))
    return found


def test_nobodys_words_are_a_pattern_to_be_filled_in() -> None:
    """In what draws, chooses words or answers, every pattern stands in the code."""
    here = [path for path in sources("generation", "engine") if "cli" not in path.parts]
    found = {str(path): formatting(tree(path)) for path in here if ".format" in text(path)}
    assert {path: patterns for path, patterns in found.items() if patterns} == LOOKED_AT


LOOKED_AT = {
    "engine/chat.py": {"told.format"},  # one of two constants of that file
    "engine/journal.py": {"self.format"},  # a log handler's own
}


def test_the_search_finds_a_pattern_that_somebody_wrote() -> None:
    assert formatting(ast.parse("wish.format(name=name)")) == {"wish.format"}
    assert formatting(ast.parse("'{}'.format(name) + _WORDS.format(1)")) == set()


# --- addresses


def schemas(told: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(told, Mapping):
        yield path, told
        for key, value in told.items():
            yield from schemas(value, f"{path}/{key}")
    elif isinstance(told, list):
        for number, value in enumerate(told):
            yield from schemas(value, f"{path}/{number}")


def test_no_request_takes_an_address_to_fetch(home: Home) -> None:
    told = home.client.get("/openapi.json").json()
    names, formats = set(), set()
    for action in (one for path in told["paths"].values() for one in path.values()):
        sent = action.get("requestBody", {})
        names |= {one["name"].lower() for one in action.get("parameters", ())}
        for _, schema in schemas(_resolved(told, sent)):
            names |= {name.lower() for name in schema.get("properties", {})}
            formats |= {str(schema.get("format"))}
    assert not formats & FETCHES
    assert not {name for name in names if set(name.split("_")) & ADDRESSES}
    assert len(names) > 20


def _resolved(told: Mapping[str, Any], value: Any) -> Any:
    """Put in what is referred to; no request refers to itself."""
    if isinstance(value, Mapping):
        if "$ref" in value:
            return _resolved(told, told["components"]["schemas"][value["$ref"].rpartition("/")[2]])
        return {key: _resolved(told, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolved(told, inner) for inner in value]
    return value


def test_an_address_in_any_field_is_fetched_by_nobody(home: Home) -> None:
    """Send one in each header and query that others are known to follow."""
    address = "http://127.0.0.1:9/canary"
    followed = ("Referer", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "Origin", "Link")
    headers = home.as_("Anna") | dict.fromkeys(followed, address)
    for path in ("/v1/feed", "/v1/portraits", "/", "/xrpc/app.bsky.feed.getFeedSkeleton"):
        answer = home.client.get(path, headers=headers, params={"url": address, "feed": address})
        assert answer.status_code < 500
        assert address not in answer.text
        assert address not in answer.headers.get("location", "")
