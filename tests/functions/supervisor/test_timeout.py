"""A function that runs too long is killed with all that it started, and says so as on AWS."""

from __future__ import annotations

import json
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from invocation_samples import a_request

from harness.functions.host.packages import link_clock, link_runtime
from harness.functions.shared.model import FunctionError
from harness.functions.supervisor import clock, environment
from harness.functions.supervisor.launcher import Launcher
from harness.functions.supervisor.loop import Loop


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

    def run(config, on_sleep=lambda *_: None, **settings):
        loop, outcomes = Loop(), []
        work = environment.Work(config, b"{}", outcomes.append, a_request(**settings))
        one = environment.Environment(work, loop, launcher, 0, lambda _: None, on_sleep)
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


def test_code_that_hangs_on_a_virtual_clock_is_stopped_in_real_time(make_function, monkeypatch, outcome_of):
    monkeypatch.setattr(clock, "HANG_S", (0.3, 0.3))
    monkeypatch.setattr(environment, "INIT_LIMIT_S", 5)
    config = make_function("def handler(event, context):\n while True: pass", timeout_s=900)
    begun = time.monotonic()
    result, fields = outcome_of(config, now_s=1000.5)
    assert time.monotonic() - begun < 10
    assert result["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 900.00 seconds" in result["errorMessage"]
    assert (fields["started_at"], fields["duration_s"]) == (1000.5, 900)


def test_time_asleep_on_a_virtual_clock_is_no_hanging(make_function, monkeypatch, outcome_of):
    monkeypatch.setattr(clock, "HANG_S", (0.5, 0.5))
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    told = []

    def answer():
        connection, _ = listener.accept()
        with connection:
            connection.recv(1 << 16)
            time.sleep(1)  # longer than code may hang
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"now": 1060}')

    with listener, ThreadPoolExecutor(1) as threads:
        answered = threads.submit(answer)
        result, fields = outcome_of(
            make_function("import time\ndef handler(event, context): time.sleep(60)", timeout_s=900),
            on_sleep=lambda _, asleep: told.append(asleep),
            now_s=1000,
            sleep_url=f"http://127.0.0.1:{port}",
        )
        answered.result()
    assert result is None
    assert fields["duration_s"] == 60
    assert told == [True, False, False]


@pytest.mark.parametrize(("timeout_s", "patience_s"), [(3, 10), (30, 30), (900, 60)])
def test_how_long_code_may_run_in_real_time(timeout_s, patience_s):
    assert clock.FunctionClock(1000).patience_s(timeout_s) == patience_s
    assert clock.FunctionClock(None).patience_s(timeout_s) == timeout_s
