"""A function counts as hanging by its actions, regardless of real time, load or debuggers."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from harness.functions.host.hangs import FunctionHangs
from harness.functions.shared.model import DEFAULT_HANG_S
from harness.functions.supervisor import processes
from harness.functions.supervisor.hangs import Hangs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")


@pytest.fixture
def impatient(runtime):
    runtime.hang_s = 2
    yield runtime
    runtime.hang_s = DEFAULT_HANG_S


COMPUTES = [
    "while True: pass",
    "re.match(r'(a+)+$', 'a' * 40 + 'b')",  # in C, holding the interpreter lock
    "subprocess.run([sys.executable, '-c', 'while True: pass'])",
    "hashlib.pbkdf2_hmac('sha256', b'', b'', 1 << 30)",
]
WAITS = ["os.read(os.pipe()[0], 1)", "subprocess.run(['sleep', '600'])"]


@pytest.mark.parametrize("code", [*COMPUTES, *WAITS])
def test_code_without_an_end_hangs(impatient, service, make_function, code):
    config = make_function(
        f"""
        import hashlib, os, re, subprocess, sys
        def handler(event, context):
            print("begun")
            {code}
        """,
        timeout_s=1,
        name="endless",
    )
    with pytest.raises(FunctionHangs) as hang:
        service.invoke(impatient, config, b'{"bucket": "photos"}')
    first, *log = str(hang.value).splitlines()
    assert first.startswith("the function endless (bucket photos) hangs: ")
    limit = "2 s of processor time" if code in COMPUTES else "idle for 0.5 s (a quarter of `hang`)"
    assert limit in first
    assert ("must sleep" in first) == (code in COMPUTES)
    assert "raise `hang` in [tool.harness]" in first
    assert "  begun" in log


def test_a_lock_that_nobody_releases_is_waited_for_until_the_time_out(impatient, service, make_function):
    config = make_function(
        """
        import threading
        def handler(event, context):
            lock = threading.Lock()
            with lock, lock: pass
        """,
        timeout_s=7,
    )
    invocation = service.invoke(impatient, config, b"{}")
    assert invocation.error is not None
    assert invocation.error.message.endswith("Task timed out after 7.00 seconds")
    assert invocation.duration_s == 7


def test_code_that_hangs_while_it_loads(impatient, service, make_function):
    with pytest.raises(FunctionHangs, match="processor time"):
        service.invoke(impatient, make_function("while True: pass"), b"{}")


def test_computing_for_longer_than_the_time_out_succeeds(runtime, service, make_function):
    config = make_function(
        """
        import time
        def handler(event, context):
            while time.process_time() < 1.5: pass
            return "done"
        """,
        timeout_s=1,
    )
    assert service.invoke(runtime, config, b"{}").result == '"done"'


def test_a_wait_for_the_harness_is_no_hang(impatient, service, make_function):
    held = []

    def hold():
        held.append(time.sleep(2))

    service.hold_calls = service.hold = hold
    calling = impatient.schedule.calling
    config = make_function(
        """
        import boto3, time
        def handler(event, context):
            boto3.client("s3").list_buckets()
            time.sleep(5)
            return "done"
        """,
        endpoint_url=service.url,
    )
    with calling("not this one"):
        pass
    done = threading.Event()

    def in_a_call():  # the form in which an engine identifies its callers
        while not done.wait(0.05):
            for request_id in list(impatient.schedule._contacts):
                with calling(request_id):
                    pass

    thread = threading.Thread(target=in_a_call)
    thread.start()
    try:
        assert service.invoke(impatient, config, b"{}").result == '"done"'
    finally:
        done.set()
        thread.join()
    assert len(held) == 2


def test_a_stopped_environment_is_waited_for(impatient, service, make_function):
    mark = f"stops{os.getpid()}"
    config = make_function(
        """
        import os, signal
        def handler(event, context):
            with open("/proc/self/comm", "w") as name: name.write(event)
            os.kill(os.getpid(), signal.SIGSTOP)
            return "done"
        """
    )

    def wake():
        while not (found := _stopped(mark)):
            time.sleep(0.01)
        time.sleep(3)
        os.kill(found[0], signal.SIGCONT)

    waking = threading.Thread(target=wake)
    waking.start()
    assert service.invoke(impatient, config, json.dumps(mark).encode()).result == '"done"'
    waking.join()


def _stopped(name: str) -> list[int]:
    """The IDs of stopped processes with this name."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            _, _, rest = (process / "stat").read_text().partition(f"({name}) ")
            if rest.startswith("T"):
                found.append(int(process.name))
    return found


class _Fake:
    """An environment with an invocation, for fake samples."""

    def __init__(self, work) -> None:
        self.pid, self.watched, self.hung = 7, work, ""

    def hang(self, why: str) -> None:
        self.hung = why


@pytest.fixture
def sampled(monkeypatch):
    """Feed a process group to a sample. Return the requests to the host."""
    from invocation_samples import a_request

    class Work:
        request = a_request(now_s=0.0)
        request_id = "id"

    asked: list[str] = []
    hangs, environment = Hangs(asked.append), _Fake(Work())
    group = processes.Group(0.0, waits=True, pids=[])
    monkeypatch.setattr(
        "harness.functions.supervisor.hangs.groups", lambda _: {7: processes.Group(**vars(group))}
    )
    monkeypatch.setattr("harness.functions.supervisor.hangs.threads_wait", lambda _: True)
    clock = [0.0]

    def sample(real_s: float, *, cpu_s: float = 0.0, waits: bool = True) -> None:
        clock[0] += real_s
        group.cpu_s += cpu_s
        group.waits = waits
        hangs.check([environment], clock[0])

    sample(0)
    return sample, hangs, environment, asked


def test_a_sample_counts_its_nominal_length_however_late_it_is(sampled):
    sample, _, _, asked = sampled
    for _ in range(30):
        sample(10_000)
    assert asked == []
    sample(1)
    assert asked == ["id"]


def test_neither_what_runs_nor_what_could_is_idle(sampled):
    sample, _, environment, asked = sampled
    for _ in range(200):
        sample(1, waits=False)
        sample(1, cpu_s=0.25)
    assert (asked, environment.hung) == ([], "")


def test_the_host_decides_about_an_idle_one(sampled):
    sample, hangs, environment, asked = sampled
    for calls in (3, 3):
        for _ in range(31):
            sample(1)
        hangs.answered("id", 1, calls)  # it is in a call
    for _ in range(31):
        sample(1)
    hangs.answered("id", 0, 4)  # it has made a call since
    assert environment.hung == ""
    for _ in range(31):
        sample(1)
    hangs.answered("other", 0, 4)
    assert environment.hung == ""
    hangs.answered("id", 0, 4)
    assert "idle for 30 s" in environment.hung
    assert asked == ["id"] * 4


def test_processor_time_is_that_of_one_invocation(sampled):
    sample, _, environment, _ = sampled
    sample(1)
    for _ in range(119):
        sample(1, cpu_s=1)
    assert environment.hung == ""
    sample(1, cpu_s=1)
    assert "used 120 s of processor time" in environment.hung
