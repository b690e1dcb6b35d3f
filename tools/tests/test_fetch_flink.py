# SPDX-License-Identifier: Apache-2.0
"""fetch_flink.py on small archives of the real ones' shape, kept in its cache, so that no network is needed."""
from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import fetch_flink
import pypi_archive

SCRIPT = Path(fetch_flink.__file__)
VERSION = "1.20.5"


def jar(version: str, filler: int = 0) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", f"Manifest-Version: 1.0\r\nImplementation-Version: {version}\r\n")
        archive.writestr("filler", os.urandom(filler))
    return content.getvalue()


class Cache:
    """The folder of downloads, filled as a finished download leaves it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def keep(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.write_bytes(content)
        Path(f"{path}.sha256").write_text(pypi_archive.sha256_of(path), encoding="ascii")

    def keep_scripts(self, version: str = VERSION) -> None:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as wheel:
            for name in ("bin/jobmanager.sh", "bin/taskmanager.sh", "bin/config.sh", "bin/flink.py", "conf/config.yaml"):
                wheel.writestr(f"pyflink/{name}", f"# {name}\n")
            wheel.writestr("pyflink/table/table.py", "")
        self.keep(f"apache_flink-{version}-cp311-cp311-manylinux1_x86_64.whl", content.getvalue())

    def keep_libraries(self, members: dict[str, bytes], version: str = VERSION) -> None:
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w:gz") as tar:
            for name, data in members.items():
                member = tarfile.TarInfo(f"apache_flink_libraries-{version}/deps/{name}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
        self.keep(f"apache_flink_libraries-{version}.tar.gz", content.getvalue())


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    made = Cache(tmp_path / "cache")
    made.keep_scripts()
    made.keep_libraries({f"lib/flink-dist-{VERSION}.jar": jar(VERSION), "plugins/README.txt": b"plugins"})
    return made


def command(cache: Cache, target: Path, version: str = VERSION) -> list[str]:
    return [sys.executable, str(SCRIPT), "--version", version, "--into", str(target),
            "--cache", str(cache.folder), "--python", sys.executable]


def run(cache: Cache, target: Path, version: str = VERSION) -> tuple[int, list[dict]]:
    done = subprocess.run(command(cache, target, version), capture_output=True, text=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_makes_a_home_of_both_archives(cache: Cache, tmp_path: Path) -> None:
    code, lines = run(cache, tmp_path / "home")
    assert code == 0
    assert lines[-1]["home"] == str(tmp_path / "home")
    assert lines[-1]["version"] == VERSION
    assert len(lines[-1]["digest"]) == 64
    assert {line["step"] for line in lines[:-1]} >= {"unpack", "verify"}
    assert os.access(tmp_path / "home/bin/jobmanager.sh", os.X_OK)
    assert (tmp_path / "home/conf/config.yaml").is_file()
    assert (tmp_path / "home/plugins/README.txt").is_file()
    assert not (tmp_path / "home/bin/flink.py").exists()
    assert not (tmp_path / "home.part").exists()


def test_a_second_fetch_finds_the_first(cache: Cache, tmp_path: Path) -> None:
    _, first = run(cache, tmp_path / "home")
    for path in cache.folder.glob("apache*"):
        path.unlink()
    code, again = run(cache, tmp_path / "home")
    assert code == 0
    assert again == [first[-1]]


def test_what_is_kept_needs_no_pip_of_its_own(cache: Cache, tmp_path: Path) -> None:
    """Making one would ask the network, which need not be there."""
    without_python = command(cache, tmp_path / "home")[:-2]
    subprocess.run(without_python, check=True, capture_output=True)
    assert not (cache.folder / "python").exists()


def test_the_same_bytes_have_the_same_digest(cache: Cache, tmp_path: Path) -> None:
    _, one = run(cache, tmp_path / "one")
    _, two = run(cache, tmp_path / "two")
    assert one[-1]["digest"] == two[-1]["digest"]


def test_a_foreign_folder_is_left_alone(cache: Cache, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/precious").write_text("mine", encoding="ascii")
    code, lines = run(cache, tmp_path / "home")
    assert code == 1
    assert lines[-1]["error"]["code"] == "TARGET_TAKEN"
    assert (tmp_path / "home/precious").is_file()


@pytest.mark.parametrize(("name", "stated"), [(VERSION, "1.20.4"), ("1.20.4", "1.20.4")])
def test_a_distribution_of_another_version_is_refused(cache: Cache, tmp_path: Path, name: str, stated: str) -> None:
    cache.keep_libraries({f"lib/flink-dist-{name}.jar": jar(stated)})
    code, lines = run(cache, tmp_path / "home")
    assert code == 1
    assert lines[-1]["error"]["code"] == "WRONG_VERSION"
    assert not (tmp_path / "home").exists()


def test_a_damaged_jar_is_refused(cache: Cache, tmp_path: Path) -> None:
    damaged = bytearray(jar(VERSION, filler=4096))
    middle = damaged.index(b"filler") + 2000
    damaged[middle] ^= 0xFF
    cache.keep_libraries({f"lib/flink-dist-{VERSION}.jar": jar(VERSION), "lib/other.jar": bytes(damaged)})
    code, lines = run(cache, tmp_path / "home")
    assert code == 1
    assert lines[-1]["error"]["code"] == "ARCHIVE_DAMAGED"
    assert "other.jar" in lines[-1]["error"]["message"]


def test_a_member_outside_the_home_is_refused(cache: Cache, tmp_path: Path) -> None:
    cache.keep_libraries({f"lib/flink-dist-{VERSION}.jar": jar(VERSION), "../../escaped": b"no"})
    code, lines = run(cache, tmp_path / "deep/home")
    assert code == 1
    assert lines[-1]["error"]["code"] == "ARCHIVE_DAMAGED"
    assert not list(tmp_path.rglob("escaped"))


def test_an_archive_that_does_not_open_is_an_error_with_a_code(cache: Cache, tmp_path: Path) -> None:
    cache.keep(f"apache_flink_libraries-{VERSION}.tar.gz", b"not an archive")
    code, lines = run(cache, tmp_path / "home")
    assert code == 1
    assert lines[-1]["error"]["code"] == "ARCHIVE_DAMAGED"


@pytest.mark.parametrize("version", ["1.20", "latest", "../1.20.5", "1.13.6"])
def test_what_is_no_version_is_refused(cache: Cache, tmp_path: Path, version: str) -> None:
    code, lines = run(cache, tmp_path / "home", version)
    assert code == 1
    assert lines[-1]["error"]["code"] == "VERSION_NOT_FOUND"


def test_bytes_that_changed_in_the_cache_are_not_used(cache: Cache) -> None:
    archive = pypi_archive.source(fetch_flink.LIBRARIES, VERSION)
    path = pypi_archive.kept(archive, cache.folder)
    assert path is not None
    path.write_bytes(path.read_bytes() + b"x")
    assert pypi_archive.kept(archive, cache.folder) is None
    assert not path.exists()


def test_killed_in_the_middle_the_next_run_completes(cache: Cache, tmp_path: Path) -> None:
    cache.keep_libraries({f"lib/flink-dist-{VERSION}.jar": jar(VERSION),
                          **{f"lib/big-{n}.jar": jar(VERSION, filler=2_000_000) for n in range(20)}})
    child = subprocess.Popen(command(cache, tmp_path / "home"), stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for line in child.stdout:
        if json.loads(line)["step"] == "unpack":
            child.send_signal(signal.SIGKILL)
            break
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    assert not (tmp_path / "home").exists()
    code, lines = run(cache, tmp_path / "home")
    assert code == 0
    assert lines[-1]["version"] == VERSION
    assert len(list((tmp_path / "home/lib").iterdir())) == 21
