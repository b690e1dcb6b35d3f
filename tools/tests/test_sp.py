# SPDX-License-Identifier: Apache-2.0
"""The front door's own functions, run by bash."""
from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def bash(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a script that has sp's functions, with build and cache folders in `folder`."""
    head = f"set -euo pipefail; SP_ROOT={ROOT}; source $SP_ROOT/tools/sp/setup/all.sh; SP_STAMPS=$PWD/stamps; SP_LOGS=$PWD/logs\n"
    return subprocess.run(["bash", "-c", head + script], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False, env={**os.environ, "STREAMPARK_CACHE": str(folder)})


def test_help_names_every_command(tmp_path: Path) -> None:
    done = subprocess.run([ROOT / "sp", "help"], capture_output=True, text=True, check=True, cwd=tmp_path)
    for command in ("run", "stop", "test", "build", "format", "lint", "gen", "bench"):
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("command", ["nonsense", "../sp", "setup"])
def test_an_unknown_command_is_an_error_with_a_hint(command: str) -> None:
    done = subprocess.run([ROOT / "sp", command], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "./sp help" in done.stderr


def test_a_process_is_known_by_id_and_start_time(tmp_path: Path) -> None:
    done = bash("""
        start_detached $PWD/pid $PWD/log sleep 30
        [ "$(live_pid $PWD/pid)" = "$DETACHED_PID" ] && echo lives
        echo "$DETACHED_PID 1" >other
        [ -z "$(live_pid $PWD/other)" ] && echo stranger
        stop_process $PWD/pid 5 && [ -z "$(live_pid $PWD/pid)" ] && echo gone
        stop_process $PWD/absent 5 && echo absent
        """, tmp_path)
    assert done.stdout.split() == ["lives", "stranger", "gone", "absent"], done.stderr


def test_a_process_that_does_not_end_is_said_so(tmp_path: Path) -> None:
    done = bash("""
        start_detached $PWD/pid $PWD/log bash -c 'trap "" TERM; echo ready; while :; do sleep 1; done'
        until grep -q ready $PWD/log; do sleep 0.05; done
        stop_process $PWD/pid 1 || echo still there
        kill -KILL "$(live_pid $PWD/pid)"
        """, tmp_path)
    assert done.stdout.strip() == "still there", done.stderr


def test_a_step_that_fails_shows_its_log_and_the_hint(tmp_path: Path) -> None:
    done = bash("""
        broken_title() { echo "a broken step"; }
        broken_needed() { return 0; }
        broken_apply() { echo first; false; echo not reached; }
        broken_hint() { echo "try this"; }
        setup broken
        """, tmp_path)
    assert done.returncode == 1
    assert "| first" in done.stderr
    assert "not reached" not in done.stderr
    assert "try this" in done.stderr


def test_an_interrupt_ends_the_step_with_all_its_children(tmp_path: Path) -> None:
    done = bash("""
        long_title() { echo long; }; long_needed() { return 0; }; long_hint() { :; }
        long_apply() { bash -c 'echo $$ >child; exec sleep 60'; }
        setup long >/dev/null & setup_pid=$!
        until [ -s child ]; do sleep 0.05; done
        kill -TERM $setup_pid
        wait $setup_pid || echo "ended with $?"
        until ! kill -0 "$(<child)" 2>/dev/null; do sleep 0.05; done
        echo "child gone"
        """, tmp_path)
    assert done.stdout.splitlines() == ["ended with 130", "child gone"], done.stderr


def test_a_step_that_is_not_needed_says_nothing(tmp_path: Path) -> None:
    done = bash("done_needed() { return 1; }; setup done", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_digest_changes_with_contents_and_names_but_not_with_what_is_built(tmp_path: Path) -> None:
    done = bash("""
        mkdir -p in/target; echo a >in/a; one=$(digest_of_files in)
        echo x >in/target/x; [ "$(digest_of_files in)" = "$one" ] && echo same
        mv in/a in/b; [ "$(digest_of_files in)" = "$one" ] || echo name
        mv in/b in/a; echo b >in/a; [ "$(digest_of_files in)" = "$one" ] || echo content
        """, tmp_path)
    assert done.stdout.split() == ["same", "name", "content"], done.stderr


def test_a_stamp_is_of_one_digest(tmp_path: Path) -> None:
    done = bash("""
        stamp_is thing abc || echo absent
        write_stamp thing abc; stamp_is thing abc && echo there
        stamp_is thing abd || echo other
        """, tmp_path)
    assert done.stdout.split() == ["absent", "there", "other"], done.stderr


@pytest.mark.parametrize("arguments", [["--port"], ["--port", "x"], ["--port", "70000"], ["--what"]])
def test_run_refuses_what_it_does_not_know(arguments: list[str], tmp_path: Path) -> None:
    done = subprocess.run([ROOT / "sp", "run", "--data", str(tmp_path), *arguments], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert done.stderr.startswith("sp: ")


def test_stop_without_anything_there_says_so(tmp_path: Path) -> None:
    done = subprocess.run([ROOT / "sp", "stop", "--data", str(tmp_path)], capture_output=True, text=True, check=True)
    assert "Nothing runs" in done.stdout
