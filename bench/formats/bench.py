# SPDX-License-Identifier: Apache-2.0
"""./sp bench formats: what a record of eight fields costs to read and to write in each format, on one thread."""
from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from figures import Figures  # noqa: E402

BUILD = Path(__file__).resolve().parents[2] / "build" / "release"
PROGRAM = "streampark_formats_bench"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="the same: it takes seconds")
    parser.parse_args()
    subprocess.run(["ninja", "-C", str(BUILD), PROGRAM], check=True, stdout=sys.stderr)
    figures = Figures("formats")
    printed = subprocess.run([str(BUILD / PROGRAM)], check=True, stdout=subprocess.PIPE, text=True).stdout
    for row in map(json.loads, printed.splitlines()):
        figures.add(f"{row['format']}_{row['what']}_ns", row["median"], "ns", worst=row["worst"], bytes=row["bytes"],
                    mb_per_s=round(row["bytes"] / row["median"] * 1000))
    figures.table()


if __name__ == "__main__":
    main()
