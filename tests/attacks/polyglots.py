# SPDX-License-Identifier: Apache-2.0
"""Make photographs that carry something else: two hundred, each with a word to be looked for."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import product

from PIL import Image, ImageCms, PngImagePlugin

from tests.generation import samples

WORD = b"CANARYphotographCANARY"
TEXT = WORD.decode()
PLACE = ((52.0, 30.0, 12.5), (13.0, 24.0, 1.25))
FORMS = ("JPEG", "PNG", "WEBP")
Made = tuple[str, bytes]


def every() -> Iterator[Made]:
    """Make each kind of baggage in each format, and each two that can go together."""
    for form in FORMS:
        inside = INSIDE[form]
        for name, pack in {**WRITTEN, **AFTER, **inside}.items():
            yield f"{form} {name}", pack(plain(form), form)
        first, then = {**WRITTEN, **inside}, {**inside, **AFTER}
        for name, other in product(first, then):
            if name != other and not (name in inside and other in inside):
                yield f"{form} {name}, {other}", then[other](first[name](plain(form), form), form)


@cache
def picture() -> Image.Image:
    return samples.image_of(1, longer=96)


def plain(form: str) -> bytes:
    return samples.written(picture(), form)


# --- what a writer of pictures puts in


def gps(_file: bytes, form: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = TEXT  # what the picture shows
    exif[0x013B] = TEXT  # who took it
    exif[0xA431] = TEXT  # the camera's number
    north, east = PLACE
    exif.get_ifd(0x8825).update({1: "N", 2: north, 3: "E", 4: east, 29: TEXT})
    return samples.written(picture(), form, exif=exif)


def profile(_file: bytes, form: str) -> bytes:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    at = srgb.index(b"desc", 128)
    tagged = srgb[:at] + srgb[at:].replace(b"sRGB", WORD[:4], 1) + WORD
    size = struct.pack(">I", len(tagged))
    return samples.written(picture(), form, icc_profile=size + tagged[4:])


def xmp(_file: bytes, form: str) -> bytes:
    said = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><who>' + WORD + b"</who></x:xmpmeta>"
    if form == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", said.decode())
        return samples.written(picture(), form, pnginfo=info)
    return samples.written(picture(), form, xmp=said)


WRITTEN: Mapping[str, Callable[[bytes, str], bytes]] = {
    "place": gps,
    "profile": profile,
    "xmp": xmp,
}

# --- what is put behind it


def archive(file: bytes, _form: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as inner:
        inner.writestr(f"{TEXT}.txt", WORD)
    return file + packed.getvalue()


def page(file: bytes, _form: str) -> bytes:
    return file + b"<!doctype html><script>alert('" + WORD + b"')</script>"


def script(file: bytes, _form: str) -> bytes:
    return file + b"\n<?php echo '" + WORD + b"'; ?>\n"


def document(file: bytes, _form: str) -> bytes:
    return file + b"%PDF-1.7\n1 0 obj<</T(" + WORD + b")>>endobj\n%%EOF"


def another(file: bytes, _form: str) -> bytes:
    return file + samples.written(Image.new("RGB", (8, 8)), "JPEG", comment=WORD)


def program(file: bytes, _form: str) -> bytes:
    return file + b"\x7fELF" + WORD * 3


AFTER: Mapping[str, Callable[[bytes, str], bytes]] = {
    "an archive": archive,
    "a page": page,
    "a script": script,
    "a document": document,
    "another picture": another,
    "a program": program,
}

# --- what is put between its parts


def segment(marker: int, head: bytes = b"") -> Callable[[bytes, str], bytes]:
    body = head + WORD
    part = struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
    return lambda file, _form: file[:2] + part + file[2:]


def chunk(kind: bytes, data: bytes, *, first: bool = True) -> Callable[[bytes, str], bytes]:
    whole = kind + data
    part = struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    def packed(file: bytes, _form: str) -> bytes:
        at = 33 if first else file.rindex(b"IEND") - 4
        return file[:at] + part + file[at:]

    return packed


def riff(kind: bytes) -> Callable[[bytes, str], bytes]:
    data = WORD + bytes(len(WORD) % 2)
    part = kind + struct.pack("<I", len(WORD)) + data

    def packed(file: bytes, _form: str) -> bytes:
        whole = file + part
        return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]

    return packed


INSIDE: Mapping[str, Mapping[str, Callable[[bytes, str], bytes]]] = {
    "JPEG": {
        "a comment": segment(0xFE),
        "IPTC": segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00"),
        "JUMBF": segment(0xEB, b"JP\x00\x01\x00\x00\x00\x01"),
        "Ducky": segment(0xEC, b"Ducky"),
        "a segment of nobody's": segment(0xE9),
        "a second frame's index": segment(0xE2, b"MPF\x00"),
    },
    "PNG": {
        "text": chunk(b"tEXt", b"Comment\x00" + WORD),
        "packed text": chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(WORD)),
        "text of any language": chunk(b"iTXt", b"Comment\x00\x00\x00en\x00\x00" + WORD),
        "a chunk of nobody's": chunk(b"caNa", WORD),
        "a chunk after the pixels": chunk(b"caNa", WORD, first=False),
        "its time": chunk(b"tIME", struct.pack(">HBBBBB", 1987, 6, 5, 4, 3, 2)),
    },
    "WEBP": {
        "a chunk of nobody's": riff(b"caNa"),
        "EXIF of nobody's": riff(b"EXIF"),
        "XMP of nobody's": riff(b"XMP "),
        "JUMBF": riff(b"C2PA"),
    },
}
