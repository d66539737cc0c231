"""Forks that become children of the forking process's parent."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="environments are forked on Linux only")

# Its child forks a sibling and exits immediately. Prints what the sibling sees, and both exit statuses.
PARENT = """
import json, os, signal, subprocess, sys, threading
from harness.functions.sandbox import sibling
from harness.functions.shared import lifeline
WAY
lifeline.adopt_orphans()
at_fork = []
os.register_at_fork(after_in_child=lambda: at_fork.append("child"))
parent, (read, write) = os.getpid(), os.pipe()
forker = os.fork()
if not forker:
    at_fork.clear()
    pid = sibling.fork_sibling()
    if pid:
        os.write(write, b"%d" % pid)
        os._exit(3)
    signalled = threading.Event()
    signal.signal(signal.SIGUSR1, lambda *_: signalled.set())
    main = threading.main_thread().ident
    thread = threading.Thread(target=signal.pthread_kill, args=(main, signal.SIGUSR1))
    thread.start()
    thread.join()
    seen = {
        "parent": os.getppid() == parent,
        "id": threading.get_native_id() == os.getpid(),
        "signalled": signalled.wait(30),
        "at_fork": at_fork,
        "program": subprocess.run(["echo", "started"], capture_output=True, text=True).stdout,
    }
    print(json.dumps(seen), flush=True)
    os._exit(7)
ends = dict(os.wait() for _ in range(2))
pid = int(os.read(read, 32))
print(json.dumps([os.waitstatus_to_exitcode(ends[each]) for each in (forker, pid)]))
"""
WAYS = {"as it is best here": "", "by a process between": "sibling._clone = lambda _: -1"}


def run(script: str) -> list[str]:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.stderr, ended.returncode) == ("", 0)
    return ended.stdout.splitlines()


@pytest.mark.parametrize("way", WAYS)
def test_a_fork_is_a_child_of_the_parent_and_a_whole_process(way: str) -> None:
    seen, ends = (json.loads(line) for line in run(PARENT.replace("WAY", WAYS[way])))
    assert seen["parent"]
    assert seen["id"]
    assert seen["signalled"]
    assert "child" in seen["at_fork"], "Python and its modules are told of the fork"
    assert seen["program"] == "started\n"
    assert ends == [3, 7]


def test_no_more_processes_is_an_error() -> None:
    script = """
import os
from harness.functions.sandbox import sibling
sibling._clone = lambda _: -1
really, first = os.fork, os.getpid()
def fork():
    if os.getpid() != first:
        raise BlockingIOError(11, "no more processes")
    return really()
os.fork = fork
try:
    sibling.fork_sibling()
except OSError as error:
    print(error.strerror)
"""
    assert run(script) == ["Resource temporarily unavailable"]
