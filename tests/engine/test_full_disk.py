# SPDX-License-Identifier: Apache-2.0
"""A disk without room: said as such, nothing lost, and everything goes on when there is room again."""
from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.console import Console
from support.rest import RestError
from support.waiting import wait_for

MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], check=True, timeout=20)
    yield folder
    subprocess.run(["umount", str(folder)], check=True, timeout=20)


@pytest.fixture
def console(small_disk: Path) -> Iterator[Console]:
    with Console(small_disk) as started:
        yield started


class Filler:
    """Takes all the room that is left on a disk, and gives it back."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "filler"

    def fill(self) -> None:
        with self._file.open("ab", buffering=0) as out:
            for size in (MIB, 4096, 1):
                try:
                    while True:
                        out.write(b"\0" * size)
                except OSError as full:
                    assert full.errno == 28
        assert os.statvfs(self._file).f_bavail == 0

    def empty(self) -> None:
        self._file.unlink()


def status_of(console: Console, method: str, path: str, body, **options) -> tuple[int, str]:
    try:
        answer = console.rest.request(method, path, body, **options)
    except RestError as refused:
        return refused.answer.status, refused.answer.body["code"]
    return answer.status, ""


def test_what_cannot_be_kept_is_refused_and_goes_on_later(console: Console, small_disk: Path) -> None:
    team = console.rest.post("teams", {"name": "before"}, expect=201)
    upload = f"resources?team={team['id']}&name=big&fileName=big.jar"
    octets = {"content_type": "application/octet-stream"}
    # An upload larger than the room: its own bytes fill the disk.
    assert status_of(console, "POST", upload, b"x" * (20 * MIB), **octets) == (507, "STORAGE_FULL")
    assert not list((console.data / "tmp").glob("upload-*"))

    filler = Filler(small_disk)
    filler.fill()
    # What SQLite has room for in its log already may still pass; in the end there is none.
    def refused() -> bool:
        answer = status_of(console, "POST", "teams", {"name": os.urandom(8).hex(), "description": "d" * 500})
        assert answer in ((201, ""), (507, "STORAGE_FULL")), answer
        return answer[0] == 507

    wait_for("there is no room left", refused, seconds=60, every=0)
    assert status_of(console, "POST", upload, b"x" * 10_000, **octets) == (507, "STORAGE_FULL")
    told = console.rest.get("about")["storage"]
    assert (told["writable"], told["error"]["code"]) == (False, "STORAGE_FULL")
    # Reading goes on, and what was there is there.
    assert "before" in [t["name"] for t in console.rest.get("teams")["items"]]
    assert console.rest.get("/readyz") is not None

    filler.empty()
    wait_for("it is found by itself that there is room again", lambda: console.rest.get("about")["storage"]["writable"])
    wait_for("there is room again",
             lambda: status_of(console, "POST", "teams", {"name": os.urandom(8).hex()})[0] == 201, seconds=30)


def test_an_operation_outlives_a_full_disk(console: Console, small_disk: Path) -> None:
    """It waits, or ends with the reason; in no case does it stay in flight for ever or the console die."""
    team = console.rest.post("teams", {"name": "t"}, expect=201)
    cluster = console.rest.post("clusters", {"name": "far", "engine": "FLINK", "kind": "REMOTE", "teamId": team["id"],
                                             "addresses": ["http://127.0.0.1:9"]}, expect=201)
    job = console.rest.post("jobs", {"name": "j", "teamId": team["id"], "spec": {
        "engine": "FLINK", "type": "SQL", "target": {"clusterId": cluster["id"]}, "sql": "SELECT 1"}}, expect=201)
    filler = Filler(small_disk)
    filler.fill()
    try:
        operation = console.rest.command(f"jobs/{job['id']}/operations", "RELEASE")
    except RestError as refused:
        assert (refused.answer.status, refused.answer.body["code"]) == (507, "STORAGE_FULL")
        filler.empty()
        operation = console.rest.command(f"jobs/{job['id']}/operations", "RELEASE")
    else:
        filler.empty()
    ended = console.await_operation(operation, expect="FAILED")
    assert ended["error"]
    # The job is free for the next one.
    console.await_operation(console.rest.command(f"jobs/{job['id']}/operations", "RELEASE"), expect="FAILED")


def test_a_console_without_room_says_why_it_does_not_start(small_disk: Path) -> None:
    Filler(small_disk).fill()
    console = Console(small_disk)
    done = subprocess.run(console.command_line(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode != 0
    assert "STORAGE_FULL" in done.stderr or "No space left" in done.stderr, done.stderr
