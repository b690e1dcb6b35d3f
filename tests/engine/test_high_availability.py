# SPDX-License-Identifier: Apache-2.0
"""A cluster whose JobManager may die: Flink's own high availability takes its jobs up again, and the console sees a restart, not
a new job, a lost job or a second one."""
from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import Site
from support.counting import OFTEN, ROWS_A_SECOND, assert_exact, counting_sql, total
from support.flink import engine_get
from support.waiting import wait_for
from support.zookeeper import ZooKeeper

LIVE_ON_ENGINE = ("CREATED", "RUNNING", "RESTARTING", "INITIALIZING", "RECONCILING", "SUSPENDED")


@pytest.fixture(scope="module")
def available(site, home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The cluster `available` of the same console, with ZooKeeper."""
    folder = tmp_path_factory.mktemp(f"zookeeper-{home.version}")
    with ZooKeeper(home.path, folder) as zookeeper:
        cluster = site.console.start_cluster(
            {"id": site.cluster["spec"]["installationId"]}, name="available", slots=2,
            jobManagerMemory="800m", taskManagerMemory="1g", options={
                "high-availability.type": "zookeeper",
                "high-availability.zookeeper.quorum": zookeeper.address,
                "high-availability.zookeeper.path.root": "/streampark",
                "high-availability.zookeeper.client.session-timeout": "6s",
                "high-availability.storageDir": (folder / "storage").as_uri()})
        yield Site(site.console, home, cluster, site.team)
        site.console.await_operation(
            site.rest.command(f"clusters/{cluster['id']}/operations", "STOP", jobs="KILL"))
        site.rest.delete(f"clusters/{cluster['id']}")


def pid_of(site: Site, role: str) -> int:
    cluster = site.rest.get(f"clusters/{site.cluster['id']}")
    return next(p["pid"] for p in cluster["processes"] if p["role"] == role and p["state"] == "RUNNING")


def alive(site: Site) -> list[dict[str, Any]]:
    cluster = site.rest.get(f"clusters/{site.cluster['id']}")
    return [one for one in engine_get(cluster["webUrl"], "jobs/overview")["jobs"] if one["state"] in LIVE_ON_ENGINE]


@pytest.fixture
def counting_job(available, job_name: str):
    results = available.results(job_name)
    job = available.create(counting_sql(results), name=job_name, options=OFTEN)
    available.start(job)
    wait_for("rows", lambda: total(results) > 0)
    yield job, results
    available.operate(job, "DELETE")


def test_a_job_outlives_its_job_manager(available, counting_job) -> None:
    """Case 32: the same job id, one attempt, seen as unreachable and then as running."""
    job, results = counting_job
    attempts = available.rest.get(f"jobs/{job['id']}/attempts")["items"]
    before = total(results)
    os.kill(pid_of(available, "JOB_MANAGER"), signal.SIGKILL)
    available.console.await_badge(job["id"], "UNREACHABLE", "RESTARTING", "STARTING")
    available.console.await_badge(job["id"], "RUNNING")
    wait_for("more rows", lambda: total(results) > before + ROWS_A_SECOND)
    assert_exact(results)
    after = available.rest.get(f"jobs/{job['id']}/attempts")["items"]
    assert [one["engineJobId"] for one in after] == [one["engineJobId"] for one in attempts]
    assert [one["jid"] for one in alive(available)] == [attempts[0]["engineJobId"]]
    assert available.rest.get(f"jobs/{job['id']}")["desired"] == "RUNNING"


def test_a_stop_whose_job_manager_dies_is_told_as_it_was(available, counting_job) -> None:
    """Case 11: either the savepoint is proven and the job is suspended, or the job runs and the operation has failed."""
    job, results = counting_job
    operation = available.rest.command(f"jobs/{job['id']}/operations", "STOP", savepoint="YES")
    os.kill(pid_of(available, "JOB_MANAGER"), signal.SIGKILL)

    def ended() -> dict[str, Any] | None:
        now = available.rest.get(f"operations/{operation['id']}")
        return now if now["state"] in ("SUCCEEDED", "FAILED") else None

    end = wait_for("the stop has ended", ended, seconds=180)
    if end["state"] == "SUCCEEDED":
        assert end["result"]["snapshotId"]
        available.console.await_badge(job["id"], "SUSPENDED")
        available.start(job)
    else:
        assert end["error"]["code"] == "SAVEPOINT_FAILED"
        available.console.await_badge(job["id"], "RUNNING", "SUSPENDED", "STOPPED", "NEEDS_YOU")
        if available.rest.get(f"jobs/{job['id']}")["badge"] != "RUNNING":
            available.start(job, restore={"from": "LATEST"})
    before = total(results)
    wait_for("more rows", lambda: total(results) > before + ROWS_A_SECOND)
    assert_exact(results)
    assert len(alive(available)) == 1
