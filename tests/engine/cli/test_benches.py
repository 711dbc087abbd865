# SPDX-License-Identifier: Apache-2.0
from tests.engine.cli.conftest import Onlyou


def test_an_unknown_benchmark_names_those_there_are(onlyou: Onlyou) -> None:
    refused = onlyou("bench", "nosuch")
    assert (refused.status, "portrait" in refused.err) == (2, True)
