# SPDX-License-Identifier: Apache-2.0
"""Say of every portrait that it was made, by what and under which rules.

Four places carry it:
1. the page shows the label above the picture, and nothing is drawn over what its owner sees; what
   leaves has the label in its pixels (`leaving`),
2. the pixels carry a watermark (`watermark`), and the file a signed credential (`credentials`);
   `marking` puts them on, in the one order that works,
3. the file names its digital source type in XMP; nowhere in it stands an id, a date or a position
   in the ledger, nothing by which a file could be tied to a person,
4. the facts, with the figures of the identity gate and a fingerprint of the look, are sealed with
   the file under its owner's key.

A still is a JPEG of quality 92 with every colour sample: 100 kB and 9 ms at 512 x 640, against
58 kB, 64 ms and blurred reds as WebP (measured). What moves is a WebP: `generation.loops`.
Knows the picture and the facts it is given.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from consent.words import Micros
from generation.recipes import Recipe, Sources

_VOCABULARY: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
#: what a recipe makes that says nothing else: a photograph composed with what models made
SOURCE_TYPE: Final = f"{_VOCABULARY}compositeWithTrainedAlgorithmicMedia"
MEDIA_TYPE: Final = "image/jpeg"
QUALITY: Final = 92

_XMP: Final = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    ' Iptc4xmpExt:DigitalSourceType="SOURCE_TYPE"/>'
    '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How a portrait came to be; sealed with it."""

    recipe: str
    #: sha256 over the recipe's code and data
    recipe_sha256: str
    scenario: str
    seed: int
    #: file name -> sha256 of every model that looked at it
    models: Mapping[str, str]
    policy_sha256: str
    made_at: Micros
    #: the words shown with it
    label: str
    #: 64 bits of how it looks, 16 hex digits
    fingerprint: str
    #: dlib L2 to the owner and to the nearest of the cohort people that counted, and of which file
    owner_distance: float
    cohort_distance: float
    cohort_people: int
    cohort_sha256: str
    source_type: str = SOURCE_TYPE
    #: what it was drawn on; with the rows of its pass that decides the last bits of the picture
    device: str = ""
    dtype: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    #: rows that shared the pass, and how many of them were duplicates to fill it
    pass_size: int = 1
    pass_padding: int = 0
    #: what the sealed file is
    media_type: str = MEDIA_TYPE

    def facts(self) -> dict[str, Any]:
        """Write it as JSON carries it."""
        said = {name: getattr(self, name) for name in self.__slots__}
        return said | {"models": dict(self.models), "versions": dict(self.versions)}


def provenance(facts: Mapping[str, Any]) -> Provenance:
    """Read what `Provenance.facts` wrote."""
    return Provenance(**facts)


def source_type_of(recipe: Recipe) -> str:
    """Say in IPTC's words what a recipe's pictures are."""
    return _VOCABULARY + recipe.source_type if isinstance(recipe, Sources) else SOURCE_TYPE


def marked(pixels: NDArray[np.uint8], source_type: str = SOURCE_TYPE) -> bytes:
    """Write a portrait as a file: its source type said, everything else left out.

    Shapes: pixels (H, W, 3) uint8 RGB; returns a JPEG.
    """
    file = io.BytesIO()
    said = xmp(source_type)
    Image.fromarray(pixels).save(file, "JPEG", quality=QUALITY, subsampling=0, xmp=said)
    return file.getvalue()


def xmp(source_type: str) -> bytes:
    """Write the one thing that a file's XMP says: its source type."""
    return _XMP.replace("SOURCE_TYPE", source_type).encode("utf-8")


def source_type(file: bytes) -> str | None:
    """Read the digital source type that a file states, None where it states none."""
    with Image.open(io.BytesIO(file)) as image:
        stated = image.info.get("xmp", b"").decode("utf-8", "replace")
    _, found, rest = stated.partition('Iptc4xmpExt:DigitalSourceType="')
    return rest.partition('"')[0] if found else None
