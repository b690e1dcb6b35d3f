# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with clusters and installations: told with its cause, mended, or refused."""
from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.console import free_port
from support.waiting import wait_for

SMALL = {"jobManagerMemory": "800m", "taskManagerMemory": "1g", "taskManagers": 1, "slotsPerTaskManager": 1}


def draft(site, name: str, **spec) -> dict:
    return {"name": name, "engine": "FLINK", "kind": "STANDALONE", "installationId": site.cluster["spec"]["installationId"],
            **SMALL, **spec}


def cluster_now(site, cluster: dict) -> dict:
    return site.rest.get(f"clusters/{cluster['id']}")


def command(site, cluster: dict, kind: str, **parameters) -> dict:
    return site.rest.command(f"clusters/{cluster['id']}/operations", kind, **parameters)


def pid_of(cluster: dict, role: str) -> int:
    return next(p["pid"] for p in cluster["processes"] if p["role"] == role and p["state"] == "RUNNING")


def processes_naming(text: str) -> list[int]:
    """Pids of the machine's processes with `text` on their command lines."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if text.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def small(site) -> Iterator[dict]:
    """A second, small cluster that is not started; one restart is in its budget."""
    cluster = site.rest.post("clusters", draft(site, "small", restart={"attempts": 1, "within": "1h"}), expect=201)
    yield cluster
    if cluster_now(site, cluster)["state"] != "STOPPED":
        site.console.await_operation(command(site, cluster, "STOP", jobs="KILL"))
    site.rest.delete(f"clusters/{cluster['id']}")


def test_a_start_goes_on_after_the_console_was_killed(site, small) -> None:
    operation = command(site, small, "START")
    wait_for("the first process", lambda: processes_naming(small["id"]), seconds=60, every=0.01)
    site.console.kill()
    site.console.restart()
    site.console.await_operation(operation, seconds=240)
    running = site.console.await_cluster(small["id"], lambda c: c["state"] == "RUNNING")
    assert sorted(p["pid"] for p in running["processes"]) == sorted(processes_naming(small["id"]))


def test_over_its_budget_it_fails_with_the_reason(site, small) -> None:
    for _ in range(2):
        now = site.console.await_cluster(
            small["id"], lambda c: any(p["role"] == "TASK_MANAGER" and p["state"] == "RUNNING" for p in c["processes"]))
        os.kill(pid_of(now, "TASK_MANAGER"), signal.SIGKILL)
        dead = pid_of(now, "TASK_MANAGER")
        site.console.await_cluster(small["id"], lambda c, pid=dead: c["state"] == "FAILED" or all(
            p["pid"] != pid for p in c["processes"]))
    failed = site.console.await_cluster(small["id"], lambda c: c["state"] == "FAILED")
    assert "TaskManager 0 died" in failed["message"]
    site.console.await_operation(command(site, small, "START"), seconds=240)
    site.console.await_cluster(small["id"], lambda c: c["state"] == "RUNNING")


def test_logs_can_be_read_when_its_processes_are_gone(site, small) -> None:
    site.console.await_operation(command(site, small, "STOP"))
    assert not processes_naming(small["id"])
    logs = site.rest.get(f"clusters/{small['id']}/logs")["items"]
    log = next(entry for entry in logs if entry["role"] == "JOB_MANAGER" and entry["sizeBytes"] > 0)
    assert "INFO" in site.rest.get(f"clusters/{small['id']}/logs/{log['id']}")["text"]
    for bad in ("flink-conf.yaml", "nothing"):
        site.rest.get(f"clusters/{small['id']}/logs/{bad}", expect=404)


def test_a_dead_job_manager_is_replaced_at_the_same_address(site) -> None:
    before = site.console.await_cluster(site.cluster["id"], lambda c: c["state"] == "RUNNING")
    os.kill(pid_of(before, "JOB_MANAGER"), signal.SIGKILL)
    site.console.await_cluster(site.cluster["id"], lambda c: c["state"] != "RUNNING")
    after = site.console.await_cluster(site.cluster["id"], lambda c: c["state"] == "RUNNING" and c["slotsTotal"] == 4)
    assert pid_of(after, "JOB_MANAGER") != pid_of(before, "JOB_MANAGER")
    assert after["webUrl"] == before["webUrl"]


def test_a_port_taken_while_it_was_stopped_is_left_to_its_taker(site, small) -> None:
    site.console.await_operation(command(site, small, "START"), seconds=240)
    before = site.console.await_cluster(small["id"], lambda c: c["state"] == "RUNNING")["webUrl"]
    site.console.await_operation(command(site, small, "STOP"))
    port = urlsplit(before).port
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        site.console.await_operation(command(site, small, "START"), seconds=240)
        after = site.console.await_cluster(small["id"], lambda c: c["state"] == "RUNNING")["webUrl"]
    assert urlsplit(after).port != port


def test_a_start_that_fails_tells_the_engines_own_cause(site) -> None:
    cluster = site.rest.post("clusters", draft(site, "breaks", options={
        "env.java.opts.taskmanager": "-agentlib:no-such-agent"}), expect=201)
    failed = site.console.await_operation(command(site, cluster, "START"), seconds=120, expect="FAILED")
    assert failed["error"]["code"] == "CLUSTER_START_FAILED"
    assert "no-such-agent" in failed["error"]["detail"] + failed["error"].get("cause", "")
    now = cluster_now(site, cluster)
    assert now["state"] == "FAILED"
    assert "TaskManager 0" in now["message"]
    assert not processes_naming(cluster["id"])
    site.rest.delete(f"clusters/{cluster['id']}")


def test_what_flink_refuses_is_refused_at_its_place(site) -> None:
    def refused(**spec) -> dict:
        body = site.rest.request("POST", "clusters", draft(site, "bad", **spec), expect=422).body
        assert body["code"] == "CLUSTER_OPTIONS_INVALID"
        return body["fields"][0]

    memory = refused(taskManagerMemory="200m")
    assert memory["pointer"] == "/taskManagerMemory"
    assert "exceed configured Total Process Memory" in memory["message"]
    unknown = refused(options={"parallelism.defalt": "3"})
    assert unknown["pointer"] == "/options/parallelism.defalt"
    assert "parallelism.default" in unknown["hint"]

    check = site.rest.post("clusters/check", draft(site, "bad", taskManagerMemory="200m"), expect=200)
    assert [error["pointer"] for error in check["errors"]] == ["/taskManagerMemory"]
    fine = site.rest.post("clusters/check", draft(site, "good"), expect=200)
    assert not fine["errors"]
    assert fine["taskManagerMemory"]


def test_a_remote_cluster_answers_at_any_of_its_addresses(site) -> None:
    live = cluster_now(site, site.cluster)["webUrl"].split("/#")[0].rstrip("/")
    dead = f"http://127.0.0.1:{free_port()}"
    cluster = site.rest.post("clusters", {"name": "far", "engine": "FLINK", "kind": "REMOTE",
                                          "addresses": [dead, live]}, expect=201)
    seen = site.console.await_cluster(cluster["id"], lambda c: c["state"] == "RUNNING")
    assert (seen["version"], seen["managed"], seen["slotsTotal"]) == (site.home.version, False, 4)
    assert site.rest.get(f"clusters/{cluster['id']}/task-managers")["items"]
    site.rest.post(f"clusters/{cluster['id']}/operations", {"kind": "STOP"}, expect=409)

    edited = {**seen["spec"], "addresses": [dead]}
    site.rest.put(f"clusters/{cluster['id']}", edited, headers={"If-Match": f'"{seen["etag"]}"'})
    gone = site.console.await_cluster(cluster["id"], lambda c: c["state"] == "UNREACHABLE" and c["message"])
    assert gone["reachability"] != "LOST"
    site.rest.put(f"clusters/{cluster['id']}", edited, expect=412, headers={"If-Match": f'"{seen["etag"]}"'})
    site.rest.delete(f"clusters/{cluster['id']}")


@pytest.mark.parametrize("address", ["ftp://h:1", "file:///etc/passwd", "http://user:secret@h:1", "http://h:1/x", "h:1"])
def test_addresses_that_are_none_are_refused(site, address: str) -> None:
    body = site.rest.request("POST", "clusters", {"name": "far", "engine": "FLINK", "kind": "REMOTE",
                                                  "addresses": [address]}, expect=422).body
    assert body["fields"][0]["pointer"] == "/addresses/0"
    assert "secret" not in str(body)


def test_a_version_is_fetched_once_verified_and_fetched_again_when_broken(site) -> None:
    offered = site.rest.get("installations/available", engine="FLINK")["items"]
    assert site.home.version in [row["version"] for row in offered]

    def fetched() -> dict:
        return site.rest.post("installations", {"engine": "FLINK", "version": site.home.version}, expect=202)

    made = fetched()
    assert fetched()["id"] == made["id"], "asked for twice, there is one"
    path = f"installations/{made['id']}"

    def await_state(*states: str) -> dict:
        def look() -> dict | None:
            now = site.rest.get(path)
            settled = now["operation"] is None or now["operation"]["finishedAt"]
            return now if settled and now["state"] in states else None

        return wait_for(f"the installation is {states}", look, seconds=300)

    ready = await_state("READY", "FAILED")
    assert ready["state"] == "READY", ready["message"]
    assert (ready["version"], ready["line"]) == (site.home.version, site.home.line)
    jar = next((Path(ready["home"]) / "lib").glob("flink-dist-*.jar"))
    with jar.open("ab") as file:
        file.write(b"x")
    site.rest.command(f"{path}/operations", "VERIFY")
    assert await_state("BROKEN")["message"]
    site.rest.command(f"{path}/operations", "FETCH")
    assert await_state("READY", "FAILED")["state"] == "READY"
    site.rest.delete(path)
    assert not Path(ready["home"]).exists()


def test_an_installation_in_use_stays(site) -> None:
    body = site.rest.request("DELETE", f"installations/{site.cluster['spec']['installationId']}", expect=409).body
    assert body["code"] == "IN_USE"


def test_a_folder_that_is_no_installation_is_refused(site, tmp_path: Path) -> None:
    body = site.rest.request("POST", "installations", {"engine": "FLINK", "home": str(tmp_path)}, expect=422).body
    assert body["code"] == "INSTALLATION_INVALID"
