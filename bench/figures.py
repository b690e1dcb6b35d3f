# SPDX-License-Identifier: Apache-2.0
"""How a bench says what it measured: one JSON line a figure, then a table for people."""
from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path


class Figures:
    """Collects figures of one bench and prints each as soon as it is known. A metric appears once."""

    def __init__(self, bench: str) -> None:
        self._bench = bench
        self._rows: list[dict[str, object]] = []
        self._machine = machine()

    def add(self, metric: str, value: float, unit: str, *, against: float | None = None, **more: object) -> None:
        """`against` is the other side's number in the same unit, measured in the same call."""
        if any(row["metric"] == metric for row in self._rows):
            raise ValueError(f"{metric} was reported twice")
        row: dict[str, object] = {"bench": self._bench, "metric": metric, "value": round(value, 3), "unit": unit}
        if against is not None:
            row["against"] = round(against, 3)
            row["ratio"] = round(value / against, 3) if against else None
        row.update(more)
        self._rows.append(row)
        print(json.dumps(row), flush=True)

    def table(self) -> None:
        print(f"\n{self._machine} at the start")
        shown = [("metric", "value", "unit", "against", "ratio", "more")]
        for row in self._rows:
            more = ", ".join(f"{key} {value}" for key, value in row.items()
                             if key not in ("bench", "metric", "value", "unit", "against", "ratio"))
            shown.append(tuple(str(row.get(key, "")) for key in ("metric", "value", "unit", "against", "ratio")) + (more,))
        widths = [max(len(row[column]) for row in shown) for column in range(6)]
        for row in shown:
            print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())


def machine() -> str:
    """What a figure cannot be read without."""
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} x {model}, {gib:.0f} GiB, load {os.getloadavg()[0]:.2f}"


def repeated(measure: Callable[[], float], *, runs: int = 10, warm_ups: int = 3) -> list[float]:
    """The figures' rule for what takes under a second: ten runs after three that do not count."""
    for _ in range(warm_ups):
        measure()
    return [measure() for _ in range(runs)]


def median_and_worst(values: Sequence[float]) -> tuple[float, float]:
    return statistics.median(values), max(values)


def milliseconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return (time.perf_counter() - begin) * 1000


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_rss_mib(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def rss_mib(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
