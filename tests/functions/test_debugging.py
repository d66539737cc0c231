"""Debugging functions: the test responds at the other end of the link."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.model import FunctionConfig, Invocation

NOW_S = 1_735_689_600.0
ACCOUNT = "123456789012"
MakeFunction = Callable[..., FunctionConfig]
TOKEN = "between us"
APP = """\
import time

def add(one, other):
    total = one + other
    return total

def handler(event, context):
    print("begins")
    total = add(1, 2)
    time.sleep(1)
    return [total, time.time(), context.get_remaining_time_in_millis()]
"""


class Desk:
    """Answers prompts with these lines, each after `pause_s`, and records the output. None ends the input."""

    def __init__(self, lines: Sequence[str | None], pause_s: float = 0.0) -> None:
        self.shown = ""
        self.who: list[str] = []
        self.matches: list[str] = []
        self._lines = list(lines)
        self._pause_s = pause_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.setting: Any = {"port": self._listener.getsockname()[1], "token": TOKEN}
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("r") as messages:
                for message in map(json.loads, messages):
                    if answer := self._answer(message):
                        connection.sendall(json.dumps(answer).encode() + b"\n")

    def _answer(self, message: dict[str, Any]) -> dict[str, object] | None:
        self.shown += message.get("text", "") + message.get("ask", "")
        self.matches += message.get("matches", [])
        if "token" in message:
            assert message["token"] == TOKEN
            self.who.append(message["who"])
        if message.get("quit"):
            return {"go": "on"}
        if "ask" not in message and "matches" not in message:
            return None
        time.sleep(self._pause_s)
        line = self._lines.pop(0)
        self.shown += f"{line}\n"
        if line == "^C":
            return {"interrupt": True}
        if line is not None and line.endswith("\t"):
            return {"complete": [line.strip(), line.strip(), 0, len(line.strip())]}
        return {"line": line}


@pytest.fixture
def debugged(runtime: FunctionRuntime) -> Iterator[FunctionRuntime]:
    yield runtime
    runtime.debugger, runtime.breaks, runtime.hang_s = None, {}, 40.0


def play(
    runtime: FunctionRuntime, config: FunctionConfig, desk: Desk | None, *, virtual: bool = True
) -> Invocation:
    runtime.debugger = desk.setting if desk else None
    id_ = "00000000-0000-4000-8000-000000000000"
    runtime.stop_environments(ACCOUNT)
    invocation = runtime.invoke(
        config, b"{}", request_id=id_, now_s=NOW_S if virtual else None, sleep_url="http://127.0.0.1:1"
    )
    if desk:
        desk.close()
    return invocation


def without_sleep(source: str) -> str:
    return source.replace("    time.sleep(1)\n", "")


def test_a_breakpoint_asks_and_changes_nothing(
    debugged: FunctionRuntime, make_function: MakeFunction
) -> None:
    source = without_sleep(APP)
    stops = make_function(source.replace("    total = add", "    breakpoint()\n    total = add"), name="size")
    desk = Desk(["p event", "b add", "c", "p one, other", "^C", "w", "c"])
    with_it = play(debugged, stops, desk)
    plain = make_function(source.replace("    total = add", "    None\n    total = add"), name="size")
    without = play(debugged, plain, None)
    assert replace(with_it, environment_id="") == replace(without, environment_id="")
    assert with_it.error is None
    assert desk.who == ["size"]
    assert re.search(r"\(size app\.py:(9|10)\) p event\n{}\n", desk.shown)  # the next line until 3.12
    assert "(size app.py:4) p one, other\n(1, 2)\n" in desk.shown
    assert "--KeyboardInterrupt--" in desk.shown
    assert "awslambdaric" not in desk.shown


@pytest.mark.parametrize("ask", ["import pdb; pdb.set_trace()", "from pdb import set_trace; set_trace()"])
def test_pdb_itself_asks_in_the_same_way(
    debugged: FunctionRuntime, make_function: MakeFunction, ask: str
) -> None:
    desk = Desk(["p 6 * 7", "c"])
    seen = play(debugged, make_function(f"def handler(event, context):\n    {ask}\n    return 1\n"), desk)
    assert seen.result == "1"
    assert "\n42\n" in desk.shown


def test_words_are_completed(debugged: FunctionRuntime, make_function: MakeFunction) -> None:
    desk = Desk(["conti\t", "c"])
    play(debugged, make_function("def handler(event, context):\n    breakpoint()\n    return 1\n"), desk)
    assert "continue" in desk.matches


def test_a_handler_stops_at_its_first_line(debugged: FunctionRuntime, make_function: MakeFunction) -> None:
    source = """
    import functools

    def wrapped(function):
        @functools.wraps(function)
        def inner(*given):
            return function(*given)
        return inner

    @wrapped
    def handler(event, context):
        first = 1
        return first
    """
    config = make_function(source, name="size")
    debugged.breaks = {"size": [""], "other": ["x"]}
    desk = Desk(["n", "p first", "c"])
    seen = play(debugged, config, desk)
    assert seen.result == "1"
    assert desk.shown.startswith("> /var/task/app.py(12)handler()\n-> first = 1\n(size app.py:12) n\n")
    assert "p first\n1\n" in desk.shown


def test_a_call_stops_before_it_is_made(
    debugged: FunctionRuntime, make_function: MakeFunction, aws_url: str
) -> None:
    source = """
    import boto3

    def handler(event, context):
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="attic", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    """
    config = make_function(source, endpoint_url=aws_url)
    debugged.breaks = {"": ["s3:listbuckets"]}
    desk = Desk(["p s3.meta.region_name", "n", "c"])
    seen = play(debugged, config, desk)
    assert json.loads(seen.result) == ["attic"]
    assert [call.operation for call in seen.calls] == ["CreateBucket", "ListBuckets"]
    assert "before s3:ListBuckets; its request is\n{}\n> /var/task/app.py(7)handler()" in desk.shown
    assert "p s3.meta.region_name\n'eu-west-1'\n" in desk.shown


def test_what_calls_the_handler_is_not_stepped_into(
    debugged: FunctionRuntime, make_function: MakeFunction
) -> None:
    source = "def handler(event, context):\n    breakpoint()\n    one = 1\n    return one\n"
    desk = Desk(["n"] * 5)
    assert play(debugged, make_function(source), desk).result == "1"
    assert "--Return--" in desk.shown
    assert set(re.findall(r"^> (.*)\(\d", desk.shown, re.MULTILINE)) == {"/var/task/app.py"}


@pytest.mark.parametrize("end", ["q", None])
def test_to_quit_ends_the_invocation(
    debugged: FunctionRuntime, make_function: MakeFunction, end: str | None
) -> None:
    desk = Desk([end])
    seen = play(
        debugged, make_function("def handler(event, context):\n    breakpoint()\n    return 1\n"), desk
    )
    assert seen.error
    assert seen.error.type == "BdbQuit"


def test_no_limit_of_real_time_ends_it(debugged: FunctionRuntime, make_function: MakeFunction) -> None:
    source = "def handler(event, context):\n    breakpoint()\n    return 1\n"
    debugged.hang_s = 0.4  # so that 0.1 s of inactivity is too long
    seen = play(debugged, make_function(source), Desk(["c"], pause_s=0.5))
    assert seen.result == "1"
    real = play(debugged, make_function(source, timeout_s=1), Desk(["c"], pause_s=1.3), virtual=False)
    assert real.result == "1"


def test_a_breakpoint_while_code_is_loaded(debugged: FunctionRuntime, make_function: MakeFunction) -> None:
    source = "before = 1\nbreakpoint()\nafter = 2\n\ndef handler(event, context):\n    return after\n"
    desk = Desk(["p before", "c"])
    seen = play(debugged, make_function(source), desk)
    assert seen.result == "2"
    assert "p before\n1\n" in desk.shown


def test_it_is_not_asked_for_memory(debugged: FunctionRuntime, make_function: MakeFunction) -> None:
    source = """
    def handler(event, context):
        breakpoint()
        return len(bytearray(60 << 20)) >> 20
    """
    plain = make_function(source.replace("breakpoint()", "None"), memory_mib=128)
    assert play(debugged, plain, None).result == "60"
    desk = Desk(["c"])
    assert play(debugged, make_function(source, memory_mib=128), desk).result == "60"


def test_without_a_terminal_it_is_said_where_it_asks(
    debugged: FunctionRuntime, make_function: MakeFunction
) -> None:
    source = "def handler(event, context):\n    x = 1\n    breakpoint()\n    return 1\n"
    seen = play(debugged, make_function(source), None)
    assert seen.error
    assert seen.error.type == "BdbQuit"
    (said,) = [line for line in seen.log.splitlines() if line.startswith("[harness]")]
    place = r"\[harness\] /var/task/app\.py:[34]"  # the next line until Python 3.12
    assert re.match(f"{place}: the debugger has no terminal", said)


def test_where_the_terminal_has_gone_it_goes_on(
    debugged: FunctionRuntime, make_function: MakeFunction
) -> None:
    desk = Desk([])
    desk.close()
    source = "def handler(event, context):\n    breakpoint()\n    return 1\n"
    assert play(debugged, make_function(source), desk).result == "1"


def test_who_does_not_debug_imports_nothing(debugged: FunctionRuntime, make_function: MakeFunction) -> None:
    source = """
    import sys

    def handler(event, context):
        loaded = [name for name in sys.modules if name in ("pdb", "bdb", "cmd", "readline")]
        return [loaded, sys.gettrace() is None, "debugger" in repr(sys.breakpointhook).lower()]
    """
    assert play(debugged, make_function(source), None).result == "[[], true, false]"
    assert play(debugged, make_function(source), Desk([])).result == "[[], true, true]"
