# SPDX-License-Identifier: Apache-2.0
"""What a start or restart restores on a real Flink: claims, paths, operators that came, went and moved."""
from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest

from support.counting import OFTEN, ROWS_A_SECOND, assert_exact, counting_sql, total, unseen_counting_sql
from support.waiting import wait_for


def folder_of(snapshot: dict[str, Any]) -> Path:
    return Path(urlparse(snapshot["path"]).path)


def snapshot_of(site, job: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    return next(s for s in site.rest.get(f"jobs/{job['id']}/snapshots")["items"]
                if s["id"] == operation["result"]["snapshotId"])


def suspend(site, job: dict[str, Any]) -> dict[str, Any]:
    return snapshot_of(site, job, site.operate(job, "STOP", savepoint="YES"))


def more_rows(results: Path) -> None:
    before = total(results)
    wait_for("more rows", lambda: total(results) > before + ROWS_A_SECOND)


def edit(site, job: dict[str, Any], sql: str) -> int:
    """The number of the new revision."""
    answer = site.rest.request("GET", f"jobs/{job['id']}")
    draft = {"name": job["name"], "teamId": site.team["id"], "spec": {**answer.body["spec"], "sql": sql}}
    edited = site.rest.put(f"jobs/{job['id']}", draft, headers={"If-Match": answer.etag})
    return edited["revision"]["wanted"]


def fail(site, job: dict[str, Any], kind: str, **parameters: Any) -> dict[str, Any]:
    operation = site.rest.command(f"jobs/{job['id']}/operations", kind, **parameters)
    return site.console.await_operation(operation, expect="FAILED")["error"]


def with_more(results: Path, before: str = "", after: str = "") -> str:
    """The counting script as one statement set, with other INSERTs around the one that counts."""
    tables, insert = counting_sql(results).split("INSERT INTO counted")
    return f"""{tables}
        CREATE TABLE nowhere (k BIGINT, n BIGINT) WITH ('connector' = 'blackhole');
        BEGIN STATEMENT SET;
        {before}
        INSERT INTO counted {insert}
        {after}
        END;
        """


BY_TENS = "INSERT INTO nowhere SELECT MOD(id, 10), COUNT(*) FROM ticks GROUP BY MOD(id, 10);"
BY_SEVENS = "INSERT INTO nowhere SELECT MOD(id, 7), MAX(id) FROM ticks GROUP BY MOD(id, 7);"


# ---------------------------------------------------------------------------------------- paths and claims

def test_a_path_goes_on_exactly_and_makes_no_second_row(site, counting) -> None:
    job, results = counting
    saved = suspend(site, job)
    site.start(job, restore={"from": "PATH", "path": str(folder_of(saved)) + "/"})
    more_rows(results)
    assert_exact(results)
    attempts = site.rest.get(f"jobs/{job['id']}/attempts")["items"]
    assert max(attempts, key=lambda one: one["number"])["restoredFrom"]["id"] == saved["id"]
    rows = [s for s in site.rest.get(f"jobs/{job['id']}/snapshots")["items"]
            if folder_of(s) == folder_of(saved)]
    assert len(rows) == 1


def test_what_the_job_needs_is_not_claimed_by_its_path(site, counting) -> None:
    job, results = counting
    saved = suspend(site, job)
    error = fail(site, job, "START", restore={"from": "PATH", "path": str(folder_of(saved)), "mode": "CLAIM"})
    assert error["code"] == "IN_USE"
    assert folder_of(saved).is_dir()
    site.start(job)
    more_rows(results)
    assert_exact(results)


def test_a_claimed_savepoint_is_the_engines_and_goes_when_it_is_subsumed(site, job_name: str) -> None:
    job = site.create(unseen_counting_sql(), name=job_name, options=OFTEN)
    site.start(job)
    saved = snapshot_of(site, job, site.operate(job, "SAVEPOINT"))
    site.operate(job, "STOP", savepoint="NO")
    site.start(job, restore={"from": "SNAPSHOT", "snapshotId": saved["id"], "mode": "CLAIM"})
    wait_for("the engine has removed what it claimed", lambda: not folder_of(saved).exists())
    assert site.rest.get(f"jobs/{job['id']}")["badge"] == "RUNNING"


def test_without_a_claim_it_stays(site, counting) -> None:
    job, results = counting
    saved = suspend(site, job)
    site.start(job, restore={"from": "SNAPSHOT", "snapshotId": saved["id"], "mode": "NO_CLAIM"})
    more_rows(results)
    assert (folder_of(saved) / "_metadata").is_file()


def test_deleting_a_given_path_leaves_the_files_to_their_owner(site, counting) -> None:
    job, results = counting
    saved = suspend(site, job)
    other_results = results.with_name(results.name + "-other")
    other = site.create(counting_sql(other_results), options=OFTEN)
    site.start(other, restore={"from": "PATH", "path": saved["path"]})
    site.operate(other, "STOP", savepoint="NO")
    given = next(s for s in site.rest.get(f"jobs/{other['id']}/snapshots")["items"]
                 if folder_of(s) == folder_of(saved))
    site.rest.delete(f"jobs/{other['id']}/snapshots/{given['id']}")
    assert (folder_of(saved) / "_metadata").is_file()
    site.start(job)
    more_rows(results)
    assert_exact(results)


def test_a_snapshot_is_deleted_with_its_files(site, counting) -> None:
    job, _ = counting
    saved = snapshot_of(site, job, site.operate(job, "SAVEPOINT"))
    site.rest.delete(f"jobs/{job['id']}/snapshots/{saved['id']}")
    assert not folder_of(saved).exists()


def test_a_restart_refuses_what_it_would_not_follow(site, counting) -> None:
    job, _ = counting
    for refused in ({"restore": {"from": "NOTHING"}}, {"savepoint": "DRAIN"},
                    {"savepoint": "NO", "restore": {"from": "LATEST", "mode": "CLAIM"}}):
        answer = site.rest.request("POST", f"jobs/{job['id']}/operations", {"kind": "RESTART", **refused}, expect=422)
        assert answer.body["code"] == "VALIDATION_FAILED"
    assert site.rest.get(f"jobs/{job['id']}")["badge"] == "RUNNING"


# ---------------------------------------------------------------------------------------- operators and their state

@pytest.fixture
def pair(site, job_name: str) -> tuple[dict[str, Any], Path]:
    """A running job of two INSERTs, both with state, that has completed a checkpoint."""
    results = site.results(job_name)
    job = site.create(with_more(results, after=BY_TENS), name=job_name,
                      options=OFTEN)
    site.start(job)
    wait_for("first rows", lambda: total(results) > 0)
    return job, results


def test_an_insert_put_before_moves_no_state(site, pair) -> None:
    job, results = pair
    edit(site, job, with_more(results, before=BY_SEVENS, after=BY_TENS))
    site.operate(job, "RESTART")
    site.console.await_badge(job["id"], "RUNNING")
    more_rows(results)
    assert_exact(results)


def test_state_that_would_be_left_behind_stops_nothing_until_it_is_allowed(site, pair) -> None:
    job, results = pair
    attempt = site.rest.get(f"jobs/{job['id']}/attempts")["items"][0]["id"]
    edit(site, job, counting_sql(results))
    error = fail(site, job, "RESTART")
    assert error["code"] == "STATE_NOT_RESTORED"
    assert any("GroupAggregate" in field["message"] for field in error["fields"])
    now = site.console.await_badge(job["id"], "RUNNING")
    assert now["attempts"][0] == {"id": attempt, "outcome": "LIVE"}

    site.operate(job, "RESTART", restore={"from": "LATEST", "allowNonRestored": True})
    site.console.await_badge(job["id"], "RUNNING")
    more_rows(results)
    assert_exact(results)


def test_a_start_submits_nothing_that_would_leave_state_behind(site, pair) -> None:
    job, results = pair
    suspend(site, job)
    attempts = len(site.rest.get(f"jobs/{job['id']}/attempts")["items"])
    edit(site, job, counting_sql(results))
    assert fail(site, job, "START")["code"] == "STATE_NOT_RESTORED"
    assert site.rest.get(f"jobs/{job['id']}")["desired"] == "SUSPENDED"
    assert len(site.rest.get(f"jobs/{job['id']}/attempts")["items"]) == attempts
    site.start(job, restore={"from": "LATEST", "allowNonRestored": True})
    more_rows(results)
    assert_exact(results)


def test_a_release_older_than_the_deployed_one_takes_over_its_state(site, pair) -> None:
    """Both revisions were made from the same one, so both would give the next number to another operator."""
    job, results = pair
    older = edit(site, job, with_more(results, before=BY_SEVENS, after=BY_TENS))
    site.operate(job, "RELEASE")
    edit(site, job, with_more(results, before=BY_SEVENS.replace("7", "5"), after=BY_TENS))
    site.operate(job, "RESTART")
    site.console.await_badge(job["id"], "RUNNING")
    # The aggregate by fives has no place in the older revision: its state is never taken for that by sevens.
    assert fail(site, job, "RESTART", revision=older)["code"] == "STATE_NOT_RESTORED"
    site.operate(job, "RESTART", revision=older, restore={"from": "LATEST", "allowNonRestored": True})
    site.console.await_badge(job["id"], "RUNNING")
    more_rows(results)
    assert_exact(results)


def test_a_parallelism_above_the_saved_maximum_stops_nothing(site, job_name: str) -> None:
    results = site.results(job_name)
    job = site.create(counting_sql(results), name=job_name,
                      options={**OFTEN, "pipeline.max-parallelism": "2"})
    site.start(job)
    wait_for("first rows", lambda: total(results) > 0)
    error = fail(site, job, "RESTART", parallelism=4, options={"pipeline.max-parallelism": "8"})
    assert error["code"] == "VALIDATION_FAILED"
    site.console.await_badge(job["id"], "RUNNING")
