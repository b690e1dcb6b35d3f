# SPDX-License-Identifier: Apache-2.0
"""Many Flink clusters in one light process: what the console asks of a JobManager, from prepared bytes, each cluster on a port of its own.

    fake_clusters.py CLUSTERS JOBS_EACH     prints one JSON line, {"ports": […], "jobs": [[id, …], …]}, then serves until its stdin ends

All are healthy at first. A line `begin` on stdin makes the last one hang on every request, and the one before it lie: a job that ended and runs, one id
twice, a list without half of its jobs. On each of the others a job restarts every ten seconds: twenty a second in a fleet of two hundred."""
from __future__ import annotations

import asyncio
import json
import random
import sys
import time

VERTICES = ("cbc357ccb763df2852fee8c4fc7d55f2", "c27dcf7b54ef6bfd6cff02ca8870b681")
STARTED = int(time.time() * 1000) - 3_600_000
TASKS = {"created": 0, "scheduled": 0, "deploying": 0, "initializing": 0, "finished": 0, "canceling": 0, "canceled": 0, "failed": 0, "reconciling": 0}


def http(body: bytes, status: int = 200) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


def encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


NOT_FOUND = http(encoded({"errors": ["Not found: nothing of the kind"]}), 404)
CONFIG = http(encoded({"refresh-interval": 3000, "flink-version": "1.20.5"}))
OPTIONS = http(encoded([{"key": "execution.checkpointing.num-retained", "value": "3"}]))
JOB_CONFIG = http(encoded({"execution-config": {"user-config": {}}}))
METRICS = http(encoded([{"id": "numRestarts", "value": "3"}]))
EXCEPTIONS = http(encoded({"exceptionHistory": {"entries": [], "truncated": False}}))
NAMES = http(encoded([{"id": name} for name in ("numRecordsInPerSecond", "numRecordsOutPerSecond", "0.Source__orders.numRecordsOutPerSecond")]))
RATES = http(encoded([{"id": name, "sum": 120.0} for name in ("numRecordsInPerSecond", "numRecordsOutPerSecond", "0.Source__orders.numRecordsOutPerSecond")]))
GRAPH = http(encoded({
    "jid": "j", "name": "orders", "state": "RUNNING", "start-time": STARTED, "end-time": -1,
    "vertices": [{"id": VERTICES[0], "name": "Source: orders[1]", "parallelism": 1, "maxParallelism": 128, "status": "RUNNING", "tasks": {"RUNNING": 1}},
                 {"id": VERTICES[1], "name": "totals[2]: Writer", "parallelism": 1, "maxParallelism": 128, "status": "RUNNING", "tasks": {"RUNNING": 1}}],
    "plan": {"nodes": [{"id": VERTICES[1], "inputs": [{"id": VERTICES[0], "ship_strategy": "FORWARD"}]}, {"id": VERTICES[0]}]}}))


def checkpoints(job: str) -> bytes:
    """The newest one ended just now: a page that shows its time tells how old the look was."""
    now = int(time.time() * 1000)
    one = {"className": "completed", "id": 7, "status": "COMPLETED", "is_savepoint": False, "trigger_timestamp": now, "latest_ack_timestamp": now,
           "state_size": 305310, "checkpointed_size": 305310, "end_to_end_duration": 0, "external_path": f"file:/checkpoints/{job}/chk-7"}
    return http(encoded({"counts": {"restored": 0, "total": 7, "in_progress": 0, "completed": 7, "failed": 0}, "latest": {"completed": one}, "history": [one]}))


class Cluster:
    def __init__(self, number: int, jobs: int) -> None:
        self.jobs = [f"{number:08x}{index:024x}" for index in range(jobs)]
        self.hangs = False
        self._texts = [self._text(job, "RUNNING") for job in self.jobs]
        self._restarting: int | None = None
        self._overview = http(encoded({"taskmanagers": 4, "slots-total": 2 * jobs, "slots-available": 0, "jobs-running": jobs, "jobs-finished": 0,
                                       "jobs-cancelled": 0, "jobs-failed": 0, "flink-version": "1.20.5", "flink-commit": "0"}))
        self._join()

    @staticmethod
    def _text(job: str, state: str) -> bytes:
        running = 2 if state == "RUNNING" else 0
        return encoded({"jid": job, "name": f"orders-{job[-6:]}", "start-time": STARTED, "end-time": -1, "duration": 1, "state": state,
                        "last-modification": STARTED, "tasks": {"running": running, "total": 2, **TASKS}})

    def _join(self) -> None:
        self._list = http(b'{"jobs":[' + b",".join(self._texts) + b"]}")

    def tick(self) -> None:
        if self._restarting is not None:
            self._texts[self._restarting] = self._text(self.jobs[self._restarting], "RUNNING")
        self._restarting = random.randrange(len(self.jobs))
        self._texts[self._restarting] = self._text(self.jobs[self._restarting], "RESTARTING")
        self._join()

    def lie(self) -> None:
        """Another lie each time."""
        half = self._texts[: len(self._texts) // 2]
        ended = [self._text(job, random.choice(("FAILED", "FINISHED"))) for job in self.jobs[: len(self.jobs) // 4]]
        self._list = http(b'{"jobs":[' + b",".join(random.choice((half, ended + half, self._texts))) + b"]}")

    def answer(self, path: str) -> bytes:
        where = path.split("?", 1)[0].split("/")
        match where[1:]:
            case ["overview"]:
                return self._overview
            case ["jobs", "overview"]:
                return self._list
            case ["config"]:
                return CONFIG
            case ["jobmanager", "config"]:
                return OPTIONS
            case ["jobs", job, "checkpoints"]:
                return checkpoints(job)
            case ["jobs", _, "metrics"]:
                return METRICS
            case ["jobs", _, "exceptions"]:
                return EXCEPTIONS
            case ["jobs", _, "config"]:
                return JOB_CONFIG
            case ["jobs", _]:
                return GRAPH
            case ["jobs", _, "vertices", _, "subtasks", "metrics"]:
                return RATES if "?" in path else NAMES
            case _:
                return NOT_FOUND


class Talk(asyncio.Protocol):
    def __init__(self, cluster: Cluster, count: list[int]) -> None:
        self._cluster, self._count, self._received = cluster, count, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, self._received = self._received.split(b"\r\n\r\n", 1)
            self._count[0] += 1
            if not self._cluster.hangs:
                self._transport.write(self._cluster.answer(head.split(b" ", 2)[1].decode()))


async def main(clusters: int, jobs: int) -> None:
    loop = asyncio.get_running_loop()
    fleet = [Cluster(number, jobs) for number in range(clusters)]
    count = [0]
    servers = [await loop.create_server(lambda one=one: Talk(one, count), "127.0.0.1", 0) for one in fleet]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    print(json.dumps({"ports": ports, "jobs": [one.jobs for one in fleet]}), flush=True)
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)

    async def change() -> None:
        while True:
            for one in fleet[:-2]:
                one.tick()
                await asyncio.sleep(10 / clusters)

    async def lie() -> None:
        while True:
            fleet[-2].lie()
            await asyncio.sleep(1)

    changes: list[asyncio.Task] = []
    while line := await lines.readline():
        if line.strip() == b"begin":
            fleet[-1].hangs = True
            changes = [loop.create_task(change()), loop.create_task(lie())]
        elif line.strip() == b"requests":
            print(count[0], flush=True)
    for task in changes:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
