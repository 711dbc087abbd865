# SPDX-License-Identifier: Apache-2.0
"""Changes that no test notices and the type check refuses: nobody could commit them.

Source: mutmut's `type_check_command`, which leaves such changes out; here they are counted apart.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

_QUIET: Final = ("--no-error-summary", "--no-pretty", "--hide-error-context", "-p", "consent")
TYPES: Final = "the type check"


@dataclass(frozen=True)
class Typed:
    """A copy of the code for the type check, whose cache it keeps."""

    code: Path
    folder: Path

    def refuses(self, file: str, text: str) -> bool:
        """Say whether the type check finds something wrong with a changed text."""
        place = self._copy / file
        kept = place.read_text("utf-8")
        place.write_text(text, "utf-8")
        try:
            return self._checked() == 1
        finally:
            place.write_text(kept, "utf-8")

    @cached_property
    def _copy(self) -> Path:
        shutil.rmtree(self._there, ignore_errors=True)
        shutil.copytree(self.code, self._there)
        assert self._checked() == 0, "the code as it is does not pass"
        return self._there

    @property
    def _there(self) -> Path:
        return self.folder / "typed"

    def _checked(self) -> int:
        command = [sys.executable, "-m", "mypy", *_QUIET]
        done = subprocess.run(command, cwd=self._there, check=False, stdout=subprocess.DEVNULL)
        return done.returncode
