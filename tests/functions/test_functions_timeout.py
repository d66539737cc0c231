"""A function that runs too long is killed with all that it started, and says so as on AWS."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from harness.functions import environment
from harness.functions.launch import Launcher
from harness.functions.loop import Loop
from harness.functions.model import FunctionError
from harness.functions.packages import link_runtime


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


def test_children_of_the_function_are_killed_too(runtime, make_function, tmp_path):
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
    assert not Path(f"/proc/{noted.read_text()}").exists()


def test_code_that_hangs_while_it_loads_times_out(make_function, monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "INIT_LIMIT_S", 0.2)
    link_runtime(tmp_path / "runtime")
    loop, outcomes = Loop(), []
    work = environment.Work(make_function("while True: pass", timeout_s=0.3), b"{}", "", outcomes.append)
    hanging = environment.Environment(work, loop, Launcher("spawn", tmp_path / "runtime"), [], lambda _: None)
    assert hanging.deadline is not None
    while (now := time.monotonic()) < hanging.deadline:
        loop.run_once(hanging.deadline - now)
    hanging.expire()
    hanging.exited(os.waitpid(hanging.pid, 0)[1])
    (outcome,) = outcomes
    assert json.loads(outcome.parts[0])["errorType"] == "Sandbox.Timedout"
    assert 0.5 <= outcome.fields["duration_s"] < 10
