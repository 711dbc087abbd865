# SPDX-License-Identifier: Apache-2.0
from consent.permits import Permit, Select
from consent.words import Epoch, Micros, ObjectId, Purpose, Seq, Step, Subject

SELECT: Select = Step.SELECT


def permit(*, block: bool) -> Permit[Select]:
    return Permit(
        seq=Seq(17),
        slot=3,
        step=SELECT,
        subject=Subject(1),
        purpose=Purpose.IMAGINE,
        epoch=Epoch(2),
        object=ObjectId(4),
        not_after=Micros(5),
        block=block,
    )


def test_an_effect_names_a_decision_by_its_entry_and_a_blocks_by_its_slot_too() -> None:
    assert permit(block=False).place == 17
    assert permit(block=True).place == [17, 3]
