# SPDX-License-Identifier: Apache-2.0
"""Archives from the Python package index, kept in a folder with their digests.

Downloads go through pip, so they come from wherever pip is configured to look, and pip itself checks
them against the digests that the index names. What was downloaded is used again only while its
bytes have the digest that was noted then.
"""
from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Progress = Callable[[int, int], None]  # bytes so far, bytes in all (0 when unknown)

_UNITS = {"bytes": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
_PR_SET_PDEATHSIG = 1


class FetchError(Exception):
    """What a person can be told: a stable code, what happened, and what to do about it."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


@dataclass(frozen=True)
class Archive:
    """One file of a package: its source archive or a wheel."""

    package: str
    version: str
    pip_options: tuple[str, ...]
    pattern: str  # of the file's name


def source(package: str, version: str) -> Archive:
    stem = re.sub(r"[-_.]+", "[-_.]", package)
    return Archive(package, version, ("--no-binary", ":all:"), f"{stem}-{version}.tar.gz")


def linux_wheel(package: str, version: str, python: str) -> Archive:
    stem = re.sub(r"[-_.]+", "_", package)
    options = ("--only-binary", ":all:", "--python-version", python, "--implementation", "cp",
               "--platform", "manylinux2014_x86_64")
    return Archive(package, version, options, f"{stem}-{version}-*.whl")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """One process at a time; the lock ends with the process, however it ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def die_with_parent() -> None:
    """In a child: a fetch that is killed takes its pip along."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def kept(archive: Archive, folder: Path) -> Path | None:
    """The archive in `folder`, if it is there and its bytes are those that were downloaded."""
    for path in sorted(folder.glob(archive.pattern)):
        note = path.with_name(path.name + ".sha256")
        if note.is_file() and note.read_text(encoding="ascii").strip() == sha256_of(path):
            return path
        path.unlink()
        note.unlink(missing_ok=True)
    return None


def download(archive: Archive, folder: Path, python: Callable[[], Path], progress: Progress) -> Path:
    """The archive in `folder`, downloaded unless it is kept there. Blocks while another does it.
    `python` is asked for the Python whose pip downloads, and only then: it may have to be made."""
    with exclusive(folder / f".{archive.package}-{archive.version}.lock"):
        found = kept(archive, folder)
        if found:
            return found
        work = folder / f".{archive.package}-{archive.version}.work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        try:
            _run_pip(archive, work, python(), progress)
            names = list((work / "out").glob(archive.pattern))
            if len(names) != 1:
                raise FetchError("FETCH_FAILED", f"pip brought {len(names)} files for {archive.package}",
                                 "try again; report it if it stays")
            return _keep(names[0], folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _keep(path: Path, folder: Path) -> Path:
    target = folder / path.name
    note = folder / (path.name + ".sha256")
    note.write_text(sha256_of(path) + "\n", encoding="ascii")
    os.replace(path, target)
    return target


def _run_pip(archive: Archive, work: Path, python: Path, progress: Progress) -> None:
    (work / "tmp").mkdir()
    command = [str(python), "-m", "pip", "download", "--disable-pip-version-check", "--no-input",
               "--no-deps", "--no-build-isolation", "--no-cache-dir", "--progress-bar", "off",
               "--dest", str(work / "out"), *archive.pip_options,
               f"{archive.package}=={archive.version}"]
    log = work / "pip.log"
    with log.open("wb") as output:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                 stderr=subprocess.STDOUT, preexec_fn=die_with_parent,
                                 env={**os.environ, "TMPDIR": str(work / "tmp")})
        while child.poll() is None:
            progress(_largest_file(work / "tmp"), _announced_size(log))
            time.sleep(0.25)
    if child.returncode != 0:
        raise _pip_failure(archive, log.read_text(encoding="utf-8", errors="replace"))


def _largest_file(folder: Path) -> int:
    sizes = [0]
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                sizes.append(os.stat(os.path.join(parent, name)).st_size)
    return max(sizes)


def _announced_size(log: Path) -> int:
    found = re.search(r"Downloading \S+ \(([\d.]+) (bytes|kB|MB|GB)\)",
                      log.read_text(encoding="utf-8", errors="replace"))
    return round(float(found[1]) * _UNITS[found[2]]) if found else 0


def _pip_failure(archive: Archive, log: str) -> FetchError:
    wanted = f"{archive.package} {archive.version}"
    if "No matching distribution found" in log or "Could not find a version" in log:
        if "connection broken" in log or "Max retries exceeded" in log:
            return FetchError("INDEX_UNREACHABLE", f"the package index does not answer ({wanted})",
                              "check the network and pip's configuration, then try again")
        return FetchError("VERSION_NOT_FOUND", f"the package index has no {wanted}",
                          "choose one of the versions that are listed")
    if "No space left on device" in log:
        return FetchError("DISK_FULL", f"no room to download {wanted}",
                          "free some room in the cache's file system, then try again")
    last = next((line for line in reversed(log.splitlines()) if line.strip()), "no output")
    return FetchError("FETCH_FAILED", f"pip could not download {wanted}: {last.strip()}",
                      "check the network and pip's configuration, then try again")


def make_python(folder: Path) -> Path:
    """A Python whose pip can read source packages; made in `folder` unless it is there."""
    python = folder / "bin" / "python"
    with exclusive(folder.with_name(folder.name + ".lock")):
        if not (folder / ".whole").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            base = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else "python3"
            for command in ([base, "-m", "venv", str(folder)],
                            [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check",
                             "setuptools==80.9.0", "wheel==0.45.1"]):
                done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                                      text=True, check=False)
                if done.returncode != 0:
                    raise FetchError("PYTHON_UNUSABLE", f"no Python environment: {done.stderr.strip()}",
                                     "install python3-venv and check the network")
            (folder / ".whole").touch()
    return python


def listed_versions(package: str, python: Path) -> list[str]:
    """The package's released versions as the index lists them, newest first."""
    done = subprocess.run([str(python), "-m", "pip", "index", "versions", "--no-input",
                           "--disable-pip-version-check", package],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    found = re.search(r"^Available versions: (.*)$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not found:
        raise FetchError("INDEX_UNREACHABLE", "the package index does not list versions",
                         "check the network and pip's configuration, then try again")
    versions = [v for v in found[1].split(", ") if re.fullmatch(r"\d+\.\d+\.\d+", v)]
    return sorted(versions, key=lambda v: tuple(map(int, v.split("."))), reverse=True)
