# SPDX-License-Identifier: Apache-2.0
"""The least that FastAPI does: a route that answers the same few bytes. `-m benchmarks.ping PORT`.

The server's settings are those of `onlyou serve`.
"""

import sys
from typing import Final

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response

app: Final = FastAPI(docs_url=None, redoc_url=None)


@app.get("/ping")
async def ping() -> Response:
    """Answer."""
    return Response(b'{"ok":true}', media_type="application/json")


@app.get("/")
async def word() -> Response:
    """Answer with a page of one word."""
    return Response(b"<!doctype html><title>ping</title><p>ping", media_type="text/html")


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False
    )
