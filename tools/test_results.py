#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps the results of a test run as JUnit files in one folder, and counts them.

    test_results.py record  FOLDER SUITE NAME STATUS MILLISECONDS   one result, from a command's exit code
    test_results.py collect FOLDER SUITE STATUS [FILE...]           JUnit files that a command wrote
    test_results.py tally   FOLDER                                  names what failed; `N passed, N failed`

A test that was skipped, or could not run, failed. `collect` adds a failure when the command failed but
its files name none, or when there are no files.
"""
from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

NOT_PASSED = ("failure", "error", "skipped")


@dataclass(frozen=True)
class Result:
    name: str
    passed: bool


def results_of(path: Path) -> list[Result]:
    try:
        # Messages may hold a terminal's colours, which XML has no characters for.
        text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", path.read_text(encoding="utf-8", errors="replace"))
        root = ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        return [Result(f"{path.name} is readable ({error})", passed=False)]
    results = []
    for case in root.iter("testcase"):
        name = " ".join(filter(None, (case.get("classname"), case.get("name"))))
        ran = case.get("status") != "notrun" and case.get("result") not in ("skipped", "suppressed")
        results.append(Result(name, ran and not any(case.find(tag) is not None for tag in NOT_PASSED)))
    return results


def write_result(folder: Path, suite: str, name: str, *, passed: bool, milliseconds: int) -> None:
    root = ElementTree.Element("testsuite", name=suite, tests="1", failures="0" if passed else "1")
    case = ElementTree.SubElement(root, "testcase", classname=suite, name=name,
                                  time=f"{milliseconds / 1000:.3f}")
    if not passed:
        ElementTree.SubElement(case, "failure", message="see the log of the run")
    file = re.sub(r"[^a-zA-Z0-9]+", "-", f"{suite}-{name}") + ".xml"
    ElementTree.ElementTree(root).write(folder / file, encoding="utf-8", xml_declaration=True)


def collect(folder: Path, suite: str, status: int, files: list[Path]) -> None:
    present = [file for file in files if file.is_file()]
    for file in present:
        (folder / f"{suite}-{file.name}").write_bytes(file.read_bytes())
    results = [result for file in present for result in results_of(file)]
    if not results:
        write_result(folder, suite, "wrote its results", passed=False, milliseconds=0)
    elif status != 0 and all(result.passed for result in results):
        write_result(folder, suite, f"ended well (exit code {status})", passed=False, milliseconds=0)


def tally(folder: Path) -> int:
    results = [(file.stem, result) for file in sorted(folder.glob("*.xml")) for result in results_of(file)]
    for file, result in results:
        if not result.passed:
            print(f"not passed: {file}: {result.name}")
    failed = sum(not result.passed for _, result in results)
    print(f"{len(results) - failed} passed, {failed} failed", flush=True)
    return 1 if failed or not results else 0


def main(argv: list[str]) -> int:
    match argv:
        case ["record", folder, suite, name, status, milliseconds]:
            write_result(Path(folder), suite, name, passed=int(status) == 0, milliseconds=int(milliseconds))
            return 0
        case ["collect", folder, suite, status, *files]:
            collect(Path(folder), suite, int(status), [Path(file) for file in files])
            return 0
        case ["tally", folder]:
            return tally(Path(folder))
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
