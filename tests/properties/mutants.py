# SPDX-License-Identifier: Apache-2.0
"""Mistakes that could be made, each a few characters of the real code changed, by name.

What an invariant is worth is shown by what it finds: each mutant names the invariant that must
find it. A mutant whose text is no longer in the code fails loudly: it must be thought of anew.
"""

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from consent import (
    attestations,
    crowds,
    database,
    effects,
    erasure,
    gate,
    going,
    grants,
    retention,
    sitting,
    standing,
    vault,
    withdrawal,
    writing,
)
from consent.keyring import Keyring
from consent.tables import effect_tables
from feed import audiences, friends, inserts
from feed.tables import feed_insert, learned
from tests.properties.loose import without_keys

Prepare = Callable[[Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One mistake: the function it is in, what is written there, and what instead.

    `loose` prepares a home in which the schema does not refuse what the mistake would do; `often`
    names an act to be tried more often; `found` is how the message of the invariant that finds it
    begins, as a pattern.
    """

    name: str
    of: Callable[..., Any]
    old: str
    new: str
    found: str
    loose: Prepare | None = None
    often: str = ""

    def make(self, patch: pytest.MonkeyPatch) -> Prepare | None:
        """Change the code; return how to prepare a home for it, if that is needed."""
        edit(patch, self.of, self.old, self.new)
        return self.loose


def edit(patch: pytest.MonkeyPatch, function: Any, old: str, new: str) -> None:
    """Change a function's text in place, for whoever has it already."""
    source = textwrap.dedent(inspect.getsource(function)).removeprefix("@property\n")
    assert source.count(old) == 1, f"{function.__qualname__} no longer says {old!r} once"
    within: dict[str, Any] = {}
    code = compile(source.replace(old, new), function.__code__.co_filename, "exec")
    exec(code, function.__globals__, within)  # noqa: S102 - our own code, a few letters changed
    patch.setattr(function, "__code__", within[function.__name__].__code__)


def free(table: Any, *, cascades: bool = True) -> Prepare:
    """Prepare a home in which a table hangs on nothing."""

    def prepare(home: Path) -> None:
        without_keys(f"sqlite:///{home}/onlyou.db", table, cascades=cascades)

    return prepare


def keep_keys(home: Path) -> None:
    """Prepare a home in which keys stay when their basis goes."""
    without_keys(
        f"sqlite:///{home}/onlyou.db", database.metadata.tables["subject_key"], cascades=False
    )


def editable(home: Path) -> None:
    """Prepare a home whose log can be edited."""
    engine = database.connect(f"sqlite:///{home}/onlyou.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER entry_fixed")
    engine.dispose()


def unpaused(home: Path) -> None:
    """Prepare a home in which the schema does not know of pauses."""
    engine = database.connect(f"sqlite:///{home}/onlyou.db")
    with engine.begin() as connection:
        for table in effect_tables():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table.name}_paused")
    engine.dispose()


DECIDED = "decide(self.policy, question.step, question.purpose, facts)"
HELD = "(permit.subject, permit.purpose, permit.epoch) not in living"
STOPPED = "I18 .*: landed though everything is paused"
NEWEST = """notice_served.c.seq == writing.connection.execute(
    notice_served.select().with_only_columns(notice_served.c.seq)
    .where(notice_served.c.subject == subject, notice_served.c.purpose == purpose)
    .order_by(notice_served.c.seq.desc()).limit(1)
).scalar(),"""
EDITED = """edited = self._ledger.engine.connect()
    with edited.begin():
        edited.exec_driver_sql("UPDATE entry SET leaf = zeroblob(32) WHERE seq = 3")
    edited.close()
    erased ="""
EVERYBODYS = """connection.execute(
    select(*(feed_insert.c[name] for name in ("object", "scenario", "at", "expires_at")))
    .where(feed_insert.c.at <= placed_by, feed_insert.c.expires_at > now)
)"""
NOT_THE_LAST = """if self.last is not None and self.slot is None:
        return max(self.last - 1, 0)
    return self.last if"""

MUTANTS = (
    Mutant(
        name="the gate always allows",
        of=gate.Gate._answer,
        old=DECIDED,
        new="None",
        found="I1. (select|insert|share|generate): allowed against the policy",
    ),
    Mutant(
        name="a block allows everybody",
        often="plans_decide_about_everybody",
        of=sitting._write,
        old="    packed = ",
        new="    said[crowd.epochs >= 0] = 0\n    packed = ",
        found="I1b select: a block says",
    ),
    Mutant(
        name="a term that is over still counts",
        often="a_moment_comes",
        of=standing.Standings.__call__,
        old="expired=term.end <= self._now",
        new="expired=False",
        found="I1. .*: allowed against the policy",
    ),
    Mutant(
        name="the gate ignores a pause",
        often="pause_everything",
        of=standing.Standings.__call__,
        old="question.subject in self._paused",
        new="False",
        found="I1. .*: allowed against the policy",
    ),
    Mutant(
        name="a block ignores a pause",
        often="pause_everything",
        of=crowds._Reader._paused,
        old="self._flags(place)",
        new="self._flags(place) & False",
        found="I1b select: a block says",
    ),
    Mutant(
        name="what is in flight lands in a pause",
        often="pause_everything",
        of=effects.spend,
        old="permit.subject in stopped",
        new="False",
        found=STOPPED,
        loose=unpaused,
    ),
    Mutant(
        name="the preview is not asked for",
        often="answer_the_preview",
        of=standing.Standings.__call__,
        old="preview=key in self._previewed",
        new="preview=True",
        found="I1. (select|insert): allowed against the policy",
    ),
    Mutant(
        name="a share is not confirmed",
        often="ask",
        of=gate.Gate._answer,
        old="confirmed=question.confirmed",
        new="confirmed=True",
        found="I1i share: allowed against the policy",
    ),
    Mutant(
        name="a cap is off by one",
        often="make_a_portrait",
        of=standing.Uses.others,
        old="return len(day), ",
        new="return len(day) - 1, ",
        found="I1. (select|insert): (allowed|landed)|I6 select",
    ),
    Mutant(
        name="a slot goes on beyond the cap",
        often="plans_decide_about_everybody",
        of=going._why,
        old="if caps and ",
        new="if not caps and ",
        found="I6 select: a permit served",
    ),
    Mutant(
        name="a permit lasts a day",
        of=gate.Gate._answer,
        old="writing.now + ",
        new="writing.now + 86_400 * SECOND + ",
        found="I6 .*: a permit lasts",
    ),
    Mutant(
        name="a permit can be used again",
        often="destroy_something",
        of=effects._insert,
        old="        writing.insert(spent_permits, used)\n",
        new="",
        found="I6",
    ),
    Mutant(
        name="a permit of an earlier yes lives again",
        often="say_no_and_yes_again",
        of=effects.spend,
        old=HELD,
        new="False",
        found="I1j learn: landed though its basis has gone|I6 learn",
        loose=free(learned),
    ),
    Mutant(
        name="an insert is not looked at again",
        often="say_no_and_yes_again",
        of=effects.spend,
        old=HELD,
        new="False",
        found="I1g insert: landed though its basis has gone|I6 insert",
        loose=free(feed_insert),
    ),
    Mutant(
        name="an effect names no decision",
        of=effects.spend,
        old="effect_of=permit.place",
        new="effect_of=0",
        found="I1. .*: a row without its entry",
    ),
    Mutant(
        name="a yes quotes what was not read for it",
        often="say_yes_to_what_was_not_read",
        of=grants.Grants._quotable,
        old="notice_served.c.served_id == served_id,",
        new=NEWEST,
        found="I7: a yes without the notice",
    ),
    Mutant(
        name="a guardian speaks for anybody",
        often="a_guardian_says_yes",
        of=attestations.guarded,
        old='said.age_band != "minor"',
        new="said.age_band is Ellipsis",
        found="I13: one spoke for whom they may not",
    ),
    Mutant(
        name="a withdrawal forgets the children",
        often="say_no",
        of=withdrawal._endings,
        old=" | (basis.c.parent_purpose == purpose)",
        new="",
        found="I10: bytes outlived|I7: (the log folds|the keys)",
    ),
    Mutant(
        name="a withdrawal is only written down",
        often="say_no",
        of=withdrawal._end,
        old="    writing.connection.execute(delete(basis).where(*mine))\n",
        new='    if verb == "expire":\n        connection.execute(delete(basis).where(*mine))\n',
        found="I1. .*: a row that must not|I7|I10",
    ),
    Mutant(
        name="a withdrawal leaves the bytes",
        often="say_no",
        of=withdrawal.Withdrawals.withdraw,
        old="    self.forget(blobs)\n",
        new="    del blobs\n",
        found="I10: bytes outlived their basis",
    ),
    Mutant(
        name="a withdrawal repeated is written again",
        often="say_it_again",
        of=withdrawal.Withdrawals._withdraw,
        old="(last := last_end(writing.connection, subject, purpose))",
        new="(last := None)",
        found="I8",
    ),
    Mutant(
        name="a key is not shredded",
        often="say_no",
        of=withdrawal._end,
        old="last_purpose, _ = endings[-1]",
        new="last_purpose, _ = endings[-1]  # and the schema does not either",
        found="I10: a key outlived its basis",
        loose=keep_keys,
    ),
    Mutant(
        name="retention comes a microsecond late",
        often="sweep",
        of=retention.Retention._due_contents,
        old="<= now",
        new="< now",
        found="I10: .* is kept beyond its time",
    ),
    Mutant(
        name="what is over can still be looked at",
        often="a_moment_comes",
        of=vault.Vault._look,
        old="home.c.expires_at > self._ledger.now()",
        new="home.c.expires_at > 0",
        found="I10: bytes beyond their time",
    ),
    Mutant(
        name="what is shown to friends is shown to everybody",
        often="look_at_what_is_shown",
        of=audiences.shown_to,
        old="and_(_SHARE.subject != viewer, invited, ~resting)",
        new="and_(_SHARE.subject != viewer, ~resting)",
        found="I3: (somebody is shown|a share is found)",
    ),
    Mutant(
        name="whoever says so is a friend",
        often="look_at_what_is_shown",
        of=friends.are_friends,
        old="exists().where(here.c.subject == one, here.c.friend == other),",
        new="",
        found="I3: (somebody is shown|a share is found)",
    ),
    Mutant(
        name="what is shown is shown in a pause, too",
        often="look_at_what_is_shown",
        of=audiences.shown_to,
        old=", ~resting)",
        new=")",
        found="I3: (somebody is shown|a share is found)",
    ),
    Mutant(
        name="a story goes on for ever",
        often="look_at_what_is_shown",
        of=audiences.living,
        old="_SHARE.ends_at > now",
        new="_SHARE.ends_at > 0",
        found="I3: (somebody is shown|a share is found)",
    ),
    Mutant(
        name="a share that was ended stays",
        often="show_it_no_more",
        of=withdrawal.end_share,
        old="writing.connection.execute(delete(table).where(*mine))",
        new="delete(table).where(*mine)",
        found="I1i share: a row that must not be there|I1h view|I3",
    ),
    Mutant(
        name="a story is swept a microsecond late",
        often="look_at_what_is_shown",
        of=retention.Retention._due_shares,
        old="<= now",
        new="< now",
        found="I10: a share is kept beyond its time",
    ),
    Mutant(
        name="a page is everybody's",
        often="read_a_page",
        of=inserts.ready,
        old="_READY(connection, viewer=viewer, placed_by=placed_by, now=now)",
        new=EVERYBODYS,
        found="I3: a page holds another's portrait",
    ),
    Mutant(
        name="an erasure keeps the openings",
        often="be_forgotten",
        of=erasure.purge,
        old="reversed(metadata.sorted_tables)",
        new='[t for t in reversed(metadata.sorted_tables) if t.name != "opening"]',
        found="I10: openings of the erased are kept",
    ),
    Mutant(
        name="an erasure keeps the secret",
        often="be_forgotten",
        of=Keyring.destroy,
        old="os.pwrite(handle, _NOBODY, place * _PLACE.itemsize)",
        new="pass",
        found="I10: the secret of the erased is kept",
    ),
    Mutant(
        name="the log is edited",
        often="sweep",
        of=retention.Retention.sweep,
        old="erased =",
        new=EDITED,
        found="I4: an entry was edited",
        loose=editable,
    ),
    Mutant(
        name="an entry names another before it",
        of=writing.Link.prev.fget,  # type: ignore[attr-defined]
        old="return self.last if",
        new=NOT_THE_LAST,
        found="I4: entry .* names another before it",
    ),
)
"""The catalogue."""
