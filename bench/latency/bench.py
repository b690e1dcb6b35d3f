# SPDX-License-Identifier: Apache-2.0
"""./sp bench latency [--quick]: how late the results of a keyed window of one second are, at 100,000 events a second and with checkpoints.

From the time at which the event that closes the window was to be sent, whether or not it was; over the lateness of a thread that only waits."""
from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from figures import Figures  # noqa: E402

BUILD = Path(__file__).resolve().parents[2] / "build" / "release"
PROGRAM = "streampark_latency"
EVENTS_A_SECOND = 100_000
CHECKPOINT_MILLIS = 1_000


def run(seconds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="latency-") as folder:
        command = [str(BUILD / PROGRAM), str(EVENTS_A_SECOND), str(seconds), f"{folder}/checkpoints", str(CHECKPOINT_MILLIS)]
        taken = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    if taken["restarts"] or taken["checkpoints"] < seconds / 2:
        raise SystemExit(f"this was no run with checkpoints: {taken}")
    return taken


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="one run of 15 seconds instead of five of a minute")
    quick = parser.parse_args().quick
    subprocess.run(["ninja", "-C", str(BUILD), PROGRAM], check=True, stdout=sys.stderr)
    figures = Figures("latency")
    runs = [run(15 if quick else 60) for _ in range(1 if quick else 5)]
    p99 = [one["p99_ms"] for one in runs]
    floor = [one["floor_p99_ms"] for one in runs]
    over = [one["p99_ms"] - one["floor_p99_ms"] for one in runs]
    figures.add("latency_p99_ms", statistics.median(p99), "ms", against=statistics.median(floor), worst=max(p99),
                p50=statistics.median(one["p50_ms"] for one in runs), results=runs[0]["results"], checkpoints=runs[0]["checkpoints"])
    figures.add("over_floor_p99_ms", statistics.median(over), "ms", worst=round(max(over), 3))
    figures.table()


if __name__ == "__main__":
    main()
