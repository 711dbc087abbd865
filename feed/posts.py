# SPDX-License-Identifier: Apache-2.0
"""Ordinary posts: publish those of the synthetic population, read them for a viewer.

A viewer's page leaves out the posts they hid or reported, and authors they asked fewer of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, Select, and_, bindparam, or_, select

from consent.ledger import Ledger
from consent.prepared import Gathered, Prepared, rows
from consent.words import Micros, Subject
from feed.items import Post
from feed.population import Written
from feed.slots import Neighbour, Organic
from feed.tables import post, post_act

_AWAY = ("hide", "report")
_REMEMBERED: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A post, as readers see it and as the blend sees it."""

    post: Post
    organic: Organic


class Posts:
    """Publish posts."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def publish(self, written: Sequence[Written]) -> int:
        """Put posts into the feed; those that are there already stay. Returns how many are new."""
        wanted = {one.id: one for one in written}
        with self._ledger.write() as writing:
            there = select(post.c.id).where(post.c.id.in_(sorted(wanted)))
            new = sorted(set(wanted) - set(writing.connection.execute(there).scalars()))
            writing.insert(post, [_row(wanted[one]) for one in new])
        return len(new)


def _row(written: Written) -> dict[str, object]:
    return {
        "id": written.id,
        "author": written.author,
        "text": written.text,
        "picture": written.picture,
        "alt": written.alt,
        "neighbour": written.neighbour,
        "created_at": written.at,
    }


def published(
    connection: Connection, viewer: Subject, *, before: tuple[Micros, int], count: int
) -> tuple[Published, ...]:
    """Read a viewer's posts below a place, newest first. Shapes: at most `count`."""
    at, post_id = before
    ((gathered,),) = _PAGE(connection, viewer=viewer, at=at, post_id=post_id, most=count)
    found = [_published(*row) for row in rows(gathered)]
    return tuple(sorted(found, key=_newest_first))


def _newest_first(published: Published) -> tuple[int, int]:
    return -published.post.created_at, -published.post.id


@lru_cache(maxsize=_REMEMBERED)
def _published(  # noqa: PLR0917  the columns of `_page`
    number: int,
    author: str,
    text: str,
    picture: str | None,
    alt: str | None,
    at: int,
    neighbour: str,
) -> Published:
    """Read a row; the same row is the same post, whoever asks for it."""
    return Published(
        post=Post(
            id=number, author=author, text=text, picture=picture, alt=alt, created_at=Micros(at)
        ),
        organic=Organic(id=number, neighbour=Neighbour(neighbour)),
    )


def _page() -> Select[str]:
    mine = post_act.c.subject == bindparam("viewer")
    away = select(post_act.c.item).where(mine, or_(*(post_act.c.kind == one for one in _AWAY)))
    fewer = (
        select(post.c.author)
        .join(post_act, post_act.c.item == post.c.id)
        .where(mine, post_act.c.kind == "fewer")
    )
    earlier = post.c.created_at < bindparam("at")
    beside = and_(post.c.created_at == bindparam("at"), post.c.id < bindparam("post_id"))
    columns = (post.c.id, post.c.author, post.c.text, post.c.picture, post.c.alt)
    newest = (
        select(*columns, post.c.created_at, post.c.neighbour)
        .where(or_(earlier, beside), post.c.id.not_in(away), post.c.author.not_in(fewer))
        .order_by(post.c.created_at.desc(), post.c.id.desc())
        .limit(bindparam("most"))
    )
    return select(Gathered(*newest.subquery().c))


_PAGE: Final = Prepared(_page())
"""Built once: this is the statement that every page reads."""
