# SPDX-License-Identifier: Apache-2.0
"""./sp bench scheduler [--quick]: what the switch *Rescale running jobs in place* costs and gives, on each Flink line.

The same job on two clusters beside each other, by turns: one with Flink's default scheduler, one with the adaptive one."""
from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from figures import Figures  # noqa: E402
from support.console import Console  # noqa: E402
from support.counting import OFTEN, counting_sql, total  # noqa: E402
from support.flink import engine_get, flink_homes  # noqa: E402
from support.waiting import wait_for  # noqa: E402

SCHEDULERS = {"default": {}, "adaptive": {"jobmanager.scheduler": "adaptive"}}


class Bench:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._team = console.rest.get("teams")["items"][0]["id"]

    def make_job(self, cluster: dict[str, Any], name: str) -> dict[str, Any]:
        results = self._console.data / "results" / name
        spec = {"engine": "FLINK", "type": "SQL", "target": {"clusterId": cluster["id"]}, "sql": counting_sql(results), "options": OFTEN,
                "upgrade": {"stableAfter": "1s", "timeout": "1m"}}
        job = self._console.rest.post("jobs", {"name": name, "teamId": self._team, "spec": spec}, expect=201)
        return {**job, "results": results, "web": cluster["webUrl"].split("#", 1)[0].rstrip("/")}

    def operate(self, job: dict[str, Any], kind: str, **parameters: Any) -> float:
        """Milliseconds until the operation has ended."""
        begin = time.perf_counter()
        operation = self._console.rest.command(f"jobs/{job['id']}/operations", kind, **parameters)
        self._console.await_operation(operation, seconds=180)
        return (time.perf_counter() - begin) * 1000

    def start(self, job: dict[str, Any]) -> float:
        """Milliseconds until all its tasks run on the engine."""
        begin = time.perf_counter()
        operation = self._console.rest.command(f"jobs/{job['id']}/operations", "START")

        def runs() -> bool:
            attempts = self._console.rest.get(f"jobs/{job['id']}/attempts")["items"]
            started = next((a for a in attempts if a["engineJobId"] and not a["endedAt"]), None)
            if started is None:
                return False
            jobs = engine_get(job["web"], "/jobs/overview")["jobs"]
            seen = next((one for one in jobs if one["jid"] == started["engineJobId"]), None)
            return seen is not None and seen["state"] == "RUNNING" and seen["tasks"]["running"] == seen["tasks"]["total"]

        wait_for("all tasks", runs, seconds=60, every=0.01)
        took = (time.perf_counter() - begin) * 1000
        self._console.await_operation(operation, seconds=60)
        return took

    def await_rows(self, job: dict[str, Any]) -> None:
        before = total(job["results"])
        wait_for("rows", lambda: total(job["results"]) > before, seconds=60)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    quick = parser.parse_args().quick
    runs, warm_ups = (3, 1) if quick else (10, 3)
    figures = Figures("scheduler")
    for home in flink_homes():
        taken: dict[tuple[str, str], list[float]] = defaultdict(list)
        with tempfile.TemporaryDirectory(prefix="streampark-bench-") as folder, Console(Path(folder) / "console") as console:
            installation = console.register_installation(home.path)
            bench = Bench(console)
            jobs = {}
            for scheduler, options in SCHEDULERS.items():
                cluster = console.start_cluster(installation, name=scheduler, jobManagerMemory="800m", taskManagerMemory="1g", options=options)
                jobs[scheduler] = bench.make_job(cluster, f"on-{scheduler}")
            for run in range(runs + warm_ups):
                for scheduler, job in jobs.items():
                    measured = {"start_ms": bench.start(job)}
                    bench.await_rows(job)
                    measured["rescale_ms"] = bench.operate(job, "RESCALE", parallelism=2)
                    bench.await_rows(job)
                    measured["stop_ms"] = bench.operate(job, "STOP", savepoint="YES")
                    if run >= warm_ups:
                        for metric, value in measured.items():
                            taken[metric, scheduler].append(value)
            console.stop_clusters()
        for metric in ("start_ms", "rescale_ms", "stop_ms"):
            adaptive = taken[metric, "adaptive"]
            figures.add(f"{metric}_{home.line}", statistics.median(adaptive), "ms", against=statistics.median(taken[metric, "default"]),
                        worst=round(max(adaptive)))
    figures.table()


if __name__ == "__main__":
    main()
