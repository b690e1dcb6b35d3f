# SPDX-License-Identifier: Apache-2.0
"""Jobs run as a user of their own, who reads nothing of what the console keeps."""
from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.console import Console
from support.flink import FlinkHome
from support.waiting import wait_for

USER = "nobody"  # there on every system, and as good as any

# A file source lists and reads what its path names, as any code of a job could.
READS = """
    CREATE TABLE stolen (line STRING) WITH ('connector' = 'filesystem', 'format' = 'raw', 'path' = 'file://{path}');
    CREATE TABLE shown (line STRING) WITH ('connector' = 'filesystem', 'format' = 'raw', 'path' = 'file://{shown}');
    INSERT INTO shown SELECT line FROM stolen;
    """


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Not below pytest's own folder, which is closed to others."""
    assert os.geteuid() == 0, "only a console of root runs jobs as another user"
    folder = Path(tempfile.mkdtemp(prefix="streampark-user-", dir="/var/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def console(place: Path, home: FlinkHome) -> Iterator[Console]:
    copy = place / home.path.name
    shutil.copytree(home.path, copy, symlinks=True)
    with Console(place / f"console-{home.version}", arguments=("--run-as", USER)) as started:
        started.folder.chmod(0o711)
        cluster = started.start_cluster(started.register_installation(copy), slots=2)
        started.cluster = cluster  # type: ignore[attr-defined]
        started.team = started.rest.post("teams", {"name": "t"}, expect=201)  # type: ignore[attr-defined]
        yield started


def owner_of(pid: int) -> str:
    return pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name


def lives(pid: int) -> bool:
    """A zombie does not."""
    try:
        stat_line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat_line.rpartition(")")[2].split()[0] not in "ZX"


def create(console: Console, name: str, sql: str, **options: str) -> dict:
    return console.rest.post("jobs", {"name": name, "teamId": console.team["id"], "spec": {
        "engine": "FLINK", "type": "SQL", "target": {"clusterId": console.cluster["id"]}, "sql": sql,
        "options": options, "restart": {"attempts": 0}}}, expect=201)


def test_it_says_so(console: Console) -> None:
    assert console.rest.get("about")["separateUser"] is True


def test_engine_processes_and_agents_are_the_users(console: Console) -> None:
    processes = console.rest.get(f"clusters/{console.cluster['id']}")["processes"]
    assert {owner_of(p["pid"]) for p in processes} == {USER}
    children = subprocess.run(["ps", "-ww", "--no-headers", "-o", "user:20,args", "--ppid", str(console.pid)],
                              capture_output=True, text=True, check=True).stdout.splitlines()
    agents = [line for line in children if "flink.agent.Main" in line]
    assert agents, children
    assert {line.split()[0] for line in agents} == {USER}


def test_what_the_console_keeps_is_closed(console: Console) -> None:
    data = console.data
    for name in ("streampark.db", "first-password", "console.lock", "logs", "tmp"):
        mode = stat.S_IMODE((data / name).stat().st_mode)
        assert not mode & 0o077, f"{name} has the mode {mode:o}"
        assert (data / name).stat().st_uid == 0
    assert stat.S_IMODE(data.stat().st_mode) == 0o711
    # As the system itself sees it.
    for path in (data, data / "streampark.db", data / "first-password", Path(f"/proc/{console.pid}/environ")):
        done = subprocess.run(["setpriv", f"--reuid={USER}", "--clear-groups", f"--regid={pwd.getpwnam(USER).pw_gid}",
                               "head", "-c", "1", str(path)], capture_output=True, text=True, check=False)
        assert "Permission denied" in done.stderr or "Is a directory" in done.stderr, (path, done)
        assert not done.stdout


def test_a_job_runs_and_its_results_are_read(console: Console, place: Path) -> None:
    source = place / "input.txt"
    source.write_text("hello\n", encoding="utf-8")
    job = create(console, "reads-its-own", READS.format(path=source, shown=console.data / "results" / "own"))
    console.await_operation(console.rest.command(f"jobs/{job['id']}/operations", "START"))
    console.await_badge(job["id"], "FINISHED")
    written = wait_for("the result", lambda: list((console.data / "results" / "own").glob("part-*")), seconds=30)
    assert written[0].read_text(encoding="utf-8").strip() == "hello"
    assert pwd.getpwuid(written[0].stat().st_uid).pw_name == USER


def test_a_job_cannot_read_the_database(console: Console) -> None:
    stolen = console.data / "results" / "stolen"
    job = create(console, "thief", READS.format(path=console.data / "streampark.db", shown=stolen),
                 **{"restart-strategy.type": "none"})
    console.rest.command(f"jobs/{job['id']}/operations", "START")
    console.await_badge(job["id"], "FAILED")
    exceptions = wait_for("the cause", lambda: console.rest.get(f"jobs/{job['id']}/exceptions")["items"], seconds=30)
    assert "ermission denied" in str(exceptions) or "AccessDenied" in str(exceptions), exceptions
    assert not [f for f in stolen.rglob("*") if f.is_file() and f.stat().st_size] if stolen.exists() else True


def test_a_savepoint_is_made_kept_and_restored(console: Console) -> None:
    job = create(console, "endless", """
        CREATE TABLE ticks (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '10');
        CREATE TABLE nowhere (id BIGINT) WITH ('connector' = 'blackhole');
        INSERT INTO nowhere SELECT id FROM ticks;""")
    path = f"jobs/{job['id']}/operations"
    console.await_operation(console.rest.command(path, "START"))
    console.await_badge(job["id"], "RUNNING")
    console.await_operation(console.rest.command(path, "STOP", savepoint="YES"))
    console.await_badge(job["id"], "SUSPENDED")
    console.await_operation(console.rest.command(path, "START"))
    console.await_badge(job["id"], "RUNNING")
    console.await_operation(console.rest.command(path, "STOP", savepoint="NO"))


def test_processes_are_found_again_and_stopped(console: Console) -> None:
    before = {p["role"]: p["pid"] for p in console.rest.get(f"clusters/{console.cluster['id']}")["processes"]}
    console.kill()
    console.restart()
    found = console.await_cluster(console.cluster["id"], lambda c: c["state"] == "RUNNING")
    assert {p["role"]: p["pid"] for p in found["processes"]} == before
    console.stop_clusters()
    assert not [pid for pid in before.values() if lives(pid)]
    console.await_operation(console.rest.command(f"clusters/{console.cluster['id']}/operations", "START"), seconds=240)


def test_a_user_who_cannot_reach_the_data_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    done = subprocess.run(Console(tmp_path, arguments=("--run-as", USER)).command_line(), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "is closed to the user nobody" in done.stderr


def test_a_user_who_does_not_exist_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(Console(tmp_path, arguments=("--run-as", "no-such-user")).command_line(),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "no user 'no-such-user'" in done.stderr
