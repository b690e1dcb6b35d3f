# SPDX-License-Identifier: Apache-2.0
"""A REST client that checks every answer against the contract."""
from __future__ import annotations

import http.client
import json
import urllib.parse
import uuid
from dataclasses import dataclass
from typing import Any

from support.contract import contract


class RestError(AssertionError):
    """An answer of another status than was expected."""

    def __init__(self, method: str, path: str, answer: Answer) -> None:
        super().__init__(f"{method} {path} answered {answer.status}: {answer.body}")
        self.answer = answer


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: Any  # parsed JSON, else text; None when empty

    @property
    def etag(self) -> str:
        return self.headers["etag"]


class RestClient:
    """Paths are relative to /api/v1 unless they begin with a slash. One connection a call: safe to share."""

    def __init__(self, port: int, token: str | None = None, timeout_seconds: float = 60) -> None:
        self.port, self.token, self._timeout = port, token, timeout_seconds

    def get(self, path: str, *, expect: int = 200, **query: Any) -> Any:
        return self.request("GET", path, expect=expect, query=query).body

    def post(self, path: str, body: Any = None, *, expect: int | None = None, **options: Any) -> Any:
        return self.request("POST", path, body, expect=expect, **options).body

    def put(self, path: str, body: Any, *, expect: int = 200, **options: Any) -> Any:
        return self.request("PUT", path, body, expect=expect, **options).body

    def delete(self, path: str, *, expect: int = 204, **options: Any) -> Any:
        return self.request("DELETE", path, expect=expect, **options).body

    def request(self, method: str, path: str, body: Any = None, *, expect: int | None = None,
                headers: dict[str, str] | None = None, query: dict[str, Any] | None = None,
                content_type: str = "application/json") -> Answer:
        """`expect` None: any 2xx. `body` is sent as it is when it is text or bytes, else as JSON."""
        target = path if path.startswith("/") else f"/api/v1/{path}"
        given = {k: v for k, v in (query or {}).items() if v is not None}
        url = target + (f"?{urllib.parse.urlencode(given)}" if given else "")
        answer = self._exchange(method, url, body, headers or {}, content_type)
        contract().check(method, urllib.parse.unquote(target.split("?")[0]), answer.status,
                         answer.headers.get("content-type", ""), answer.body)
        if answer.status != expect and (expect is not None or not 200 <= answer.status < 300):
            raise RestError(method, path, answer)
        return answer

    def command(self, path: str, kind: str, **parameters: Any) -> dict[str, Any]:
        """Posts an operation under a fresh idempotency key; the operation."""
        return self.post(path, {"kind": kind, **parameters}, expect=202,
                         headers={"Idempotency-Key": uuid.uuid4().hex})

    def _exchange(self, method: str, url: str, body: Any, headers: dict[str, str], content_type: str) -> Answer:
        sent = dict(headers)
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            sent["Content-Type"] = content_type
            body = body if isinstance(body, (str, bytes)) else json.dumps(body)
            body = body.encode() if isinstance(body, str) else body
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self._timeout)
        try:
            connection.request(method, url, body, sent)
            response = connection.getresponse()
            content = response.read()
            received = {name.lower(): value for name, value in response.getheaders()}
        finally:
            connection.close()
        parsed: Any = content.decode("utf-8") if content else None
        if content and received.get("content-type", "").split(";")[0].endswith("json"):
            parsed = json.loads(content)
        return Answer(response.status, received, parsed)
