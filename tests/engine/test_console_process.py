# SPDX-License-Identifier: Apache-2.0
"""The console as a process: starts, refuses what it must, survives a crash."""
from __future__ import annotations

import contextlib
import hashlib
import io
import os
import socket
import sqlite3
import stat
import subprocess
import urllib.parse
import zipfile
from pathlib import Path

import pytest

from support.console import Console
from support.rest import RestClient
from support.waiting import wait_for


@pytest.fixture
def console(tmp_path: Path):
    with Console(tmp_path) as started:
        yield started


def test_it_is_ready_and_says_what_it_is(console: Console) -> None:
    assert console.rest.get("/healthz") is not None
    assert console.rest.get("about")["version"]
    assert "streampark_" in console.rest.get("/metrics")


def test_the_first_password_is_for_its_owner_alone(console: Console) -> None:
    file = console.data / "first-password"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    password = file.read_text(encoding="utf-8").strip()
    assert len(password) >= 16
    assert password not in console.log_tail(1 << 20)


def test_without_a_token_nothing_is_told(console: Console) -> None:
    stranger = RestClient(console.port)
    for path in ("jobs", "clusters", "users", "about"):
        assert stranger.request("GET", path, expect=401).body["code"] == "UNAUTHENTICATED"


def test_it_listens_on_loopback_only(console: Console) -> None:
    listening = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    addresses = [line.split()[3] for line in listening.splitlines() if f"pid={console.pid}," in line]
    assert addresses == [f"127.0.0.1:{console.port}"]


def test_a_second_console_on_the_same_data_refuses_to_start(console: Console, tmp_path: Path) -> None:
    other = Console(tmp_path)
    done = subprocess.run(other.command_line(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=20, check=False)
    assert done.returncode == 4
    assert "DATA_FOLDER_IN_USE" in done.stderr or "uses this data folder" in done.stderr
    assert console.rest.get("/readyz") is not None


def test_what_was_committed_survives_a_crash(console: Console) -> None:
    team = console.rest.post("teams", {"name": "kept"}, expect=201)
    console.kill()
    console.restart()
    assert team["id"] in [t["id"] for t in console.rest.get("teams")["items"]]


def test_an_upload_that_was_cut_off_leaves_nothing(console: Console) -> None:
    """Whatever kills it half-way: nothing refers to half of a file, and the same bytes are sent again."""
    team = console.rest.post("teams", {"name": "cut"}, expect=201)
    jar = io.BytesIO()
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("META-INF/content", os.urandom(4 << 20))
    content = jar.getvalue()
    query = {"team": team["id"], "name": "half", "fileName": "half.jar"}
    with socket.create_connection(("127.0.0.1", console.port)) as connection:
        connection.sendall((f"POST /api/v1/resources?{urllib.parse.urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                            f"Authorization: Bearer {console.rest.token}\r\nContent-Type: application/octet-stream\r\n"
                            f"Content-Length: {len(content)}\r\n\r\n").encode() + content[:len(content) // 2])
        wait_for("half of it has arrived", lambda: sizes_below(console.data) > len(content) // 4)
        console.kill()
    console.restart()
    assert console.rest.get("resources", team=team["id"])["items"] == []
    made = console.rest.request("POST", "resources", content, expect=201, content_type="application/octet-stream",
                                query=query).body
    assert (made["digest"], made["sizeBytes"]) == (hashlib.sha256(content).hexdigest(), len(content))


def sizes_below(folder: Path) -> int:
    """Bytes of all files that are no database."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and "streampark.db" not in file.name)


def test_it_ends_cleanly(console: Console) -> None:
    assert console.stop() == 0


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    console = Console(tmp_path)
    with console:
        console.stop()
    database = console.data / "streampark.db"
    execute(database, "INSERT INTO schema_migrations (number, name, applied_at) VALUES (99999, 'future', 0)")
    before = dump(database)
    done = subprocess.run(console.command_line(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
                          check=False)
    assert done.returncode == 2
    assert "newer" in done.stderr
    assert dump(database) == before


def execute(database: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


def dump(database: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


def test_a_log_file_is_written_instead_of_stderr(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "log.txt"
    with Console(tmp_path, arguments=("--log-file", str(log))) as console:
        # It answers before it says so.
        wait_for("the log", lambda: "console started" in log.read_text(encoding="utf-8"))
        assert console.log_tail() == ""


def test_a_log_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = subprocess.run(Console(tmp_path, arguments=("--log-file", str(tmp_path / "file" / "log"))).command_line(),
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    assert refused.returncode != 0
    assert "the log file cannot be written" in refused.stderr and str(tmp_path / "file") in refused.stderr
