#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Refuses documents that say what is not so: a sample that is not what is compiled and run, and a link that leads nowhere.

A page quotes a region of a file of docs/guide/samples:

    <!-- sample: state.cc#value -->
    ```cpp
    …
    ```

and the file marks it by `// sample: value` and `// end`. `--write` puts the regions into the pages.
"""
from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import unicodedata
from pathlib import Path

SAMPLES = Path("docs/guide/samples")
ADRS = "docs/adr/"  # records of a moment, which may sketch what was never compiled
TEMPLATES = "cli/templates/"  # become the documents of somebody else
BEGIN = re.compile(r"^\s*(?://|#) sample: (\S+)$")
END = re.compile(r"^\s*(?://|#) end$")
QUOTE = re.compile(r"^<!-- sample: (\S+?)#(\S+) -->$")
FENCE = re.compile(r"^```(\w*)$")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def regions_of(name: str, text: str) -> tuple[dict[str, str], list[str]]:
    """The marked regions of a file of samples, without their common indent; and what is wrong with the marks."""
    regions: dict[str, str] = {}
    faults = []
    begun, lines = None, []
    for number, line in enumerate(text.splitlines(), 1):
        if begin := BEGIN.match(line):
            if begun:
                faults.append(f"{name}:{number}: a sample begins within '{begun}'")
            if begin[1] in regions:
                faults.append(f"{name}:{number}: there are two samples '{begin[1]}'")
            begun, lines = begin[1], []
        elif END.match(line):
            if begun is None:
                faults.append(f"{name}:{number}: no sample ends here")
            else:
                regions[begun] = textwrap.dedent("\n".join(lines)).strip("\n")
            begun = None
        elif begun:
            lines.append(line)
    if begun:
        faults.append(f"{name}: the sample '{begun}' has no end")
    return regions, faults


class Page:
    """A document, with its quoted samples put in. `regions` are those of all files; `used` is given what it quotes."""

    def __init__(self, name: str, text: str, regions: dict[tuple[str, str], str], used: set[tuple[str, str]]) -> None:
        self.name = name
        self.faults: list[str] = []
        self.stale: list[str] = []
        self.text = self._refresh(text.splitlines(), regions, used)

    def _refresh(self, lines: list[str], regions: dict[tuple[str, str], str], used: set[tuple[str, str]]) -> str:
        out: list[str] = []
        at = 0
        while at < len(lines):
            quote = QUOTE.match(out[-1]) if out else None
            fence = FENCE.match(lines[at])
            if quote and not fence:
                self.faults.append(f"{self.name}:{at + 1}: no fence follows the mark of a sample")
            if not fence:
                out.append(lines[at])
                at += 1
                continue
            end = next((i for i in range(at + 1, len(lines)) if lines[i] == "```"), None)
            if end is None:
                self.faults.append(f"{self.name}:{at + 1}: this fence has no end")
                return "\n".join(out + lines[at:]) + "\n"
            body = "\n".join(lines[at + 1:end])
            if quote:
                body = self._quoted((quote[1], quote[2]), body, at, regions, used)
            elif fence[1] == "cpp":
                self.faults.append(f"{self.name}:{at + 1}: C++ that nobody compiles: quote a region of {SAMPLES}")
            out += [lines[at], *body.split("\n"), "```"]
            at = end + 1
        return "\n".join(out) + "\n"

    def _quoted(self, key: tuple[str, str], body: str, at: int, regions: dict[tuple[str, str], str],
                used: set[tuple[str, str]]) -> str:
        if key not in regions:
            self.faults.append(f"{self.name}:{at}: there is no sample {key[0]}#{key[1]}")
            return body
        used.add(key)
        if body != regions[key]:
            self.stale.append(f"{self.name}:{at + 1}: is not what {SAMPLES}/{key[0]} has as '{key[1]}'")
        return regions[key]


def anchor_of(heading: str) -> str:
    """As GitHub makes it."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    kept = (c for c in plain if c in " -_" or unicodedata.category(c)[0] in "LNM")
    return "".join(kept).replace(" ", "-")


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))


def link_faults(name: str, text: str, root: Path) -> list[str]:
    faults = []
    for target in LINK.findall(without_code(text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (root / name).parent / path if path else root / name
        if not place.exists():
            faults.append(f"{name}: the link {target} leads nowhere")
        elif anchor and place.suffix == ".md":
            anchors = {anchor_of(heading) for heading in HEADING.findall(place.read_text(encoding="utf-8"))}
            if anchor not in anchors:
                faults.append(f"{name}: the link {target} leads to no heading")
    return faults


def documents() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.md"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and not name.startswith(TEMPLATES) and Path(name).is_file()]


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--write"]):
        print("check_docs.py [--write]", file=sys.stderr)
        return 2
    faults: list[str] = []
    regions: dict[tuple[str, str], str] = {}
    for file in sorted(SAMPLES.iterdir()):
        found, wrong = regions_of(str(file), file.read_text(encoding="utf-8"))
        faults += wrong
        regions |= {(file.name, region): text for region, text in found.items()}
    used: set[tuple[str, str]] = set()
    for name in documents():
        text = Path(name).read_text(encoding="utf-8")
        faults += link_faults(name, text, Path())
        if not name.startswith("docs/") or name.startswith(ADRS):
            continue
        page = Page(name, text, regions, used)
        faults += page.faults
        if page.stale and arguments:
            Path(name).write_text(page.text, encoding="utf-8")
        elif page.stale:
            faults += [f"{one}: tools/check_docs.py --write" for one in page.stale]
    faults += [f"{SAMPLES}/{file}: no page shows '{region}'" for file, region in sorted(regions.keys() - used)]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
