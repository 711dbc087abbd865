# SPDX-License-Identifier: Apache-2.0
"""The studio as plain documents: what is asked for, how far it is, what came of it."""

import re
from collections.abc import Callable
from importlib.resources import files

import pytest

from engine import wiring
from tests.engine.browsing import HTML, enter, form_of, page, send
from tests.engine.homes import Home
from tests.engine.town import Quick

MOST = 150_000  # bytes of a page with its style sheet and scripts, without pictures


@pytest.fixture
def home(open_home: Callable[..., Home], monkeypatch: pytest.MonkeyPatch) -> Home:
    """Open the home with a recipe that draws at once."""
    monkeypatch.setattr(wiring, "recipe", lambda _name: Quick())
    monkeypatch.setattr(Quick, "scenarios", Quick.scenarios | {"animation"})
    return open_home()


def drain(home: Home) -> None:
    home.client.app.state.atelier.drain()  # type: ignore[attr-defined]


def ask(home: Home, **said: str) -> str:
    form = form_of(page(home, "/studio"), "/studio/imagine")
    done = send(home, "/studio/imagine", form | said)
    assert done.status_code == 303, done.text
    return str(done.headers["location"])


def test_an_idea_offers_its_choices(home: Home) -> None:
    enter(home, "Anna")
    assert "Colours" not in page(home, "/studio")
    text = page(home, "/studio?idea=jazz")
    assert "Colours" in text
    assert '<option value="jazz" selected>' in text
    assert "Colours" not in page(home, "/studio?idea=nothing-of-ours")


def test_one_portrait_is_drawn_and_its_words_are_shown(home: Home) -> None:
    enter(home, "Anna")
    where = ask(home, idea="jazz", **{"slot-palette": "warm"})
    waiting = page(home, where)
    assert "Stop" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    drain(home)
    text = page(home, where)
    assert "Only you can see this" in text
    assert "Drawn as:" in text
    assert "Gone on" in text
    assert "every 2s" not in text
    piece = page(home, where, **{"HX-Request": "true"})
    assert "<html" not in piece


def test_what_is_not_drawn_is_said_beside_the_words_as_typed(home: Home) -> None:
    enter(home, "Anna")
    form = form_of(page(home, "/studio"), "/studio/imagine")
    said = send(home, "/studio/imagine", form | {"prompt": "qwrtz plonk <b>"})
    assert said.status_code == 422
    assert "Not drawn." in said.text
    assert "qwrtz plonk &lt;b&gt;</textarea>" in said.text
    long = send(home, "/studio/imagine", form | {"prompt": "me " * 1_000})
    assert "say it in fewer words" in long.text


def test_a_pack_is_limited_counted_and_stopped(home: Home) -> None:
    anna = home.says("Anna")
    enter(home, "Anna")
    assert "/likeness/notices/avatar_pack" in page(home, "/studio")
    anna.grant(anna.notice("avatar_pack"))
    form = form_of(page(home, "/studio"), "/studio/pack")
    six = ["astronaut", "aurora", "baker", "chef", "diver", "jazz"]
    for wrong, said in (
        ({"style": six, "count": "6"}, "at most 5 styles"),
        ({"style": six[:2], "count": "31"}, "at most 30 avatars"),
        ({"count": "3"}, "Choose at least one style"),
    ):
        refused = send(home, "/studio/pack", form | wrong)  # type: ignore[arg-type]
        assert refused.status_code == 422
        assert said in refused.text
    done = send(home, "/studio/pack", form | {"style": six[:2], "count": "3"})  # type: ignore[dict-item]
    where = done.headers["location"]
    assert "0 left today" in page(home, "/studio")
    assert "Next pack:" in page(home, "/studio")
    stopping = form_of(page(home, where), f"{where}/stop")
    assert send(home, f"{where}/stop", stopping).headers["location"] == where
    assert "You stopped it." in page(home, where)


def test_a_new_version_stands_beside_the_old_one_in_the_feed(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    enter(home, "Anna")
    home.clock.advance(1)
    form = form_of(page(home, "/"), "/act", "New version") | {"id": own}
    piece = send(home, "/studio/again", form, **{"HX-Request": "true"})
    assert "Drawing a new version" in piece.text
    drain(home)
    (link,) = re.findall(r'hx-get="(/studio/jobs/\w+\?small)"', piece.text)
    assert "The new version." in page(home, link, **{"HX-Request": "true"})
    text = page(home, "/")
    assert "2 versions" in text
    assert text.count('class="mat slide"') == 2
    assert text.index("Only you can see this") < text.index('class="mat slide"')


def test_a_result_is_reported_with_a_time_and_destroyed(home: Home) -> None:
    enter(home, "Anna")
    where = ask(home, idea="jazz")
    drain(home)
    form = form_of(page(home, where), "/studio/report")
    (own,) = set(re.findall(r"/share/(\w+)", page(home, where)))
    send(home, "/studio/report", form | {"id": own})
    assert "Reported, answered by" in page(home, where)
    send(home, "/studio/destroy", form | {"id": own})
    assert "Nothing stands" in page(home, where)


def test_somebody_elses_job_is_not_there(home: Home) -> None:
    enter(home, "Anna")
    where = ask(home, idea="jazz")
    enter(home, "Ben")
    assert home.client.get(where, headers=HTML).status_code == 404
    form = form_of(page(home, "/studio"), "/studio/selfies")
    assert send(home, f"{where}/stop", form).status_code == 404


@pytest.mark.parametrize(
    "path", ["/", "/studio?idea=jazz", "/welcome/uses", "/likeness", "/enter"]
)
def test_a_page_without_its_pictures_is_light(home: Home, path: str) -> None:
    enter(home, "Anna")
    static = files("engine.web") / "static"
    names = ("onlyou.css", "onlyou.js", "htmx-4.0.1.min.js")
    weight = sum(len((static / name).read_bytes()) for name in names)
    assert weight + len(home.client.get(path, headers=HTML).content) < MOST


def test_one_script_of_others_is_vendored_and_no_example_shows_a_face() -> None:
    static = files("engine.web") / "static"
    scripts = [one.name for one in static.iterdir() if one.name.endswith(".js")]
    assert sorted(scripts) == ["htmx-4.0.1.min.js", "onlyou.js"]
    assert max(len(one.read_bytes()) for one in (static / "styles").iterdir()) < 16_000
