# SPDX-License-Identifier: Apache-2.0
import signal
import socket
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from engine import settings, wiring
from engine.cli import running
from tests.engine.cli.conftest import Onlyou
from tests.engine.forking import Forks
from tests.engine.town import Town
from tests.postgres import Cluster


def test_a_cycle_prints_its_counts_and_the_same_ones_again(
    onlyou: Onlyou, town_home: Path
) -> None:
    first = onlyou("cycle", "--at", "2026-01-05T09:00:00Z", "--json", home=town_home)
    again = onlyou("cycle", "--at", "2026-01-05T21:00:00Z", "--json", home=town_home)
    assert first.status == 0
    assert first.json == again.json
    assert first.json["made"] == first.json["inserted"] == 1


def test_a_moment_without_an_offset_is_wrong_usage(onlyou: Onlyou, town_home: Path) -> None:
    refused = onlyou("cycle", "--at", "yesterday", home=town_home)
    assert (refused.status, "--at" in refused.err) == (2, True)


def test_work_makes_what_is_waiting_and_stops(
    onlyou: Onlyou, small_town: Town, town_home: Path
) -> None:
    permit, wish = small_town.selected("Bo")
    small_town.rooms.studio.order([permit], [wish])
    done = onlyou("work", "--once", home=town_home)
    assert (done.status, "1 made" in done.out) == (0, True)
    assert not small_town.rooms.studio.pending()


def test_work_outlasts_a_round_in_which_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    away = OperationalError("SELECT 1", None, Exception("the server is away"))
    rounds = iter([away, Counter(made=2), KeyboardInterrupt()])

    def finish() -> Counter[str]:
        came = next(rounds)
        if isinstance(came, BaseException):
            raise came
        return came

    monkeypatch.setattr(running, "_POLL_SECONDS", 0)
    with pytest.raises(KeyboardInterrupt):
        running._work(finish, once=False)
    assert "the database is away" in caplog.text
    assert "2 made" in capsys.readouterr().out
    rounds = iter([away])
    with pytest.raises(OperationalError):
        running._work(finish, once=True)


@pytest.mark.xdist_group("demo")  # where processes of the engine are forked already
def test_serve_answers_on_loopback_and_only_with_a_token(
    town_home: Path, forks: Forks, tmp_path: Path
) -> None:
    _serves(town_home, forks, tmp_path)


@pytest.mark.postgres
@pytest.mark.xdist_group("demo")
def test_serve_answers_on_postgresql_as_a_role_that_owns_nothing(
    cluster: Cluster, forks: Forks, tmp_path: Path
) -> None:
    owner = cluster.empty()
    app = make_url(owner).set(username="onlyou_test_serves")
    given = {"database_url": app.render_as_string(hide_password=False), "database_owner": owner}
    rooms = wiring.install(settings.read(tmp_path / "home", **given))
    rooms.consent.ledger.engine.dispose()
    _serves(tmp_path / "home", forks, tmp_path)


def _serves(home: Path, forks: Forks, folder: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", "--home", str(home), "--port", str(port)]
    server = forks.start(words, folder / "served")
    try:
        assert _answers(f"http://127.0.0.1:{port}/healthz") == 200
        assert _answers(f"http://127.0.0.1:{port}/v1/feed") == 401
    finally:
        status = forks.end(server, signal.SIGTERM)
    assert status != -signal.SIGKILL  # it ended when it was asked to


def _answers(url: str) -> int:
    for _ in range(120):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return int(refused.code)
        except OSError:
            time.sleep(0.25)
    raise AssertionError("the server never answered")


def test_a_demo_tells_what_its_experiment_came_to(capsys: pytest.CaptureFixture[str]) -> None:
    shown = "policy people opted_in days portraits inserts views refusals denials withdrawals"
    summary: dict[str, object] = dict.fromkeys(shown.split(), 0)
    summary |= dict.fromkeys(("ledger_size", "root", "recipe", "seconds", "url"), "")
    tried = {"id": "cohort", "people": 20_000, "days": 30, "stops": [{"arm": "new", "day": 6}]}
    running._report(summary | {"experiment": tried}, as_json=False)
    told = " ".join(capsys.readouterr().out.split())
    assert "20,000 simulated people, 30 days: new stopped on day 6" in told
    running._report(summary, as_json=False)
    assert "Experiment" not in capsys.readouterr().out
