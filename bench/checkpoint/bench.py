# SPDX-License-Identifier: Apache-2.0
"""./sp bench checkpoint [--quick]: what a checkpoint each second costs a job whose gigabyte of state is in RocksDB.

Ten million values of 100 bytes, changed uniformly at full speed in one thread; with checkpoints and without by turns, each from the same
checkpoint. What is compared is events a CPU second of the whole process, flushes and compactions included."""
from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from figures import Figures  # noqa: E402

BUILD = Path(__file__).resolve().parents[2] / "build" / "release"
PROGRAM = "streampark_checkpoint_bench"
LIBRARY = str(BUILD / "libstreampark_state_rocksdb.so")


def run(*arguments: object) -> dict[str, float]:
    command = [str(BUILD / PROGRAM), *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def per_cpu_second(measured: dict[str, float]) -> float:
    return measured["events"] / measured["cpu_s"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tenth of the state, and one round")
    quick = parser.parse_args().quick
    keys, rounds, seconds = (1_000_000, 1, 10) if quick else (10_000_000, 4, 30)
    subprocess.run(["ninja", "-C", str(BUILD), PROGRAM], check=True, stdout=sys.stderr)
    figures = Figures("checkpoint")
    taken: dict[int, list[dict[str, float]]] = {0: [], 1000: []}
    # Not in memory: files are linked beside each other.
    with tempfile.TemporaryDirectory(prefix="checkpoint-bench-", dir=BUILD) as folder:
        loaded = Path(folder) / "loaded"
        run("load", LIBRARY, loaded, keys)
        state_mib = sum(file.stat().st_size for file in (loaded / "_shared").iterdir()) / 2**20
        for number in range(rounds):
            for interval in sorted(taken, reverse=number % 2 == 1):
                taken[interval].append(run("run", LIBRARY, loaded, keys, interval, seconds))
    hot = {where: per_cpu_second(run("hot", where, 10_000, 5)) for where in (LIBRARY, "-")}

    losses = [100 * (1 - per_cpu_second(often) / per_cpu_second(never)) for never, often in zip(taken[0], taken[1000])]
    checkpoints = taken[1000]
    figures.add("checkpoint_loss_pct", statistics.median(losses), "%", against=15, worst=round(max(losses), 1),
                checkpoints=sum(int(one["checkpoints"]) for one in checkpoints), failed=sum(int(one["failed"]) for one in checkpoints),
                state_mib=round(state_mib))
    figures.add("events_per_cpu_s", statistics.median(map(per_cpu_second, checkpoints)), "1/s",
                against=statistics.median(map(per_cpu_second, taken[0])))
    figures.add("checkpoint_took_ms", statistics.median(one["took_ms"] for one in checkpoints), "ms",
                worst=max(one["worst_ms"] for one in checkpoints))
    figures.add("hot_key_cpu_ns", 1e9 / hot[LIBRARY], "ns", against=1e9 / hot["-"])
    figures.table()


if __name__ == "__main__":
    main()
