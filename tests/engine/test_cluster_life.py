# SPDX-License-Identifier: Apache-2.0
"""Managed session clusters: mended, found again, stopped only when no job's state would be lost."""
from __future__ import annotations

import os
import signal

from support.flink import engine_get
from support.waiting import wait_for

ENDLESS = """
    CREATE TABLE ticks (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '10');
    CREATE TABLE nowhere (id BIGINT) WITH ('connector' = 'blackhole');
    INSERT INTO nowhere SELECT id FROM ticks;
    """


def now(site) -> dict:
    return site.rest.get(f"clusters/{site.cluster['id']}")


def process(site, role: str) -> dict:
    return next(p for p in now(site)["processes"] if p["role"] == role)


def test_the_version_is_the_distributions_own(site) -> None:
    assert now(site)["version"] == site.home.version
    assert now(site)["line"] == site.home.line
    assert engine_get(now(site)["webUrl"], "config")["flink-version"] == site.home.version


def test_it_listens_on_loopback_only(site) -> None:
    assert now(site)["webUrl"].startswith(("http://127.0.0.1:", "http://localhost:"))


def test_logs_of_each_process_are_there(site) -> None:
    logs = site.rest.get(f"clusters/{site.cluster['id']}/logs")["items"]
    assert {log["role"] for log in logs} >= {"JOB_MANAGER", "TASK_MANAGER"}
    log = next(entry for entry in logs if entry["sizeBytes"] > 0)
    piece = site.rest.get(f"clusters/{site.cluster['id']}/logs/{log['id']}", bytes=1000)
    assert piece["text"]


def test_a_dead_task_manager_is_replaced(site) -> None:
    before = process(site, "TASK_MANAGER")
    os.kill(before["pid"], signal.SIGKILL)
    wait_for("another TaskManager", lambda: process(site, "TASK_MANAGER")["pid"] != before["pid"], seconds=60)
    site.console.await_cluster(site.cluster["id"], lambda c: c["state"] == "RUNNING" and c["slotsTotal"] == 4)
    assert process(site, "TASK_MANAGER")["restarts"] >= 1


def test_it_is_found_again_after_a_crash_of_the_console(site) -> None:
    before = {p["role"]: p["pid"] for p in now(site)["processes"]}
    site.console.kill()
    site.console.restart()
    found = site.console.await_cluster(site.cluster["id"], lambda c: c["state"] == "RUNNING")
    assert {p["role"]: p["pid"] for p in found["processes"]} == before


def test_a_stop_with_jobs_is_refused_unless_they_are_suspended(site) -> None:
    job = site.create(ENDLESS)
    site.start(job)
    path = f"clusters/{site.cluster['id']}/operations"
    refused = site.rest.request("POST", path, {"kind": "STOP"}, expect=409).body
    assert refused["code"] == "IN_USE"
    assert site.rest.get(f"jobs/{job['id']}")["badge"] == "RUNNING"

    site.console.await_operation(site.rest.command(path, "STOP", jobs="SUSPEND"))
    site.console.await_badge(job["id"], "SUSPENDED")
    assert now(site)["state"] == "STOPPED"

    site.console.await_operation(site.rest.command(path, "START"), seconds=240)
    site.console.await_cluster(site.cluster["id"], lambda c: c["state"] == "RUNNING" and c["slotsTotal"] == 4)
    site.start(job)


def test_the_fleet_is_suspended_and_resumed(site) -> None:
    job = site.create(ENDLESS)
    site.start(job)
    for kind, badge in (("SUSPEND", "SUSPENDED"), ("RESUME", "RUNNING")):
        operation = site.rest.post("fleet/operations", {"kind": kind}, expect=202)

        def ended(operation_id: str = operation["id"]) -> dict | None:
            seen = site.rest.get(f"fleet/operations/{operation_id}")
            return seen if seen["state"] not in ("PENDING", "RUNNING") else None

        assert wait_for(f"{kind} of the fleet", ended, seconds=300)["state"] == "SUCCEEDED"
        site.console.await_badge(job["id"], badge)
