# SPDX-License-Identifier: Apache-2.0
"""Flink installations that ./sp fetched, and what tests read from the engine itself."""
from __future__ import annotations

import json
import os
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class FlinkHome:
    path: Path
    version: str

    @property
    def line(self) -> str:
        return ".".join(self.version.split(".")[:2])


def flink_homes() -> list[FlinkHome]:
    """Those of STREAMPARK_FLINK_HOMES, oldest first; ./sp test sets it."""
    named = [Path(part) for part in os.environ.get("STREAMPARK_FLINK_HOMES", "").split(":") if part]
    if not named:
        raise RuntimeError("STREAMPARK_FLINK_HOMES names no installation; run the tests by ./sp test engine")
    return [FlinkHome(path, _version(path)) for path in named]


def _version(home: Path) -> str:
    jar = next((home / "lib").glob("flink-dist-*.jar"))
    found = re.fullmatch(r"flink-dist-(.+)\.jar", jar.name)
    assert found, jar
    return found[1]


def engine_get(web_url: str, path: str) -> Any:
    """What Flink's own REST API says, past the console."""
    with urllib.request.urlopen(f"{web_url.split('#')[0].rstrip('/')}/{path}", timeout=30) as answer:
        return json.load(answer)


def committed_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSON file sink that are committed: hidden files are not."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.name.startswith((".", "_")):
            yield from _whole_rows(file)


def printed_rows(cluster_folder: Path, identifier: str) -> Iterator[dict[str, int]]:
    """The rows (id, k, n) that the print sink of that name has written, in order, whichever attempt wrote them."""
    row = re.compile(re.escape(identifier) + r"> \+I\[(\d+), (\d+), (\d+)\]\n")
    for file in sorted((cluster_folder / "log").glob("taskmanager-*.out")):
        for found in row.finditer(file.read_text(encoding="utf-8", errors="replace")):
            yield dict(zip(("id", "k", "n"), map(int, found.groups()), strict=True))


def _whole_rows(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)
