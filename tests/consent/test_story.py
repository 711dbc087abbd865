# SPDX-License-Identifier: Apache-2.0
"""One portrait's life in order and in plain words, as the ledger alone can tell it."""

import pytest

from consent import effects, policies
from consent.errors import Denied, Misused
from consent.gate import Permit, Select
from consent.story import Line, story
from consent.tables import request
from consent.words import (
    DAY,
    SECOND,
    Actor,
    ObjectId,
    Purpose,
    Reason,
    Step,
    Subject,
    public_id,
)
from tests.conftest import Opener
from tests.consent.conftest import Year
from tests.consent.history import read
from tests.feed.company import gather
from tests.rooms import Rooms


def told(year: Year, portrait: int) -> tuple[Line, ...]:
    return story(year.rooms.consent, public_id(portrait))


def test_a_life_is_told_in_order_from_the_notice_to_the_shredded_key(year: Year) -> None:
    lines = told(year, year.history.withdrawn)
    assert [line.t if line.step is None else line.step for line in lines] == [
        *("notice.served", "grant", "select", "select", "read", "read", "generate", "generate"),
        *("moderate", "moderate", "store", "store", "insert", "insert", "label.shown"),
        *("view", "view", "withdraw", "destroy", "key.destroy"),
    ]
    assert [line.seq for line in lines] == sorted(line.seq for line in lines)


def test_every_line_says_what_its_entry_says(year: Year) -> None:
    entries = year.rooms.entries()
    for line in told(year, year.history.withdrawn):
        entry = entries[line.seq]
        assert (line.at, line.t, line.step) == (entry["at"], entry["t"], entry.get("step"))
        assert (line.verdict, line.policy) == (entry.get("verdict"), entry.get("policy"))


def test_every_step_names_the_basis_and_the_notice_it_rests_on(year: Year) -> None:
    lines = told(year, year.history.withdrawn)
    grant = next(line for line in lines if line.t == "grant")
    steps = [line for line in lines if line.t in {"decision", "effect"}]
    assert {line.notice for line in steps} == {grant.notice}
    decisions = [line for line in steps if line.t == "decision"]
    assert {(line.basis, line.epoch) for line in decisions} == {("explicit", grant.seq)}


def test_the_words_are_plain(year: Year) -> None:
    first, *_, withdrawn, destroyed, _ = told(year, year.history.withdrawn)
    feed = "\u201cPut drawings of me in my feed, where only I see them\u201d"
    assert first.text == f"The notice for {feed} was shown"
    assert withdrawn.text.startswith(f"{feed} was withdrawn: all that hangs on entry ")
    assert destroyed.text == "The portrait was destroyed"


def test_a_portrait_that_was_asked_for_is_told_with_its_own_purpose(year: Year) -> None:
    lines = told(year, year.history.imagined)
    assert "destroy" in {line.t for line in lines}
    assert {line.step for line in lines} >= {"select", "generate", "moderate", "store", "view"}
    assert "\u201cDraw portraits when I ask for one\u201d" in lines[0].text


def test_a_denied_request_is_told_by_the_name_that_the_ledger_gives_it(year: Year) -> None:
    for entry in year.rooms.entries("decision"):
        if entry["verdict"] == "deny":
            (line,) = [
                one
                for one in story(year.rooms.consent, entry["request"])
                if one.seq == entry["seq"]
            ]
            assert line.reasons == tuple(entry["reasons"])
            assert line.text.startswith("Denied planning this portrait: ")


def test_id_and_request_name_tell_the_same_story(year: Year) -> None:
    lines = told(year, year.history.inserted)
    entries = year.rooms.entries()
    name = next(entries[line.seq]["request"] for line in lines if line.step == "select")
    assert story(year.rooms.consent, name) == lines


def test_no_story_holds_a_line_of_another_person_or_portrait(year: Year) -> None:
    entries = year.rooms.entries()
    lines = told(year, year.history.inserted)
    mine = {entries[line.seq]["tag"] for line in lines}
    requests = {entries[line.seq].get("request") for line in lines} - {None}
    assert len(mine) == len(requests) == 1


def test_a_step_names_the_notice_of_the_yes_that_was_newest_then(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.requested(ada, Purpose.FEED_INSERT)
    rooms.clock.advance(DAY / SECOND)
    rooms.grant(ada, Purpose.FEED_INSERT)
    read(rooms, ada, Purpose.FEED_INSERT, obj)
    lines = story(rooms.consent, public_id(obj))
    assert [line.t for line in lines] == [
        *("notice.served", "grant", "decision", "effect", "notice.served", "renew"),
        *("decision", "effect"),
    ]
    assert lines[5].text.startswith("Yes once more to ")
    assert lines[6].notice == lines[5].notice


def test_what_somebody_says_to_another_purpose_is_no_part_of_a_portraits_life(
    rooms: Rooms,
) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.FEED_INSERT, Purpose.IMAGINE)
    rooms.selfie(ada)
    obj = rooms.requested(ada, Purpose.FEED_INSERT)
    rooms.grant(ada, Purpose.IMAGINE)
    read(rooms, ada, Purpose.FEED_INSERT, obj)
    told_of = [line.t for line in story(rooms.consent, public_id(obj))]
    assert "renew" not in told_of
    assert told_of.count("grant") == 1


def test_what_was_implied_is_told_as_implied(open_rooms: Opener, sqlite_url: str) -> None:
    rooms = open_rooms(sqlite_url, policy=policies.load("instagram-2025"))
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rooms.consent.grants.imply(ada, Purpose.IMAGINE)
    obj = rooms.requested(ada, Purpose.FEED_INSERT)
    grant, decision, _ = story(rooms.consent, public_id(obj))
    assert grant.text.endswith(" was taken as implied by use: nobody was asked")
    assert "on the implied basis of entry" in decision.text
    assert not [line for line in (grant, decision) if "yes" in line.text.lower()]
    assert (decision.basis, decision.notice) == ("implied", None)


def test_a_guardians_yes_is_told_as_a_guardians(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    rooms.consent.attestations.attest(ada, age_band="minor")
    for purpose in (Purpose.LIKENESS, Purpose.FEED_INSERT):
        served = rooms.consent.notices.serve(ada, purpose)
        rooms.consent.grants.grant(ada, purpose, served.served_id, actor=Actor.GUARDIAN)
    obj = rooms.object()
    with pytest.raises(Denied):
        rooms.ask(Step.SELECT, ada, Purpose.FEED_INSERT, obj, request=obj)
    (decision,) = rooms.entries("decision")
    shown, grant, _ = story(rooms.consent, decision["request"])
    assert grant.text.endswith(
        f", given by a guardian, quoting the notice shown at entry {shown.seq}"
    )


def test_a_life_without_a_request_name_is_told_by_the_portrait_alone(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.object()
    rooms.ask(Step.SELECT, ada, Purpose.FEED_INSERT, obj)
    lines = story(rooms.consent, public_id(obj))
    assert [line.t for line in lines] == ["notice.served", "grant", "decision"]


@pytest.mark.parametrize("name", ["", "0000000000001", "no such portrait", '"', "A" * 22])
def test_a_portrait_that_the_ledger_does_not_know_is_refused(year: Year, name: str) -> None:
    with pytest.raises(Misused, match="the ledger knows no portrait") as no:
        story(year.rooms.consent, name)
    assert no.value.reason is Reason.UNKNOWN_KEY


def in_a_block(rooms: Rooms, ada: Subject) -> ObjectId:
    """Plan a portrait as the nightly selection does."""
    select: Select = Step.SELECT
    obj = rooms.object()
    others = [rooms.inserted_person(name) for name in ("Bob", "Cy")]
    decided = rooms.consent.gate.decide_all(select, Purpose.FEED_INSERT, [*others, ada])
    with rooms.consent.ledger.write() as writing:
        going = rooms.consent.gate.go_on(writing, decided.permits({ada: obj}))
        effects.spend(writing, [one for one in going if isinstance(one, Permit)], request)
    return obj


def test_a_life_that_begins_in_a_block_begins_with_its_own_slot(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person("Ada")
    obj = in_a_block(rooms, ada)
    lines = story(rooms.consent, public_id(obj))
    assert [line.t for line in lines] == ["notice.served", "grant", "block", "effect"]
    decision, effect = lines[2:]
    (block,) = rooms.entries("block")
    assert (decision.seq, decision.step, decision.verdict) == (block["seq"], "select", "allow")
    assert decision.slot is not None
    assert (decision.basis, decision.epoch) == ("explicit", lines[1].seq)
    assert decision.notice == effect.notice == lines[1].notice
    assert decision.policy == rooms.consent.policy.sha256
    assert decision.text.startswith("Allowed planning this portrait until ")
    assert effect.text.endswith(f"as allowed at entry {decision.seq}, slot {decision.slot}")
    name = rooms.consent.entry(effect.seq)["request"]
    assert story(rooms.consent, name) == lines


def test_such_a_life_is_told_after_its_rows_are_gone(rooms: Rooms) -> None:
    ada = rooms.inserted_person("Ada")
    obj = in_a_block(rooms, ada)
    rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    told = [line.t for line in story(rooms.consent, public_id(obj))]
    assert told[:5] == ["notice.served", "grant", "block", "effect", "withdraw"]


def test_a_share_its_looks_and_its_end_are_told_as_what_they_are(rooms: Rooms) -> None:
    company = gather(rooms)
    obj = company.portrait()
    shown = company.show(obj)
    company.look(company.bob, shown)
    company.shares.end(company.ada, shown.id)
    lines = story(rooms.consent, public_id(obj))
    texts = [line.text for line in lines]
    assert any(text.startswith("It was shared") for text in texts)
    assert any(text.startswith("It was shown to somebody of its audience") for text in texts)
    assert "The share under \N{LEFT DOUBLE QUOTATION MARK}Show a portrait I choose" in texts[-1]
    assert lines[-1].epoch == rooms.consent.grants.show(company.ada)[Purpose.STORY].epoch
