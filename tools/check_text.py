#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Refuses texts that tie the repository to one machine: absolute paths of a person or a build machine,
and host names of package registries (clients know their own), also where a lock file would carry them.
"""
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

# In pieces, so that this file passes its own check.
REFUSED = {
    "a path of one machine": re.compile(r"(?<![\w.$}])/(?:" + "wo" + r"rk/|home/[a-z]|ro" + r"ot/)"),
    "a package registry's host": re.compile(
        "|".join(re.escape(a + b) for a, b in (
            ("registry.", "npmjs.org"), ("pypi", ".org"), ("files.python", "hosted.org"),
            ("repo1.maven", ".org"), ("repo.maven", ".apache.org"), ("deb.", "debian.org"),
            ("crates", ".io"), ("proxy.golang", ".org")))),
    "a conflict mark": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}


def text_of(path: Path) -> str | None:
    """The file's text; None for what is not text."""
    content = path.read_bytes()
    if b"\0" in content[:8192]:
        return None
    return content.decode("utf-8", "replace")


def faults_of(name: str, text: str) -> list[str]:
    faults = []
    for what, pattern in REFUSED.items():
        for found in pattern.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            faults.append(f"{name}:{line}: {what}: {found.group().strip()}")
    return faults


def main() -> int:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    faults = []
    for name in filter(None, listed.split("\0")):
        path = Path(name)
        text = text_of(path) if path.is_file() and not path.is_symlink() else None
        if text is not None:
            faults += faults_of(name, text)
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
