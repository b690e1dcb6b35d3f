# SPDX-License-Identifier: Apache-2.0
"""What documents quote and link to."""
from __future__ import annotations

from pathlib import Path

import pytest

import check_docs

SOURCE = """namespace {

// sample: sum
  int Sum() {
    return 1;
  }
// end

int Other();
"""
REGIONS = {("a.cc", "sum"): "int Sum() {\n  return 1;\n}"}


def page(text: str) -> check_docs.Page:
    return check_docs.Page("docs/a.md", text, REGIONS, set())


def quoting(body: str) -> str:
    return f"Text.\n<!-- sample: a.cc#sum -->\n```cpp\n{body}\n```\nMore.\n"


def test_a_region_is_what_stands_between_its_marks_without_their_indent() -> None:
    regions, faults = check_docs.regions_of("a.cc", SOURCE)
    assert regions == {"sum": REGIONS["a.cc", "sum"]}
    assert not faults


@pytest.mark.parametrize("source", [
    "// sample: a\n",
    "// end\n",
    "// sample: a\n// sample: b\n// end\n",
    "// sample: a\n// end\n// sample: a\n// end\n",
])
def test_marks_that_do_not_pair_are_named(source: str) -> None:
    assert len(check_docs.regions_of("a.cc", source)[1]) == 1


def test_what_is_the_same_stays() -> None:
    same = page(quoting(REGIONS["a.cc", "sum"]))
    assert not same.faults and not same.stale
    assert same.text == quoting(REGIONS["a.cc", "sum"])


def test_what_is_not_the_same_is_named_and_put_in() -> None:
    stale = page(quoting("int Sum();"))
    assert len(stale.stale) == 1 and not stale.faults
    assert stale.text == quoting(REGIONS["a.cc", "sum"])


@pytest.mark.parametrize("text", [
    "```cpp\nint x;\n```\n",
    "<!-- sample: a.cc#product -->\n```cpp\nint x;\n```\n",
    "<!-- sample: a.cc#sum -->\n\n```yaml\n```\n",
    "```cpp\nint x;\n",
])
def test_code_that_nobody_compiles_is_named(text: str) -> None:
    assert len(page(text).faults) == 1


def test_other_fences_are_left_alone() -> None:
    text = "```yaml\na: 1\n```\n\n```\n./sp build\n```\n"
    assert page(text).text == text
    assert not page(text).faults


def test_links_lead_to_files_and_headings(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# One `x` idea, and (its) words\n")
    good = "[a](b.md) [b](b.md#one-x-idea-and-its-words) [c](https://x.y/z) `[d](e.md)`\n"
    assert not check_docs.link_faults("a.md", good, tmp_path)
    bad = "[a](c.md) [b](b.md#two)\n"
    assert len(check_docs.link_faults("a.md", bad, tmp_path)) == 2
