# SPDX-License-Identifier: Apache-2.0
"""A job that somebody started with Flink's own client comes under the console's care."""
from __future__ import annotations

import json
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


STRANGER = """
    import java.nio.file.Files;
    import java.nio.file.Path;
    import org.apache.flink.table.api.EnvironmentSettings;
    import org.apache.flink.table.api.TableEnvironment;
    public class Stranger {
      public static void main(String[] arguments) throws Exception {
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        tables.getConfig().set("pipeline.name", "a stranger");
        tables.getConfig().set("execution.checkpointing.interval", "500ms");
        tables.getConfig().set("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
        for (String statement : Files.readString(Path.of(arguments[0])).split(";")) {
          if (!statement.isBlank()) {
            tables.executeSql(statement);
          }
        }
      }
    }"""


@pytest.fixture
def stranger(site, make_jar, tmp_path: Path):
    """A counting job that runs, submitted by Flink's own client."""
    results = tmp_path / "results"
    script = tmp_path / "job.sql"
    script.write_text(counting_sql(results), encoding="utf-8")
    jar = tmp_path / "stranger.jar"
    jar.write_bytes(make_jar("Stranger", STRANGER))
    address = urlsplit(web_url(site))
    subprocess.run([site.home.path / "bin" / "flink", "run", "-d", "-m", f"{address.hostname}:{address.port}",
                    "-c", "Stranger", jar, script], check=True, timeout=180, stdin=subprocess.DEVNULL, capture_output=True,
                   env={**os.environ, "FLINK_LOG_DIR": str(tmp_path)})
    found = wait_for("the stranger's job is seen", lambda: unmanaged(site))
    assert [one["name"] for one in found] == ["a stranger"]
    wait_for("rows", lambda: total(results) > 0)
    return found[0]["engineJobId"], results


def test_it_is_adopted_unharmed_saved_and_stopped(site, stranger, job_name: str) -> None:
    """Case 41: adopting keeps it running and binds its snapshots; a stop of the cluster is refused while it is unmanaged."""
    engine_job_id, results = stranger
    refused = site.rest.post(f"clusters/{site.cluster['id']}/operations", {"kind": "STOP", "jobs": "REFUSE"}, expect=409)
    assert "a stranger" in refused["detail"]

    cluster = site.cluster["spec"]["name"]
    assert engine_job_id in site.console.cli("cluster", "jobs", cluster).stdout
    adopted = json.loads(site.console.cli("cluster", "adopt", cluster, "a stranger", "--as", job_name, "--team",
                                          site.team["name"], "-o", "json").stdout)
    assert adopted["parameters"]["engineJobId"] == engine_job_id
    job = site.rest.get(f"jobs/{adopted['subject']['id']}")
    assert job["name"] == job_name
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
    job = site.create("-- adopted", name=f"{job_name}-adopts")

    def refused(engine_job_id: str) -> dict[str, Any]:
        operation = site.rest.command(f"jobs/{job['id']}/operations", "ADOPT", engineJobId=engine_job_id)
        return site.console.await_operation(operation, expect="FAILED")["error"]

    assert refused(attempt["engineJobId"])["relatedId"] == running["id"]
    assert refused("0" * 32)["code"] == "NOT_FOUND"
    assert site.rest.get(f"jobs/{job['id']}")["badge"] == "DRAFT"
