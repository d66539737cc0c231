"""All child processes exit, however their parent exits."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.functions.host.runtime import FunctionRuntime
from harness.functions.host.supervisor_client import FunctionRuntimeError
from harness.functions.shared import lifeline

BUSY = """
import os, time
def mark(event):
    with open("/proc/self/comm", "w") as name: name.write(event["mark"])
def handler(event, context):
    mark(event)
    if event["how"] == "loop":
        while True: pass
    if event["how"] == "daemon":
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                mark(event)
                os.write(writing, b"+")
                time.sleep(600)
            os._exit(0)
        os.wait()
        os.read(reading, 1)
"""

HOST = """
import json, sys, threading, time
from pathlib import Path
from harness.functions.shared.model import FunctionConfig
from harness.functions.host.runtime import FunctionRuntime
code, mark, method = sys.argv[1:]
runtime = FunctionRuntime(start_method=method)
config = FunctionConfig(
    arn="arn:aws:lambda:eu-west-1:1:function:f", name="f", handler="app.handler", code=Path(code),
    revision="1", region="eu-west-1", account_id="1", endpoint_url="http://127.0.0.1:1", timeout_s=600)
def invoke(how): runtime.invoke(config, json.dumps({"mark": mark, "how": how}).encode())
threading.Thread(target=invoke, args=("loop",), daemon=True).start()
invoke("warm")
print(runtime._pythons.own.supervisor.process.pid, runtime._folder, flush=True)
time.sleep(600)
"""


def _started(mark: str, count: int) -> list[int]:
    """The IDs of the processes that named themselves `mark`, once there are `count`."""
    noted = threading.Event()
    for _ in range(1000):
        if len(pids := [pid for pid in _processes() if _name(pid) == mark]) >= count:
            return pids
        noted.wait(0.01)
    raise AssertionError(f"only {pids} have started")


def _processes() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):  # it may exit between opening and reading
        return ""


@pytest.fixture
def mark():
    return f"m{secrets.token_hex(6)}"


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("victim", ["host", "supervisor"])
def test_nothing_is_left_when_a_process_is_killed(
    make_function, wait_until_gone, mark, tmp_path, method, victim
):
    code = make_function(BUSY).code
    command = [sys.executable, "-c", HOST, str(code), mark, method]
    # with the supervisor killed, no process is left to clean up
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as host:
        try:
            assert host.stdout is not None
            supervisor, runtime_folder = host.stdout.readline().split()
            pids = _started(mark, 2)
            os.kill(host.pid if victim == "host" else int(supervisor), signal.SIGKILL)
            assert wait_until_gone([*pids, int(supervisor)]) == []
            if victim == "host":  # the supervisor cleans up
                assert not Path(runtime_folder).exists()
        finally:
            host.kill()


def test_close_ends_what_runs_and_removes_the_folders(make_function, wait_until_gone, mark):
    config = make_function(BUSY)
    runtime = FunctionRuntime()
    failures: list[BaseException] = []

    def invoke() -> None:
        try:
            runtime.invoke(config, f'{{"mark": "{mark}", "how": "loop"}}'.encode())
        except FunctionRuntimeError as error:
            failures.append(error)

    caller = threading.Thread(target=invoke)
    caller.start()
    pids = _started(mark, 1)
    code = runtime.code_folder(_empty_zip())
    runtime.close()
    runtime.close()
    caller.join(5)
    assert not caller.is_alive()
    assert len(failures) == 1
    assert not code.exists()
    assert wait_until_gone(pids) == []
    with pytest.raises(FunctionRuntimeError, match="has been closed"):
        runtime.invoke(config, b"{}")


def test_a_daemon_that_a_function_leaves_is_stopped_with_the_runtime(make_function, wait_until_gone, mark):
    with FunctionRuntime() as runtime:
        runtime.invoke(make_function(BUSY), f'{{"mark": "{mark}", "how": "daemon"}}'.encode())
        pids = _started(mark, 2)
    assert wait_until_gone(pids) == []


def test_a_supervisor_that_has_died_is_said(make_function):
    with FunctionRuntime() as runtime:
        runtime.stop_environments()
        runtime._pythons.own.supervisor.process.kill()
        with pytest.raises(FunctionRuntimeError, match="ended"):
            runtime.invoke(make_function("def handler(event, context): pass"), b"{}")


def test_a_missing_code_folder_is_said_and_the_runtime_goes_on(runtime, make_function, tmp_path):
    config = make_function("def handler(event, context): return 1")
    config.code.rename(tmp_path / "elsewhere")
    with pytest.raises(FunctionRuntimeError, match="No such file or directory"):
        runtime.invoke(config, b"{}")
    (tmp_path / "elsewhere").rename(config.code)
    assert runtime.invoke(config, b"{}").result == "1"


def test_where_the_kernel_does_not_help_a_thread_watches_the_lifeline(monkeypatch, wait_until_gone):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(writing)
        os.setpgid(0, 0)
        lifeline._libc = None
        lifeline.die_with_parent(os.getppid(), reading)
        while True:
            pass
    os.close(reading)
    os.close(writing)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def _empty_zip() -> bytes:
    return b"PK\x05\x06" + bytes(18)
