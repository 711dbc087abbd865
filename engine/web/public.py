# SPDX-License-Identifier: Apache-2.0
"""Style sheet, script and icon: the only answers that a cache may keep. They know nobody."""

from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

_HOUR: Final = "public, max-age=3600"


class PublicFiles(StaticFiles):
    """Files of ours, the same for everybody."""

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file that may be kept for an hour."""
        found = await super().get_response(path, scope)
        found.headers["Cache-Control"] = _HOUR
        return found
