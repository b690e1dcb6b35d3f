# SPDX-License-Identifier: Apache-2.0
"""Jobs on a cluster that somebody else looks after: here, the one of another console."""
from __future__ import annotations

from collections.abc import Iterator

import pytest

from conftest import Site
from support.console import Console
from support.counting import OFTEN, ROWS_A_SECOND, assert_exact, counting_sql, total
from support.waiting import wait_for


@pytest.fixture(scope="module")
def away(site, home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Another console, to which the cluster of `site` is a remote one without directories."""
    address = site.rest.get(f"clusters/{site.cluster['id']}")["webUrl"].split("#")[0].rstrip("/")
    with Console(tmp_path_factory.mktemp("away")) as console:
        installation = console.register_installation(home.path)
        team = console.rest.post("teams", {"name": "away"}, expect=201)
        cluster = console.rest.post("clusters", {
            "name": "remote", "engine": "FLINK", "kind": "REMOTE", "addresses": [address],
            "installationId": installation["id"]}, expect=201)
        console.await_cluster(cluster["id"], lambda now: now["state"] == "RUNNING")
        yield Site(console, home, cluster, team)


def test_a_job_runs_is_saved_and_goes_on(away, job_name: str) -> None:
    results = away.console.folder / job_name
    folder = away.console.folder / f"{job_name}-state"
    job = away.create(counting_sql(results), name=job_name, options={
        **OFTEN, "execution.checkpointing.dir": folder.as_uri(),
        "execution.checkpointing.savepoint-dir": folder.as_uri()})
    away.start(job)
    wait_for("rows", lambda: total(results) > ROWS_A_SECOND)
    saved = away.operate(job, "SAVEPOINT")
    assert saved["result"]["snapshotId"]
    away.operate(job, "STOP", savepoint="YES")
    away.console.await_badge(job["id"], "SUSPENDED")
    before = total(results)
    away.start(job)
    wait_for("more rows", lambda: total(results) > before + ROWS_A_SECOND)
    assert_exact(results)
    away.operate(job, "STOP", savepoint="NO")
