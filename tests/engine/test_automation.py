# SPDX-License-Identifier: Apache-2.0
"""Automation on a real Flink: what dies comes back with nothing lost or doubled, what cannot come back is given up and
explained, and nothing is touched that is paused, silent or a person's own wish."""
from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from support.counting import OFTEN, ROLLING, ROWS_A_SECOND, assert_exact, counting_sql, total
from support.flink import engine_get
from support.waiting import wait_for

QUICK = {"attempts": 5, "backoff": "1s..2s"}
NEVER_BY_ITSELF = {"restart-strategy.type": "none"}


def kinds(site, job: dict[str, Any]) -> list[tuple[str, str]]:
    """Kind and rule of the job's decisions, oldest first."""
    return [(one["kind"], one["rule"]) for one in reversed(decisions(site, job))]


def decisions(site, job: dict[str, Any]) -> list[dict[str, Any]]:
    return site.rest.get(f"jobs/{job['id']}/decisions")["items"]


def attended(site, job: dict[str, Any]) -> set[str]:
    return {one["rule"] for one in site.rest.get("attentions")["items"] if one["jobId"] == job["id"]}


def pid_of(site, role: str) -> int:
    cluster = site.console.await_cluster(site.cluster["id"], lambda c: any(
        p["role"] == role and p["state"] == "RUNNING" for p in c["processes"]))
    return next(p["pid"] for p in cluster["processes"] if p["role"] == role and p["state"] == "RUNNING")


def more_rows(results: Path) -> None:
    before = total(results)
    wait_for("more rows", lambda: total(results) > before + ROWS_A_SECOND, seconds=120)


@contextlib.contextmanager
def paused(site, path: str) -> Iterator[None]:
    site.rest.put(f"{path}/automation", {"paused": True, "reason": "a test"})
    try:
        yield
    finally:
        site.rest.put(f"{path}/automation", {"paused": False})


def breaking_sql(results: Path, row: int) -> str:
    """Counts, until it meets a row that it can never get past."""
    return f"""
        CREATE TABLE ticks (id BIGINT) WITH (
          'connector' = 'datagen', 'rows-per-second' = '{ROWS_A_SECOND}',
          'fields.id.kind' = 'sequence', 'fields.id.start' = '0', 'fields.id.end' = '100000');
        CREATE TABLE divided (id BIGINT, n BIGINT) WITH (
          'connector' = 'filesystem', 'format' = 'json', 'path' = '{results.as_uri()}', {ROLLING});
        INSERT INTO divided SELECT id, 1000000 / (id - {row}) FROM ticks;"""


@pytest.fixture
def recovering(site, job_name: str) -> tuple[dict[str, Any], Path]:
    """A counting job with a quick back-off that runs and has committed rows."""
    results = site.results(job_name)
    job = site.create(counting_sql(results), name=job_name, options=OFTEN, restart=QUICK)
    site.start(job)
    wait_for("first rows", lambda: total(results) > 0)
    return job, results


# ---------------------------------------------------------------------------------------- what dies comes back

def test_a_job_whose_job_manager_dies_comes_back_and_counts_exactly(site, recovering) -> None:
    job, results = recovering
    first = site.rest.get(f"jobs/{job['id']}/attempts")["items"][0]
    os.kill(pid_of(site, "JOB_MANAGER"), signal.SIGKILL)
    wait_for("a second attempt that runs", lambda: (
        lambda newest: newest["id"] != first["id"] and site.rest.get(f"jobs/{job['id']}")["badge"] == "RUNNING")(
        site.rest.get(f"jobs/{job['id']}/attempts")["items"][0]), seconds=240)
    more_rows(results)
    assert_exact(results)
    attempts = site.rest.get(f"jobs/{job['id']}/attempts")["items"]
    assert attempts[-1]["outcome"] == "LOST"
    assert attempts[0]["restoredFrom"]["kind"] == "CHECKPOINT"
    # A restart that came before the TaskManager was back found no slots, and was one of the budget.
    assert {one["outcome"] for one in attempts[1:-1]} <= {"NEVER_STARTED"}
    assert kinds(site, job)[:2] == [("WAIT", "ended"), ("RESTART", "ended")]
    sent = next(one for one in decisions(site, job) if one["kind"] == "RESTART")
    operation = site.rest.get(f"operations/{sent['operationId']}")
    assert operation["requestedBy"]["via"] == "AUTOMATION"
    assert operation["parameters"]["restore"]["from"] == "LATEST"


def test_a_job_whose_task_manager_dies_is_left_to_the_engine(site, recovering) -> None:
    job, results = recovering
    os.kill(pid_of(site, "TASK_MANAGER"), signal.SIGKILL)
    site.console.await_badge(job["id"], "RESTARTING", "STARTING", "DEGRADED")
    site.console.await_badge(job["id"], "RUNNING", "DEGRADED", seconds=240)
    more_rows(results)
    assert_exact(results)
    assert decisions(site, job) == []


# ---------------------------------------------------------------------------------------- what cannot come back

def test_data_that_breaks_it_each_time_ends_in_quarantine(site, job_name: str) -> None:
    results = site.results(job_name)
    job = site.create(breaking_sql(results, 4 * ROWS_A_SECOND), name=job_name, options={**OFTEN, **NEVER_BY_ITSELF},
                      restart={"attempts": 2, "backoff": "1s..2s"})
    site.start(job)
    shown = site.console.await_badge(job["id"], "QUARANTINED", seconds=240)
    assert "/ by zero" in shown["badgeReason"]["message"] or "ArithmeticException" in shown["badgeReason"]["message"]
    assert kinds(site, job) == [("WAIT", "ended"), ("RESTART", "ended"), ("WAIT", "ended"), ("RESTART", "ended"),
                                ("QUARANTINE", "spent")]
    last = decisions(site, job)[0]
    assert (last["facts"]["ends"], last["facts"]["attempts"]) == (2, 2)
    wait_for("it is attended", lambda: attended(site, job) == {"QUARANTINED"})
    # A person leaves the quarantine by starting it, and so begins a new window.
    site.rest.command(f"jobs/{job['id']}/operations", "START", restore={"from": "LATEST"})
    wait_for("the quarantine is left", lambda: attended(site, job) != {"QUARANTINED"})
    site.console.await_badge(job["id"], "QUARANTINED", seconds=240)


def test_attempts_0_means_never(site, job_name: str) -> None:
    job = site.create(breaking_sql(site.results(job_name), 2 * ROWS_A_SECOND), name=job_name,
                      options={**OFTEN, **NEVER_BY_ITSELF}, restart={"attempts": 0})
    site.rest.command(f"jobs/{job['id']}/operations", "START")
    site.console.await_badge(job["id"], "FAILED", seconds=120)
    wait_for("it is attended", lambda: attended(site, job) == {"LEFT_DOWN"})
    assert decisions(site, job) == []


# ---------------------------------------------------------------------------------------- what is left alone

@pytest.mark.parametrize("scope", ["job", "cluster", "fleet"])
def test_what_is_paused_is_not_touched(site, job_name: str, scope: str) -> None:
    job = site.create(breaking_sql(site.results(job_name), 4 * ROWS_A_SECOND), name=job_name,
                      options={**OFTEN, **NEVER_BY_ITSELF}, restart={"attempts": 1, "backoff": "1s..1s"})
    path = {"job": f"jobs/{job['id']}", "cluster": f"clusters/{site.cluster['id']}", "fleet": "settings"}[scope]
    with paused(site, path):
        site.start(job)
        site.console.await_badge(job["id"], "FAILED", seconds=120)
        wait_for("it is attended", lambda: attended(site, job) == {"LEFT_DOWN"})
        assert decisions(site, job) == []
        held = site.rest.get(f"jobs/{job['id']}")["automation"]
        assert [(one["scope"], one["reason"]) for one in held["holds"]] == [(scope.upper(), "a test")]
    site.console.await_badge(job["id"], "QUARANTINED", seconds=240)
    assert kinds(site, job) == [("WAIT", "ended"), ("RESTART", "ended"), ("QUARANTINE", "spent")]


def test_nothing_is_restarted_while_the_cluster_is_silent(site, job_name: str) -> None:
    job = site.create(breaking_sql(site.results(job_name), 4 * ROWS_A_SECOND), name=job_name,
                      options={**OFTEN, **NEVER_BY_ITSELF}, restart={"attempts": 1, "backoff": "1s..1s"})
    job_manager = pid_of(site, "JOB_MANAGER")
    with paused(site, f"jobs/{job['id']}"):
        site.start(job)
        site.console.await_badge(job["id"], "FAILED", seconds=120)
        os.kill(job_manager, signal.SIGSTOP)
        try:
            site.console.await_cluster(site.cluster["id"], lambda c: c["state"] == "UNREACHABLE")
            site.rest.put(f"jobs/{job['id']}/automation", {"paused": False})
            # Judged as silent, it is left down: the hold's own attention is what goes.
            wait_for("it was judged", lambda: attended(site, job) == set())
            assert decisions(site, job) == []
        finally:
            awake = datetime.now(timezone.utc)
            os.kill(job_manager, signal.SIGCONT)
    wait_for("it is brought back", lambda: decisions(site, job), seconds=120)
    assert all(datetime.fromisoformat(one["at"]) >= awake for one in decisions(site, job))
    site.console.await_badge(job["id"], "QUARANTINED", seconds=240)


def test_what_runs_though_it_should_not_is_fenced(site, recovering) -> None:
    job, _ = recovering
    site.console.stop()
    # As if its suspension had been recorded, and the engine had taken it up again.
    with contextlib.closing(sqlite3.connect(site.console.data / "streampark.db")) as database, database:
        database.execute("UPDATE jobs SET desired = 'SUSPENDED' WHERE id = ?", (job["id"],))
    site.console.restart()
    wait_for("it is fenced", lambda: kinds(site, job) == [("FENCE", "fence")])
    site.console.await_badge(job["id"], "SUSPENDED")
    assert attended(site, job) == {"FENCED"}
    attempt = site.rest.get(f"jobs/{job['id']}/attempts")["items"][0]
    cluster = site.rest.get(f"clusters/{site.cluster['id']}")
    listed = {one["jid"]: one["state"] for one in engine_get(cluster["webUrl"], "jobs/overview")["jobs"]}
    assert listed[attempt["engineJobId"]] == "CANCELED"
    # A person's start goes on from where it was, and resolves the attention.
    site.start(job, restore={"from": "LATEST"})
    wait_for("resolved", lambda: attended(site, job) == set())


def test_a_job_that_waits_for_its_restart_can_be_left_down(site, job_name: str) -> None:
    job = site.create(breaking_sql(site.results(job_name), 4 * ROWS_A_SECOND), name=job_name,
                      options={**OFTEN, **NEVER_BY_ITSELF}, restart={"attempts": 5, "backoff": "1h..1h"})
    site.start(job)
    wait_for("it waits", lambda: kinds(site, job) == [("WAIT", "ended")], seconds=120)
    assert site.console.await_badge(job["id"], "RESTARTING")["badgeReason"]["code"] == "RESTART_DUE"
    site.operate(job, "STOP", savepoint="NO")
    assert site.rest.get(f"jobs/{job['id']}")["desired"] == "STOPPED"
    assert kinds(site, job) == [("WAIT", "ended")]


# ---------------------------------------------------------------------------------------- the contract

def test_a_pause_needs_its_reason(site, job_name: str) -> None:
    job = site.create("SELECT 1", name=job_name)
    for body, pointer in (({"paused": True}, "/reason"), ({"paused": True, "reason": "  "}, "/reason"), ({}, "/paused")):
        answer = site.rest.request("PUT", f"jobs/{job['id']}/automation", body, expect=422)
        assert pointer in [field["pointer"] for field in answer.body["fields"]]
    assert not site.rest.put(f"jobs/{job['id']}/automation", {"paused": False})["paused"]
    assert site.rest.get("settings/automation") == {"paused": False, "holds": []}
    assert site.rest.get(f"jobs/{job['id']}/decisions") == {"items": [], "nextCursor": None}
