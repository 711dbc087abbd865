# SPDX-License-Identifier: Apache-2.0
from tests.engine.homes import Home


def test_an_engine_whose_log_can_be_read_is_well(home: Home) -> None:
    assert home.client.get("/healthz").json() == {"status": "ok"}


def test_an_engine_without_its_log_is_not(home: Home) -> None:
    with home.rooms.consent.ledger.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE log_head")
    answer = home.client.get("/healthz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
