# SPDX-License-Identifier: Apache-2.0
"""A job that somebody started with Flink's own client comes under the console's care."""
from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.counting import ROWS_A_SECOND, assert_exact, counting_sql, total
from support.flink import engine_get
from support.waiting import wait_for


def web_url(site) -> str:
    return site.rest.get(f"clusters/{site.cluster['id']}")["webUrl"].split("#")[0].rstrip("/")


def unmanaged(site) -> list[dict[str, Any]]:
    items = site.rest.get(f"clusters/{site.cluster['id']}/jobs")["items"]
    return [one for one in items if not one["ours"] and one["state"] == "RUNNING"]


@pytest.fixture
def stranger(site, tmp_path: Path):
    """A counting job that runs, submitted by Flink's SQL client."""
    results = tmp_path / "results"
    script = tmp_path / "job.sql"
    script.write_text("SET 'execution.checkpointing.interval' = '500ms';\n"
                      "SET 'execution.checkpointing.externalized-checkpoint-retention' = 'RETAIN_ON_CANCELLATION';\n"
                      "SET 'pipeline.name' = 'a stranger';\n" + counting_sql(results), encoding="utf-8")
    address = urlsplit(web_url(site))
    subprocess.run([site.home.path / "bin" / "sql-client.sh", "-f", script, f"-Drest.address={address.hostname}",
                    f"-Drest.port={address.port}", "-Dexecution.target=remote"], check=True, timeout=180,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env={**os.environ, "FLINK_LOG_DIR": str(tmp_path)})
    found = wait_for("the stranger's job is seen", lambda: unmanaged(site))
    assert [one["name"] for one in found] == ["a stranger"]
    wait_for("rows", lambda: total(results) > 0)
    return found[0]["engineJobId"], results


def test_it_is_adopted_unharmed_saved_and_stopped(site, stranger, job_name: str) -> None:
    """Case 41: adopting keeps it running and binds its snapshots; a stop of the cluster is refused while it is unmanaged."""
    engine_job_id, results = stranger
    refused = site.rest.request("POST", f"clusters/{site.cluster['id']}/operations",
                                {"kind": "STOP", "jobs": "REFUSE"})
    if refused.status == 202:
        refused_end = site.console.await_operation(refused.body, expect="FAILED")
        assert "a stranger" in str(refused_end["error"])

    job = site.create("-- adopted", name=job_name)
    site.operate(job, "ADOPT", engineJobId=engine_job_id)
    site.console.await_badge(job["id"], "RUNNING")
    assert not unmanaged(site)
    before = total(results)
    wait_for("more rows", lambda: total(results) > before + ROWS_A_SECOND)
    wait_for("its checkpoints are bound", lambda: site.rest.get(f"jobs/{job['id']}/snapshots")["items"])
    stopped = site.operate(job, "STOP", savepoint="YES")
    assert stopped["result"]["snapshotId"]
    site.console.await_badge(job["id"], "SUSPENDED")
    assert_exact(results)
    jobs = engine_get(web_url(site), "jobs/overview")["jobs"]
    assert next(one for one in jobs if one["jid"] == engine_job_id)["state"] == "FINISHED"


def test_what_cannot_be_adopted_is_told_why(site, counting, job_name: str) -> None:
    running, _ = counting
    attempt = site.rest.get(f"jobs/{running['id']}/attempts")["items"][0]
    job = site.create("-- adopted", name=job_name)

    def refused(engine_job_id: str) -> dict[str, Any]:
        operation = site.rest.command(f"jobs/{job['id']}/operations", "ADOPT", engineJobId=engine_job_id)
        return site.console.await_operation(operation, expect="FAILED")["error"]

    assert refused(attempt["engineJobId"])["relatedId"] == running["id"]
    assert refused("0" * 32)["code"] == "NOT_FOUND"
    assert site.rest.get(f"jobs/{job['id']}")["badge"] == "DRAFT"
