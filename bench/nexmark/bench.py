# SPDX-License-Identifier: Apache-2.0
"""./sp bench nexmark [--quick] [--queries q0,q5] [--backend memory|rocksdb] [--runs N]: the queries of Nexmark in our C++ API against Flink SQL and
Flink's DataStream API, each in a process of its own, by turns; see README.md."""
from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from figures import Figures  # noqa: E402
from support.flink import flink_homes  # noqa: E402

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "release"
PROGRAM = "streampark_nexmark"
QUERIES = ["decode", "q0", "q1", "q2", "q3", "q4", "q5", "q7", "q8", "q11", "q12", "q13", "q17", "q18"]
GENERATED = ["q0", "q1", "q2"]
# Whatever reads the clock of the machine has no result of its own; reading alone has none at all.
WITHOUT_RESULT = {"q12", "decode"}
PARALLELISM = 2
CHECKPOINT_MILLIS = 2_000
# On Flink the same number of events has to warm up a compiler, too.
OURS_WARMUP_SHARE = 0.1
FLINK_WARMUP_SHARE = 0.4


class Bench:
    def __init__(self, folder: Path, flink: Path, backend: str, events: int, runs: int) -> None:
        self._folder = folder
        self._flink = flink
        self._backend = backend
        self._events = events
        self._runs = runs
        self._input = folder / "events"
        self._side = folder / "side.csv"

    def write_input(self) -> None:
        subprocess.run([str(BUILD / PROGRAM), "write", str(self._input), str(self._events)], check=True)
        self._side.write_text("".join(f"{key},value-{key}\n" for key in range(10_000)))

    @contextmanager
    def _options(self, warmup: float, generated: bool, backend: str) -> Iterator[list[str]]:
        checkpoints = self._folder / "checkpoints"
        try:
            yield [
                f"generate={self._events}" if generated else f"input={self._input}", f"side={self._side}",
                f"warmup={int(self._events * warmup)}", f"parallelism={PARALLELISM}", f"checkpoints={checkpoints}",
                f"interval={CHECKPOINT_MILLIS}", f"backend={backend}",
            ]
        finally:
            shutil.rmtree(checkpoints, ignore_errors=True)

    def ours(self, query: str, generated: bool = False) -> dict[str, Any]:
        with self._options(OURS_WARMUP_SHARE, generated, self._backend) as options:
            return run([str(BUILD / PROGRAM), query, *options])

    def flink(self, query: str, api: str, generated: bool = False) -> dict[str, Any]:
        backend = {"memory": "hashmap"}.get(self._backend, self._backend)
        jars = HERE / "java" / "target"
        classes = f"{jars / 'nexmark.jar'}:{jars / 'lib'}/*:{self._flink / 'lib'}/*"
        with self._options(FLINK_WARMUP_SHARE, generated, backend) as options:
            return run(["java", "-Xmx6g", "-cp", classes, "nexmark.Main", query, f"api={api}", *options])

    def compare(self, figures: Figures, query: str, generated: bool) -> None:
        sides: dict[str, list[dict[str, Any]]] = {"ours": [], "sql": [], "datastream": []}
        if query == "decode" or generated:
            del sides["datastream"]
        for _ in range(self._runs):
            for side, taken in sides.items():
                taken.append(self.ours(query, generated) if side == "ours" else self.flink(query, side, generated))
        if query not in WITHOUT_RESULT:
            check_equal(query, sides)
        name = f"{query}_generated" if generated else query
        ours, sql = rate(sides["ours"]), rate(sides["sql"])
        more: dict[str, object] = {"worst": min(map(one_rate, sides["ours"])), "rows": sides["ours"][0]["rows"],
                                   "checkpoints": sides["ours"][0]["checkpoints"]}
        if "datastream" in sides:
            figures.add(f"{name}_datastream_events_per_cpu_s", rate(sides["datastream"]), "1/s",
                        ours_ratio=round(ours / rate(sides["datastream"]), 2))
        figures.add(f"{name}_events_per_cpu_s", ours, "1/s", against=sql, **more)


def run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def one_rate(taken: dict[str, Any]) -> float:
    return round(taken["measured_events"] / taken["cpu_s"])


def rate(taken: list[dict[str, Any]]) -> float:
    return statistics.median(map(one_rate, taken))


def check_equal(query: str, sides: dict[str, list[dict[str, Any]]]) -> None:
    """The final results: the rows that stand, and the sum over all their columns."""
    results = {(one["rows"], one["hash"]) for taken in sides.values() for one in taken}
    if len(results) != 1:
        seen = {side: sorted({(one["rows"], one["hash"]) for one in taken}) for side, taken in sides.items()}
        raise SystemExit(f"{query}: the results differ: {seen}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tenth of the events, once")
    parser.add_argument("--queries", default=",".join(QUERIES), help="which, with commas between")
    parser.add_argument("--backend", default="memory", choices=["memory", "rocksdb"], help="where state is kept, on both sides")
    parser.add_argument("--runs", type=int, help="of each side, by turns (3)")
    arguments = parser.parse_args()
    queries = arguments.queries.split(",")
    if unknown := set(queries) - set(QUERIES):
        raise SystemExit(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(QUERIES)}")
    subprocess.run(["ninja", "-C", str(BUILD), PROGRAM, "streampark_state_rocksdb"], check=True, stdout=sys.stderr)
    subprocess.run(["mvn", "-B", "-q", "-f", str(HERE / "java" / "pom.xml"), "package"], check=True, stdout=sys.stderr)
    figures = Figures("nexmark")
    with tempfile.TemporaryDirectory(prefix="nexmark-", dir=os.environ.get("STREAMPARK_BENCH_FOLDER")) as folder:
        events, runs = (1_000_000, 1) if arguments.quick else (10_000_000, 3)
        bench = Bench(Path(folder), flink_homes()[0].path, arguments.backend, events, arguments.runs or runs)
        bench.write_input()
        for query in queries:
            bench.compare(figures, query, generated=False)
            if query in GENERATED:
                bench.compare(figures, query, generated=True)
    figures.table()


if __name__ == "__main__":
    main()
