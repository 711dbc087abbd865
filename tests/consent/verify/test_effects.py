# SPDX-License-Identifier: Apache-2.0
"""Effects: who saw what, by whose decision, and while they had it."""

from pathlib import Path

from consent import bundle, effects, entries, tables, verify
from consent.verify.effects import effect, exact_effect
from consent.verify.swift import effect_fields
from consent.words import Actor, ObjectId, Purpose, Seq, Step
from tests.conftest import Opener
from tests.consent.conftest import Year
from tests.consent.findings import found_in
from tests.consent.forge import Forge
from tests.feed.company import Company, gather
from tests.rooms import Rooms


def test_views_inserts_and_shares_are_counted_when_their_owner_is_known(nights: Year) -> None:
    checked = verify.verify(nights.bundle)["checked"]
    effects = nights.rooms.entries("effect")
    for step, counted in (("view", "views"), ("insert", "inserts"), ("share", "shares")):
        assert checked[counted] == sum(entry["step"] == step for entry in effects)
    assert checked["views"] > checked["inserts"] > 0


def test_the_first_ungated_effect_is_named(forge: Forge) -> None:
    """As an engine without a gate would write them: effects, and no decisions."""
    forge.log = [entry for entry in forge.log if entry["t"] != "decision"]
    found = found_in(forge.close())
    ungated = [seq for code, seq in found if code == "effect-without-decision"]
    assert ungated == [seq for seq, entry in enumerate(forge.log) if entry["t"] == "effect"]


def test_a_view_after_its_portrait_was_destroyed_says_where_that_was(forge: Forge) -> None:
    seq = forge.find("destroy", tag=forge.log[forge.find("grant", purpose="imagine")]["tag"])
    view = forge.find("effect", -1, tag=forge.log[seq]["tag"], step="view")
    late = dict(forge.log[view])
    forge.drop(view)
    forge.edit(late["effect_of"], not_after=forge.log[seq - 1]["at"] + 1)
    moved = forge.add(seq, late | {"at": forge.log[seq - 1]["at"]})
    found = verify.verify(forge.close())["findings"]
    (said,) = [f["detail"] for f in found if (f["code"], f["seq"]) == ("erasure-false", moved)]
    assert said == f"its object was destroyed at entry {seq - 1}"


def test_a_selfie_may_be_looked_at_by_its_own_person(
    open_rooms: Opener, sqlite_url: str, tmp_path: Path
) -> None:
    rooms = open_rooms(sqlite_url)
    ada = rooms.person("Ada", Purpose.LIKENESS)
    selfie = rooms.selfie(ada)
    rooms.look(ada, selfie, Purpose.LIKENESS, tables.selfie_view)
    bundle.export(rooms.consent, tmp_path / "bundle")
    report = verify.verify(tmp_path / "bundle")
    assert report["findings"] == []
    assert report["checked"]["views"] == 1


def looked(rooms: Rooms, company: Company, obj: ObjectId) -> Seq:
    """Let somebody else look as an engine without audiences would; return the effect."""
    permit = rooms.ask(Step.VIEW, company.ada, Purpose.IMAGINE, obj)
    with rooms.consent.ledger.write() as writing:
        (done,) = effects.spend(writing, [permit], tables.asset_view, actor=Actor.FRIEND)
    assert isinstance(done, effects.Spent)
    return done.seq


def test_somebody_else_looks_at_a_portrait_only_while_it_is_shared(rooms: Rooms) -> None:
    company = gather(rooms)
    obj = company.portrait()
    never = looked(rooms, company, obj)
    shown = company.show(obj)
    company.look(company.bob, shown)
    company.shares.end(company.ada, shown.id)
    after = looked(rooms, company, obj)
    rooms.look(company.ada, obj, Purpose.IMAGINE, tables.asset_view)
    bundle.export(rooms.consent, rooms.home / "bundle")
    found = verify.verify(rooms.home / "bundle")["findings"]
    assert [(one["code"], one["seq"]) for one in found] == [
        ("effect-without-decision", never),
        ("erasure-false", after),
    ]


def test_a_look_by_somebody_else_is_read_as_swiftly_and_as_exactly(rooms: Rooms) -> None:
    company = gather(rooms)
    company.look(company.bob, company.show(company.portrait()))
    (entry,) = [one for one in rooms.entries("effect") if one.get("actor")]
    body = rooms.consent.ledger.body(entry.pop("seq"))
    match = effect_fields(body)
    assert match is not None
    assert effect(match.groups()) == exact_effect(entry)
    assert exact_effect(entry).shown
    assert not exact_effect(entry | {"actor": "self"}).shown


def test_who_acted_changes_nothing_but_the_way_an_effect_is_read(forge: Forge) -> None:
    seq = forge.find("effect", step="insert")
    match = effect_fields(entries.canonical(forge.log[seq]))
    assert match is not None
    assert effect(match.groups()) is not None
    forge.edit(seq, actor="system")
    match = effect_fields(entries.canonical(forge.log[seq]))
    assert match is not None
    assert effect(match.groups()) is None
    assert found_in(forge.close()) == []


def test_a_second_use_is_told_by_the_first_as_far_back_as_the_chain_goes(forge: Forge) -> None:
    first = forge.find("effect", step="insert")
    again = forge.add(first + 1, dict(forge.log[first]))
    assert ("decision-reused", again) in found_in(forge.close())
    forge.edit(again, prev=None)
    found = found_in(forge.close())
    assert ("chain-broken", again) in found
    assert not [seq for code, seq in found if code == "decision-reused"]
