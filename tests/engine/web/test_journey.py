# SPDX-License-Identifier: Apache-2.0
"""From a name to the certificate: a person's whole way through the pages, in a real browser.

Pictures of each stop lie in `.artifacts/journey`, to be looked at.
"""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from consent.words import Purpose
from tests.engine.homes import _draw, _place
from tests.engine.web.conftest import PHONE, Visit
from tests.generation import samples

pytestmark = pytest.mark.browser

ALBUM = Path(__file__).parents[3] / ".artifacts" / "journey"
DESK = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}
SLOW = 30_000  # milliseconds; photos are measured and portraits drawn meanwhile
PAPERS = ("attest_self", "attest_adult")


class Way:
    """A page of somebody new, whose screens and presses are counted."""

    def __init__(self, visit: Visit, **options: object) -> None:
        self.visit = visit
        self.page = visit.context(**options).new_page()
        self.page.on("console", lambda said: visit.complaints.append(said.text))
        self.stops = 0
        self.presses = 0

    def picture(self, name: str) -> None:
        self.stops += 1
        ALBUM.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=ALBUM / f"{self.stops:02}-{name}.png")

    def press(self, name: str, role: str = "button", **more: object) -> None:
        self.presses += 1
        self.page.get_by_role(role, name=name, **more).click()  # type: ignore[arg-type]

    def join(self, name: str) -> None:
        self.page.goto(f"{self.visit.url}/enter")
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_role("button", name="Begin").click()
        self.page.wait_for_url("**/welcome")

    def give(self, *files: bytes) -> None:
        photos = [
            {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": file}
            for number, file in enumerate(files)
        ]
        self.page.set_input_files("#file", photos)  # type: ignore[arg-type]
        for name in PAPERS:
            self.page.locator(f"[name={name}]").check()
        self.press("Check and keep")

    def answer(self, **said: str) -> None:
        for purpose, answer in said.items():
            self.presses += 1
            self.page.locator(f"[name={purpose}][value={answer}]").check(force=True)
        self.press("Go on")


def screens(page: Page) -> list[str]:
    """Read which of how many screens this is."""
    return page.locator(".steps [aria-current=step]").all_inner_texts()


def test_a_person_goes_the_whole_way(visit: Visit) -> None:
    way = Way(visit)
    enrols(way)
    meets_an_insert(way)
    shows_it_and_takes_it_back(way)
    turns_off_and_leaves(way)
    assert visit.complaints == []


def enrols(way: Way) -> None:
    """Go through four screens to the first portrait."""
    page, seen = way.page, []
    way.join("Zoe")
    seen += screens(page)
    way.picture("guidance-and-notice")
    way.press("Yes")
    page.wait_for_url("**/welcome/selfies")
    seen += screens(page)
    way.give(samples.written(samples.image_of(7, longer=900).point(lambda value: value // 9)))
    expect(page.locator("#checks")).to_contain_text("turn towards even light", timeout=SLOW)
    expect(page.locator("#checks code")).to_have_text("dark")
    way.picture("a-selfie-too-dark")
    way.give(samples.small_file_of(7))
    page.wait_for_url("**/welcome/uses")
    seen += screens(page)
    assert page.locator("input[type=radio]:checked").count() == 0
    way.answer(imagine="yes", feed_insert="yes")
    page.wait_for_url("**/welcome/first")
    seen += screens(page)
    expect(page.locator("#first .mat img")).to_be_visible(timeout=SLOW)
    expect(page.locator("#first")).to_contain_text("Only you can see this")
    way.picture("the-first-portrait")
    assert [one.split(maxsplit=1)[0] for one in seen] == ["1", "2", "3", "4"]


def meets_an_insert(way: Way) -> None:
    """Say yes to the card that asks; then there is one, with why, and fewer of them."""
    page, home = way.page, way.visit.home
    way.press("To my feed", "link")
    card = page.locator("article.ask")
    expect(card).to_contain_text("Nothing has")
    card.get_by_role("button", name="Yes").click()
    expect(page.locator("article.toast")).to_contain_text("Noted")
    zoe = home.person("Zoe")
    obj = _draw(home.rooms, zoe, Purpose.FEED_INSERT)
    home.clock.advance(60)
    _place(home.rooms, zoe, obj)
    page.goto(way.visit.url)
    mine = page.locator("article.mine")
    expect(mine).to_contain_text("Only you can see this")
    mine.scroll_into_view_if_needed()
    way.picture("an-insert")
    mine.get_by_role("link", name="Why this?").click()
    expect(page.locator("section.why")).to_contain_text("Selfie of")
    way.picture("why")
    mine.get_by_role("button", name="Fewer").click()
    expect(page.locator("article.toast")).to_contain_text("fewer of these")
    page.get_by_role("button", name="Undo").click()
    expect(mine).to_have_count(1)


def shows_it_and_takes_it_back(way: Way) -> None:
    """Put it into a story after the words for that, and end it."""
    page = way.page
    page.locator("article.mine").get_by_role("link", name="Share…").click()
    way.press("Story", "link")
    way.press("Read it…", "link")
    way.press("Yes")
    page.wait_for_url("**/share/*?to=story")
    expect(page.get_by_role("heading", name="Put this in your story?")).to_be_visible()
    way.picture("who-would-see-it")
    way.press("Share it")
    expect(page.get_by_role("status").last).to_contain_text("Shared.")
    way.press("Stop showing it")
    expect(page.get_by_role("status").last).to_contain_text("Not shown to anybody")
    way.picture("taken-back")


def turns_off_and_leaves(way: Way) -> None:
    """Withdraw on the card, see it gone, and erase everything."""
    page, url = way.page, way.visit.url
    mine = page.locator("article.mine")
    page.goto(url)
    address = mine.locator("img").get_attribute("src")
    mine.get_by_role("button", name="Turn off").click()
    expect(page.locator("article.done")).to_contain_text("Done. No more portraits")
    page.locator("article.done").scroll_into_view_if_needed()
    way.picture("off")
    page.reload()
    expect(mine).to_have_count(0)
    assert page.request.get(f"{url}{address}").status == 404
    page.goto(f"{url}/likeness")
    page.get_by_text("Delete everything…").click()
    page.get_by_label("Type erase to say that you mean it").fill("erase")
    way.press("Delete everything")
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything is deleted")
    way.picture("the-certificate")


def test_refusing_takes_no_more_presses_than_agreeing_and_leads_to_a_feed(visit: Visit) -> None:
    yes = Way(visit)
    yes.join("Yara")
    yes.press("Yes")
    no = Way(visit)
    no.join("Nils")
    no.press("No")
    assert no.presses <= yes.presses
    expect(no.page.locator("[role=feed] > article").first).to_be_visible()

    yes.give(samples.small_file_of(7))
    yes.page.wait_for_url("**/welcome/uses")
    asked, pages = yes.presses, yes.page.locator(".use").count()
    yes.answer(imagine="no", feed_insert="no", personalisation="no")
    each = yes.presses - asked
    assert (pages, each) == (3, 4)
    yes.page.wait_for_url(f"{visit.url}/")
    yes.page.goto(f"{visit.url}/welcome/uses")
    asked = yes.presses
    boxes = [yes.page.locator(".use .seg label").nth(place).bounding_box() for place in (0, 1)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["height"] == boxes[1]["height"]
    assert abs(boxes[0]["width"] - boxes[1]["width"]) < 2
    yes.answer()
    assert yes.presses - asked == 1
    held = visit.home.rooms.consent.grants.show(visit.home.person("Yara"))
    assert set(held) == {Purpose.LIKENESS}
    expect(yes.page.locator("[role=feed] > article").first).to_be_visible()
    expect(yes.page.locator("article.mine")).to_have_count(0)


def test_all_of_it_works_with_script_off(visit: Visit) -> None:
    way = Way(visit, java_script_enabled=False)
    page = way.page
    way.join("Nora")
    way.press("Yes")
    way.give(b"no picture")
    expect(page.locator("#checks code")).to_have_text("unreadable")
    way.give(samples.small_file_of(7))
    page.wait_for_url("**/welcome/uses")
    way.answer(imagine="yes", feed_insert="no")
    page.wait_for_url("**/welcome/first")
    visit.home.client.app.state.atelier.drain()  # type: ignore[attr-defined]
    page.goto(f"{visit.url}/welcome/first")
    expect(page.locator("#first .mat img")).to_be_visible()
    page.goto(f"{visit.url}/studio")
    page.get_by_label("In an idea").select_option("jazz")
    way.press("Choose")
    page.get_by_label("Colours").select_option("warm")
    way.press("Draw one")
    page.wait_for_url("**/studio/jobs/*")
    visit.home.client.app.state.atelier.drain()  # type: ignore[attr-defined]
    page.reload()
    expect(page.locator(".note")).to_contain_text("Drawn as:")
    with page.expect_download() as kept:
        way.press("Save", "link")
    assert kept.value.suggested_filename == "onlyou-jazz.jpg"
    way.press("Destroy")
    expect(page.locator(".results figure")).to_have_count(0)
    assert visit.complaints == []


@pytest.mark.parametrize(
    ("scheme", "viewport"), [("light", PHONE), ("dark", PHONE), ("light", DESK)]
)
def test_no_page_of_the_person_is_closed_to_anybody(
    visit: Visit, scheme: str, viewport: object
) -> None:
    home = visit.home
    anna, cleo = home.says("Anna"), home.says("Cleo")
    for one, other in ((anna, "Cleo"), (cleo, "Anna")):
        one.befriend(home.rooms.consent.accounts.find(other).id)
    cleo.grant(cleo.notice("imagine"))
    anna.grant(anna.notice("avatar_pack"))
    anna.grant(anna.notice("share"))
    own = home.insert("Anna")["portrait_id"]
    anna.share(own, "friends")
    paths = ("/studio?idea=jazz", f"/share/{own}", f"/share/{own}?to=profile", "/welcome/uses")
    page = visit.enter("Anna", color_scheme=scheme, viewport=viewport)
    for path in (*paths, "/welcome/selfies?reasons=dark,good", "/enter"):
        look(page, visit.url + path)
    other = visit.enter("Cleo", color_scheme=scheme, viewport=viewport)
    expect(other.get_by_role("heading", name="Shared with you")).to_be_visible()
    look(other, visit.url)
    nobody = visit.enter("Dora", color_scheme=scheme, viewport=viewport)
    for path in ("/welcome", "/studio"):
        look(nobody, visit.url + path)
    assert visit.complaints == []


def look(page: Page, address: str) -> None:
    """Go to a page: nobody is kept out, and on the smallest phone nothing scrolls sideways."""
    page.goto(address)
    found = Axe().run(page)
    assert found.violations_count == 0, f"{address}: {found.generate_report()}"
    size = page.viewport_size
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"], address
    if size:
        page.set_viewport_size(size)
