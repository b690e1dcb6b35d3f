# SPDX-License-Identifier: Apache-2.0
"""What a job depends on, each on a class path of its own: uploaded jars and coordinates of a Maven repository."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.counting import OFTEN, ROLLING
from support.flink import committed_rows
from support.waiting import wait_for

CODEC = "commons-codec:commons-codec:1.17.1"


def function_source(answer: str) -> str:
    return f"""
        import org.apache.flink.table.functions.ScalarFunction;
        public class Which extends ScalarFunction {{
          public String eval(Long id) {{ return {answer}; }}
        }}"""


def upload(site, name: str, jar: bytes) -> dict[str, Any]:
    return site.rest.post("resources", jar, expect=201, content_type="application/octet-stream",
                          query={"team": site.team["id"], "name": name, "fileName": f"{name}.jar"})


def calling_sql(results: Path) -> str:
    return f"""
        CREATE FUNCTION which AS 'Which';
        CREATE TABLE ids (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '20');
        CREATE TABLE told (answer STRING) WITH (
          'connector' = 'filesystem', 'format' = 'json', 'path' = '{results.as_uri()}',
          {ROLLING});
        INSERT INTO told SELECT which(id) FROM ids;
        """


def start_calling(site, name: str, **dependencies: Any) -> tuple[dict[str, Any], Path]:
    results = site.results(name)
    job = site.create(calling_sql(results), name=name, options=OFTEN, dependencies=dependencies)
    site.start(job)
    return job, results


def answers(results: Path) -> set[str]:
    return {row["answer"] for row in committed_rows(results)}


def fail_start(site, name: str, **dependencies: Any) -> dict[str, Any]:
    job = site.create(calling_sql(site.results(name)), name=name, dependencies=dependencies)
    operation = site.rest.command(f"jobs/{job['id']}/operations", "START")
    return site.console.await_operation(operation, expect="FAILED", seconds=240)["error"]


def test_two_jobs_see_two_versions_of_one_class(site, make_jar, job_name: str) -> None:
    for version in ("one", "two"):
        upload(site, f"{job_name}-{version}", make_jar("Which", function_source(f'"{version}"')))
    first = start_calling(site, f"{job_name}-a", resources=[f"{job_name}-one"])[1]
    second = start_calling(site, f"{job_name}-b", resources=[f"{job_name}-two"])[1]
    wait_for("rows of both", lambda: answers(first) and answers(second))
    assert (answers(first), answers(second)) == ({"one"}, {"two"})


def test_a_new_upload_reaches_the_job_with_its_next_release(site, make_jar, job_name: str) -> None:
    upload(site, job_name, make_jar("Which", function_source('"old"')))
    job, results = start_calling(site, job_name, resources=[job_name])
    wait_for("rows", lambda: answers(results))
    upload(site, job_name, make_jar("Which", function_source('"new"')))
    site.operate(job, "RESTART")
    assert answers(results) == {"old"}, "a release keeps the bytes it was made of"
    site.operate(job, "RELEASE")
    site.operate(job, "RESTART")
    wait_for("rows of the new jar", lambda: answers(results) == {"old", "new"})


def test_a_coordinate_is_resolved_and_its_classes_are_there(site, make_jar, job_name: str) -> None:
    source = function_source('new String(org.apache.commons.codec.binary.Hex.encodeHex(new byte[] {10, 11}))')
    stub = make_jar("Hex", "package org.apache.commons.codec.binary; public class Hex "
                    "{ public static char[] encodeHex(byte[] bytes) { return null; } }")
    stub_jar = site.console.folder / f"{job_name}-stub.jar"
    stub_jar.write_bytes(stub)
    upload(site, job_name, make_jar("Which", source, str(stub_jar)))
    job, results = start_calling(site, job_name, resources=[job_name], maven=[CODEC])
    wait_for("rows", lambda: answers(results))
    assert answers(results) == {"0a0b"}
    jar = next(a for a in site.rest.get(f"jobs/{job['id']}")["release"]["artifacts"]
               if a["name"].endswith("commons-codec-1.17.1.jar"))
    assert (jar["origin"].split(":")[0], len(jar["digest"])) == ("maven", 64)


def test_an_unresolvable_coordinate_is_named(site, job_name: str) -> None:
    error = fail_start(site, job_name, maven=["no.such.group.streampark:nothing:1.0"])
    assert error["code"] == "DEPENDENCY_UNRESOLVED"
    assert "no.such.group.streampark:nothing" in error.get("cause", "") + error["detail"]


def test_a_resource_that_is_not_there_is_named(site, job_name: str) -> None:
    error = fail_start(site, job_name, resources=[f"{job_name}-absent"])
    assert error["code"] == "DEPENDENCY_UNRESOLVED"
    assert f"{job_name}-absent" in error["detail"]


def test_a_class_of_another_jobs_jar_is_not_there(site, make_jar, job_name: str) -> None:
    upload(site, job_name, make_jar("Which", function_source('"one"')))
    start_calling(site, f"{job_name}-a", resources=[job_name])
    assert fail_start(site, f"{job_name}-b")["code"] == "SQL_INVALID"


def test_a_resource_in_use_is_not_deleted(site, make_jar, job_name: str) -> None:
    resource = upload(site, job_name, make_jar("Which", function_source('"one"')))
    site.create(calling_sql(site.results(job_name)), name=job_name, dependencies={"resources": [job_name]})
    assert site.rest.request("DELETE", f"resources/{resource['id']}", expect=409).body["code"] == "IN_USE"
