# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy.exc import IntegrityError

from engine.tables import answered, plan_run, stage
from tests.rooms import Rooms


def test_a_slot_of_a_policy_can_be_planned_once(rooms_on_both: Rooms) -> None:
    row = {"policy": "strict-opt-in", "slot": 0, "opened_at": 1}
    with rooms_on_both.consent.ledger.write() as writing:
        writing.insert(plan_run, [row, row | {"slot": 1}, row | {"policy": "another"}])
    with pytest.raises(IntegrityError), rooms_on_both.consent.ledger.write() as writing:
        writing.insert(plan_run, [row])


def test_a_stage_is_journalled_once(rooms_on_both: Rooms) -> None:
    with rooms_on_both.consent.ledger.write() as writing:
        writing.insert(stage, [{"name": "Ada arrives", "at": 1}])
    with pytest.raises(IntegrityError), rooms_on_both.consent.ledger.write() as writing:
        writing.insert(stage, [{"name": "Ada arrives", "at": 2}])


def test_kept_answers_go_with_their_person() -> None:
    (key,) = answered.foreign_key_constraints
    assert (key.referred_table.name, key.ondelete) == ("subject", "CASCADE")
