# SPDX-License-Identifier: Apache-2.0
from tests.engine.homes import Home


def test_public_files_may_be_kept_and_know_nobody(home: Home) -> None:
    for path in ("/static/onlyou.css", "/static/onlyou.js", "/static/icon.svg"):
        answer = home.client.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=3600"
    assert home.client.get("/static/../templates/base.html").status_code == 404
    assert home.client.get("/static/nothing.css").status_code == 404
