"""A function that exceeds its timeout is killed with its child processes, with the same message as on AWS."""

from __future__ import annotations

import json
import os
import time
from functools import partial
from pathlib import Path

import pytest
from invocation_samples import a_request

from harness.functions.host.packages import link_clock, link_runtime
from harness.functions.shared.model import FunctionError
from harness.functions.supervisor import environment
from harness.functions.supervisor.launcher import Launcher
from harness.functions.supervisor.loop import Loop
from harness.functions.supervisor.runtime_api import RuntimeApi
from harness.functions.supervisor.work import Work


@pytest.mark.parametrize(
    "hang",
    [
        "time.sleep(60)",
        "while True: pass",
        "re.match(r'(a+)+$', 'a' * 40 + 'b')",  # in C, holding the interpreter lock
    ],
)
def test_a_time_out_kills_the_process_and_the_next_invocation_gets_another(
    either_runtime, make_function, hang
):
    config = make_function(
        f"""
        import re, time
        def handler(event, context):
            if event:
                print("begun")
                {hang}
            return "fine"
        """,
        timeout_s=0.6,
    )
    either_runtime.invoke(config, b"0")
    begun = time.monotonic()
    invocation = either_runtime.invoke(config, b"1")
    assert 0.6 <= time.monotonic() - begun < 10
    message = f"RequestId: {invocation.request_id} Error: Task timed out after 0.60 seconds"
    assert invocation.error == FunctionError("Sandbox.Timedout", message)
    assert 0.6 <= invocation.duration_s < 10
    assert "begun\n" in invocation.log
    assert f"{invocation.request_id} Task timed out after 0.60 seconds\n" in invocation.log
    assert "Status: timeout" in invocation.log
    assert either_runtime.invoke(config, b"0").result == '"fine"'


def test_children_of_the_function_are_killed_too(runtime, make_function, wait_until_gone):
    config = make_function(
        """
        import subprocess, time
        def handler(event, context):
            child = subprocess.Popen(["sleep", "600"])
            print("child", child.pid, flush=True)
            time.sleep(60)
        """,
        timeout_s=0.5,
    )
    invocation = runtime.invoke(config, b"{}")
    assert invocation.error is not None
    runtime.stop_environments()
    assert wait_until_gone([int(invocation.log.partition("child ")[2].split()[0])]) == []


@pytest.fixture
def outcome_of(tmp_path):
    """Run an environment for one invocation in this process. Return the error type and fields."""
    link_runtime(tmp_path / "runtime")
    link_clock(tmp_path / "clock")
    launcher = Launcher("spawn", tmp_path)

    def run(config, **settings):
        loop, outcomes = Loop(), []
        work = Work(config, b"{}", outcomes.append, a_request(**settings))
        one = environment.Environment(work, loop, RuntimeApi(loop), lambda *_: None)
        one.begin(launcher.start(config, one.variables, one.first_setting, one.seed))
        while not outcomes:
            now = time.monotonic()
            if one.deadline is not None and one.deadline <= now:
                one.expire()
                one.exited(os.waitpid(one.pid, 0)[1])
            else:
                loop.run_once(0.1 if one.deadline is None else one.deadline - now)
        one.stop()
        (outcome,) = outcomes
        return json.loads(outcome.parts[0]), outcome.fields

    return run


def test_code_that_hangs_while_it_loads_times_out(make_function, monkeypatch, outcome_of):
    monkeypatch.setattr(environment, "INIT_LIMIT_S", 0.2)
    result, fields = outcome_of(make_function("while True: pass", timeout_s=0.3))
    assert result["errorType"] == "Sandbox.Timedout"
    assert 0.5 <= fields["duration_s"] < 10


@pytest.mark.parametrize("clock", ["virtual", "real"])
def test_between_invocations_an_environment_is_frozen(runtime, service, make_function, clock):
    """Threads continue with the next invocation, or never."""
    config = make_function(
        """
        import os, threading
        COUNT = 0
        def count():
            global COUNT
            while True:
                COUNT += 1
        def handler(event, context):
            before = COUNT
            if event:
                threading.Thread(target=count, daemon=True).start()
            while COUNT < before + 3: pass
            return os.getpid(), COUNT
        """,
        timeout_s=60,
    )
    invoke = runtime.invoke if clock == "real" else partial(service.invoke, runtime)
    pid, counted = json.loads(invoke(config, b"1").result)
    while (stopped := _stat(pid))[0] != "T":
        time.sleep(0.01)
    time.sleep(0.3)
    assert _stat(pid) == stopped
    again, further = json.loads(invoke(config, b"0").result)
    assert again == pid
    assert further > counted


def _stat(pid: int) -> list[str]:
    """The state of a process, and its CPU time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [fields[0], *fields[11:13]]
