# SPDX-License-Identifier: Apache-2.0
"""Jobs of the native engine through the console: real libraries, real processes, and ends that nobody wished for."""
from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import stat
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.console import Console
from support.machine import OFTEN, Machine, library, running_machine
from support.waiting import wait_for

@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_machine(tmp_path_factory.mktemp("native")) as made:
        yield made


@pytest.fixture
def out(machine: Machine) -> Path:
    # Where the jobs' user can write, if there is one.
    return machine.console.data / "results" / uuid.uuid4().hex


def counted(out: Path) -> list[int]:
    if not out.exists():
        return []
    lines = out.read_text(encoding="utf-8").split("\n")
    return [int(line) for line in lines[:-1]]  # the last may be on its way


def counting(machine: Machine, out: Path, **more: Any) -> dict[str, Any]:
    job = machine.create(f"app: {{kind: counting, out: {out}}}\n", **more)
    machine.operate(job, "START")
    machine.console.await_badge(job["id"], "RUNNING")
    wait_for("numbers", lambda: counted(out))
    return job


def test_it_stops_with_a_savepoint_and_goes_on_exactly_there(machine: Machine, out: Path) -> None:
    job = counting(machine, out)
    for _ in range(2):
        before = len(counted(out))
        wait_for("more numbers", lambda at_least=before: len(counted(out)) > at_least)
        stopped = machine.operate(job, "STOP", savepoint="YES")
        assert stopped["result"]["snapshotId"]
        machine.console.await_badge(job["id"], "SUSPENDED")
        machine.operate(job, "START")
        machine.console.await_badge(job["id"], "RUNNING")
    before = len(counted(out))
    wait_for("more numbers", lambda: len(counted(out)) > before)
    machine.operate(job, "STOP", savepoint="YES")
    assert counted(out) == list(range(1, len(counted(out)) + 1)), "none lost, none twice"
    attempts = machine.rest.get(f"jobs/{job['id']}/attempts")["items"]
    assert len(attempts) == 3
    assert attempts[0]["restoredFrom"], attempts[0]


def test_the_console_is_killed_and_takes_the_job_up_again(machine: Machine, out: Path) -> None:
    job = counting(machine, out)
    supervisor = machine.supervisor_of(job)
    machine.console.kill()
    before = len(counted(out))
    wait_for("it works on without a console", lambda: len(counted(out)) > before)
    machine.console.restart()
    machine.console.await_badge(job["id"], "RUNNING")
    assert machine.supervisor_of(job) == supervisor
    assert len(machine.rest.get(f"jobs/{job['id']}/attempts")["items"]) == 1
    machine.operate(job, "STOP", savepoint="YES")
    assert counted(out) == list(range(1, len(counted(out)) + 1))


@pytest.mark.parametrize("signals", [pytest.param((signal.SIGKILL,), id="killed"),
                                     pytest.param((signal.SIGTERM,), id="told-to-end")])
def test_a_job_whose_process_ended_is_started_again_from_its_newest_checkpoint(
        machine: Machine, out: Path, signals: tuple[signal.Signals]) -> None:
    job = counting(machine, out, restart={"attempts": 5, "backoff": "100ms..1s"})
    wait_for("a checkpoint", lambda: machine.rest.get(f"jobs/{job['id']}")["lastCheckpointAt"])
    first = machine.supervisor_of(job)
    for one in signals:
        os.kill(first, one)

    def second_life() -> bool:
        attempts = machine.rest.get(f"jobs/{job['id']}/attempts")["items"]
        return len(attempts) == 2 and machine.rest.get(f"jobs/{job['id']}")["badge"] == "RUNNING"

    wait_for("a second life", second_life)
    attempts = machine.rest.get(f"jobs/{job['id']}/attempts")["items"]
    assert attempts[0]["restoredFrom"], "from its newest checkpoint"
    assert attempts[1]["outcome"] == "FAILED"
    assert "from outside" in attempts[1]["message"]
    before = len(counted(out))
    wait_for("more numbers", lambda: len(counted(out)) > before)
    machine.operate(job, "STOP", savepoint="YES")
    # Written as they come, not by a sink that commits: what came after the checkpoint is there twice.
    assert sorted(set(counted(out))) == list(range(1, max(counted(out)) + 1)), "none lost"


def test_a_failed_job_says_its_root_cause(machine: Machine, out: Path) -> None:
    job = machine.create(f"app: {{kind: failing, out: {out}}}\nnative.restart.attempts: 0\n",
                         restart={"attempts": 0, "backoff": "1s..1s"})
    machine.rest.command(f"jobs/{job['id']}/operations", "START")
    shown = machine.console.await_badge(job["id"], "FAILED", "QUARANTINED")
    assert "division by zero" in str(shown), shown["badgeReason"]
    exceptions = machine.rest.get(f"jobs/{job['id']}/exceptions")["items"]
    assert "division by zero" in exceptions[0]["rootCause"]


def test_a_savepoint_without_a_stop_a_drain_and_a_cancel(machine: Machine, out: Path) -> None:
    job = counting(machine, out)
    made = machine.operate(job, "SAVEPOINT")
    assert machine.rest.get(f"jobs/{job['id']}")["badge"] == "RUNNING"
    snapshots = machine.rest.get(f"jobs/{job['id']}/snapshots")["items"]
    assert made["result"]["snapshotId"] in [one["id"] for one in snapshots]
    machine.operate(job, "STOP", savepoint="DRAIN")
    machine.console.await_badge(job["id"], "STOPPED", "FINISHED")
    machine.operate(job, "START", restore={"from": "SNAPSHOT", "snapshotId": made["result"]["snapshotId"]})
    machine.operate(job, "STOP", savepoint="NO")
    machine.console.await_badge(job["id"], "STOPPED")


def test_state_that_no_operator_takes_is_let_go_only_when_that_is_said(machine: Machine, out: Path) -> None:
    never = {"attempts": 0, "backoff": "1s..1s"}
    job = counting(machine, out, restart=never)
    machine.operate(job, "STOP", savepoint="YES")
    machine.rest.put(f"jobs/{job['id']}", {
        "name": job["name"], "teamId": machine.team["id"],
        "spec": machine.spec(f"app: {{kind: counting, out: {out}, source: others}}\n", restart=never)},
        headers={"If-Match": machine.rest.get(f"jobs/{job['id']}")["etag"]})
    refused = machine.operate(job, "START", expect="FAILED")
    assert refused["error"]["code"] == "STATE_NOT_RESTORED"
    assert "numbers" in str(refused["error"])
    before = counted(out)
    machine.operate(job, "START", restore={"from": "LATEST", "allowNonRestored": True})
    wait_for("numbers from the beginning", lambda: counted(out)[len(before):][:3] == [1, 2, 3])
    machine.operate(job, "STOP", savepoint="NO")


def test_its_page_has_graph_rates_checkpoints_and_its_own_log(machine: Machine, out: Path) -> None:
    job = counting(machine, out)
    other = counting(machine, out.with_name("other"))
    shown = wait_for("rates", lambda: next(
        (one for one in [machine.rest.get(f"jobs/{job['id']}")] if (one["recordsOutPerSecond"] or 0) > 0), None))
    assert (shown["engine"], shown["type"]) == ("NATIVE", "CPP")
    graph = machine.rest.get(f"jobs/{job['id']}/graph")
    assert [one["name"] for one in graph["vertices"]][0] == "numbers"
    assert len(graph["edges"]) == 2
    assert machine.rest.get(f"jobs/{job['id']}/checkpoints")["counts"]["completed"] > 0
    logs = [one for one in machine.rest.get(f"jobs/{job['id']}/logs")["items"] if one["role"] == "JOB"]
    assert len(logs) == 1
    machine.rest.get(f"jobs/{job['id']}/logs/{logs[0]['id']}")
    # Neither by another job of the same cluster, nor by the cluster, nor by the name of a file.
    foreign = [one for one in machine.rest.get(f"jobs/{other['id']}/logs")["items"] if one["role"] == "JOB"][0]["id"]
    for path in (f"jobs/{job['id']}/logs/{foreign}", f"clusters/{machine.cluster['id']}/logs/{foreign}",
                 f"jobs/{job['id']}/logs/job-..-log", f"jobs/{job['id']}/logs/job.json"):
        machine.rest.get(path, expect=404)
    assert machine.rest.get(f"clusters/{machine.cluster['id']}/logs")["items"] == []


@pytest.mark.parametrize("content", [b"#!/bin/sh\necho no\n", b"\x7fELF" + b"\0" * 200, b"\x7fELF"])
def test_a_file_that_is_no_library_is_refused_clearly(machine: Machine, content: bytes) -> None:
    refused = machine.upload("not-one", content, expect=422)
    assert refused["code"] in ("LIBRARY_INVALID", "NOT_A_JAR")
    assert refused["detail"]


def test_a_program_and_a_library_without_a_job_are_refused(machine: Machine) -> None:
    assert machine.upload("ls", Path("/bin/ls").read_bytes(), expect=422)["code"] == "LIBRARY_INVALID"


def test_a_broken_library_and_a_wrong_configuration_fail_the_release(machine: Machine, out: Path) -> None:
    whole = library().read_bytes()
    machine.upload("cut-short", whole[: len(whole) // 2])
    for more, code in (({"library": "cut-short"}, "LIBRARY_INVALID"), ({"library": "absent"}, "DEPENDENCY_UNRESOLVED"),
                       ({"options": {"native.parallelizm": "2"}}, "LIBRARY_INVALID")):
        job = machine.create(f"app: {{kind: counting, out: {out}}}\n", **more)
        failed = machine.operate(job, "RELEASE", expect="FAILED")
        assert failed["error"]["code"] == code, failed["error"]
        assert str(machine.console.data) not in str(failed["error"])


def test_what_does_not_fit_together_is_refused(machine: Machine) -> None:
    config = "app: {kind: finite, out: /dev/null}\n"
    for wrong in ({"type": "SQL", "sql": "SELECT 1", "library": None, "config": None}, {"library": "../x"},
                  {"library": ""}, {"sql": "SELECT 1"}, {"dependencies": {"maven": ["a:b:1"]}}):
        spec = {key: value for key, value in {**machine.spec(config), **wrong}.items() if value is not None}
        machine.rest.post("jobs", {"name": "wrong", "teamId": machine.team["id"], "spec": spec}, expect=422)
    for wrong in ({"kind": "STANDALONE"}, {"kind": "MACHINE", "engine": "FLINK"}, {"addresses": ["http://a:1"]},
                  {"checkpointDirectory": "s3://bucket/x"}, {"options": {"a": "b"}}):
        machine.rest.post("clusters", {"name": "wrong", "engine": "NATIVE", "kind": "MACHINE", **wrong}, expect=422)


def test_a_team_sees_and_uses_its_own_alone(machine: Machine, out: Path) -> None:
    other = machine.rest.post("teams", {"name": f"other-{uuid.uuid4().hex[:6]}"}, expect=201)
    own = machine.make_cluster(f"theirs-{uuid.uuid4().hex[:6]}", teamId=other["id"])
    spec = machine.spec(f"app: {{kind: finite, out: {out}}}\n", target={"clusterId": own["id"]})
    machine.rest.post("jobs", {"name": "reaches over", "teamId": machine.team["id"], "spec": spec}, expect=422)
    # A library of another team does not exist.
    theirs = machine.rest.post("jobs", {"name": "no library", "teamId": other["id"], "spec": spec}, expect=201)
    failed = machine.operate(theirs, "RELEASE", expect="FAILED")
    assert failed["error"]["code"] == "DEPENDENCY_UNRESOLVED"


def test_more_than_its_slots_are_not_given(machine: Machine, out: Path) -> None:
    small = machine.make_cluster("small", slotsPerTaskManager=1)
    job = machine.create(f"app: {{kind: counting, out: {out}}}\n", parallelism=2, target={"clusterId": small["id"]})
    failed = machine.operate(job, "START", expect="FAILED")
    assert failed["error"]["code"] == "NOT_ENOUGH_SLOTS"


def test_a_bounded_job_finishes(machine: Machine, out: Path) -> None:
    job = machine.create(f"app: {{kind: finite, out: {out}}}\n")
    machine.operate(job, "START")
    machine.console.await_badge(job["id"], "FINISHED")


def test_an_upgrade_keeps_the_state_and_another_parallelism_is_one(machine: Machine, out: Path) -> None:
    job = counting(machine, out, upgrade={"stableAfter": "1s", "timeout": "60s"})
    edited = machine.rest.put(f"jobs/{job['id']}", {
        "name": job["name"], "teamId": machine.team["id"],
        "spec": machine.spec(f"app: {{kind: counting, out: {out}, more: 1}}\n",
                             upgrade={"stableAfter": "1s", "timeout": "60s"})},
        headers={"If-Match": machine.rest.get(f"jobs/{job['id']}")["etag"]})
    assert edited["revision"]["wanted"] == 2
    machine.operate(job, "UPGRADE")
    machine.console.await_badge(job["id"], "RUNNING")
    machine.operate(job, "STOP", savepoint="YES")
    assert counted(out) == list(range(1, len(counted(out)) + 1)), "none lost, none twice"


def test_all_that_runs_is_suspended_and_resumed(machine: Machine, out: Path) -> None:
    job = counting(machine, out)
    for kind, badge in (("SUSPEND", "SUSPENDED"), ("RESUME", "RUNNING")):
        operation = machine.rest.post("fleet/operations", {"kind": kind}, expect=202)
        wait_for(kind, lambda made=operation: machine.rest.get(
            f"fleet/operations/{made['id']}")["state"] == "SUCCEEDED")
        machine.console.await_badge(job["id"], badge)
    machine.operate(job, "STOP", savepoint="YES")
    assert counted(out) == list(range(1, len(counted(out)) + 1)), "none lost, none twice"


def test_a_job_file_is_applied(machine: Machine, out: Path, tmp_path: Path) -> None:
    file = tmp_path / "job.yaml"
    file.write_text(f"""apiVersion: streampark/v1
kind: Job
metadata: {{name: from a file, team: native-tests}}
spec:
  engine: native
  type: cpp
  target: {{cluster: this machine}}
  library: counting
  config: |
    app: {{kind: counting, out: {out}}}
  options: {{native.checkpoint.interval: 100ms}}
  state: running
""", encoding="utf-8")
    shown = machine.console.cli("resource", "upload", str(library()), "--team", "native-tests", "--name", "counting")
    assert "a job library" in shown.stdout
    assert "LIBRARY" in machine.console.cli("resource", "list", "--team", "native-tests").stdout
    refused = machine.console.cli("resource", "upload", str(file), "--team", "native-tests", check=False)
    assert refused.returncode == 2 and "not a jar" in refused.stderr
    machine.console.cli("cluster", "create", "by hand", "--native", "--slots", "3")
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace("library: counting", "library: libcounting"), encoding="utf-8")
    failed = machine.console.cli("apply", "-f", str(file), check=False)
    assert 'from a file: the team has no resource named "libcounting"' in failed.stderr
    assert "upload it first" in failed.stderr
    file.write_text(whole, encoding="utf-8")
    machine.console.cli("apply", "-f", str(file))
    wait_for("numbers", lambda: counted(out))
    [job] = [one for one in machine.rest.get("jobs", limit=500)["items"] if one["name"] == "from a file"]
    again = machine.console.cli("plan", "-f", str(file)).stdout
    assert "NONE" in again, again
    text = machine.rest.get(f"jobs/{job['id']}/yaml")
    assert "engine: native" in str(text) and "library: counting" in str(text)
    file.write_text(file.read_text(encoding="utf-8").replace("  library: counting\n", ""), encoding="utf-8")
    refused = machine.console.cli("plan", "-f", str(file), check=False)
    assert refused.returncode == 2 and "`library` is missing" in refused.stderr


USER = "nobody"  # there on every system, and as good as any


@pytest.fixture
def of_another_user() -> Iterator[Machine]:
    """Not below pytest's own folder, which is closed to others."""
    assert os.geteuid() == 0, "only a console of root runs jobs as another user"
    place = Path(tempfile.mkdtemp(prefix="streampark-native-", dir="/var/tmp"))
    place.chmod(0o711)
    try:
        with Console(place / "console", arguments=("--run-as", USER)) as console:
            console.folder.chmod(0o711)
            made = Machine(console)
            try:
                yield made
            finally:
                with contextlib.suppress(Exception):
                    made.stop_all()
    finally:
        shutil.rmtree(place)


def test_jobs_run_as_a_user_of_their_own(of_another_user: Machine) -> None:
    machine = of_another_user
    out = machine.console.data / "results" / "counted"
    job = counting(machine, out)
    folder = machine.folder_of(job)
    assert pwd.getpwuid(out.stat().st_uid).pw_name == USER
    supervisor = machine.supervisor_of(job)
    assert pwd.getpwuid(Path(f"/proc/{supervisor}").stat().st_uid).pw_name == USER
    # What the console asks and says is its own; the configuration, which may hold secrets, is the user's alone.
    assert (folder.stat().st_uid, (folder / "requests").stat().st_uid) == (0, 0)
    assert stat.S_IMODE((folder / "settings/application.yml").stat().st_mode) == 0o600
    assert not stat.S_IMODE((folder / "run").stat().st_mode) & 0o077
    # A link in the place of a log shows nothing.
    log = [one for one in machine.rest.get(f"jobs/{job['id']}/logs")["items"] if one["role"] == "JOB"][0]["id"]
    (folder / "run/log").unlink()
    (folder / "run/log").symlink_to(machine.console.data / "streampark.db")
    machine.rest.get(f"jobs/{job['id']}/logs/{log}", expect=400)
    # A process that is another's is neither looked after nor ended.
    (folder / "run/process").write_text(f"{machine.console.pid} 1", encoding="utf-8")
    machine.console.await_badge(job["id"], "FAILED", "STARTING", "RUNNING", "RESTARTING")
    os.kill(supervisor, signal.SIGKILL)


def test_a_savepoint_of_another_user_is_taken_and_deleted(of_another_user: Machine) -> None:
    machine = of_another_user
    job = counting(machine, machine.console.data / "results" / "counted")
    made = machine.operate(job, "SAVEPOINT")
    machine.operate(job, "STOP", savepoint="YES")
    snapshot = [one for one in machine.rest.get(f"jobs/{job['id']}/snapshots")["items"]
                if one["id"] == made["result"]["snapshotId"]][0]
    folder = Path(snapshot["path"].removeprefix("file://"))
    assert pwd.getpwuid(folder.stat().st_uid).pw_name == USER
    machine.rest.delete(f"jobs/{job['id']}/snapshots/{snapshot['id']}")
    assert not folder.exists()
