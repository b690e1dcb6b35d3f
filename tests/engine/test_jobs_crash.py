# SPDX-License-Identifier: Apache-2.0
"""The console is killed in the middle of an operation: the next one ends it, and the engine's own list says whether a job was
lost or doubled."""
from __future__ import annotations

import time
from typing import Any

import pytest

from support.counting import OFTEN, assert_exact, counting_sql, total
from support.flink import engine_get
from support.waiting import wait_for

DELAYS_MS = [0, 60, 250, 700]  # after the command was accepted: other steps each


def alive_on_engine(site, job: dict[str, Any]) -> list[str]:
    cluster = site.rest.get(f"clusters/{site.cluster['id']}")
    jobs = engine_get(cluster["webUrl"], "jobs/overview")["jobs"]
    ours = {a["engineJobId"] for a in site.rest.get(f"jobs/{job['id']}/attempts")["items"]}
    return [one["jid"] for one in jobs if one["jid"] in ours and one["state"] in ("RUNNING", "CREATED", "RESTARTING")]


@pytest.fixture
def job_and_results(site, job_name: str):
    results = site.results(job_name)
    job = site.create(counting_sql(results), name=job_name, options=OFTEN)
    return job, results


@pytest.mark.parametrize("delay_ms", DELAYS_MS)
def test_a_start_ends_after_a_crash_with_one_attempt(site, job_and_results, delay_ms: int) -> None:
    job, results = job_and_results
    operation = site.rest.command(f"jobs/{job['id']}/operations", "START")
    time.sleep(delay_ms / 1000)
    site.console.kill()
    site.console.restart()
    site.console.await_operation(operation)
    site.console.await_badge(job["id"], "RUNNING")
    assert len(alive_on_engine(site, job)) == 1
    wait_for("rows", lambda: total(results) > 0)
    assert_exact(results)


@pytest.mark.parametrize("delay_ms", DELAYS_MS)
def test_a_stop_with_savepoint_ends_after_a_crash_and_loses_nothing(site, job_and_results, delay_ms: int) -> None:
    job, results = job_and_results
    site.start(job)
    wait_for("rows", lambda: total(results) > 0)
    operation = site.rest.command(f"jobs/{job['id']}/operations", "STOP", savepoint="YES")
    time.sleep(delay_ms / 1000)
    site.console.kill()
    site.console.restart()
    stopped = site.console.await_operation(operation)
    site.console.await_badge(job["id"], "SUSPENDED")
    assert stopped["result"]["snapshotId"]
    assert alive_on_engine(site, job) == []
    before = total(results)

    site.start(job)

    wait_for("more rows", lambda: total(results) > before)
    assert_exact(results)
