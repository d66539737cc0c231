"""Suspending the computer for a while changes no verdict and no history."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import chance_project
import pytest

from harness.polling import poll

APP = """\
import time, boto3
sts = boto3.client("sts")

def handler(event, context):
    for _ in range(40):
        sts.get_caller_identity()
        time.sleep(1)
    return {"uuid": str(event.get("n"))}
"""
SLOW = """\
title: It takes a while of real time
run: {input: {items: [{n: 1}, {n: 2}, {n: 3}, {n: 4}]}}
expect: {execution: {status: SUCCEEDED}}
"""


def family(pid: int) -> Iterator[int]:
    """A process and all its descendants."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from family(int(child))


def engines(pid: int) -> list[int]:
    """The embedded engine's process among them."""
    return [
        each for each in family(pid) if b"harness.engine.moto" in Path(f"/proc/{each}/cmdline").read_bytes()
    ]


def send(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def played(folder: Path, pause: Callable[[int], object]) -> object:
    """The results of a disturbed run."""
    process = subprocess.Popen([sys.executable, "-m", "harness", "run", "--json", "o.json"], cwd=folder)
    try:
        pause(process.pid)
        assert process.wait(180) == 0
    finally:
        process.kill()
    return json.loads((folder / "o.json").read_text())["results"]


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize(
    ("whom", "pause_s", "times"), [(family, 4.0, 2), (engines, 13.0, 1)], ids=["all", "engine"]
)
def test_a_pause_changes_nothing(tmp_path, whom, pause_s, times):
    chance_project.write(tmp_path, APP, scenario=SLOW)

    def pause(pid: int) -> None:
        for _ in range(times):
            poll(lambda: engines(pid), bool, what="engine", timeout_s=300)
            time.sleep(2.5)  # so that some of it is in progress
            stopped = list(whom(pid))
            assert stopped, "it has ended"
            send(stopped, signal.SIGSTOP)
            time.sleep(pause_s)
            send(stopped, signal.SIGCONT)

    assert played(tmp_path, pause) == played(tmp_path, lambda _: None)
