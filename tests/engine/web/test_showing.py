# SPDX-License-Identifier: Apache-2.0
"""What others can see is listed and ended with one press; friends; reports with their outcome."""

from consent.words import HOUR, SECOND
from tests.engine.browsing import enter, form_of, page, send
from tests.engine.homes import Home, public


def shared(home: Home) -> str:
    """Let Anna and Ben be friends, and Anna show him her portrait."""
    anna, ben = home.as_("Anna"), home.as_("Ben")
    home.client.put(f"/v1/friends/{public(home.person('Ben'))}", headers=anna)
    home.client.put(f"/v1/friends/{public(home.person('Anna'))}", headers=ben)
    said = {"served_id": home.serve("Anna", "share")["served_id"], "affirmative": True}
    home.client.put("/v1/consents/share", headers=anna, json=said)
    own = home.insert("Anna")["portrait_id"]
    made = home.client.post(f"/v1/portraits/{own}/share", headers=anna, json={"confirm": True})
    return str(made.json()["share_id"])


def test_what_is_shown_is_listed_and_ended_with_one_press(home: Home) -> None:
    enter(home, "Anna")
    assert "Every portrait of you is for your eyes only." in page(home, "/likeness")
    own = shared(home)
    text = page(home, "/likeness")
    assert "Friends see it since 29 May 2026" in text
    assert home.client.get(f"/v1/shares/{own}", headers=home.as_("Ben")).status_code == 200
    fields = form_of(text, "/likeness/shares/end") | {"id": own}
    done = send(home, "/likeness/shares/end", fields)
    assert "Not shown to anybody any more" in page(home, done.headers["location"])
    assert home.client.get(f"/v1/shares/{own}", headers=home.as_("Ben")).status_code == 404
    assert send(home, "/likeness/shares/end", fields).status_code == 404


def test_a_friend_is_named_and_removed_and_the_answer_tells_nobody_who_is_here(
    home: Home,
) -> None:
    home.client.put(f"/v1/friends/{public(home.person('Anna'))}", headers=home.as_("Ben"))
    enter(home, "Anna")
    text = page(home, "/likeness")
    fields = form_of(text, "/likeness/friends")
    answers = {
        send(home, "/likeness/friends", fields | {"id": one}).headers["location"]
        for one in (f" {public(home.person('Ben')).upper()} ", "x", public(home.person("Dora")))
    }
    assert answers == {"/likeness?said=named"}
    text = page(home, "/likeness")
    assert "<b>Ben</b>" in text
    assert "<b>Dora</b>" not in text
    gone = form_of(text, "/likeness/friends/end") | {"id": public(home.person("Ben"))}
    done = send(home, "/likeness/friends/end", gone)
    assert "<b>Ben</b>" not in page(home, done.headers["location"])


def test_a_report_is_shown_with_its_deadline_and_then_its_outcome(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    enter(home, "Anna")
    assert "What you reported" not in page(home, "/likeness")
    said = {"item_id": own, "why": "too-real"}
    home.client.post("/v1/reports", headers=home.as_("Anna"), json=said)
    text = page(home, "/likeness")
    assert "Waits for an answer</b>: a portrait of you, could be taken for a photo" in text
    assert "answered by" in text
    home.clock.advance(home.rooms.consent.policy.reports.answer_hours * HOUR // SECOND)
    enter(home, "Anna")
    assert "You were right</b>: a portrait of you" in page(home, "/likeness")
