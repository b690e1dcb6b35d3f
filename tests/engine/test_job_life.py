# SPDX-License-Identifier: Apache-2.0
"""The life of a SQL job on a real Flink: what it counted is never lost and never counted twice."""
from __future__ import annotations

import pytest

from support.counting import COUNT, OFTEN, ROWS_A_SECOND, assert_exact, counting_source, counting_sql, total
from support.flink import printed_rows
from support.waiting import wait_for

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
    """The rows of the new attempt begin at the savepoint's position, and count on from its state."""
    job = site.create(counting_source() + f"""
        CREATE TABLE printed (id BIGINT, k BIGINT, n BIGINT) WITH ('connector' = 'print',
          'print-identifier' = '{job_name}');
        INSERT INTO printed {COUNT}""", name=job_name, options=OFTEN)
    site.start(job)

    def ids() -> list[int]:
        return [row["id"] for row in printed_rows(site.cluster_folder, job_name)]

    wait_for("first rows", ids)
    before = ids()[-1]
    saved = site.operate(job, "SAVEPOINT", name="early")
    after = ids()[-1]
    wait_for("rows after it", lambda: ids()[-1] > after + ROWS_A_SECOND)
    site.operate(job, "STOP", savepoint="NO")
    seen = len(ids())
    assert ids() == list(range(seen))

    site.start(job, restore={"from": "SNAPSHOT", "snapshotId": saved["result"]["snapshotId"]})

    newest_attempt = max(site.rest.get(f"jobs/{job['id']}/attempts")["items"], key=lambda attempt: attempt["number"])
    assert newest_attempt["restoredFrom"]["id"] == saved["result"]["snapshotId"]
    wait_for("rows of the new attempt", lambda: len(ids()) > seen + ROWS_A_SECOND)
    site.operate(job, "STOP", savepoint="NO")
    rows = list(printed_rows(site.cluster_folder, job_name))[seen:]
    position = rows[0]["id"]
    assert before < position <= after + 1, "it goes on where the savepoint was taken"
    assert [row["id"] for row in rows] == list(range(position, position + len(rows)))
    assert [row["n"] for row in rows] == [row["id"] // 3 + 1 for row in rows], "the count is the savepoint's"


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
