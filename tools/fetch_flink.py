#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a FLINK_HOME of a released Flink from the Python package index.

    fetch_flink.py --version 1.20.5 --into DIR [--cache DIR] [--python PYTHON]
    fetch_flink.py --version 1.20.5 --download-only [--cache DIR] [--python PYTHON]
    fetch_flink.py --list [--cache DIR] [--python PYTHON]

The source archive of apache-flink-libraries holds lib, opt, plugins and licenses; the wheel of apache-flink
holds the scripts of bin and the files of conf. Laid over each other they are the distribution.

Standard output is one JSON object a line: {"step","message","done","total"} while it works (bytes, or
files when it checks), and as the last line {"home","version","digest"}, {"version"} or {"versions"}. A failure ends in
{"error":{"code","message","hint"}} and exit code 1. DIR appears whole or not at all; when it is there
already, and is that version, nothing is done. The digest is over the names and contents of all files.

Codes: VERSION_NOT_FOUND, INDEX_UNREACHABLE, DISK_FULL, ARCHIVE_DAMAGED, WRONG_VERSION, TARGET_TAKEN,
PYTHON_UNUSABLE, FETCH_FAILED.
"""
from __future__ import annotations

import argparse
import errno
import gzip
import hashlib
import json
import os
import re
import shutil
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from pypi_archive import (FetchError, download, exclusive, linux_wheel, listed_versions, make_python, sha256_of,
                          source)

LIBRARIES = "apache-flink-libraries"
SCRIPTS = "apache-flink"
SCRIPTS_PYTHON = "3.11"  # whose wheels there are for every version below; nothing of them is run by Python
OLDEST_LINE = (1, 19)
NOTE = ".fetched.json"  # what the last line said, kept with the installation


def default_cache() -> Path:
    base = os.environ.get("STREAMPARK_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "streampark")
    return Path(base) / "flink" / "archives"


def emit(line: dict) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


class Reporter:
    """Progress lines, not more than four a second."""

    def __init__(self) -> None:
        self._last = 0.0

    def report(self, step: str, message: str, done: int = 0, total: int = 0) -> None:
        now = time.monotonic()
        if 0 < done < total and now - self._last < 0.25:
            return
        self._last = now
        emit({"step": step, "message": message, "done": min(done, total) if total else done, "total": total})

    def of_download(self, name: str):
        return lambda done, total: self.report("download", f"Downloading {name}", done, total)


def safe_path(root: Path, name: str) -> Path:
    """Where a member of an archive goes; refuses to leave `root`."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        raise FetchError("ARCHIVE_DAMAGED", f"the archive names a file outside itself: {name}", "do not use it")
    return root.joinpath(*parts)


def write_file(target: Path, content, mode: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        shutil.copyfileobj(content, out, 1 << 20)
    target.chmod(mode)


def unpack_libraries(archive: Path, home: Path, reporter: Reporter) -> None:
    size = archive.stat().st_size
    with archive.open("rb") as raw, gzip.open(raw) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
        for member in tar:
            inside = member.name.split("/deps/", 1)
            if len(inside) == 2 and member.isfile():
                content = tar.extractfile(member)
                assert content is not None  # isfile() says so
                write_file(safe_path(home, inside[1]), content, 0o644)
            reporter.report("unpack", "Unpacking libraries", raw.tell(), size)


def unpack_scripts(wheel: Path, home: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            inside = name.removeprefix("pyflink/")
            folder = inside.split("/", 1)[0]
            if inside == name or folder not in ("bin", "conf") or name.endswith(("/", ".py", ".bat")):
                continue
            with archive.open(name) as content:
                write_file(safe_path(home, inside), content, 0o755 if folder == "bin" else 0o644)


def all_files(home: Path) -> list[Path]:
    return sorted(path for path in home.rglob("*") if path.is_file() and path.name != NOTE)


def manifest_version(jar: Path) -> str:
    with zipfile.ZipFile(jar) as archive:
        text = archive.read("META-INF/MANIFEST.MF").decode("utf-8", "replace")
    found = re.search(r"^Implementation-Version: *(\S+)\r?$", text, re.MULTILINE)
    return found[1] if found else ""


def version_of(home: Path) -> str:
    """The version that the distribution itself states, in its main jar's name and manifest."""
    jars = sorted((home / "lib").glob("flink-dist*.jar"))
    if len(jars) != 1:
        raise FetchError("ARCHIVE_DAMAGED", f"lib has {len(jars)} flink-dist jars, not one", "fetch it again")
    named = re.fullmatch(r"flink-dist(?:_[\d.]+)?-(.+)\.jar", jars[0].name)
    stated = manifest_version(jars[0])
    if not named or named[1] != stated:
        raise FetchError("WRONG_VERSION", f"{jars[0].name} says in its manifest that it is '{stated}'",
                         "the package is not what it claims; do not use it")
    return stated


def check_files(home: Path, reporter: Reporter) -> str:
    """Reads every file once: jars must open with right checksums. Returns the digest of all."""
    files = all_files(home)
    digest = hashlib.sha256()
    for count, path in enumerate(files, 1):
        if path.suffix == ".jar":
            with zipfile.ZipFile(path) as jar:
                bad = jar.testzip()
            if bad:
                raise FetchError("ARCHIVE_DAMAGED", f"{path.name} is damaged at {bad}", "fetch it again")
        digest.update(f"{path.relative_to(home).as_posix()}\0{sha256_of(path)}\n".encode())
        reporter.report("verify", "Checking files", count, len(files))
    for needed in ("bin/jobmanager.sh", "bin/taskmanager.sh", "bin/config.sh", "lib", "conf"):
        if not (home / needed).exists():
            raise FetchError("ARCHIVE_DAMAGED", f"the distribution has no {needed}", "choose another version")
    return digest.hexdigest()


def line_of(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


def existing(target: Path, version: str) -> dict | None:
    note = target / NOTE
    if not target.exists():
        return None
    try:
        known = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if known.get("version") == version and (target / "lib").is_dir():
        return {"home": str(target), "version": version, "digest": known["digest"]}
    raise FetchError("TARGET_TAKEN", f"{target} exists and is not a fetched Flink {version}",
                     "name another folder, or remove that one")


def download_both(version: str, cache: Path, python: Callable[[], Path], reporter: Reporter) -> tuple[Path, Path]:
    """The archives of scripts and of libraries, in the cache."""
    wanted = (linux_wheel(SCRIPTS, version, SCRIPTS_PYTHON), source(LIBRARIES, version))
    scripts, libraries = (download(archive, cache, python, reporter.of_download(f"{archive.package} {version}"))
                          for archive in wanted)
    return scripts, libraries


def fetch(version: str, target: Path, cache: Path, python: Callable[[], Path]) -> dict:
    reporter = Reporter()
    target.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(target.with_name(f".{target.name}.lock")):
        found = existing(target, version)
        if found:
            return found
        scripts, libraries = download_both(version, cache, python, reporter)
        part = target.with_name(target.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        try:
            part.mkdir()
            unpack_scripts(scripts, part)
            unpack_libraries(libraries, part, reporter)
            if version_of(part) != version:
                raise FetchError("WRONG_VERSION", f"the package is Flink {version_of(part)}", "do not use it")
            digest = check_files(part, reporter)
            (part / "log").mkdir(exist_ok=True)
            result = {"home": str(target), "version": version, "digest": digest}
            (part / NOTE).write_text(json.dumps({"version": version, "digest": digest}) + "\n", encoding="utf-8")
            part.rename(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return result


def run(arguments: argparse.Namespace) -> dict:
    cache = Path(os.path.abspath(arguments.cache))

    def python() -> Path:
        return Path(os.path.abspath(arguments.python)) if arguments.python else make_python(cache / "python")

    if arguments.list:
        versions = listed_versions(LIBRARIES, python())
        return {"versions": [version for version in versions if line_of(version) >= OLDEST_LINE]}
    if not re.fullmatch(r"\d+\.\d+\.\d+", arguments.version) or line_of(arguments.version) < OLDEST_LINE:
        raise FetchError("VERSION_NOT_FOUND", f"'{arguments.version}' is not a version like 1.20.5",
                         "choose one of the versions that are listed")
    if arguments.download_only:
        download_both(arguments.version, cache, python, Reporter())
        return {"version": arguments.version}
    return fetch(arguments.version, Path(os.path.abspath(arguments.into)), cache, python)


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Makes a FLINK_HOME of a released Flink.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--version", help="such as 1.20.5")
    what.add_argument("--list", action="store_true", help="print the versions that can be had")
    parser.add_argument("--into", help="the folder to make")
    parser.add_argument("--download-only", action="store_true", help="fill the cache, make nothing of it")
    parser.add_argument("--cache", default=str(default_cache()), help="where downloads are kept")
    parser.add_argument("--python", help="a Python whose pip has setuptools and wheel; made when absent")
    arguments = parser.parse_args(argv)
    if arguments.version and bool(arguments.into) == arguments.download_only:
        parser.error("--version needs either --into or --download-only")
    return arguments


def main(argv: list[str]) -> int:
    try:
        emit(run(parse(argv)))
        return 0
    except FetchError as error:
        failure = error
    except (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
        failure = FetchError("ARCHIVE_DAMAGED", f"a downloaded archive does not open: {error}", "fetch it again")
    except OSError as error:
        code = "DISK_FULL" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "FETCH_FAILED"
        failure = FetchError(code, f"{error.strerror}: {error.filename or ''}".rstrip(": "),
                             "check the room and the permissions of the folders named")
    emit({"error": {"code": failure.code, "message": failure.message, "hint": failure.hint}})
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
