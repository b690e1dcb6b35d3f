# SPDX-License-Identifier: Apache-2.0
"""A small client of a console's REST API; standard library only. Paths are relative to /api/v1."""
from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any


class Problem(Exception):
    """What the console answered instead, or that it did not answer (code UNREACHABLE)."""

    def __init__(self, status: int, code: str, detail: str, hint: str = "") -> None:
        super().__init__(f"{code}: {detail}" + (f" ({hint})" if hint else ""))
        self.status, self.code, self.detail, self.hint = status, code, detail, hint


class ConsoleClient:
    def __init__(self, url: str, token: str, timeout_seconds: float = 60) -> None:
        self._base = url.rstrip("/") + "/api/v1/"
        self._token = token
        self._timeout = timeout_seconds

    def get(self, path: str) -> Any:
        return self._call("GET", path, None, "application/json")

    def post(self, path: str, body: Any) -> Any:
        return self._call("POST", path, json.dumps(body).encode(), "application/json")

    def post_yaml(self, path: str, text: str) -> Any:
        return self._call("POST", path, text.encode(), "application/yaml")

    def _call(self, method: str, path: str, body: bytes | None, content_type: str) -> Any:
        request = urllib.request.Request(self._base + path, data=body, method=method, headers={
            "Authorization": f"Bearer {self._token}", "Content-Type": content_type})
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:
                content = answer.read()
                return json.loads(content) if content else None
        except urllib.error.HTTPError as error:
            raise self._problem(error) from None
        except OSError as error:
            raise Problem(0, "UNREACHABLE", f"{method} {path}: {error}") from None

    @staticmethod
    def _problem(error: urllib.error.HTTPError) -> Problem:
        try:
            problem = json.loads(error.read())
            return Problem(error.code, problem["code"], problem["detail"], problem.get("hint", ""))
        except (ValueError, KeyError, TypeError):
            return Problem(error.code, "UNEXPECTED", f"HTTP status {error.code}")
