"""A function that runs too long is killed with all that it started, and says so as on AWS."""

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
        "re.match(r'(a+)+$', 'a' * 40 + 'b')",  # in C, with the interpreter lock
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


def test_children_of_the_function_are_killed_too(runtime, make_function, wait_until_gone, tmp_path):
    noted = tmp_path / "pid"
    config = make_function(
        """
        import pathlib, subprocess, time
        def handler(event, context):
            child = subprocess.Popen(["sleep", "600"])
            pathlib.Path(event).write_text(str(child.pid))
            time.sleep(60)
        """,
        timeout_s=0.5,
    )
    assert runtime.invoke(config, f'"{noted}"'.encode()).error is not None
    runtime.stop_environments()
    assert wait_until_gone([int(noted.read_text())]) == []


@pytest.fixture
def outcome_of(tmp_path):
    """Run an environment for one invocation, in this process; the outcome's error type and fields."""
    link_runtime(tmp_path / "runtime")
    link_clock(tmp_path / "clock")
    launcher = Launcher("spawn", tmp_path / "runtime", tmp_path / "clock")

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
def test_between_invocations_an_environment_is_frozen(runtime, service, make_function, tmp_path, clock):
    """Threads go on with the next invocation, or never."""
    noted = tmp_path / "count"
    config = make_function(
        """
        import os, threading
        COUNT = 0
        def count(path):
            global COUNT
            while True:
                with open(path, "a") as file: file.write("x")
                COUNT += 1
        def handler(event, context):
            before = COUNT
            if event:
                threading.Thread(target=count, args=(event,), daemon=True).start()
            while COUNT < before + 3: pass
            return os.getpid()
        """
    )
    invoke = runtime.invoke if clock == "real" else partial(service.invoke, runtime)
    pid = json.loads(invoke(config, json.dumps(str(noted)).encode()).result)
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        time.sleep(0.01)
    frozen_at = noted.stat().st_size
    time.sleep(0.3)
    assert noted.stat().st_size == frozen_at
    assert json.loads(invoke(config, b"0").result) == pid
    assert noted.stat().st_size > frozen_at
