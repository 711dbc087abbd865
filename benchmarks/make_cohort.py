# SPDX-License-Identifier: Apache-2.0
"""Write data/cohort.json: face vectors of synthetic people, for the identity gate to compare with.

Run `python benchmarks/make_cohort.py`; the same packages give the same file.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from openpeople import curated
from PIL import Image

from generation.faces import Faces

OUT = Path(__file__).parents[1] / "data" / "cohort.json"
PICTURES = ("amateur_selfie", "studio_portrait", "amateur_posture", "studio_posture")
LONGER_SIDE = 1400
DECIMALS = 4  # changes no distance by more than 0.0006


def main() -> None:
    """Measure every person of openpeople in four pictures and write the file."""
    faces = Faces()
    people = [
        {"id": p.person_id, "vectors": vectors(faces, Path(p.assets_dir))} for p in curated.list()
    ]
    head = {
        "schema": "onlyou-cohort/1",
        "what": "dlib 128-d face vectors of synthetic people; no person behind them exists",
        "source": f"openpeople {version('openpeople')} (MIT), pictures {', '.join(PICTURES)}",
        "models": faces.files(),
        "people": len(people),
        "vectors": sum(len(one["vectors"]) for one in people),
    }
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in people)
    text = json.dumps(head, indent=1)[:-2] + ',\n "cohort": [\n' + lines + "\n]\n}\n"
    OUT.write_text(text, encoding="ascii")
    print(f"{head['vectors']} vectors of {head['people']} people, {len(text)} bytes")


def vectors(faces: Faces, folder: Path) -> list[list[float]]:
    """Measure the one face of each picture."""
    found = (faces.measure(opened(folder / f"{name}.jpg")).vector for name in PICTURES)
    return [[round(float(x), DECIMALS) for x in vector] for vector in found]


def opened(path: Path) -> NDArray[np.uint8]:
    """Open a picture as the intake would: RGB, bounded."""
    with Image.open(path) as image:
        image.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
        return np.array(image.convert("RGB"), dtype=np.uint8)


if __name__ == "__main__":
    main()
