# SPDX-License-Identifier: Apache-2.0
import pytest

from consent.errors import Misused
from engine.cast import Role, cast, friends_of, reaction


def test_ten_people_are_seven_with_inserts_two_who_ask_and_one_bystander() -> None:
    roles = [member.role for member in cast(10)]
    assert [roles.count(role) for role in Role] == [7, 2, 1]
    assert sum(member.leaves for member in cast(10)) == 1
    assert len({member.face for member in cast(10)}) == 10


@pytest.mark.parametrize("people", [0, 11, -1])
def test_more_people_than_faces_are_refused_and_simulate_is_named(people: int) -> None:
    with pytest.raises(Misused, match="simulate"):
        cast(people)


def test_everybody_has_two_photographs() -> None:
    assert all(len(member.selfies()) == 2 for member in cast(10))


def test_a_reaction_follows_from_seed_person_and_day() -> None:
    member = cast(1)[0]
    assert reaction(7, member, 1) == reaction(7, member, 1)
    assert len({reaction(7, member, day) for day in range(40)}) == 4


def test_friends_are_mutual_and_one_of_them_shows_a_portrait() -> None:
    members = cast(10)
    (shows,) = [member for member in members if member.shows]
    friends = friends_of(shows, members)
    assert [one.name for one in friends] == ["Noa", "Sasha"]
    assert all(shows in friends_of(one, members) for one in friends)
    assert friends_of(cast(10)[5], members) == ()
