# SPDX-License-Identifier: Apache-2.0
"""The program `streampark` as people and scripts use it: its JSON and its exit codes."""
from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.console import binary
from support.counting import OFTEN, counting_sql, total
from support.waiting import wait_for

NOT_FOUND, BAD_INPUT, CONFLICT, NOT_ALLOWED, OUTSIDE = 3, 2, 4, 5, 6


@pytest.fixture
def run(site):
    """Runs a command that must end with `code`; what it printed, parsed when `-o json` was asked for."""

    def call(*arguments: str, code: int = 0) -> Any:
        done = site.console.cli(*arguments, check=False)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout) if "json" in arguments and code == 0 else done.stdout + done.stderr

    return call


@pytest.fixture
def file(site, job_name: str, tmp_path: Path):
    """Writes the counting job as a file; its path."""

    def write(**spec: Any) -> str:
        path = tmp_path / "job.yaml"
        path.write_text(yaml.safe_dump({
            "apiVersion": "streampark/v1", "kind": "Job", "metadata": {"name": job_name, "team": site.team["name"]},
            "spec": {"engine": "flink", "type": "sql", "target": {"cluster": site.cluster["spec"]["name"]},
                     "sql": counting_sql(site.results(job_name)),
                     "options": OFTEN, **spec}}), encoding="utf-8")
        return str(path)

    return write


def test_a_job_from_its_file_to_its_deletion(site, run, file, job_name: str) -> None:
    planned = run("plan", "-f", file(state="running"), "-o", "json")
    assert [(p["name"], p["action"]) for p in planned] == [(job_name, "CREATE")]
    applied = run("apply", "-f", file(state="running"), "-o", "json")
    assert applied[0]["operationId"]
    assert run("job", "wait", job_name, "--timeout", "2m", "-o", "json")["badge"] == "RUNNING"
    wait_for("rows", lambda: total(site.results(job_name)) > 0)

    assert job_name in [j["name"] for j in run("job", "list", "-q", job_name, "-o", "json")]
    assert run("job", "list", "--badge", "DRAFT", "-q", job_name, "-o", "json") == []
    assert run("job", "get", job_name, "-o", "json")["badge"] == "RUNNING"

    saved = run("job", "savepoint", job_name, "--savepoint-name", "by hand", "-o", "json")
    assert (saved["kind"], saved["state"]) == ("SAVEPOINT", "SUCCEEDED")
    restarted = run("job", "restart", job_name, "-o", "json")
    assert [s["name"] for s in restarted["steps"]].count("REHEARSE") == 1
    logs = site.console.cli("job", "logs", job_name, "-o", "json").stdout.splitlines()
    assert any(json.loads(line)["id"].startswith("operation-") for line in logs)

    assert run("job", "stop", job_name, "-o", "json")["result"]["snapshotId"]
    run("job", "wait", job_name, "--for", "SUSPENDED,STOPPED", "--timeout", "30s")
    assert run("job", "start", job_name, "-o", "json")["state"] == "SUCCEEDED"

    assert "--force" in run("job", "delete", job_name, code=CONFLICT)
    assert run("job", "delete", job_name, "--force", "-o", "json")["kind"] == "DELETE"
    run("job", "get", job_name, code=NOT_FOUND)


def test_automation_is_paused_with_a_reason_and_resumed(site, run, file, job_name: str) -> None:
    run("apply", "-f", file())
    cluster = site.cluster["spec"]["name"]
    scopes = {"JOB": ("--job", job_name), "CLUSTER": ("--cluster", cluster), "FLEET": ("--fleet",)}
    run("automation", "pause", *scopes["JOB"], code=BAD_INPUT)  # says no reason
    run("automation", "pause", "--reason", "a test", code=BAD_INPUT)  # says nothing of what
    try:
        for scope, of_what in scopes.items():
            paused = run("automation", "pause", *of_what, "--reason", "a test", "-o", "json")
            assert {h["scope"]: h["reason"] for h in paused["holds"]}[scope] == "a test"
        held = run("automation", "get", *scopes["JOB"], "-o", "json")["holds"]
        assert [h["scope"] for h in held] == list(scopes)
        assert "FLEET" in run("automation", "resume", *scopes["JOB"]), "what still holds it is shown"
    finally:
        for scope in ("CLUSTER", "FLEET"):
            run("automation", "resume", *scopes[scope])
    assert "acts" in run("automation", "get", *scopes["JOB"])


def test_exit_codes_say_who_has_to_act(site, run, file, job_name: str) -> None:
    run("job", "get", f"{job_name}-absent", code=NOT_FOUND)
    run("job", "start", code=BAD_INPUT)
    run("apply", "-f", file(), "--no-such-option", code=BAD_INPUT)
    run("apply", "-f", file(parallelism=0), code=BAD_INPUT)
    run("apply", "-f", file())
    run("job", "stop", job_name, code=CONFLICT)
    run("job", "rescale", job_name, "2", code=CONFLICT)
    run("job", "rollback", job_name, code=CONFLICT)
    run("job", "upgrade", job_name, "--check", "--option", "a=b", code=BAD_INPUT)
    run("cluster", "adopt", site.cluster["spec"]["name"], "nobody's", code=NOT_FOUND)
    run("--token", "sp_wrong", "job", "list", code=NOT_ALLOWED)
    run("--server", "http://127.0.0.1:1", "job", "list", code=OUTSIDE)
    run("job", "start", job_name, "--parallelism", "64", code=OUTSIDE)  # too few slots
    assert "Exit codes" in run("--help")


def test_apply_ends_with_the_error_of_the_document_that_failed(run, file, job_name: str) -> None:
    run("apply", "-f", file(state="running"))
    run("job", "stop", job_name, "--savepoint", "NO")
    assert "what to restore" in run("plan", "-f", file(state="running"), code=CONFLICT)
    run("apply", "-f", file(state="running"), code=CONFLICT)
    assert run("job", "start", job_name, "--from", "nothing", "-o", "json")["state"] == "SUCCEEDED"


def test_wait_ends_when_the_job_has_failed(run, file, job_name: str) -> None:
    run("apply", "-f", file(sql="INSERT INTO nowhere SELECT 1"))
    run("job", "start", job_name, code=BAD_INPUT)
    said = run("job", "wait", job_name, "--timeout", "10m", code=OUTSIDE)
    assert "FAILED" in said


def test_no_wait_prints_the_operation_and_returns(site, run, file, job_name: str) -> None:
    run("apply", "-f", file())
    operation = run("job", "start", job_name, "--no-wait").strip()
    ended = site.console.await_operation(site.rest.get(f"operations/{operation}"))
    assert ended["kind"] == "START"


def test_a_login_is_kept_for_the_commands_that_follow(site, tmp_path: Path) -> None:
    home = {k: v for k, v in os.environ.items() if not k.startswith("STREAMPARK_")} | {"XDG_CONFIG_HOME": str(tmp_path)}

    def call(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(binary()), *arguments], input=typed, capture_output=True, text=True, timeout=60,
                              check=False, env=home)

    assert call("--server", site.console.url, "job", "list").returncode == NOT_ALLOWED
    assert call("--server", site.console.url, "login", "--user", "admin", typed="wrong\n").returncode == NOT_ALLOWED
    done = call("--server", site.console.url, "login", "--token", "-", typed=f"{site.rest.token}\n")
    assert done.returncode == 0, done.stderr
    kept = tmp_path / "streampark" / "cli.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert site.rest.token not in done.stdout + done.stderr
    listed = call("job", "list", "-o", "json")
    assert listed.returncode == 0
    assert isinstance(json.loads(listed.stdout), list)
