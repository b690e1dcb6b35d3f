# SPDX-License-Identifier: Apache-2.0
"""./sp bench console-scale [--quick]: 10,000 running jobs on 200 clusters, one of which hangs on every request and one of which lies.

The clusters are fakes that answer from prepared bytes; the console is the real one, and adopts their jobs through its API. Freshness is the age of
what the API shows of jobs on the 198 others."""
from __future__ import annotations

import argparse
import concurrent.futures
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "console"))

from figures import Figures, cpu_seconds, peak_rss_mib  # noqa: E402
from server_figures import run_wrk  # noqa: E402
from support.console import Console  # noqa: E402
from support.waiting import wait_for  # noqa: E402

CLUSTERS, JOBS_EACH = 200, 50
GOOD = CLUSTERS - 2
SQL = ("CREATE TABLE orders (id BIGINT, price DECIMAL(10, 2)) WITH ('connector' = 'datagen');\n"
       "CREATE TABLE totals (id BIGINT, total DECIMAL(38, 2)) WITH ('connector' = 'blackhole');\n"
       "INSERT INTO totals SELECT id, SUM(price) FROM orders GROUP BY id;\n")


class Fleet:
    """The fake clusters, as a process."""

    def __init__(self) -> None:
        program = Path(__file__).with_name("fake_clusters.py")
        self._process = subprocess.Popen([sys.executable, str(program), str(CLUSTERS), str(JOBS_EACH)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        told = json.loads(self._process.stdout.readline())
        self.addresses = [f"http://127.0.0.1:{port}" for port in told["ports"]]
        self.jobs: list[list[str]] = told["jobs"]
        self.pid = self._process.pid

    def __enter__(self) -> Fleet:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=20)

    def begin(self) -> None:
        print("begin", file=self._process.stdin, flush=True)

    def requests(self) -> int:
        print("requests", file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())


class Api:
    """The console's API over one kept connection a thread."""

    def __init__(self, console: Console) -> None:
        self._port, self._token, self._local = console.port, console.token(), threading.local()

    def call(self, method: str, path: str, body: object = None) -> dict:
        if not hasattr(self._local, "connection") or time.monotonic() - self._local.used > 5:  # the server ends idle ones
            self._local.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection = self._local.connection
        self._local.used = time.monotonic()
        connection.request(method, f"/api/v1/{path}", None if body is None else json.dumps(body),
                           {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        content = json.loads(answer.read())
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content}")
        return content

    def jobs(self) -> list[tuple[float, dict]]:
        """The whole list as its pages show it, each job with the moment of its page."""
        found: list[tuple[float, dict]] = []
        cursor = ""
        while True:
            page = self.call("GET", "jobs?limit=500" + (f"&cursor={cursor}" if cursor else ""))
            now = time.time()
            found += [(now, job) for job in page["items"]]
            cursor = page["nextCursor"]
            if not cursor:
                return found


def seed(api: Api, fleet: Fleet) -> set[str]:
    """Adopts every job of the fleet; the ids of the clusters that neither hang nor lie."""
    team = api.call("GET", "teams")["items"][0]
    clusters = [api.call("POST", "clusters", {"name": f"cluster-{number:03}", "engine": "FLINK", "kind": "REMOTE", "addresses": [address],
                                              "savepointDirectory": "file:///tmp/savepoints", "checkpointDirectory": "file:///tmp/checkpoints"})
                for number, address in enumerate(fleet.addresses)]
    wait_for("all clusters answer", lambda: all(c["state"] == "RUNNING" for c in api.call("GET", "clusters")["items"]), seconds=60)

    def adopt(place: tuple[int, str]) -> None:
        cluster, engine_job = place
        job = api.call("POST", "jobs", {"name": f"orders-{engine_job[:8]}-{engine_job[-6:]}", "teamId": team["id"], "description": "Totals of orders by id", "tags": ["bench"],
                                        "spec": {"engine": "FLINK", "type": "SQL", "target": {"clusterId": clusters[cluster]["id"]}, "sql": SQL, "parallelism": 2}})
        api.call("POST", f"jobs/{job['id']}/operations", {"kind": "ADOPT", "engineJobId": engine_job})

    places = [(number, job) for number, jobs in enumerate(fleet.jobs) for job in jobs]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for done, _ in enumerate(pool.map(adopt, places), 1):
            if done % 1000 == 0:
                print(f"{done} jobs are made", file=sys.stderr, flush=True)
    wait_for("all jobs run", lambda: sum(job["badge"] == "RUNNING" for _, job in api.jobs()) == len(places), seconds=300, every=2)
    return {cluster["id"] for cluster in clusters[:GOOD]}


def age_ms(now: float, then: str) -> float:
    return (now - datetime.fromisoformat(then).timestamp()) * 1000


def p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="shorter looks, and not every job looked at closely before")
    quick = parser.parse_args().quick
    seconds = 30 if quick else 120
    figures = Figures("console-scale")
    with tempfile.TemporaryDirectory(prefix="streampark-bench-") as folder, Fleet() as fleet, Console(Path(folder)) as console:
        api = Api(console)
        begin = time.monotonic()
        good = seed(api, fleet)
        print(f"made in {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
        fleet.begin()
        if quick:
            time.sleep(20)  # the hanging one is known to hang
        else:
            wait_for("every job was looked at closely", lambda: all(job["lastCheckpointAt"] for _, job in api.jobs() if job["target"]["clusterId"] in good),
                     seconds=900, every=5)

        cpu, fakes, requests, begin = cpu_seconds(console.pid), cpu_seconds(fleet.pid), fleet.requests(), time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - begin
        figures.add("cpu_cores", (cpu_seconds(console.pid) - cpu) / took, "cores", bar=0.4, seconds=round(took),
                    requests_per_s=round((fleet.requests() - requests) / took), fakes_cores=round((cpu_seconds(fleet.pid) - fakes) / took, 2))

        seen: list[float] = []
        details: list[float] = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for now, job in api.jobs():
                if job["target"]["clusterId"] in good:
                    seen.append(age_ms(now, job["observed"]["observedAt"]))
                    details += [age_ms(now, job["lastCheckpointAt"])] if job["lastCheckpointAt"] else []
            time.sleep(3)
        figures.add("freshness_p99_ms", p99(seen), "ms", bar=3000, worst=round(max(seen)), jobs=GOOD * JOBS_EACH, looks=len(seen))
        figures.add("detail_freshness_p99_ms", p99(details), "ms", worst=round(max(details)), looks=len(details))
        loaded = run_wrk(f"{console.url}/api/v1/jobs?limit=50", console.rest.token or "", 5 if seconds < 60 else 20)
        if loaded["failed"]:
            raise RuntimeError(f"{loaded['failed']} lists were not answered with 200")
        figures.add("job_list_p99_ms", loaded["p99_ms"], "ms", bar=100, connections=16, per_s=round(loaded["per_s"]))
        figures.add("rss_mib", peak_rss_mib(console.pid), "MiB", bar=256)
    figures.table()


if __name__ == "__main__":
    main()
