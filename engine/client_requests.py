# SPDX-License-Identifier: Apache-2.0
"""Send requests and read answers, for `engine/client`: refusals become exceptions, lists go on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from consent.chance import SystemChance
from engine.client_shapes import Checked

_OK: Final = range(200, 400)


class Answer(Protocol):
    """An answer, as httpx has it."""

    @property
    def status_code(self) -> int:
        """Its status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, in whatever case."""
        ...

    @property
    def content(self) -> bytes:
        """Its bytes."""
        ...

    def json(self) -> Any:  # noqa: ANN401  whatever JSON can carry
        """Its bytes, read as JSON."""
        ...


class Refused(Exception):
    """The engine said no. `slug` names the problem (docs/problems.md); empty where it has none."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: int | None) -> None:
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")
        self.status = status
        self.slug = str(problem.get("type", "")).partition("/problems/")[2]
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        self.reason: str | None = problem.get("reason")
        self.purpose: str | None = problem.get("purpose")
        self.field: str | None = problem.get("field")
        self.seq: int | None = problem.get("seq")
        self.items: Sequence[Checked] = problem.get("items", ())
        self.retry_after = retry_after  #: seconds


class Requests:
    """Send requests as one person, and read the answers or raise the refusals."""

    def __init__(
        self,
        http: Any,  # noqa: ANN401  httpx.Client, or what sends as it does
        token: str | None = None,
        fresh: Callable[[], str] = lambda: SystemChance().token(16).hex(),
    ) -> None:
        self._http = http
        self._token = token
        self._fresh = fresh

    def send(
        self,
        method: str,
        path: str,
        *,
        once: bool = True,
        **parts: Any,  # noqa: ANN401  httpx's own
    ) -> Answer:
        """Send one request; a POST acts `once`. Errors: Refused for whatever is not a success."""
        headers = dict(parts.pop("headers", {}))
        if self._token is not None:
            headers.setdefault("Authorization", f"Bearer {self._token}")
        if method == "POST" and once:
            headers.setdefault("Idempotency-Key", self._fresh())
        answer: Answer = self._http.request(method, path, headers=headers, **parts)
        if answer.status_code not in _OK:
            raise _refused(answer)
        return answer

    def get(self, path: str, **query: Any) -> Any:  # noqa: ANN401  the shapes name it
        """Read JSON; what is None is not asked for."""
        return self.send("GET", path, params=_given(query)).json()

    def post(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401  as above
        """Send JSON and read JSON; what is None is not sent."""
        return self.send("POST", path, json=_given(body)).json()

    def items(self, path: str, limit: int | None = None) -> Iterator[Any]:
        """Read a list to its end, page after page."""
        cursor = None
        while True:
            page = self.get(path, limit=limit, cursor=cursor)
            yield from page["items"]
            cursor = page.get("cursor")
            if cursor is None:
                return


def _refused(answer: Answer) -> Refused:
    kind = answer.headers.get("content-type", "")
    problem: Mapping[str, Any] = answer.json() if kind.endswith("json") else {}
    wait = answer.headers.get("retry-after", "")
    return Refused(answer.status_code, problem, int(wait) if wait.isdecimal() else None)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
