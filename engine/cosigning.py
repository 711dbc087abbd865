# SPDX-License-Identifier: Apache-2.0
"""A witness over HTTP: `POST /add-checkpoint` and nothing else. The deciding is `consent.witness`.

Its folder holds its key and what it remembers; both must outlive any restart.
"""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from consent import notes
from consent.chance import Chance
from consent.clocks import Clock
from consent.envelopes import KEY_BYTES
from consent.errors import Misused
from consent.witness import MOST_BYTES, Memory, Witness, durable
from consent.words import Reason

KEY: Final = "witness.key"


def open_witness(
    folder: Path, *, name: str, logs: tuple[str, ...], clock: Clock, chance: Chance
) -> Witness:
    """Open a witness in its folder; the first time, make its key.

    Errors: Misused(unknown-key) for a name or a log's key that is none, the caller's fault.
    """
    if not notes.is_name(name) or not logs:
        raise Misused(Reason.UNKNOWN_KEY, "a witness needs a name without spaces, and a log's key")
    memory = Memory(folder)
    path = folder / KEY
    with memory.alone():
        if not path.exists():
            durable(path, chance.token(KEY_BYTES))
    key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    try:
        return Witness(notes.Cosigner(name, key), logs, memory, clock)
    except ValueError as error:
        raise Misused(Reason.UNKNOWN_KEY, f"no verifier key of a log: {error}") from error


def serving(witness: Witness) -> Starlette:
    """Serve one witness."""

    async def add_checkpoint(request: Request) -> Response:
        """Take the one call of C2SP tlog-witness, whose body is small."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return PlainTextResponse("too large\n", 400, headers={"Connection": "close"})
        answer = await run_in_threadpool(witness.add_checkpoint, body)
        return Response(answer.body, answer.status, headers={"Content-Type": answer.kind})

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"])])
