# SPDX-License-Identifier: Apache-2.0
"""The load client counts what it sees, and ratios are those of the same round."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import load
from benchmarks.feed_api import Rounds
from benchmarks.load import MARK, Run, percentile, request

SEEN: list[str] = []


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        SEEN.append(body)
        said = b'{"kind":"imagined"}' if int(body) % 2 else b"{}"
        self.send_response(200 if int(body) != 6 else 503)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def port() -> Iterator[int]:
    SEEN.clear()
    with ThreadingHTTPServer((load.HOST, 0), Answering) as server:
        running = threading.Thread(target=server.serve_forever)
        running.start()
        yield server.server_address[1]
        server.shutdown()
        running.join()


def test_every_request_is_sent_once_numbered_on_and_its_answer_counted(port: int) -> None:
    done = load.loaded(port, [request("/", "a", MARK)], seconds=0.05, connections=2, first=5)
    numbers = sorted(map(int, SEEN))
    assert numbers == list(range(5, 5 + len(done.took)))
    assert done.imagined == sum(number % 2 for number in numbers)
    assert done.failed == 1
    assert done.rate == len(done.took) / done.seconds > 0


def test_a_time_within_which_so_many_were_answered_is_the_nearest_rank() -> None:
    took = [float(n) for n in range(1_000, 101_000, 1_000)]
    assert (percentile(took, 0.5), percentile(took, 0.99), percentile(took, 1)) == (51, 100, 100)


def test_a_ratio_is_the_rounds_median_each_beside_its_own_ping() -> None:
    def ran(count: int, each: float) -> Run:
        return Run(seconds=1.0, took=[each] * count, imagined=0, failed=0)

    feed = Rounds("feed", runs=[ran(10, 4e3), ran(20, 2e3), ran(90, 1e3)],
                  pings=[ran(20, 1e3), ran(80, 1e3), ran(100, 1e3)],
                  spent=[4.0, 1.0, 2.0], bare=[1.0, 1.0, 1.0])  # fmt: skip
    rate, spent, half, slow = feed.figures()
    assert (spent["value"], spent["ratio"]) == (2.0, 2.0)
    assert (rate["value"], rate["floor"], rate["ratio"], rate["n"]) == (20, 80, 0.5, 120)
    assert (half["value"], half["ratio"], slow["ratio"]) == (2.0, 2.0, 2.0)
