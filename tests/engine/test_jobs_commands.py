# SPDX-License-Identifier: Apache-2.0
"""Every command to a job on a real Flink, and what it answers when it cannot be done."""
from __future__ import annotations

from typing import Any

import pytest

from support.counting import OFTEN
from support.waiting import wait_for

ENDLESS = """
CREATE TABLE ticks (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '50');
CREATE TABLE nowhere (k BIGINT, n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO nowhere SELECT MOD(id, 3), COUNT(*) FROM ticks GROUP BY MOD(id, 3);
"""


@pytest.fixture
def job(site, job_name: str):
    return site.create(ENDLESS, name=job_name, options=OFTEN)


def action(job: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(one for one in job["actions"] if one["kind"] == kind)


def test_a_release_makes_a_job_ready_and_keeps_the_plan(site, job) -> None:
    operation = site.operate(job, "RELEASE")
    assert [step["state"] for step in operation["steps"]] == ["SUCCEEDED"] * 4
    ready = site.console.await_badge(job["id"], "READY")
    assert ready["revision"]["released"] == 1
    assert ready["release"]["state"] == "RELEASED" and ready["release"]["compiled"]
    assert ready["release"]["operators"]
    assert site.rest.get(f"jobs/{job['id']}/revisions")["items"][0]["released"]


def test_a_savepoint_of_a_running_job_is_listed_and_restorable(site, job) -> None:
    site.start(job)
    saved = site.operate(job, "SAVEPOINT", name="early", note="before the change")
    snapshots = site.rest.get(f"jobs/{job['id']}/snapshots")["items"]
    mine = next(one for one in snapshots if one["id"] == saved["result"]["snapshotId"])
    assert (mine["name"], mine["note"], mine["kind"]) == ("early", "before the change", "SAVEPOINT")
    assert site.rest.get(f"jobs/{job['id']}")["badge"] == "RUNNING"
    site.operate(job, "STOP", savepoint="NO")

    site.start(job, restore={"from": "SNAPSHOT", "snapshotId": mine["id"]})

    attempt = site.rest.get(f"jobs/{job['id']}/attempts")["items"][0]
    assert attempt["restoredFrom"]["id"] == mine["id"]
    restored = site.rest.get(f"jobs/{job['id']}/checkpoints")["restored"]
    assert restored["path"].rstrip("/").endswith(mine["path"].rstrip("/").rsplit("/", 1)[1])
    held = next(one for one in site.rest.get(f"jobs/{job['id']}/snapshots")["items"] if one["id"] == mine["id"])
    assert held["heldBy"]
    answer = site.rest.request("DELETE", f"jobs/{job['id']}/snapshots/{mine['id']}", expect=409)
    assert answer.body["code"] == "IN_USE"


def test_checkpoints_become_snapshots_and_latest_takes_the_newest(site, job) -> None:
    site.start(job)
    wait_for("a retained checkpoint", lambda: any(
        one["kind"] == "CHECKPOINT" for one in site.rest.get(f"jobs/{job['id']}/snapshots")["items"]))
    site.operate(job, "STOP", savepoint="NO")
    site.start(job, restore={"from": "LATEST"})
    attempt = site.rest.get(f"jobs/{job['id']}/attempts")["items"][0]
    assert attempt["restoredFrom"]["kind"] == "CHECKPOINT"
    assert attempt["restoredFrom"]["verification"] == "VERIFIED"


def test_a_restart_restores_its_own_savepoint_with_another_parallelism(site, job) -> None:
    site.start(job)
    site.operate(job, "RESTART", parallelism=2)
    site.console.await_badge(job["id"], "RUNNING")
    newest, older = site.rest.get(f"jobs/{job['id']}/attempts")["items"]
    assert newest["parallelism"] == 2 and newest["restoredFrom"]["kind"] == "SAVEPOINT"
    assert older["outcome"] == "SUSPENDED"


def test_an_edited_job_restarts_as_its_new_revision(site, job) -> None:
    site.start(job)
    now = site.rest.get(f"jobs/{job['id']}")
    draft = site.draft(ENDLESS.replace("'50'", "'60'"), name=now["name"], options=now["spec"]["options"])
    stale = site.rest.request("PUT", f"jobs/{job['id']}", draft, headers={"If-Match": '"999"'}, expect=412)
    assert stale.body["code"] == "STALE_EDIT"
    edited = site.rest.put(f"jobs/{job['id']}", draft, headers={"If-Match": f'"{now["etag"]}"'})
    assert edited["revision"]["wanted"] == 2 and edited["revision"]["deployed"] == 1
    assert edited["badge"] == "RUNNING"
    site.operate(job, "RESTART")
    after = site.console.await_badge(job["id"], "RUNNING")
    assert after["revision"]["deployed"] == 2


def test_a_start_that_is_cancelled_leaves_nothing_on_the_engine(site, job) -> None:
    operation = site.rest.command(f"jobs/{job['id']}/operations", "START")
    site.rest.post(f"operations/{operation['id']}/cancel", expect=202)
    site.console.await_operation(operation, expect="CANCELLED")
    running = [one for one in site.rest.get(f"clusters/{site.cluster['id']}/jobs")["items"]
               if one.get("jobId") == job["id"] and one["state"] in ("PENDING", "RUNNING")]
    assert running == []


def test_commands_that_make_no_sense_are_refused_with_the_reason(site, job) -> None:
    for kind, parameters in (("STOP", {"savepoint": "YES"}), ("SAVEPOINT", {}), ("RESTART", {})):
        answer = site.rest.request("POST", f"jobs/{job['id']}/operations", {"kind": kind, **parameters}, expect=409)
        assert answer.body["code"] == "ILLEGAL_STATE"
    assert not action(site.rest.get(f"jobs/{job['id']}"), "STOP")["allowed"]
    answer = site.rest.request("POST", f"jobs/{job['id']}/operations", {"kind": "STOP"}, expect=422)
    assert answer.body["fields"][0]["pointer"] == "/savepoint"


def test_a_deleted_job_comes_back_as_it_was(site, job) -> None:
    site.start(job)
    site.operate(job, "STOP", savepoint="YES")
    site.operate(job, "DELETE")
    assert job["id"] not in [one["id"] for one in site.rest.get("jobs")["items"]]
    assert job["id"] in [one["id"] for one in site.rest.get("jobs", deleted="true")["items"]]
    site.rest.post(f"jobs/{job['id']}/undelete")
    assert site.console.await_badge(job["id"], "SUSPENDED")
    site.start(job)


def test_a_copy_is_a_job_of_its_own(site, job) -> None:
    copy = site.rest.post(f"jobs/{job['id']}/copy", {"name": job["name"] + " copy"}, expect=201)
    assert copy["spec"]["sql"] == ENDLESS and copy["badge"] == "DRAFT"
    taken = site.rest.request("POST", f"jobs/{job['id']}/copy", {"name": job["name"]}, expect=409)
    assert taken.body["code"] == "NAME_TAKEN"
    site.operate(copy, "DELETE")


def test_the_same_key_answers_the_same_operation(site, job) -> None:
    path, headers = f"jobs/{job['id']}/operations", {"Idempotency-Key": f"key-{job['id']}"}
    first = site.rest.post(path, {"kind": "RELEASE"}, headers=headers)
    site.console.await_operation(first)
    assert site.rest.post(path, {"kind": "RELEASE"}, headers=headers)["id"] == first["id"]
    other = site.rest.request("POST", path, {"kind": "START"}, headers=headers, expect=409)
    assert other.body["code"] == "IDEMPOTENCY_MISMATCH"


@pytest.mark.parametrize("row", [0, 5, 30])
def test_a_failure_keeps_its_root_cause_however_soon_it_comes(site, job_name: str, row: int) -> None:
    """While it starts, right after, and later: Flink's answers about a job are cached and tell of its end late."""
    job = site.create(f"""
        CREATE TABLE ticks (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '10',
            'fields.n.kind' = 'sequence', 'fields.n.start' = '0', 'fields.n.end' = '1000');
        CREATE TABLE ratios (r BIGINT) WITH ('connector' = 'blackhole');
        INSERT INTO ratios SELECT 10 / (n - {row}) FROM ticks;""",
                      name=job_name, options={"restart-strategy.type": "none"}, restart={"attempts": 0})
    operation = site.rest.command(f"jobs/{job['id']}/operations", "START")
    site.console.await_badge(job["id"], "FAILED")
    ended = site.rest.get(f"operations/{operation['id']}")
    if ended["state"] == "FAILED":
        assert "by zero" in ended["error"]["cause"]
    exceptions = wait_for("the cause", lambda: site.rest.get(f"jobs/{job['id']}/exceptions")["items"], seconds=30)
    assert "by zero" in exceptions[0]["rootCause"]
