# SPDX-License-Identifier: Apache-2.0
"""./sp bench bare_test: the whole of ./sp test on a bare Debian 12, set-up and builds included. Needs root."""
from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bare_machine import BareMachine  # noqa: E402
from figures import Figures  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="the unit tests alone")
    quick = parser.parse_args().quick
    figures = Figures("bare_test")
    with BareMachine() as machine:
        log = machine.root / "srv/test.log"
        begin = time.monotonic()
        machine.run("/bin/sh", "-c", 'exec ./sp test "$@" >/srv/test.log 2>&1', "sh", *(("unit",) if quick else ()), check=False)
        took = time.monotonic() - begin
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        print("\n".join(lines), file=sys.stderr)
        verdict = re.fullmatch(r"(\d+) passed, (\d+) failed", lines[-1])
        if verdict is None:
            raise SystemExit("the tests did not come to their end")
        figures.add("unit_test_s" if quick else "test_s", took, "s", passed=int(verdict[1]), failed=int(verdict[2]))
    figures.table()


if __name__ == "__main__":
    main()
