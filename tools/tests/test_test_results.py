# SPDX-License-Identifier: Apache-2.0
"""The count of a test run: what did not pass has failed."""
from __future__ import annotations

from pathlib import Path

import pytest

import test_results as subject

FILE = """<testsuites><testsuite name="s">
  <testcase classname="A" name="good"/>
  <testcase classname="A" name="bad"><failure message="no"/></testcase>
  <testcase classname="A" name="left out"><skipped/></testcase>
  <testcase classname="A" name="disabled" status="notrun"/>
</testsuite></testsuites>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "results"
    made.mkdir()
    return made


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def test_counts_what_did_not_run_as_failed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.xml").write_text(FILE, encoding="utf-8")
    assert subject.tally(folder) == 1
    assert last_line(capsys) == "1 passed, 3 failed"


def test_a_run_without_a_test_has_failed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert subject.tally(folder) == 1
    assert last_line(capsys) == "0 passed, 0 failed"


def test_a_command_that_wrote_no_results_is_a_failure(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subject.main(["collect", str(folder), "suite", "0", str(folder / "absent.xml")])
    assert subject.tally(folder) == 1
    assert last_line(capsys) == "0 passed, 1 failed"


def test_a_command_that_failed_after_its_tests_is_a_failure(
        folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "good.xml"
    file.write_text('<testsuite><testcase name="good"/></testsuite>', encoding="utf-8")
    subject.main(["collect", str(folder), "suite", "3", str(file)])
    assert subject.tally(folder) == 1
    assert last_line(capsys) == "1 passed, 1 failed"


def test_results_that_were_cut_off_are_a_failure(
        folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cut.xml"
    file.write_text('<testsuite><testcase name="good"/>', encoding="utf-8")
    subject.main(["collect", str(folder), "suite", "0", str(file)])
    assert subject.tally(folder) == 1
    assert last_line(capsys) == "0 passed, 1 failed"


def test_records_a_command_as_a_test(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subject.main(["record", str(folder), "check", "format", "0", "1200"])
    subject.main(["record", str(folder), "check", "layers", "1", "10"])
    assert subject.tally(folder) == 1
    assert last_line(capsys) == "1 passed, 1 failed"
