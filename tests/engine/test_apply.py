# SPDX-License-Identifier: Apache-2.0
"""Jobs as code on a real engine: what a file says becomes what runs, and the same file again does nothing."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from support.counting import OFTEN, ROWS_A_SECOND, assert_exact, counting_sql, total
from support.waiting import wait_for


class Code:
    """A job file and what is done with it."""

    def __init__(self, site, name: str) -> None:
        self._site, self.name, self.results = site, name, site.results(name)
        self.spec: dict[str, Any] = {
            "engine": "flink", "type": "sql", "version": site.home.line, "target": {"cluster": site.cluster["spec"]["name"]},
            "sql": counting_sql(self.results), "options": {**OFTEN}}

    def text(self, **spec: Any) -> str:
        return yaml.safe_dump({"apiVersion": "streampark/v1", "kind": "Job",
                               "metadata": {"name": self.name, "team": self._site.team["name"]},
                               "spec": {**self.spec, **spec}})

    def send(self, route: str, *texts: str, expect: int = 200) -> Any:
        return self._site.rest.request("POST", route, "---\n".join(texts), content_type="application/yaml",
                                       expect=expect).body

    def plan(self, **spec: Any) -> dict[str, Any]:
        return self.send("plan", self.text(**spec))["items"][0]

    def apply(self, **spec: Any) -> dict[str, Any]:
        """Waits until what it began has ended well."""
        item = self.send("apply", self.text(**spec))["items"][0]
        assert item["error"] is None, item
        if item["operationId"]:
            self._site.console.await_operation({"id": item["operationId"], "kind": item["action"],
                                                "subject": {"name": self.name}})
        return item

    def job(self) -> dict[str, Any]:
        return next(j for j in self._site.rest.get("jobs", q=self.name)["items"] if j["name"] == self.name)

    def await_badge(self, badge: str) -> dict[str, Any]:
        return self._site.console.await_badge(self.job()["id"], badge)


@pytest.fixture
def code(site, job_name: str) -> Code:
    return Code(site, job_name)


def more_rows(results: Path) -> None:
    before = total(results)
    wait_for("more rows", lambda: total(results) > before + ROWS_A_SECOND)


def test_a_file_makes_a_job_run_upgrades_suspends_and_stops_it(code: Code) -> None:
    assert code.plan(state="running")["action"] == "CREATE"
    assert code.apply(state="running")["action"] == "CREATE"
    code.await_badge("RUNNING")
    more_rows(code.results)

    again = code.apply(state="running")
    assert (again["action"], again["changes"], again["operationId"]) == ("NONE", [], None)

    code.spec["options"] = {"execution.checkpointing.interval": "300ms"}
    planned = code.plan(state="running")
    assert (planned["action"], planned["error"]) == ("UPGRADE", None)
    assert planned["changes"] == [{"path": "options.execution.checkpointing.interval", "before": OFTEN["execution.checkpointing.interval"],
                                   "after": "300ms"}]
    assert code.apply(state="running")["action"] == "UPGRADE"
    code.await_badge("RUNNING")
    more_rows(code.results)

    assert code.apply(state="suspended")["action"] == "SUSPEND"
    code.await_badge("SUSPENDED")
    assert code.apply(state="suspended")["action"] == "NONE"
    assert code.apply(state="running")["action"] == "START"
    code.await_badge("RUNNING")
    more_rows(code.results)
    assert_exact(code.results)

    assert code.apply(state="stopped")["action"] == "STOP"
    code.await_badge("STOPPED")


def test_a_file_never_decides_what_is_restored(code: Code) -> None:
    code.apply(state="running")
    code.await_badge("RUNNING")
    code.apply(state="stopped")
    code.await_badge("STOPPED")
    assert code.plan(state="running")["error"]["code"] == "RESTORE_CHOICE_REQUIRED"
    item = code.send("apply", code.text(state="running", parallelism=2))["items"][0]
    assert item["error"]["code"] == "RESTORE_CHOICE_REQUIRED"
    assert item["operationId"] is None
    assert code.job()["parallelism"] == 2, "the edit is kept"


def test_each_document_of_a_file_has_its_own_result(site, code: Code) -> None:
    code.apply(state="running")
    code.await_badge("RUNNING")
    code.apply(state="stopped")
    code.await_badge("STOPPED")
    other = Code(site, f"{code.name}-other")
    items = code.send("apply", code.text(state="running"), other.text())["items"]
    assert [(i["action"], bool(i["error"])) for i in items] == [("START", True), ("CREATE", False)]
    assert other.job()["badge"] == "DRAFT"


def test_without_a_state_what_runs_is_left_alone(code: Code) -> None:
    code.apply(state="running")
    code.await_badge("RUNNING")
    assert code.apply(parallelism=2)["action"] == "EDIT"
    now = code.job()
    assert (now["badge"], now["revision"]["wanted"], now["revision"]["deployed"]) == ("RUNNING", 2, 1)


def test_a_failed_job_is_started_again(site, code: Code) -> None:
    code.spec["sql"] = code.spec["sql"].replace("SELECT id, MOD(id, 3)", "SELECT id, MOD(id, 3) / (1 - MOD(id, 2))")
    code.spec["options"]["restart-strategy.type"] = "none"
    code.spec["restart"] = {"attempts": 0}
    item = code.send("apply", code.text(state="running"))["items"][0]
    wait_for("it fails", lambda: code.job()["badge"] == "FAILED", seconds=120)
    assert item["action"] == "CREATE"
    # The engine says so before the start that failed has ended: until then there is nothing to do.
    wait_for("its start has ended", lambda: code.plan(state="running")["action"] == "START")


def test_the_file_of_a_job_says_the_same_again(site, code: Code) -> None:
    code.apply()
    text = site.rest.request("GET", f"jobs/{code.job()['id']}/yaml").body
    item = code.send("plan", text)["items"][0]
    assert (item["action"], item["changes"]) == ("NONE", [])


def test_a_version_that_is_not_the_targets_is_refused_before_anything(site, code: Code) -> None:
    other = Code(site, f"{code.name}-other")
    for route in ("plan", "apply"):
        answer = code.send(route, other.text(), code.text(version="1.19"), expect=422)
        assert answer["code"] == "VERSION_MISMATCH"
    assert not [j for j in site.rest.get("jobs", q=code.name)["items"]]
