# SPDX-License-Identifier: Apache-2.0
"""The life of a SQL job on a real Flink: what it counted is never lost and never counted twice."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.flink import committed_rows
from support.waiting import wait_for

ROWS_A_SECOND = 200


def counting_sql(results: Path) -> str:
    """Numbers each row of its key. Only a state that was restored exactly leaves no gap and no double."""
    return f"""
        CREATE TABLE ticks (id BIGINT, seen_at AS PROCTIME()) WITH (
          'connector' = 'datagen', 'rows-per-second' = '{ROWS_A_SECOND}',
          'fields.id.kind' = 'sequence', 'fields.id.start' = '0', 'fields.id.end' = '100000');
        CREATE TABLE counted (id BIGINT, k BIGINT, n BIGINT) WITH (
          'connector' = 'filesystem', 'format' = 'json', 'path' = '{results.as_uri()}',
          'sink.rolling-policy.rollover-interval' = '1s', 'sink.rolling-policy.check-interval' = '1s');
        INSERT INTO counted
        SELECT id, MOD(id, 3), COUNT(*) OVER (PARTITION BY MOD(id, 3) ORDER BY seen_at
                                              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
        FROM ticks;
        """


def numbers_by_key(results: Path) -> dict[int, list[int]]:
    numbers: dict[int, list[int]] = {}
    for row in committed_rows(results):
        numbers.setdefault(row["k"], []).append(row["n"])
    return {key: sorted(found) for key, found in numbers.items()}


def total(results: Path) -> int:
    return sum(map(len, numbers_by_key(results).values()))


def assert_exact(results: Path) -> None:
    for key, numbers in numbers_by_key(results).items():
        assert numbers == list(range(1, len(numbers) + 1)), f"key {key}: gaps or doubles"
    ids = sorted(row["id"] for row in committed_rows(results))
    assert ids == list(range(len(ids)))


@pytest.fixture
def counting(site, job_name: str):
    """A counting job that runs and has committed rows; stopped at the end."""
    results = site.results(job_name)
    job = site.create(counting_sql(results), name=job_name,
                      options={"execution.checkpointing.interval": "1s"})
    site.start(job)
    wait_for("first rows", lambda: total(results) > 0)
    yield job, results
    stop_hard(site, job)


def stop_hard(site, job: dict[str, Any]) -> None:
    if site.rest.get(f"jobs/{job['id']}")["badge"] in ("RUNNING", "DEGRADED", "RESTARTING"):
        site.operate(job, "STOP", savepoint="NO")


@pytest.mark.parametrize("savepoint_format", ["CANONICAL", "NATIVE"])
def test_counts_go_on_exactly_after_a_stop_with_savepoint(site, counting, savepoint_format: str) -> None:
    job, results = counting
    stopped = site.operate(job, "STOP", savepoint="YES", format=savepoint_format, name="before lunch", note="why")
    site.console.await_badge(job["id"], "SUSPENDED")
    snapshot = next(s for s in site.rest.get(f"jobs/{job['id']}/snapshots")["items"]
                    if s["id"] == stopped["result"]["snapshotId"])
    assert (snapshot["kind"], snapshot["format"]) == ("SAVEPOINT", savepoint_format)
    assert (snapshot["name"], snapshot["note"]) == ("before lunch", "why")
    before = total(results)

    site.start(job)

    wait_for("more rows", lambda: total(results) > before + ROWS_A_SECOND)
    assert_exact(results)


def test_a_start_from_an_older_savepoint_goes_back_to_it(site, job_name: str) -> None:
    results = site.results(job_name)
    job = site.create(counting_sql(results), name=job_name, options={"execution.checkpointing.interval": "1s"})
    site.start(job)
    wait_for("first rows", lambda: total(results) > 0)
    saved = site.operate(job, "SAVEPOINT", name="early")
    wait_for("rows after it", lambda at=total(results): total(results) > at + ROWS_A_SECOND)
    site.operate(job, "STOP", savepoint="NO")
    seen = total(results)

    site.start(job, restore={"from": "SNAPSHOT", "snapshotId": saved["result"]["snapshotId"]})

    # What came after the savepoint is counted again, with the same numbers.
    wait_for("more rows", lambda: total(results) > seen + ROWS_A_SECOND)
    site.operate(job, "STOP", savepoint="NO")
    for numbers in numbers_by_key(results).values():
        assert set(numbers) == set(range(1, max(numbers) + 1))
        assert len(numbers) > max(numbers)


def test_a_stop_without_savepoint_asks_where_to_start_from(site, counting) -> None:
    job, _ = counting
    site.operate(job, "STOP", savepoint="NO")
    site.console.await_badge(job["id"], "STOPPED")
    answer = site.rest.request("POST", f"jobs/{job['id']}/operations", {"kind": "START"}, expect=409)
    assert answer.body["code"] == "RESTORE_CHOICE_REQUIRED"
    site.start(job, restore={"from": "NOTHING"})


def test_drained_job_has_all_its_rows(site, counting) -> None:
    job, results = counting
    site.operate(job, "STOP", savepoint="DRAIN")
    site.console.await_badge(job["id"], "STOPPED", "FINISHED")
    assert_exact(results)


def test_a_second_start_is_refused_and_harms_nothing(site, counting) -> None:
    job, results = counting
    answer = site.rest.request("POST", f"jobs/{job['id']}/operations", {"kind": "START"}, expect=409)
    assert answer.body["code"] == "ILLEGAL_STATE"
    assert site.rest.get(f"jobs/{job['id']}")["badge"] == "RUNNING"
    assert_exact(results)


def test_the_job_survives_a_crash_of_the_console(site, counting) -> None:
    job, results = counting
    attempts = site.rest.get(f"jobs/{job['id']}/attempts")["items"]
    site.console.kill()
    before = total(results)
    wait_for("rows while no console runs", lambda: total(results) > before)
    site.console.restart()
    site.console.await_badge(job["id"], "RUNNING")
    assert [a["engineJobId"] for a in site.rest.get(f"jobs/{job['id']}/attempts")["items"]] == [
        a["engineJobId"] for a in attempts]
    assert_exact(results)


def test_a_start_without_free_slots_says_so(site, job_name: str) -> None:
    job = site.create(counting_sql(site.results(job_name)), name=job_name, parallelism=64)
    operation = site.rest.command(f"jobs/{job['id']}/operations", "START")
    ended = site.console.await_operation(operation, expect="FAILED")
    assert ended["error"]["code"] == "NOT_ENOUGH_SLOTS"
    assert "64" in ended["error"]["detail"]
