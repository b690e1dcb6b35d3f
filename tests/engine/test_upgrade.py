# SPDX-License-Identifier: Apache-2.0
"""Upgrades on a real Flink: counts stay exact whether the new revision is good, fails, or the console dies on the way."""
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from support.counting import OFTEN, ROWS_A_SECOND, assert_exact, counting_sql, numbers_by_key, total
from support.flink import committed_rows, engine_get
from support.waiting import wait_for

# A test has no minute to wait for each attempt to be stable.
SOON = {"upgrade": {"stableAfter": "3s", "timeout": "1m"}}


def more_rows(results: Path, seconds: int = 1) -> None:
    before = total(results)
    wait_for("more rows", lambda: total(results) > before + seconds * ROWS_A_SECOND)


def edit(site, job: dict[str, Any], **spec: Any) -> int:
    answer = site.rest.request("GET", f"jobs/{job['id']}")
    draft = {"name": job["name"], "teamId": site.team["id"], "spec": {**answer.body["spec"], **spec}}
    return site.rest.put(f"jobs/{job['id']}", draft, headers={"If-Match": answer.etag})["revision"]["wanted"]


def another(site, job: dict[str, Any]) -> int:
    """A new revision that counts as the one before, in the same order."""
    return edit(site, job, options={"execution.checkpointing.interval": "400ms"})


def await_stable(site, job: dict[str, Any]) -> None:
    wait_for("a stable attempt", lambda: site.rest.get(f"jobs/{job['id']}/attempts")["items"][0]["stableAt"])


def assert_no_gaps(results: Path) -> None:
    """Parallel sources come on at their own pace, so ids have gaps at the end; no key has."""
    rows = list(committed_rows(results))
    assert len({row["id"] for row in rows}) == len(rows)
    for key, numbers in numbers_by_key(results).items():
        assert numbers == list(range(1, len(numbers) + 1)), f"key {key}: gaps or doubles"


def steps_of(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in operation["steps"]}


# What is wrong with a new revision, and what is told of it.
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "is refused": ({"options": {**OFTEN, "execution.checkpointing.dir": "file:///proc/nowhere"}}, ""),
    # Flink 2.3 begins one right after the start, whatever the interval.
    "completes no checkpoint": ({"options": {"execution.checkpointing.interval": "1h",
                                             "execution.checkpointing.timeout": "10ms",
                                             "execution.checkpointing.tolerable-failed-checkpoints": "100"},
                                 "upgrade": {"stableAfter": "3s", "timeout": "4s"}}, "was not stable within 4s"),
}


@pytest.fixture
def stable(site, job_name: str) -> tuple[dict[str, Any], Path]:
    """A counting job whose revision has proven itself."""
    results = site.results(job_name)
    job = site.create(counting_sql(results), name=job_name, options=OFTEN, **SOON)
    site.start(job)
    wait_for("rows", lambda: total(results) > 0)
    await_stable(site, job)
    return job, results


def alive_on_engine(site, job: dict[str, Any]) -> list[str]:
    cluster = site.rest.get(f"clusters/{site.cluster['id']}")
    jobs = engine_get(cluster["webUrl"], "jobs/overview")["jobs"]
    ours = {a["engineJobId"] for a in site.rest.get(f"jobs/{job['id']}/attempts")["items"]}
    return [one["jid"] for one in jobs if one["jid"] in ours and one["state"] in ("RUNNING", "CREATED", "RESTARTING")]


@pytest.mark.parametrize("mode", ["SAVEPOINT", "LAST_STATE"])
def test_an_upgrade_keeps_exact_counts(site, stable, mode: str) -> None:
    job, results = stable
    wanted = another(site, job)
    plan = site.rest.get(f"jobs/{job['id']}/upgrade-plan", mode=mode)
    assert [c["name"] for c in plan["checks"] if c["state"] == "FAILED"] == []
    assert (plan["path"], plan["backTo"]) == (mode, 1)

    ended = site.operate(job, "UPGRADE", mode=mode)

    assert steps_of(ended)["FOLDER"]["state"] == ("SUCCEEDED" if mode == "SAVEPOINT" else "SKIPPED")
    assert steps_of(ended)["WATCH"]["state"] == "SUCCEEDED"
    job = site.rest.get(f"jobs/{job['id']}")
    assert job["revision"] == {**job["revision"], "deployed": wanted, "lastStable": wanted, "rollback": 1}
    more_rows(results)
    assert_exact(results)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_revision_that_fails_is_rolled_back_with_exact_counts(site, stable, fault: str) -> None:
    job, results = stable
    spec, told = FAULTS[fault]
    edit(site, job, **spec)

    operation = site.rest.command(f"jobs/{job['id']}/operations", "UPGRADE")
    ended = site.console.await_operation(operation, expect="FAILED", seconds=180)

    assert ended["result"].get("rolledBackTo") == 1, (ended["error"], ended["steps"])
    assert "rolled back to revision 1 from snapshot file:" in ended["error"]["detail"], ended["error"]
    assert told in ended["error"]["detail"]
    assert steps_of(ended)["RUN_BACK"]["state"] == "SUCCEEDED"
    assert len(alive_on_engine(site, job)) == 1
    more_rows(results)
    assert_exact(results)
    # The point stays as long as the attempt that came back from it lives.
    held = next(s for s in site.rest.get(f"jobs/{job['id']}/snapshots")["items"]
                if s["id"] == ended["result"]["snapshotId"])
    assert held["heldBy"]


def test_a_folder_that_cannot_be_written_is_found_before_the_stop(site, stable) -> None:
    job, results = stable
    folder = site.cluster_folder / "savepoints" / job["id"]
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")  # of everyone, root too
    another(site, job)
    try:
        plan = site.rest.get(f"jobs/{job['id']}/upgrade-plan")
        assert [c["name"] for c in plan["checks"] if c["state"] == "FAILED"] == ["FOLDER"]
        operation = site.rest.command(f"jobs/{job['id']}/operations", "UPGRADE")
        ended = site.console.await_operation(operation, expect="FAILED")
    finally:
        os.unlink(folder)
    assert ended["error"]["code"] == "SAVEPOINT_FAILED"
    assert steps_of(ended)["FOLDER"]["state"] == "FAILED"
    assert steps_of(ended)["SAVEPOINT"]["state"] == "SKIPPED"
    assert site.rest.get(f"jobs/{job['id']}/attempts")["items"][0]["outcome"] == "LIVE"
    more_rows(results)
    assert_exact(results)


@pytest.mark.parametrize("step", ["REHEARSE", "AWAIT_SAVEPOINT", "SUBMIT", "WATCH"])
def test_a_console_that_dies_goes_on_with_the_upgrade_once(site, stable, step: str) -> None:
    job, results = stable
    wanted = another(site, job)
    operation = site.rest.command(f"jobs/{job['id']}/operations", "UPGRADE")

    def reached() -> bool:
        steps = steps_of(site.rest.get(f"operations/{operation['id']}"))
        return steps[step]["state"] != "WAITING"

    wait_for(f"step {step}", reached, every=0.01)
    site.console.kill()
    site.console.restart()
    site.console.await_operation(operation, seconds=180)
    assert len(alive_on_engine(site, job)) == 1
    attempts = site.rest.get(f"jobs/{job['id']}/attempts")["items"]
    assert [a["revision"] for a in attempts] == [wanted, 1]
    more_rows(results)
    assert_exact(results)


def test_a_person_upgrades_rescales_and_rolls_back_by_commands(site, stable) -> None:
    job, results = stable

    def run(verb: str, *arguments: str) -> dict[str, Any]:
        return json.loads(site.console.cli("job", verb, job["name"], *arguments, "-o", "json").stdout)

    def newest() -> dict[str, Any]:
        return site.rest.get(f"jobs/{job['id']}/attempts")["items"][0]

    wanted = another(site, job)
    plan = run("upgrade", "--check")
    assert (plan["revision"], plan["path"], plan["backTo"]) == (wanted, "SAVEPOINT", 1)
    assert newest()["revision"] == 1, "a check stops nothing"
    upgraded = run("upgrade", "--idempotency-key", job["id"])
    assert run("upgrade", "--idempotency-key", job["id"])["id"] == upgraded["id"]
    rescaled = run("rescale", "2", "--note", "a test")
    assert (newest()["revision"], newest()["parallelism"]) == (wanted, 2)
    assert newest()["restoredFrom"]["id"] == rescaled["result"]["snapshotId"]
    more_rows(results)
    assert_no_gaps(results)
    back = run("rollback", "--revision", "1")
    assert (newest()["revision"], newest()["restoredFrom"]["id"]) == (1, upgraded["result"]["snapshotId"])
    assert back["result"]["snapshotId"], "by which the rollback can be undone"


def test_a_running_job_takes_another_parallelism_and_another(site, job_name: str) -> None:
    cluster = site.console.start_cluster(
        {"id": site.cluster["spec"]["installationId"]}, name=f"adaptive-{job_name}",
        jobManagerMemory="800m", taskManagerMemory="1g", options={"jobmanager.scheduler": "adaptive"})
    results = site.results(job_name)
    job = site.create(counting_sql(results), name=job_name, options=OFTEN, target={"clusterId": cluster["id"]}, **SOON)
    try:
        site.start(job)
        wait_for("rows", lambda: total(results) > 0)
        for parallelism in (3, 2):
            ended = site.operate(job, "RESCALE", parallelism=parallelism, seconds=180)
            assert steps_of(ended)["RESCALE"]["state"] == "SUCCEEDED", steps_of(ended)["RESCALE"]
            assert steps_of(ended)["SAVEPOINT"]["state"] == "SKIPPED"
            attempts = site.rest.get(f"jobs/{job['id']}/attempts")["items"]
            assert [(a["number"], a["parallelism"]) for a in attempts] == [(1, parallelism)]
            more_rows(results)
        site.operate(job, "STOP", savepoint="YES")
    finally:
        site.rest.command(f"clusters/{cluster['id']}/operations", "STOP", jobs="KILL")
    assert_no_gaps(results)
