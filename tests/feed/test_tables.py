# SPDX-License-Identifier: Apache-2.0
"""Whatever a person leaves in the feed hangs on a basis or on their account."""

import pytest
from sqlalchemy import Table

from consent.tables import metadata
from feed import tables
from feed.tables import feed_insert, feed_view, learned

NOBODYS = {"post", "experiment", "arm_stop", "arm_sum", "experiment_day"}
OWN = [metadata.tables[name] for name in tables.__all__ if name != "asset"]


def parents(table: Table) -> set[tuple[str, str | None]]:
    return {(k.referred_table.name, k.ondelete) for k in table.foreign_key_constraints}


@pytest.mark.parametrize("table", OWN, ids=lambda table: table.name)
def test_every_table_of_a_person_goes_with_its_parent(table: Table) -> None:
    if table.name in NOBODYS:
        assert "subject" not in table.c
        return
    assert ("basis", "CASCADE") in parents(table) or ("subject", "CASCADE") in parents(table)


def test_an_insert_hangs_on_its_asset_and_a_view_on_its_insert() -> None:
    assert ("asset", "CASCADE") in parents(feed_insert)
    assert ("feed_insert", "CASCADE") in parents(feed_view)


def test_an_insert_has_no_viewer_column() -> None:
    assert not {"viewer", "owner"} & set(feed_insert.c.keys())


def test_effects_of_the_feed_spend_permits_of_their_step() -> None:
    assert [table.info["step"] for table in (feed_insert, feed_view, learned)] == [
        "insert",
        "view",
        "learn",
    ]
