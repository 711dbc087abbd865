# SPDX-License-Identifier: Apache-2.0
"""Take the README's picture of an audit report, or of an experiment's.

    onlyou audit export BUNDLE --home HOME && onlyou audit report BUNDLE --out FILE
    python benchmarks/report_picture.py FILE docs/img/report.png [--until where] [--font Inter]
    onlyou experiment report cohort --home HOME --out FILE
    python benchmarks/report_picture.py FILE docs/img/experiment.png --until against-1

The picture ends where the part begins that `--until` names by its id. `--font` stands in for a
desktop's system font where the machine has none.
"""

import argparse
import io
import os
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

WIDTH = 1180
SCALE = 1.25


def taken(file: Path, until: str, scheme: str, font: str) -> Image.Image:
    """Open a report as a desk shows it and photograph its upper part."""
    chromium = os.environ.get("ONLYOU_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(
            viewport={"width": WIDTH, "height": 900},
            device_scale_factor=SCALE,
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page.goto(file.absolute().as_uri())
        if font:
            page.add_style_tag(content=f":root {{ --text: {font}, sans-serif; }}")
        box = page.locator(f"section:has(> #{until})").bounding_box()
        tall = box["y"] - 6 if box else 900
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": tall}
        shot = page.screenshot(clip=clip, full_page=True)  # type: ignore[arg-type]
        browser.close()
    return Image.open(io.BytesIO(shot)).convert("RGB")


def main() -> None:
    """Read the arguments and write the picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("report", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--until", default="where", help="id of the heading where it ends")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    parser.add_argument("--font", default="")
    given = parser.parse_args()
    picture = taken(given.report, given.until, given.scheme, given.font)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(256, dither=Image.Dither.NONE).save(given.out, optimize=True)
    size = given.out.stat().st_size
    print(f"{given.out}: {picture.width} x {picture.height}, {size:,} bytes")


if __name__ == "__main__":
    main()
