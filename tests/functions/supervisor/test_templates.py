"""Environments are forked from a process with pure initialisation, without a visible difference."""

from __future__ import annotations

import json
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from virtual_service import NOW

from harness.functions.host.runtime import FunctionRuntime
from harness.polling import poll

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="environments are forked on Linux only")

HANDLER = """
import os
LOADED_IN = os.getpid()
COUNT = 0
def handler(event, context):
    global COUNT
    COUNT += 1
    return {
        "forked": LOADED_IN != os.getpid(), "count": COUNT, "pid": os.getpid(), "parent": os.getppid(),
        "group": os.getpgrp(), "stream": context.log_stream_name, "variable": os.environ.get("OF_INIT"),
    }
"""

# As at the process limit, which never applies to root.
NO_FORKS = """
import sys
frame = sys._getframe()
while "Initialisation" not in frame.f_globals:
    frame = frame.f_back
def refuse():
    raise BlockingIOError(11, "no more processes")
frame.f_globals["Initialisation"].end.__globals__["serve_forks"].__globals__["fork_sibling"] = refuse
"""


@pytest.fixture
def at_once(either_runtime, service):
    """Invoke a function several times at the same virtual moment. Return the results."""

    def invoke(config, count=3, *, now_s=NOW):
        schedule = either_runtime.schedule
        environments = [schedule.take(config, virtual=True) for _ in range(count)]
        try:
            with ThreadPoolExecutor(count) as threads:
                return list(
                    threads.map(
                        lambda each: service.invoke(
                            either_runtime, config, b"{}", environment=each, now_s=now_s
                        ),
                        environments,
                    )
                )
        finally:
            for each in environments:
                schedule.give_back(each, now_s)

    return invoke


def results(invocations):
    assert [each.error for each in invocations] == [None] * len(invocations)
    return [json.loads(each.result) for each in invocations]


def leaders(pids):
    """Processes with their own process group, which excludes the guard."""
    return {int(pid) for pid in pids if os.getpgid(int(pid)) == int(pid)}


def test_forks_are_environments_of_their_own(at_once, make_function, either_runtime):
    config = make_function("import os\nos.environ['OF_INIT'] = 'set'\nprint('loaded')\n" + HANDLER)
    invocations = at_once(config)
    seen = results(invocations)
    assert [each["forked"] for each in seen] == [True] * 3
    assert [each["count"] for each in seen] == [1] * 3
    assert [each["variable"] for each in seen] == ["set"] * 3
    assert len({each["pid"] for each in seen}) == 3
    assert {each["parent"] for each in seen} == {either_runtime._pythons.own.supervisor.process.pid}
    assert [each["group"] for each in seen] == [each["pid"] for each in seen]
    streams = [each["stream"] for each in seen]
    assert len(set(streams)) == 3
    assert [each.environment_id for each in invocations] == streams
    assert all("\nloaded\nEND" in each.log for each in invocations)
    again = at_once(config)
    assert sorted(each["pid"] for each in results(again)) == sorted(each["pid"] for each in seen)
    assert [each["count"] for each in results(again)] == [2] * 3
    assert all("loaded" not in each.log for each in again)


def test_ids_are_the_same_after_all_was_stopped(at_once, make_function, either_runtime):
    config = make_function(HANDLER)
    streams = sorted(each.environment_id for each in at_once(config))
    either_runtime.stop_environments()
    assert sorted(each.environment_id for each in at_once(config)) == streams


@pytest.mark.parametrize(
    "init",
    [
        "import random; random.random()",
        "import random; random.Random()",
        "import uuid; uuid.uuid4()",
        "import secrets; secrets.token_hex()",
        "import os; os.urandom(4)",
        "import time; time.sleep(1)",
        "import threading, time; threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.environ['AWS_LAMBDA_LOG_STREAM_NAME']",
        "import os; dict(os.environ)",
        "import os; os.open('/dev/null', os.O_RDONLY)",
        "import socket; KEPT = socket.socket()",
        "import tempfile; open(tempfile.gettempdir() + '/harness-test', 'w').close()",
        "import os, tempfile; os.mkdir(tempfile.gettempdir() + '/harness-test-folder')",
        "import boto3; boto3.client('s3').list_buckets()",
        "import urllib.request\ntry: urllib.request.urlopen('http://127.0.0.1:1')\nexcept OSError: pass",
    ],
)
def test_each_runs_an_initialisation_that_is_not_pure(at_once, make_function, service, init, tmp_path):
    config = make_function(
        f"{init}\n{HANDLER}", endpoint_url=service.url, environment={"TMPDIR": str(tmp_path)}
    )
    if "mkdir" in init:
        config = make_function(
            f"import os, shutil\n{init}\nshutil.rmtree('/tmp/harness-test-folder')\n{HANDLER}",
        )
        assert [each["forked"] for each in results(at_once(config, 1))] == [False]
        return
    assert [each["forked"] for each in results(at_once(config))] == [False] * 3


@pytest.mark.parametrize(
    "init",
    [
        "import boto3; CLIENT = boto3.client('s3'); TABLE = boto3.resource('dynamodb').Table('t')",
        "import os; os.environ.get('AWS_REGION'); 'AWS_REGION' in os.environ",
        "import json, pathlib; open(__file__).read()",
        "from concurrent.futures import ThreadPoolExecutor; POOL = ThreadPoolExecutor(2)",
        "import random; RANDOM = random.Random(7); RANDOM.random()",
        "import socket; socket.socket().close()",
    ],
)
def test_what_leaves_nothing_is_pure(at_once, make_function, init):
    assert [each["forked"] for each in results(at_once(make_function(f"{init}\n{HANDLER}")))] == [True] * 3


@pytest.mark.parametrize(
    "read", ["time.time()", "datetime.datetime.now()", "time.monotonic()", "logging.getLogger().warning('x')"]
)
def test_who_read_the_clock_is_forked_for_the_same_moment_only(at_once, make_function, read):
    config = make_function(f"import datetime, logging, time\nAT = time.strftime('%S')\n{read}\n{HANDLER}")
    first = {each["pid"] for each in results(at_once(config, 2))}
    later = results(at_once(config, 4, now_s=NOW + 60))
    assert all(each["forked"] for each in later)
    made = [each for each in later if each["pid"] not in first]
    assert len(made) == 2


def test_an_error_of_the_initialisation_is_each_ones(at_once, make_function):
    invocations = at_once(make_function("print('loading')\n1/0"))
    assert [each.error.type for each in invocations] == ["Runtime.UserCodeSyntaxError"] * 3 or [
        each.error.type for each in invocations
    ] == ["ZeroDivisionError"] * 3
    assert all("loading" in each.log for each in invocations)


def test_forks_draw_as_processes_of_their_own_do(service, runtime, make_function):
    source = "import random\n{}\ndef handler(event, context): return [random.random() for _ in range(3)]"
    forked, own = make_function(source.format("")), make_function(source.format("import os; os.urandom(1)"))
    drawn = [service.invoke(runtime, config, b"{}", request_id="the-same").result for config in (forked, own)]
    assert drawn[0] == drawn[1]


def test_a_template_that_was_killed_is_made_again(at_once, make_function, either_runtime):
    config = make_function(HANDLER)
    seen = results(at_once(config))
    supervisor = either_runtime._pythons.own.supervisor.process.pid
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    (template,) = leaders(children) - {each["pid"] for each in seen}
    os.kill(template, signal.SIGKILL)
    again = results(at_once(config, 5))
    assert {each["pid"] for each in seen} < {each["pid"] for each in again}  # its forks continue
    assert [each["forked"] for each in again] == [True] * 5


def test_what_cannot_be_forked_has_processes_of_its_own(at_once, make_function):
    assert [each["forked"] for each in results(at_once(make_function(NO_FORKS + HANDLER)))] == [False] * 3


def test_a_stop_ends_a_template_whose_environments_are_gone(
    at_once, make_function, either_runtime, wait_until_gone
):
    config = make_function("import os\ndef handler(event, context): os._exit(1)")
    assert [each.error.type for each in at_once(config, 1)] == ["Runtime.ExitError"]
    supervisor = either_runtime._pythons.own.supervisor.process.pid
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    templates = list(leaders(children))
    assert len(templates) == 1
    either_runtime.stop_environments(config.account_id)
    assert wait_until_gone(templates) == []


def test_templates_serve_what_is_deployed_again_up_to_a_number(
    at_once, make_function, either_runtime, wait_until_gone
):
    config = make_function(HANDLER)
    (first,) = results(at_once(config, 1))
    supervisor = either_runtime._pythons.own.supervisor.process.pid
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children")
    kept = leaders(children.read_text().split()) - {first["pid"]}
    either_runtime.stop_environments()
    assert leaders(children.read_text().split()) == kept
    assert results(at_once(config, 1))[0]["forked"]
    assert kept < leaders(children.read_text().split())
    for _ in range(32):
        at_once(make_function(HANDLER), 1)
    poll(
        lambda: kept - leaders(children.read_text().split()),
        lambda gone: len(gone) == 1,
        what="end of the first template",
        timeout_s=20,
    )


def test_new_code_has_a_template_of_its_own(at_once, make_function):
    old = make_function("VERSION = 1\ndef handler(event, context): return VERSION", name="f")
    assert results(at_once(old, 2)) == [1, 1]
    (old.code / "app.py").write_text("VERSION = 2\ndef handler(event, context): return VERSION")
    new = make_function("VERSION = 22\ndef handler(event, context): return VERSION", name="f", revision="2")
    assert results(at_once(new, 2)) == [22, 22]


@pytest.mark.parametrize("stopped", ["environment", "template", "supervisor"])
def test_nothing_is_left_of_stopped_processes(make_function, service, wait_until_gone, stopped):
    runtime = FunctionRuntime()
    environment = json.loads(service.invoke(runtime, make_function(HANDLER), b"{}").result)["pid"]
    supervisor = runtime._pythons.own.supervisor.process.pid
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    pids = [int(pid) for pid in children]
    (template,) = leaders(children) - {environment}
    chosen = {"environment": environment, "template": template, "supervisor": supervisor}[stopped]
    os.kill(chosen, signal.SIGSTOP)
    if stopped == "supervisor":
        os.kill(supervisor, signal.SIGKILL)
    runtime.close()
    assert wait_until_gone([*pids, supervisor]) == []
