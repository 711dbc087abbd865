# SPDX-License-Identifier: Apache-2.0
"""Small weights files, whole and spoilt, and recipes that name them."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from generation.recipes import specs
from generation.recipes.specs import Spec

REPO = "somebody/something"
REVISION = "0123456789" * 4


def safetensors(**more: object) -> bytes:
    """Write two tensors as a safetensors file does; `more` replaces parts of the header."""
    tensors = {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "b": {"dtype": "BF16", "shape": [4], "data_offsets": [24, 32]},
        **more,
    }
    header = json.dumps(tensors).encode()
    return len(header).to_bytes(8, "little") + header + bytes(range(32))


FILES: Mapping[str, bytes] = {
    "unet/config.json": b'{"layers": 2}\n',
    "unet/model.safetensors": safetensors(),
}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def spec(
    *, pinned: bool = True, licence_class: str = "openrail", repo: str = REPO, kind: str = "sdxl"
) -> Spec:
    """Describe a recipe of two files in one part."""
    files = {name: sha256(content) if pinned else "" for name, content in FILES.items()}
    listed = "\n".join(f'"{name}" = "{sha}"' for name, sha in files.items())
    acknowledge = "its authors allow research alone" if licence_class == "non-commercial" else ""
    text = f"""
schema = "onlyou-recipe/1"
id = "mine"
title = "A recipe of one's own"
kind = "{kind}"
licence_class = "{licence_class}"
acknowledge = "{acknowledge}"
conditioning = "tokens"
isolation = "batched"
size = [512, 640]
batches = [1, 4]
steps = 4
guidance = 1.0
scheduler = "euler-trailing"
overlay = "none"
[[part]]
name = "base"
repo = "{repo}"
revision = "{REVISION if repo else ""}"
licence = "Apache-2.0"
source = "its model card"
does = "draws"
[part.files]
{listed}
"""
    return specs.parse(text.encode(), "mine.toml")


def put(folder: Path, files: Mapping[str, bytes] = FILES) -> Path:
    """Write files into a folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def cached(hub: Path, files: Mapping[str, bytes] = FILES) -> Path:
    """Write files as the hub's own cache keeps them; return the snapshot's folder."""
    repo = hub / f"models--{REPO.replace('/', '--')}"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text(REVISION)
    snapshot = repo / "snapshots" / REVISION
    for name, content in files.items():
        blob = repo / "blobs" / sha256(content)
        put(repo, {f"blobs/{blob.name}": content})
        (snapshot / name).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / name).symlink_to(blob)
    return snapshot
