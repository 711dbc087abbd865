# SPDX-License-Identifier: Apache-2.0
"""Let atheris look for bytes that break a target: `python -m tests.fuzz NAME --seconds N`.

`make fuzz` does so for every target. It begins with the corpus; what it finds new is kept beside
it, in the folder that `--found` names. An input that breaks is written to `--found`, too, and the
exit status is not 0: put it into the corpus, where every `make test` tries it again.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

_ROOMS: Final = ["consent", "generation", "engine.api", "PIL", "tomllib", "joserfc"]
_LONGEST: Final = 65_536
_SLOW: Final = 10
"""Seconds after which one input counts as hanging."""


def main() -> None:
    """Fuzz one target for a while."""
    import atheris  # noqa: PLC0415 - of the extra `fuzz` alone; it must come before what it watches

    asked = _asked()
    with atheris.instrument_imports(include=_ROOMS):
        from tests.fuzz.targets import TARGETS, corpus  # noqa: PLC0415
    target = TARGETS[asked.name]
    asked.found.mkdir(parents=True, exist_ok=True)
    target(b"")  # what is made once is made before anything is timed
    libfuzzer = [
        sys.argv[0],
        str(asked.found),
        str(corpus(asked.name)[0].parent),
        f"-max_total_time={asked.seconds}",
        f"-max_len={_LONGEST}",
        f"-timeout={_SLOW}",
        "-rss_limit_mb=3000",
        f"-artifact_prefix={asked.found}/broke-{asked.name}-",
        "-print_final_stats=1",
    ]
    atheris.Setup(libfuzzer, target)
    atheris.Fuzz()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("name")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--found", type=Path, default=Path(".artifacts/fuzz"))
    asked = parser.parse_args()
    asked.found /= asked.name
    return asked


if __name__ == "__main__":
    main()
