# SPDX-License-Identifier: Apache-2.0
"""The pages in a real browser: what is seen, by whom, and how it can be used."""

import re
import tomllib
import zipfile
from functools import partial
from importlib.resources import files
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from consent.validity import surfaces
from consent.words import DAY, SECOND, Purpose
from tests.engine.homes import public
from tests.engine.web.conftest import PHONE, Visit

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}
PATHS = (
    "/",
    "/likeness",
    "/likeness/notices/story",
    "/likeness/receipts/likeness",
    "/enter",
)


def loaded(page: Page, image: str) -> bool:
    """Say whether an image has arrived with pixels."""
    seen = page.locator(image)
    seen.scroll_into_view_if_needed()
    expect(seen).to_have_js_property("complete", value=True)
    return bool(seen.evaluate("image => image.naturalWidth > 0"))


def test_a_person_sees_their_portrait_with_its_label(visit: Visit) -> None:
    page = visit.enter("Anna")
    card = page.locator("article.mine")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("Only you can see this")
    expect(card).to_contain_text("AI, made for you")
    assert loaded(page, "article.mine .mat img")
    label, picture = card.locator(".mine-label"), card.locator(".mat")
    above, below = label.bounding_box(), picture.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"]
    assert visit.complaints == []


def test_as_another_person_the_same_image_is_not_there(visit: Visit) -> None:
    address = visit.enter("Anna").locator("article.mine .mat img").get_attribute("src")
    ben = visit.enter("Ben")
    answer = ben.request.get(f"{visit.url}{address}")
    assert answer.status == 404
    assert ben.locator(f'img[src="{address}"]').count() == 0
    nobody = visit.context().new_page()
    assert nobody.request.get(f"{visit.url}{address}").status == 401


def test_the_three_answers_have_the_same_size_colour_and_row(visit: Visit) -> None:
    page = visit.enter("Cleo")
    answers = page.locator("article.ask .equal button")
    expect(answers).to_have_text(["Yes", "Not now", "Never"])
    boxes = [box for one in answers.all() if (box := one.bounding_box())]
    assert len(boxes) == 3
    shapes = [(box["width"], box["height"], box["y"]) for box in boxes]
    assert shapes == [pytest.approx(shapes[0], abs=0.1)] * 3
    looks = answers.evaluate_all(
        """buttons => buttons.map(button => {
            const look = getComputedStyle(button);
            return [look.color, look.backgroundColor, look.borderColor, look.fontWeight].join();
        })"""
    )
    assert len(set(looks)) == 1
    assert page.locator("article.ask img").count() == 0


@pytest.mark.parametrize("path", PATHS)
def test_nothing_scrolls_sideways_on_a_very_small_phone(visit: Visit, path: str) -> None:
    page = visit.enter("Anna", viewport=NARROW)
    page.goto(visit.url + path)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize(
    ("scheme", "viewport"), [("light", PHONE), ("dark", PHONE), ("light", DESK)]
)
def test_no_page_is_closed_to_anybody(visit: Visit, scheme: str, viewport: object) -> None:
    options = {"color_scheme": scheme, "viewport": viewport}
    for name, paths in {"Anna": PATHS, "Cleo": ("/",), "Dora": ("/", "/likeness")}.items():
        page = visit.enter(name, **options)
        for path in paths:
            page.goto(visit.url + path)
            found = Axe().run(page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_held_back_is_closed_to_nobody_and_judged_again_without_script(
    visit: Visit, scheme: str
) -> None:
    own = visit.home.hold_back("Anna")
    page = visit.enter("Anna", color_scheme=scheme, java_script_enabled=scheme == "light")
    page.goto(f"{visit.url}/likeness")
    if scheme == "light":
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    button = page.get_by_role("button", name="Judge again")
    expect(button).to_have_count(1)
    button.click()
    page.wait_for_url("**/likeness?said=passed")
    expect(page.locator(f'img[src*="{own}"]')).to_have_count(1)
    expect(page.get_by_role("button", name="Judge again")).to_have_count(0)


def test_hiding_swaps_the_card_and_undo_brings_it_back(visit: Visit) -> None:
    page = visit.enter("Anna")
    page.locator("article.mine").get_by_role("button", name="Hide").click()
    toast = page.locator("article.toast")
    expect(toast).to_contain_text("Hidden.")
    expect(toast).to_be_focused()
    expect(page.locator("#said")).to_have_text("Hidden.")
    expect(page.locator("article.mine")).to_have_count(0)
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("article.mine")).to_have_count(1)
    assert visit.complaints == []


def test_why_opens_in_place_and_closes_again(visit: Visit) -> None:
    page = visit.enter("Anna")
    opener = page.get_by_role("link", name="Why this?")
    opener.click()
    panel = page.locator("section.why")
    expect(panel).to_contain_text("Made from exactly these")
    expect(panel.get_by_role("heading", name="Why you see this")).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "true")
    opener.click()
    expect(panel).to_have_count(0)
    expect(opener).to_have_attribute("aria-expanded", "false")
    assert page.url == f"{visit.url}/"
    assert visit.complaints == []


def test_turning_off_on_the_card_is_one_press(visit: Visit) -> None:
    page = visit.enter("Anna")
    page.locator("article.mine").get_by_role("button", name="Turn off").click()
    expect(page.locator("article.done")).to_contain_text("Done. No more portraits in your feed")
    page.reload()
    expect(page.locator("article.mine")).to_have_count(0)


def test_older_posts_come_by_themselves_and_are_numbered_on(visit: Visit) -> None:
    page = visit.enter("Anna")
    expect(page.locator("[role=feed] > article")).to_have_count(12)
    for _ in range(6):
        page.mouse.wheel(0, 4_000)
        page.wait_for_timeout(150)
    expect(page.locator("[role=feed] > article")).to_have_count(31)
    numbers = page.locator("[role=feed] > article").evaluate_all(
        "all => all.map(one => Number(one.getAttribute('aria-posinset')))"
    )
    assert numbers == list(range(1, 32))
    expect(page.locator("#older")).to_have_text("That is all there is.")
    assert visit.complaints == []


def test_the_keyboard_walks_the_feed(visit: Visit) -> None:
    page = visit.enter("Anna")
    page.locator("[role=feed] > article").first.focus()
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    expect(page.locator("[role=feed] > article").nth(2)).to_be_focused()
    page.keyboard.press("PageUp")
    expect(page.locator("[role=feed] > article").nth(1)).to_be_focused()


def test_everything_works_with_script_off(visit: Visit) -> None:
    page = visit.enter("Anna", java_script_enabled=False)
    page.get_by_role("link", name="Why this?").click()
    expect(page.locator("h1")).to_contain_text("You, ")
    expect(page.locator("section.why")).to_contain_text("On what ground")
    page.goto(visit.url)
    page.get_by_role("link", name="Older posts").click()
    expect(page.locator("[role=feed] > article").first).to_have_attribute("aria-posinset", "13")
    page.goto(visit.url)
    page.locator("article.mine").get_by_role("button", name="Hide").click()
    expect(page.locator("article.toast")).to_contain_text("Hidden.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("article.mine")).to_have_count(1)


def test_what_can_be_pressed_is_big_enough(visit: Visit) -> None:
    page = visit.enter("Anna")
    for path in ("/", "/likeness"):
        page.goto(visit.url + path)
        for control in page.locator("button:visible, .btn:visible, .chip:visible").all():
            box = control.bounding_box()
            assert box is not None
            assert box["height"] >= 24, control.inner_text()
            assert box["width"] >= 24, control.inner_text()


def test_no_page_loads_anything_from_elsewhere(visit: Visit) -> None:
    page = visit.context().new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{visit.url}/enter")
    page.get_by_role("button", name="Anna").click()
    page.wait_for_url(f"{visit.url}/")
    assert asked
    assert [url for url in asked if not re.match(re.escape(visit.url), url)] == []


def test_a_person_deletes_everything_and_keeps_the_certificate(visit: Visit) -> None:
    page = visit.enter("Anna")
    page.goto(f"{visit.url}/likeness")
    page.get_by_text("Delete everything…").click()
    page.get_by_label("Type erase to say that you mean it").fill("erase")
    page.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything is deleted")
    assert Axe().run(page).response["violations"] == []
    with page.expect_download() as kept:
        page.get_by_role("link", name="Keep the certificate").click()
    assert kept.value.suggested_filename.startswith("erasure-")
    page.goto(f"{visit.url}/likeness")
    expect(page).to_have_url(f"{visit.url}/enter")
    expect(page.get_by_role("button", name="Anna")).to_have_count(0)
    assert visit.complaints == []


class Presses:
    """A page whose presses are counted by the browser: real ones, wherever they land."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._seen: list[object] = []
        page.expose_function("onPress", lambda *_: self._seen.append(1))
        page.add_init_script("addEventListener('click', e => e.isTrusted && onPress(), true)")

    def row(self, purpose: Purpose) -> Locator:
        """Open the control centre where a purpose stands."""
        self._page.goto(urljoin(self._page.url, "/likeness"))
        return self._page.locator(f"li:has(#p-{purpose})")

    def taken(self, *presses: Locator) -> int:
        """Press one thing after the other, and say how many presses there were."""
        self._seen.clear()
        for press in presses:
            press.click()
        self._page.wait_for_load_state()
        return len(self._seen)


def test_a_yes_and_a_no_take_as_many_presses_as_is_committed_to(visit: Visit) -> None:
    surface, show = surfaces()["page"], visit.home.rooms.consent.grants.show
    anna, page = visit.home.person("Anna"), visit.enter("Anna")
    presses, yes = Presses(page), page.locator("button[value=yes]")
    asked = set(Purpose) - set(show(anna)) - {Purpose.ADS, Purpose.TRAINING}
    assert len(asked) == 7
    for purpose in sorted(asked):
        turn_on = presses.row(purpose).get_by_role("link", name="Turn on")
        assert presses.taken(turn_on, yes) == surface.grant, purpose
        assert purpose in show(anna)
        turn_off = presses.row(purpose).get_by_role("button", name="Turn off")
        assert presses.taken(turn_off) == surface.withdraw <= surface.grant, purpose
        assert purpose not in show(anna)


def test_renewing_takes_as_many_presses_as_a_first_yes(visit: Visit) -> None:
    visit.home.clock.advance(340 * DAY // SECOND)
    page = visit.enter("Anna", viewport=NARROW)
    presses = Presses(page)
    page.goto(f"{visit.url}/likeness")
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    renew = presses.row(Purpose.FEED_INSERT).get_by_role("link", name="Renew")
    yes = page.locator("button[value=yes]")
    assert presses.taken(renew, yes) == surfaces()["page"].grant
    anna = visit.home.person("Anna")
    receipt = visit.home.rooms.consent.last_receipt(anna, Purpose.FEED_INSERT)
    assert receipt is not None
    assert receipt["event"] == "renew"
    assert visit.complaints == []


def test_every_limit_takes_as_many_presses_as_is_committed_to(visit: Visit) -> None:
    text = (files("data") / "surfaces.toml").read_text("utf-8")
    counts: dict[str, dict[str, int]] = tomllib.loads(text)["pages"]
    assert all(one["less"] <= one.get("more", one["less"]) for one in counts.values())
    befriended(visit)
    page = visit.enter("Anna")
    page.goto(f"{visit.url}/likeness")
    presses, button = Presses(page), partial(page.get_by_role, "button")
    page.reload()
    save, names = button(name="Save"), ("Pause 30 days", "Until I say so")
    for name in names:
        assert presses.taken(button(name=name)) == counts["pause"]["less"]
        assert presses.taken(button(name="Let it go on")) == counts["pause"]["more"]
    for number, way in (("None", "less"), ("3", "more")):
        radio = page.get_by_role("radio", name=number)
        assert presses.taken(radio, save) == counts["budget"][way]
    for way in ("less", "more"):
        tick = page.get_by_role("checkbox", name="Winter")
        assert presses.taken(tick, save) == counts["themes"][way]
    assert presses.taken(button(name="Stop showing")) == counts["shares"]["less"]
    assert presses.taken(button(name="Remove Ben")) == counts["friends"]["less"]
    page.get_by_text("Name a friend").evaluate("one => one.closest('details').open = true")
    page.get_by_label("Their id here").fill(public(visit.home.person("Ben")))
    page.get_by_text("Name a friend").evaluate("one => one.closest('details').open = false")
    opener = page.get_by_text("Name a friend")
    assert presses.taken(opener, button(name="Name", exact=True)) == counts["friends"]["more"]
    expect(button(name="Remove Ben")).to_have_count(1)
    assert visit.complaints == []


def befriended(visit: Visit) -> None:
    """Let Anna and Ben be friends, and Anna show him her portrait."""
    home = visit.home
    anna, ben = home.says("Anna"), home.says("Ben")
    anna.befriend(public(home.person("Ben")))
    ben.befriend(public(home.person("Anna")))
    anna.grant(anna.notice("share"))
    anna.share(home.insert("Anna")["portrait_id"], "friends")


def test_the_control_centre_works_without_script_and_is_closed_to_nobody(visit: Visit) -> None:
    befriended(visit)
    visit.home.hold_back("Anna")
    own = visit.home.insert("Anna")["portrait_id"]
    visit.home.says("Anna").report(own)
    page = visit.enter("Anna", java_script_enabled=False)
    page.goto(f"{visit.url}/likeness")
    first = page.get_by_role("button", name="Turn off").first.bounding_box()
    tabs = page.get_by_role("navigation", name="Main").bounding_box()
    assert first is not None
    assert tabs is not None
    assert first["y"] + first["height"] < tabs["y"]
    with page.expect_download() as kept:
        page.get_by_role("link", name="Export everything").click()
    assert zipfile.ZipFile(kept.value.path()).testzip() is None
    page.get_by_role("button", name="Until I say so").click()
    expect(page.get_by_role("heading", name="Everything is paused")).to_be_visible()
    for scheme, viewport in (("light", NARROW), ("dark", DESK)):
        page = visit.enter("Anna", color_scheme=scheme, viewport=viewport)
        for path in ("/likeness", "/likeness/images?show=held", "/likeness/asked"):
            page.goto(visit.url + path)
            assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
            found = Axe().run(page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    assert visit.complaints == []


def test_nothing_is_ticked_in_the_browser_either(visit: Visit) -> None:
    page = visit.enter("Anna")
    for path in PATHS:
        page.goto(visit.url + path)
        assert page.locator("input:checked:not([name=per_week])").count() == 0
