# SPDX-License-Identifier: Apache-2.0
"""One console with one running cluster for each Flink line; every test of the suite runs on both."""
from __future__ import annotations

import subprocess
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.console import Console
from support.counting import OFTEN, counting_sql, total
from support.flink import FlinkHome, flink_homes
from support.waiting import wait_for


@dataclass(frozen=True)
class Site:
    """A console, the cluster `local` of one Flink line, and a team."""

    console: Console
    home: FlinkHome
    cluster: dict[str, Any]
    team: dict[str, Any]

    @property
    def rest(self):
        return self.console.rest

    def results(self, name: str) -> Path:
        """Where a job may write what its page shows."""
        return self.console.data / "results" / name

    @property
    def cluster_folder(self) -> Path:
        return self.console.data / "clusters" / self.cluster["id"]

    def draft(self, sql: str, *, name: str | None = None, **spec: Any) -> dict[str, Any]:
        return {"name": name or f"job-{uuid.uuid4().hex[:8]}", "teamId": self.team["id"],
                "spec": {"engine": "FLINK", "type": "SQL", "target": {"clusterId": self.cluster["id"]},
                         "sql": sql, **spec}}

    def create(self, sql: str, **spec: Any) -> dict[str, Any]:
        return self.rest.post("jobs", self.draft(sql, **spec), expect=201)

    def operate(self, job: dict[str, Any], kind: str, *, seconds: float = 120, **parameters: Any) -> dict[str, Any]:
        operation = self.rest.command(f"jobs/{job['id']}/operations", kind, **parameters)
        return self.console.await_operation(operation, seconds=seconds)

    def start(self, job: dict[str, Any], **parameters: Any) -> dict[str, Any]:
        """Returns when all its tasks run."""
        self.operate(job, "START", **parameters)
        return self.console.await_badge(job["id"], "RUNNING")


@pytest.fixture(scope="session", params=flink_homes(), ids=lambda home: f"flink-{home.version}")
def home(request: pytest.FixtureRequest) -> FlinkHome:
    return request.param


@pytest.fixture(scope="session")
def site(home: FlinkHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Console(tmp_path_factory.mktemp(f"flink-{home.version}")) as console:
        cluster = console.start_cluster(console.register_installation(home.path))
        team = console.rest.post("teams", {"name": "engine-tests"}, expect=201)
        yield Site(console, home, cluster, team)


LIVE = ("STARTING", "RUNNING", "DEGRADED", "RESTARTING", "SAVING", "STOPPING")


@pytest.fixture(autouse=True)
def leave_nothing_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that failed in the middle must not take the slots of the next."""
    yield
    if "site" in request.fixturenames:
        site: Site = request.getfixturevalue("site")
        for job in site.rest.get("jobs", limit=500)["items"]:
            if job["badge"] in LIVE:
                site.operate(job, "STOP", savepoint="NO")


@pytest.fixture
def job_name() -> str:
    return f"job-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def counting(site, job_name: str) -> tuple[dict[str, Any], Path]:
    """A counting job that runs and has committed rows."""
    results = site.results(job_name)
    job = site.create(counting_sql(results), name=job_name,
                      options=OFTEN)
    site.start(job)
    wait_for("first rows", lambda: total(results) > 0)
    return job, results


@pytest.fixture(scope="session")
def make_jar(home, tmp_path_factory: pytest.TempPathFactory):
    """Compiles one Java source against the installation and packs its classes."""

    def make(class_name: str, source: str, classpath: str = "") -> bytes:
        folder = tmp_path_factory.mktemp("jar")
        file = folder / f"{class_name}.java"
        file.write_text(source, encoding="utf-8")
        subprocess.run(["javac", "--release", "11", "-cp", f"{home.path}/lib/*:{classpath}", "-d", str(folder / "out"),
                        str(file)], check=True, capture_output=True, text=True, timeout=120)
        jar = folder / f"{class_name}.jar"
        with zipfile.ZipFile(jar, "w") as packed:
            for entry in sorted((folder / "out").rglob("*.class")):
                packed.write(entry, entry.relative_to(folder / "out"))
        return jar.read_bytes()

    return make
