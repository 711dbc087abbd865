# SPDX-License-Identifier: Apache-2.0
"""Every attack that the schema must refuse by itself, on both databases, with its controls.

Each runs four times: on SQLite, on SQLite with foreign keys switched off (the backstop triggers),
on PostgreSQL, and on tables of the same shape without a single guard, where it must succeed: what
is refused is refused by a guard, not by a slip in the attack.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    create_engine,
    delete,
    event,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from consent import database, tables
from consent.tables import shapes
from consent.words import Purpose
from feed.tables import feed_insert, feed_share, feed_view, friendship, share_view
from generation.tables import saved
from tests.consent.forgery import (
    ADA,
    BOB,
    CY,
    DRAWN,
    FED,
    LATER,
    LIFE,
    NOW,
    OTHERS,
    PACKED,
    SELFIE,
    Forger,
    settle,
)
from tests.postgres import Cluster

FEED = "feed_insert"
Attack = Callable[[Forger], object]
ATTACKS: dict[str, Attack] = {}


def attack(act: Attack) -> Attack:
    ATTACKS[act.__name__.replace("_", " ")] = act
    return act


# --- permits


@attack
def a_request_without_any_permit(forger: Forger) -> None:
    permit = forger.permit(ADA, "select", FEED, 600)
    forger.effect(tables.request, permit, permit_seq=99_999)


@attack
def a_request_on_a_denied_decision(forger: Forger) -> None:
    permit = forger.permit(ADA, "select", FEED, 601)
    forger.effect(tables.request, permit, permit_seq=forger.entry("decision"))


@attack
def a_permit_for_another_step(forger: Forger) -> None:
    forger.effect(tables.request, forger.permit(ADA, "insert", FEED, 602))


@attack
def a_row_that_claims_another_tables_step(forger: Forger) -> None:
    forger.effect(tables.request, forger.permit(ADA, "insert", FEED, 602), step="insert")


@attack
def another_persons_permit(forger: Forger) -> None:
    permit = forger.permit(BOB, "select", FEED, 603)
    own = {"subject": ADA, "epoch": forger.epochs[ADA, FEED]}
    forger.effect(tables.request, permit | own)


@attack
def a_permit_that_has_expired(forger: Forger) -> None:
    permit = forger.permit(ADA, "select", FEED, 604)
    forger.clock(5_000)
    forger.effect(tables.request, permit, at=5_000)


@attack
def an_expired_permit_with_its_end_moved(forger: Forger) -> None:
    permit = forger.permit(ADA, "select", FEED, 604)
    forger.clock(5_000)
    forger.effect(tables.request, permit, at=5_000, not_after=6_000)


@attack
def a_permit_of_a_stale_epoch(forger: Forger) -> None:
    stale = forger.epochs[ADA, FEED] - 1
    forger.effect(tables.request, forger.permit(ADA, "select", FEED, 605, epoch=stale))


@attack
def a_permit_without_its_ledger_entry(forger: Forger) -> None:
    forger.permit(ADA, "select", FEED, 606, seq=987_654)


@attack
def a_permit_on_an_entry_that_is_no_decision(forger: Forger) -> None:
    forger.permit(ADA, "select", FEED, 950, seq=forger.entry("withdraw"))


@attack
def a_permit_that_says_it_is_no_decision(forger: Forger) -> None:
    forger.permit(ADA, "select", FEED, 950, seq=forger.entry("withdraw"), t="withdraw")


@attack
def a_permit_for_a_slot_that_says_no(forger: Forger) -> None:
    block = forger.block(FEED, ADA, BOB, denied=BOB)
    forger.permit(BOB, "select", FEED, 951, seq=block, slot=1, t="block")


@attack
def a_permit_for_a_slot_that_is_not_there(forger: Forger) -> None:
    forger.permit(ADA, "select", FEED, 952, seq=forger.block(FEED, ADA), slot=1, t="block")


@attack
def a_permit_for_somebody_elses_slot(forger: Forger) -> None:
    forger.permit(ADA, "select", FEED, 953, seq=forger.block(FEED, ADA, BOB), slot=1, t="block")


@attack
def a_permit_for_a_block_without_records(forger: Forger) -> None:
    forger.permit(ADA, "select", FEED, 954, seq=forger.entry("block"), t="block")


@attack
def a_permit_used_twice(forger: Forger) -> None:
    permit = forger.permit(ADA, "view", FEED, FED)
    forger.effect(feed_view, permit)
    forger.effect(feed_view, permit)


@attack
def a_permit_for_one_portrait_spent_on_another(forger: Forger) -> None:
    forger.effect(feed_insert, forger.permit(ADA, "insert", FEED, FED), object=DRAWN)


@attack
def a_permit_from_before_a_withdrawal_and_new_grant(forger: Forger) -> None:
    old = forger.permit(BOB, "select", FEED, 701)
    forger.withdraw(BOB, FEED)
    forger.effect(tables.request, old, epoch=forger.grant(BOB, FEED))


@attack
def an_old_permit_with_its_old_epoch(forger: Forger) -> None:
    old = forger.permit(BOB, "select", FEED, 701)
    forger.withdraw(BOB, FEED)
    forger.grant(BOB, FEED)
    forger.effect(tables.request, old)


@attack
def a_permit_spent_after_the_withdrawal(forger: Forger) -> None:
    permit = forger.permit(ADA, "select", FEED, 702)
    forger.withdraw(ADA, FEED)
    forger.effect(tables.request, permit)


# --- the life of a portrait


@attack
def another_persons_portrait_viewed(forger: Forger) -> None:
    forger.step(feed_view, ADA, FEED, OTHERS)


@attack
def another_persons_portrait_inserted(forger: Forger) -> None:
    forger.step(feed_insert, ADA, FEED, OTHERS)


@attack
def a_portrait_of_an_avatar_pack_put_into_the_feed(forger: Forger) -> None:
    forger.step(feed_insert, ADA, FEED, PACKED)


@attack
def a_selfie_put_into_the_feed(forger: Forger) -> None:
    forger.step(feed_insert, ADA, FEED, SELFIE)


@attack
def a_view_of_a_portrait_that_was_never_inserted(forger: Forger) -> None:
    forger.step(feed_view, ADA, FEED, DRAWN)


@attack
def a_portrait_stored_without_moderation(forger: Forger) -> None:
    forger.step(tables.asset, ADA, FEED, 700)


@attack
def a_portrait_stored_after_rendering_alone(forger: Forger) -> None:
    forger.step(tables.request, ADA, FEED, 700)
    forger.step(tables.rendered, ADA, FEED, 700)
    forger.step(tables.asset, ADA, FEED, 700)


@attack
def a_portrait_that_moderation_refused(forger: Forger) -> None:
    forger.step(tables.request, ADA, FEED, 700)
    forger.step(tables.rendered, ADA, FEED, 700)
    forger.step(tables.moderated, ADA, FEED, 700, verdict="refuse")


@attack
def a_picture_held_back_that_passes_too(forger: Forger) -> None:
    forger.hold_back(ADA, FEED, 700)
    forger.step(tables.moderated, ADA, FEED, 700)


@attack
def a_portrait_that_passed_and_is_held_back_too(forger: Forger) -> None:
    forger.step(tables.quarantined, ADA, FEED, DRAWN)


@attack
def a_picture_held_back_that_is_stored(forger: Forger) -> None:
    forger.hold_back(ADA, FEED, 700)
    forger.step(tables.asset, ADA, FEED, 700)


@attack
def a_picture_held_back_that_its_owner_looks_at(forger: Forger) -> None:
    forger.hold_back(ADA, FEED, 700)
    forger.step(tables.asset_view, ADA, FEED, 700)


@attack
def a_picture_held_back_that_is_put_into_the_feed(forger: Forger) -> None:
    forger.hold_back(ADA, FEED, 700)
    forger.step(feed_insert, ADA, FEED, 700)


@attack
def a_picture_held_back_that_was_never_drawn(forger: Forger) -> None:
    forger.step(tables.request, ADA, FEED, 700)
    forger.step(tables.quarantined, ADA, FEED, 700)


@attack
def a_picture_held_back_for_somebody_else(forger: Forger) -> None:
    forger.step(tables.request, ADA, FEED, 700)
    forger.step(tables.rendered, ADA, FEED, 700)
    forger.step(tables.quarantined, BOB, FEED, 700)


@attack
def a_picture_held_back_twice(forger: Forger) -> None:
    forger.hold_back(ADA, FEED, 700)
    forger.step(tables.quarantined, ADA, FEED, 700)


@attack
def a_picture_held_back_for_a_reason_that_is_no_gates(forger: Forger) -> None:
    forger.step(tables.request, ADA, FEED, 700)
    forger.step(tables.rendered, ADA, FEED, 700)
    forger.step(tables.quarantined, ADA, FEED, 700, reason="cap")


@attack
def a_picture_held_back_for_longer_than_it_was_said(forger: Forger) -> None:
    forger.hold_back(ADA, FEED, 700)
    forger.connection.execute(update(tables.quarantined).values(expires_at=LATER))


@attack
def an_appeal_of_what_is_not_held_back(forger: Forger) -> None:
    forger.step(tables.appealed, ADA, FEED, DRAWN)


@attack
def an_appeal_of_somebody_elses_picture(forger: Forger) -> None:
    forger.hold_back(ADA, FEED, 700)
    forger.step(tables.appealed, BOB, FEED, 700)


@attack
def a_rendering_that_nobody_asked_for(forger: Forger) -> None:
    forger.step(tables.rendered, ADA, FEED, 700)


@attack
def one_portrait_inserted_twice(forger: Forger) -> None:
    forger.step(feed_insert, ADA, FEED, FED)


@attack
def a_selfie_read_for_a_purpose_it_was_not_wrapped_for(forger: Forger) -> None:
    forger.step(tables.selfie_read, ADA, "story", SELFIE)


@attack
def a_selfie_read_under_the_permit_for_another_selfie(forger: Forger) -> None:
    forger.step(tables.selfie_read, ADA, FEED, 901, selfie=SELFIE)


@attack
def another_persons_selfie_read(forger: Forger) -> None:
    forger.step(tables.selfie_read, BOB, FEED, SELFIE)


@attack
def a_portrait_looked_at_under_another_purpose(forger: Forger) -> None:
    forger.step(tables.asset_view, ADA, "avatar_pack", FED)


@attack
def a_selfie_looked_at_under_another_purpose(forger: Forger) -> None:
    forger.step(tables.selfie_view, ADA, FEED, SELFIE)


@attack
def an_effect_without_its_entry(forger: Forger) -> None:
    permit = forger.permit(ADA, "select", FEED, 951)
    forger.effect(tables.request, permit, effect_seq=987_654)


@attack
def an_effect_on_an_entry_that_is_none(forger: Forger) -> None:
    permit = forger.permit(ADA, "select", FEED, 952)
    forger.effect(tables.request, permit, effect_seq=forger.entry("decision"))


# --- what was said, and what holds


@attack
def a_purpose_granted_without_its_parent(forger: Forger) -> None:
    forger.grant(CY, FEED)


@attack
def a_purpose_hung_on_another_than_likeness(forger: Forger) -> None:
    epoch = forger.say(ADA, "ads", forger.serve(ADA, "ads"))
    forger.basis(ADA, "ads", epoch, FEED, forger.epochs[ADA, FEED])


@attack
def a_child_purpose_without_a_parent_epoch(forger: Forger) -> None:
    epoch = forger.say(CY, FEED, forger.serve(CY, FEED))
    forger.basis(CY, FEED, epoch, "likeness", None)


@attack
def a_child_purpose_that_names_no_parent(forger: Forger) -> None:
    epoch = forger.say(CY, FEED, forger.serve(CY, FEED))
    forger.basis(CY, FEED, epoch, None, None)


@attack
def a_child_purpose_under_another_persons_parent(forger: Forger) -> None:
    epoch = forger.say(CY, FEED, forger.serve(CY, FEED))
    forger.basis(CY, FEED, epoch, "likeness", forger.epochs[ADA, "likeness"])


@attack
def an_unknown_purpose(forger: Forger) -> None:
    forger.grant(ADA, "banana")


@attack
def a_grant_that_quotes_another_persons_notice(forger: Forger) -> None:
    forger.say(ADA, "imagine", forger.serve(BOB, "imagine"))


@attack
def a_grant_that_quotes_another_purposes_notice(forger: Forger) -> None:
    forger.say(ADA, "imagine", forger.serve(ADA, "share"))


@attack
def an_explicit_grant_without_a_notice(forger: Forger) -> None:
    forger.say(ADA, "imagine", None)


@attack
def two_grants_that_quote_one_served_notice(forger: Forger) -> None:
    served = forger.serve(ADA, "imagine")
    forger.say(ADA, "imagine", served)
    forger.say(ADA, "imagine", served)


@attack
def a_basis_on_an_entry_that_is_no_grant(forger: Forger) -> None:
    forger.basis(ADA, "share", 0, "likeness", forger.epochs[ADA, "likeness"])


@attack
def a_basis_on_a_renewal(forger: Forger) -> None:
    epoch = forger.say(ADA, "share", forger.serve(ADA, "share"), t="renew")
    forger.basis(ADA, "share", epoch, "likeness", forger.epochs[ADA, "likeness"])


@attack
def a_second_basis_on_one_grant(forger: Forger) -> None:
    forger.basis(
        ADA, "imagine", forger.epochs[ADA, FEED], "likeness", forger.epochs[ADA, "likeness"]
    )


@attack
def a_second_basis_for_one_purpose(forger: Forger) -> None:
    epoch = forger.say(ADA, FEED, forger.serve(ADA, FEED))
    forger.basis(ADA, FEED, epoch, "likeness", forger.epochs[ADA, "likeness"])


@attack
def a_key_for_a_purpose_that_does_not_hold(forger: Forger) -> None:
    key = {"subject": CY, "purpose": FEED, "epoch": 0, "wrapped_key": b"k"}
    forger.put(tables.subject_key, **key)


@attack
def a_selfie_wrapped_for_a_purpose_that_does_not_hold(forger: Forger) -> None:
    use = {"selfie": SELFIE, "subject": ADA, "purpose": "imagine", "wrapped_dek": b"w"}
    forger.put(tables.selfie_use, epoch=0, **use)


# --- what is shown to others


def share(forger: Forger, person: int, purpose: str, obj: int, **other: Any) -> None:
    """Share a portrait as one should, but for what is said otherwise."""
    epoch = forger.epochs.get((person, purpose), 0)
    own: dict[str, dict[str, Any]] = {
        "story": {"audience": "story", "ends_at": LATER},
        "share": {"audience": "friends"},
        "profile_picture": {"audience": "profile", "made_for": epoch},
    }
    forger.step(feed_share, person, purpose, obj, **{"share": 70, **own[purpose], **other})


@attack
def a_share_of_somebody_elses_portrait(forger: Forger) -> None:
    share(forger, ADA, "story", OTHERS)


@attack
def a_share_of_a_selfie(forger: Forger) -> None:
    share(forger, ADA, "story", SELFIE)


@attack
def a_share_without_a_yes_to_it(forger: Forger) -> None:
    share(forger, ADA, "share", FED)


@attack
def a_share_of_a_portrait_whose_own_yes_has_ended(forger: Forger) -> None:
    forger.withdraw(ADA, FEED)
    share(forger, ADA, "story", FED)


@attack
def a_profile_picture_that_was_made_for_something_else(forger: Forger) -> None:
    forger.grant(ADA, "profile_picture")
    share(forger, ADA, "profile_picture", FED)


@attack
def a_profile_picture_that_claims_the_yes_of_something_else(forger: Forger) -> None:
    forger.grant(ADA, "profile_picture")
    share(forger, ADA, "profile_picture", FED, made_for=forger.epochs[ADA, FEED])


@attack
def a_profile_picture_that_does_not_say_what_it_was_made_for(forger: Forger) -> None:
    forger.grant(ADA, "profile_picture")
    share(forger, ADA, "profile_picture", FED, made_for=None)


@attack
def a_story_that_everybody_sees(forger: Forger) -> None:
    share(forger, ADA, "story", FED, audience="profile", ends_at=None, made_for=0)


@attack
def a_story_that_friends_see_for_ever(forger: Forger) -> None:
    share(forger, ADA, "story", FED, ends_at=None)


@attack
def a_share_for_an_audience_of_its_own(forger: Forger) -> None:
    share(forger, ADA, "story", FED, audience="advertisers")


@attack
def a_second_share_of_the_same_name(forger: Forger) -> None:
    share(forger, ADA, "story", FED)
    share(forger, BOB, "story", OTHERS)


@attack
def a_portrait_shared_twice_for_one_purpose(forger: Forger) -> None:
    share(forger, ADA, "story", FED)
    share(forger, ADA, "story", FED, share=71)


@attack
def a_share_whose_end_is_moved(forger: Forger) -> None:
    share(forger, ADA, "story", FED)
    forger.connection.execute(update(feed_share).values(ends_at=LATER * 9))


@attack
def a_look_through_a_share_that_has_ended(forger: Forger) -> None:
    share(forger, ADA, "story", FED)
    forger.withdraw(ADA, "story")
    forger.step(share_view, ADA, FEED, FED, share=70)


@attack
def a_look_through_the_share_of_another_portrait(forger: Forger) -> None:
    share(forger, ADA, "story", FED)
    forger.step(share_view, ADA, FEED, DRAWN, share=70)


@attack
def a_look_through_somebody_elses_share(forger: Forger) -> None:
    share(forger, BOB, "story", OTHERS)
    forger.step(share_view, ADA, FEED, FED, share=70)


@attack
def a_look_on_the_yes_of_the_share(forger: Forger) -> None:
    share(forger, ADA, "story", FED)
    forger.step(share_view, ADA, "story", FED, share=70)


@attack
def a_file_of_somebody_elses_portrait(forger: Forger) -> None:
    forger.step(saved, ADA, FEED, OTHERS)


@attack
def a_file_of_a_selfie(forger: Forger) -> None:
    forger.step(saved, ADA, FEED, SELFIE)


@attack
def a_friend_whom_nobody_knows(forger: Forger) -> None:
    forger.put(friendship, subject=ADA, friend=404, at=NOW)


@attack
def a_friend_who_is_named_twice(forger: Forger) -> None:
    for _ in range(2):
        forger.put(friendship, subject=ADA, friend=BOB, at=NOW)


# --- what triggers alone can say


@attack
def a_lying_time_on_an_expired_permit(forger: Forger) -> None:
    permit = forger.permit(ADA, "view", FEED, FED, not_after=50)
    forger.clock(900)
    forger.effect(feed_view, permit, at=NOW)


@attack
def a_time_from_the_future(forger: Forger) -> None:
    forger.effect(feed_view, forger.permit(ADA, "view", FEED, FED), at=NOW + 1)


@attack
def an_effect_that_is_changed(forger: Forger) -> None:
    forger.connection.execute(update(feed_view).values(object=OTHERS))


@attack
def an_entry_that_is_changed(forger: Forger) -> None:
    forger.connection.execute(update(tables.entry).values(body=b"another story"))


@attack
def an_entry_that_is_deleted(forger: Forger) -> None:
    forger.connection.execute(
        delete(tables.entry).where(tables.entry.c.seq == forger.entry("decision"))
    )


@attack
def an_entry_that_leaves_a_gap(forger: Forger) -> None:
    forger.entry("decision")
    forger.put(tables.entry, seq=9_999, t="decision", body=b"x", leaf=b"0" * 32)


@attack
def an_entry_with_half_a_hash(forger: Forger) -> None:
    seq = forger.entry("decision") + 1
    forger.put(tables.entry, seq=seq, t="decision", body=b"x", leaf=b"0" * 16)


@attack
def a_permit_that_is_lengthened(forger: Forger) -> None:
    forger.permit(ADA, "view", FEED, FED)
    forger.connection.execute(update(tables.permit).values(not_after=LATER * 9))


@attack
def a_basis_that_is_changed(forger: Forger) -> None:
    forger.connection.execute(update(tables.basis).values(kind="parental"))


@attack
def a_term_that_is_lengthened(forger: Forger) -> None:
    forger.connection.execute(update(tables.granted).values(term_end=99_999))


@attack
def a_log_head_turned_back(forger: Forger) -> None:
    forger.clock(NOW - 1)


@attack
def a_second_log_head(forger: Forger) -> None:
    forger.put(tables.log_head, one=2, size=0, now=0)


@attack
def a_log_head_deleted(forger: Forger) -> None:
    forger.connection.execute(delete(tables.log_head))


@attack
def a_spent_permit_that_is_given_back(forger: Forger) -> None:
    permit = forger.permit(ADA, "view", FEED, FED)
    forger.effect(feed_view, permit)
    forger.connection.execute(
        delete(tables.permit).where(tables.permit.c.seq == permit["permit_seq"])
    )


@attack
def a_person_whose_words_are_on_record_deleted(forger: Forger) -> None:
    forger.withdraw(ADA, "likeness")
    forger.connection.execute(delete(tables.subject).where(tables.subject.c.id == ADA))


# --- an insert that replaces is an update in disguise


def _replace(forger: Forger, table: Table, **changed: Any) -> None:
    """Write a row over the first one; PostgreSQL knows no such insert and sees a second one."""
    (row,) = forger.connection.execute(select(table).limit(1)).mappings()
    over = table.insert().prefix_with("OR REPLACE", dialect="sqlite")
    forger.connection.execute(over.values(**dict(row) | changed))


@attack
def a_term_that_is_replaced_by_a_longer_one(forger: Forger) -> None:
    _replace(forger, tables.granted, term_end=99_999)


@attack
def a_permit_that_is_replaced_by_a_longer_one(forger: Forger) -> None:
    forger.permit(ADA, "view", FEED, FED)
    _replace(forger, tables.permit, not_after=LATER * 9)


@attack
def a_view_that_is_replaced_by_another(forger: Forger) -> None:
    _replace(forger, feed_view, at=NOW)


@attack
def a_basis_that_is_replaced_by_itself(forger: Forger) -> None:
    _replace(forger, tables.basis)


@attack
def an_entry_that_is_replaced(forger: Forger) -> None:
    _replace(forger, tables.entry, body=b"another story")


# --- the databases to attack


def _without_foreign_keys(url: str) -> Engine:
    engine = database.connect(url)

    @event.listens_for(engine, "connect")
    def _off(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys = OFF")

    return engine


def _bare(column: Column[Any]) -> Column[Any]:
    default = column.server_default.arg if column.server_default else None  # type: ignore[attr-defined]
    return Column(column.name, column.type, server_default=default)


def _without_any_guard() -> Engine:
    """Make tables of the same names and columns, and nothing else."""
    engine = create_engine("sqlite://")
    bare = MetaData()
    for table in tables.metadata.sorted_tables:
        columns = [
            Column(
                c.name, c.type, server_default=c.server_default.arg if c.server_default else None
            )
            for c in table.columns
        ]
        Table(table.name, bare, *columns)
    bare.create_all(engine)
    with engine.begin() as connection:
        connection.execute(tables.log_head.insert().values(one=1, size=0, now=0))
    return engine


@pytest.fixture(scope="module")
def engines(
    sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Engine]]:
    """Open each kind of database once; every test rolls back what it did."""
    opened: dict[str, Engine] = {}

    def engine(kind: str) -> Engine:
        if kind not in opened:
            opened[kind] = make[kind]()
        return opened[kind]

    def sqlite() -> str:
        path = tmp_path_factory.mktemp("attacked") / "onlyou.db"
        path.write_bytes(sqlite_template.read_bytes())
        return f"sqlite:///{path}"

    def postgres() -> Engine:
        cluster: Cluster = request.getfixturevalue("cluster")
        return database.connect(cluster.owner(cluster.fresh()))

    make = {
        "sqlite": lambda: database.connect(sqlite()),
        "sqlite without foreign keys": lambda: _without_foreign_keys(sqlite()),
        "postgresql": postgres,
        "unguarded": _without_any_guard,
    }
    yield engine
    for each in opened.values():
        each.dispose()


@pytest.fixture
def connection(
    engines: Callable[[str], Engine], request: pytest.FixtureRequest
) -> Iterator[Connection]:
    with engines(getattr(request, "param", "unguarded")).connect() as opened:
        transaction = opened.begin()
        yield opened
        transaction.rollback()


GUARDED = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
ALSO_WITHOUT_KEYS = [*GUARDED, "sqlite without foreign keys"]


@pytest.mark.parametrize("connection", ALSO_WITHOUT_KEYS, indirect=True)
@pytest.mark.parametrize("name", ATTACKS)
def test_the_schema_refuses(connection: Connection, name: str) -> None:
    forger = settle(connection)
    with pytest.raises(IntegrityError):
        ATTACKS[name](forger)


@pytest.mark.parametrize("name", ATTACKS)
def test_without_guards_nothing_refuses(connection: Connection, name: str) -> None:
    ATTACKS[name](settle(connection))


def test_there_are_at_least_the_attacks_of_the_design() -> None:
    assert len(ATTACKS) >= 30


@pytest.mark.parametrize("connection", ALSO_WITHOUT_KEYS, indirect=True)
class TestTheHonestPath:
    def test_is_accepted_up_to_a_view(self, connection: Connection) -> None:
        forger = settle(connection)
        assert (forger.count(tables.asset), forger.count(feed_insert)) == (3, 1)
        assert forger.count(feed_view) == 1

    def test_one_block_entry_carries_the_permits_of_many(self, connection: Connection) -> None:
        forger = settle(connection)
        block = forger.block(FEED, ADA, BOB)
        for slot, (person, obj) in enumerate(((ADA, 801), (BOB, 802))):
            permit = forger.permit(person, "select", FEED, obj, seq=block, slot=slot, t="block")
            forger.effect(tables.request, permit)

    def test_a_renewal_adds_a_term_under_the_same_basis(self, connection: Connection) -> None:
        forger = settle(connection)
        forger.say(ADA, FEED, forger.serve(ADA, FEED), t="renew")

    def test_an_honest_time_is_taken_when_the_clock_moves_on(self, connection: Connection) -> None:
        forger = settle(connection)
        forger.clock(900)
        forger.effect(feed_view, forger.permit(ADA, "view", FEED, FED), at=900)

    @pytest.mark.parametrize(
        ("purpose", "left"),
        [
            ("story", (3, 1, 1, 2, 2)),
            ("feed_insert", (1, 0, 1, 1, 1)),
            ("avatar_pack", (2, 1, 1, 1, 1)),
            ("likeness", (0, 0, 0, 0, 0)),
        ],
    )
    def test_a_withdrawal_takes_all_that_hangs_on_it_and_no_more(
        self, connection: Connection, purpose: str, left: tuple[int, ...]
    ) -> None:
        forger = settle(connection)
        forger.withdraw(ADA, purpose)
        looked = (tables.asset, feed_insert, tables.selfie, tables.selfie_use, tables.selfie_read)
        assert tuple(map(forger.count, looked)) == left
        keys = {"likeness": 0}.get(purpose, 3)
        assert forger.count(tables.subject_key) == keys
        assert forger.count(tables.asset, BOB) == 1

    @pytest.mark.parametrize("purpose", ["story", FEED, "likeness"])
    def test_a_share_and_its_looks_go_with_either_basis(
        self, connection: Connection, purpose: str
    ) -> None:
        forger = settle(connection)
        share(forger, ADA, "story", FED)
        forger.step(share_view, ADA, FEED, FED, share=70)
        forger.step(saved, ADA, FEED, FED)
        assert [forger.count(t) for t in (feed_share, share_view, saved)] == [1, 1, 1]
        forger.withdraw(ADA, purpose)
        kept = 1 if purpose == "story" else 0
        assert [forger.count(t) for t in (feed_share, share_view, saved)] == [0, 0, kept]

    def test_what_has_ended_can_be_shared_again(self, connection: Connection) -> None:
        forger = settle(connection)
        share(forger, ADA, "story", FED)
        forger.connection.execute(delete(feed_share))
        share(forger, ADA, "story", FED)
        forger.grant(ADA, "profile_picture")
        forger.portrait(ADA, "profile_picture", 777)
        share(forger, ADA, "profile_picture", 777, share=71)
        assert forger.count(feed_share) == 2

    def test_a_picture_held_back_goes_with_its_basis_appeals_and_all(
        self, connection: Connection
    ) -> None:
        forger = settle(connection)
        forger.hold_back(ADA, FEED, 700)
        forger.step(tables.appealed, ADA, FEED, 700)
        forger.step(tables.appealed, ADA, FEED, 700)
        forger.withdraw(ADA, FEED)
        assert (forger.count(tables.quarantined), forger.count(tables.appealed)) == (0, 0)

    def test_a_picture_that_is_held_back_no_more_may_pass(self, connection: Connection) -> None:
        forger = settle(connection)
        forger.hold_back(ADA, FEED, 700)
        mine = tables.quarantined.c.object == 700
        forger.connection.execute(delete(tables.quarantined).where(mine))
        for table in (tables.moderated, tables.asset, tables.asset_view):
            forger.step(table, ADA, FEED, 700)
        assert forger.count(tables.asset) == 4

    def test_deleting_a_selfie_leaves_the_portraits(self, connection: Connection) -> None:
        forger = settle(connection)
        forger.connection.execute(delete(tables.selfie).where(tables.selfie.c.object == SELFIE))
        assert (forger.count(tables.selfie_use), forger.count(tables.asset)) == (0, 3)


def test_every_effect_table_has_the_shape_that_refuses() -> None:
    for table in tables.effect_tables():
        referred = {key.referred_table.name for key in table.foreign_key_constraints}
        assert {"entry", "permit", "basis"} <= referred, table.name
        assert not any(c.nullable for c in table.c if c.name in shapes.PERMIT_COLUMNS)


def test_what_hangs_on_a_basis_finds_it_by_an_index() -> None:
    for table in tables.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            if key.ondelete == "CASCADE":
                indexed = [list(i.columns.keys()) for i in table.indexes]
                indexed += [
                    list(c.columns.keys())
                    for c in table.constraints
                    if type(c).__name__ in {"PrimaryKeyConstraint", "UniqueConstraint"}
                ]
                columns = list(key.columns.keys())
                assert any(columns[0] in first[:2] for first in indexed), (table.name, columns)


def test_every_purpose_can_be_granted_in_the_schema() -> None:
    (words,) = (
        str(c.sqltext)
        for c in tables.granted.constraints
        if str(c.name).endswith("purpose") and hasattr(c, "sqltext")
    )
    assert all(f"'{purpose}'" in words for purpose in Purpose)


def test_the_portraits_life_is_one_chain() -> None:
    for above, below in zip(LIFE, (*LIFE[1:], feed_insert), strict=True):
        assert any(
            key.referred_table is above and len(key.columns) == 4
            for key in below.foreign_key_constraints
        )
