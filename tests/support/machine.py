# SPDX-License-Identifier: Apache-2.0
"""A console with a cluster of this machine, for jobs of the native engine."""
from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support.console import ROOT, Console

OFTEN = {"native.checkpoint.interval": "100ms"}


def library() -> Path:
    return Path(os.environ.get("STREAMPARK_COUNTING_JOB", ROOT / "build/ci/runner/libstreampark_counting_job.so"))


class Machine:
    """A console with a cluster of this machine, and a team with the counting library."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.rest = console.rest
        self.team = self.rest.post("teams", {"name": "native-tests"}, expect=201)
        self.cluster = self.make_cluster("this machine")
        self.upload("counting", library().read_bytes())

    def make_cluster(self, name: str, **spec: Any) -> dict[str, Any]:
        made = self.rest.post("clusters", {"name": name, "engine": "NATIVE", "kind": "MACHINE",
                                           "slotsPerTaskManager": 32, **spec}, expect=201)
        return self.console.await_cluster(made["id"], lambda now: now["state"] == "RUNNING" and now["slotsTotal"] > 0)

    def upload(self, name: str, content: bytes, expect: int = 201) -> dict[str, Any]:
        return self.rest.post("resources", content, expect=expect, content_type="application/octet-stream",
                              query={"team": self.team["id"], "name": name, "fileName": f"lib{name}.so"})

    def spec(self, config: str, **more: Any) -> dict[str, Any]:
        return {"engine": "NATIVE", "type": "CPP", "target": {"clusterId": self.cluster["id"]}, "library": "counting",
                "config": config, "options": OFTEN, **more}

    def create(self, config: str, **more: Any) -> dict[str, Any]:
        return self.rest.post("jobs", {"name": f"job-{uuid.uuid4().hex[:8]}", "teamId": self.team["id"],
                                       "spec": self.spec(config, **more)}, expect=201)

    def operate(self, job: dict[str, Any], kind: str, expect: str = "SUCCEEDED", **parameters: Any) -> dict[str, Any]:
        operation = self.rest.command(f"jobs/{job['id']}/operations", kind, **parameters)
        return self.console.await_operation(operation, expect=expect)

    def folder_of(self, job: dict[str, Any]) -> Path:
        attempt = self.rest.get(f"jobs/{job['id']}/attempts")["items"][0]
        return self.console.data / "clusters" / self.cluster["id"] / "jobs" / attempt["engineJobId"]

    def supervisor_of(self, job: dict[str, Any]) -> int:
        return int((self.folder_of(job) / "run/process").read_text(encoding="utf-8").split()[0])

    def stop_all(self) -> None:
        for job in self.rest.get("jobs", limit=500)["items"]:
            if job["badge"] in ("STARTING", "RUNNING", "DEGRADED", "RESTARTING"):
                self.operate(job, "STOP", savepoint="NO")


@contextlib.contextmanager
def running_machine(folder: Path) -> Iterator[Machine]:
    with Console(folder) as console:
        made = Machine(console)
        try:
            yield made
        finally:
            with contextlib.suppress(Exception):
                made.stop_all()
