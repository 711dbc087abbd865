# SPDX-License-Identifier: Apache-2.0
"""The rating page is one blind file, and what raters export becomes a table."""

import json
import os
import re
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import sync_playwright

from benchmarks import rating
from benchmarks.rating import MADE, Made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lay out four portraits of two people by two recipes."""
    made = [
        Made(id=f"{n:012x}", recipe=recipe, scenario="jazz", person=person)
        for n, (recipe, person) in enumerate(
            (recipe, person) for recipe in ("photobooth", "painted") for person in ("P001", "P002")
        )
    ]
    for name in [*(one.id for one in made), "P001", "P002"]:
        Image.new("RGB", (40, 50), (90, 120, 140)).save(tmp_path / f"{name}.jpg")
    (tmp_path / MADE).write_text(json.dumps([asdict(one) for one in made]))
    return tmp_path


def rated(rater: str, grades: dict[str, int]) -> dict[str, object]:
    ratings = {i: dict.fromkeys(rating.AXES, grade) for i, grade in grades.items()}
    return {"schema": "onlyou-ratings/1", "rater": rater, "ratings": ratings}


def test_the_page_names_no_recipe_and_no_address(folder: Path) -> None:
    page = rating.page(folder, seed=1, most=9)
    assert not re.search(r"photobooth|painted|P00[12]|https?://|src=\"(?!data:)", page)
    assert "connect-src" not in page
    assert "default-src 'none'" in page


def test_the_order_follows_from_the_seed(folder: Path) -> None:
    assert rating.page(folder, seed=1, most=9) == rating.page(folder, seed=1, most=9)
    assert rating.page(folder, seed=1, most=9) != rating.page(folder, seed=2, most=9)


def test_ratings_become_a_table_by_recipe_and_axis(folder: Path) -> None:
    ids = [one.id for one in rating.made(folder)]
    ann = rated("ann", dict(zip(ids, (0, 1, 2, 2), strict=True)))
    ben = rated("ben", dict(zip(ids, (0, 1, 2, 1), strict=True)))
    lines = rating.table(folder, [ann, ben]).splitlines()
    assert lines[0] == "2 raters, 4 portraits of 2 synthetic people."
    assert "| painted | appeal | 4 | 0 % | 25 % | 75 % | 25 % (0 to 50) | 0.00 |" in lines
    assert "| photobooth | identity | 4 | 50 % | 50 % | 0 % | 100 % (100 to 100) | 1.00 |" in lines


def test_nobody_counts_twice(folder: Path) -> None:
    one = rated("ann", {rating.made(folder)[0].id: 0})
    with pytest.raises(ValueError, match="every rater once"):
        rating.table(folder, [one, one])


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(ValueError, match="onlyou-ratings/1"):
        rating.read([tmp_path / "x.json"])


@pytest.mark.browser
def test_a_rater_needs_keys_alone_and_comes_back_to_where_they_were(folder: Path) -> None:
    (folder / "page.html").write_text(rating.page(folder, seed=1, most=4))
    with ThreadPoolExecutor(1) as apart:  # another test's browser may run in this thread
        violations, said, exported = apart.submit(_rate, folder / "page.html").result()
    assert (violations, said) == (0, [])
    order = ("identity", "prompt", "appeal")
    given = [tuple(one[axis] for axis in order) for one in exported["ratings"].values()]
    assert given == [(0, 1, 2), (2, 1, 0)]


def _rate(file: Path) -> tuple[int, list[str], Mapping[str, Any]]:
    """Rate two portraits by keyboard, closing the page in between, and export."""
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("ONLYOU_CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.goto(file.as_uri())
        violations = Axe().run(page).violations_count
        for key in "12332":
            page.keyboard.press(key)
        page.reload()
        assert page.inner_text("#place") == "Portrait 2 of 4"
        page.keyboard.press("1")
        page.fill("#rater", "ann")
        with page.expect_download() as told:
            page.click("#export")
        (exported,) = rating.read([told.value.path()])
        browser.close()
    return violations, said, exported
