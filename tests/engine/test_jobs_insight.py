# SPDX-License-Identifier: Apache-2.0
"""What the console shows of jobs: errors of SQL in their place, graph, configuration, logs, results, jars."""
from __future__ import annotations

import io
import zipfile

import pytest

from support.counting import OFTEN, counting_sql, total
from support.waiting import wait_for

WRONG = """CREATE TABLE ticks (id BIGINT) WITH ('connector' = 'datagen');
CREATE TABLE nowhere (id BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO nowhere SELECT idd FROM ticks;
"""


def test_wrong_sql_fails_the_release_at_its_place_and_leaves_a_draft(site, job_name: str) -> None:
    job = site.create(WRONG, name=job_name)
    operation = site.rest.command(f"jobs/{job['id']}/operations", "RELEASE")
    ended = site.console.await_operation(operation, expect="FAILED")
    assert ended["error"]["code"] == "SQL_INVALID"
    assert "line 3" in ended["error"]["detail"] and "idd" in ended["error"]["detail"]
    assert site.rest.get(f"jobs/{job['id']}")["badgeReason"]["code"] == "RELEASE_FAILED"


def test_validation_is_that_version_s_planner(site) -> None:
    answer = site.rest.post("sql/validate", {"teamId": site.team["id"], "clusterId": site.cluster["id"], "sql": WRONG})
    error = next(one for one in answer["diagnostics"] if one["severity"] == "ERROR")
    assert (error["line"], error["column"]) == (3, 28)
    fine = site.rest.post("sql/validate", {"teamId": site.team["id"], "clusterId": site.cluster["id"],
                                           "sql": WRONG.replace("idd", "id")})
    assert [one for one in fine["diagnostics"] if one["severity"] == "ERROR"] == []
    assert {table["name"] for table in fine["tables"]} == {"ticks", "nowhere"}


def test_vocabulary_and_plan_come_from_the_installation(site) -> None:
    question = {"teamId": site.team["id"], "clusterId": site.cluster["id"]}
    vocabulary = site.rest.post("sql/vocabulary", question)
    assert "datagen" in [one["identifier"] for one in vocabulary["connectors"]]
    assert site.rest.post("sql/explain", {**question, "sql": WRONG.replace("idd", "id")})["plan"]


def test_a_running_job_shows_graph_options_logs_and_rows(site, job_name: str) -> None:
    results = site.results(job_name)
    job = site.create(counting_sql(results), name=job_name, options=OFTEN)
    path = f"jobs/{job['id']}"
    assert site.rest.get(f"{path}/graph")["vertices"] == []
    site.start(job)
    wait_for("rows", lambda: total(results) > 0)

    assert site.rest.get(f"{path}/graph")["vertices"]
    options = {one["key"]: one for one in site.rest.get(f"{path}/configuration")["items"]}
    assert options["execution.checkpointing.interval"] == {
        "key": "execution.checkpointing.interval", "value": OFTEN["execution.checkpointing.interval"], "origin": "JOB"}
    assert options["execution.checkpointing.externalized-checkpoint-retention"]["origin"] == "PLATFORM"
    table = site.rest.get(f"{path}/results", limit=5)["tables"][0]
    assert table["name"] == "counted" and len(table["rows"]) == 5 and set(table["rows"][0]) == {"id", "k", "n"}
    logs = site.rest.get(f"{path}/logs")["items"]
    assert {"OPERATION", "JOB_MANAGER", "TASK_MANAGER"} <= {one["role"] for one in logs}
    own = next(one for one in logs if one["role"] == "OPERATION")
    assert "START SUCCEEDED" in site.rest.get(f"{path}/logs/{own['id']}")["text"]
    assert site.rest.get(f"{path}/exceptions")["items"] == []
    assert site.rest.get("jobs", q=job_name)["items"][0]["badge"] == "RUNNING"
    assert site.rest.get("search", q=job_name)["items"][0]["id"] == job["id"]
    assert site.rest.get("overview")["counts"]["byBadge"]["RUNNING"] >= 1
    site.operate(job, "STOP", savepoint="NO")
    wait_for("statistics after the end", lambda: site.rest.get(f"{path}/checkpoints")["counts"]["completed"] > 0)


def test_the_list_tells_how_fast_a_running_job_goes_and_what_it_takes_up(site, job_name: str) -> None:
    sql = WRONG.replace("idd", "id").replace("'datagen'", "'datagen', 'rows-per-second' = '50'")
    job = site.create(sql, name=job_name)
    pace = ("slots", "recordsInPerSecond", "recordsOutPerSecond", "pendingRecords")

    def entry() -> dict:
        return site.rest.get("jobs", q=job_name)["items"][0]

    assert [entry()[key] for key in pace] == [None] * 4
    site.start(job)
    # Flink's meters are of the last minute: a rate begins low.
    wait_for("rates", lambda: min(entry()["recordsInPerSecond"] or 0, entry()["recordsOutPerSecond"] or 0) > 0)
    seen = entry()
    assert (seen["parallelism"], seen["slots"]) == (1, 1)
    assert seen["recordsInPerSecond"] <= 55 and seen["recordsOutPerSecond"] <= 55
    assert seen["pendingRecords"] is None, "datagen cannot tell what it has not read"
    site.operate(job, "STOP", savepoint="NO")
    assert [entry()[key] for key in pace] == [None] * 4


@pytest.mark.parametrize("path", ["/etc", "../../../etc", "file:///proc/self"])
def test_results_are_not_a_way_to_the_machine_s_files(site, job_name: str, path: str) -> None:
    sql = f"""CREATE TABLE ticks (id STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
    CREATE TABLE sink (id STRING) WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = '{path}');
    INSERT INTO sink SELECT id FROM ticks;"""
    job = site.create(sql, name=job_name)
    site.operate(job, "RELEASE")
    assert all(table["rows"] == [] for table in site.rest.get(f"jobs/{job['id']}/results")["tables"])


def upload(site, name: str, content: bytes, expect: int = 201):
    return site.rest.request("POST", "resources", content, expect=expect, content_type="application/octet-stream",
                             query={"team": site.team["id"], "name": name, "fileName": "udf.jar"}).body


def test_jars_are_checked_kept_by_digest_and_held_by_their_jobs(site, job_name: str) -> None:
    assert upload(site, "broken", b"this is no jar", expect=422)["code"] == "NOT_A_JAR"
    assert upload(site, "../evil", b"x", expect=422)["code"] == "VALIDATION_FAILED"
    jar = io.BytesIO()
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("META-INF/services/org.apache.flink.table.factories.Factory", "org.example.MyFactory\n")
    resource = upload(site, f"udf-{job_name}", jar.getvalue())
    assert resource["factories"] == ["org.example.MyFactory"]
    again = upload(site, f"udf-{job_name}", jar.getvalue())
    assert (again["id"], again["digest"]) == (resource["id"], resource["digest"])
    job = site.create(WRONG.replace("idd", "id"), name=job_name, dependencies={"resources": [resource["name"]]})
    assert site.rest.request("DELETE", f"resources/{resource['id']}", expect=409).body["code"] == "IN_USE"
    site.operate(job, "DELETE")
