"""Debugging functions from an editor."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from dap_client import Client, Refused

from harness.debugging.editor_desk import EditorDesk
from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.model import FunctionConfig, Invocation

NOW_S = 1_735_689_600.0
ACCOUNT = "123456789012"
MakeFunction = Callable[..., FunctionConfig]
APP = """\
import time

def add(one, other):
    total = one + other
    return total

def handler(event, context):
    print("begins")
    total = add(1, 2)
    return [total, time.time(), context.get_remaining_time_in_millis()]
"""


@pytest.fixture
def desk() -> Iterator[EditorDesk]:
    with EditorDesk(0, lambda _: None, waits=False) as opened:
        yield opened


@pytest.fixture
def debugged(runtime: FunctionRuntime, desk: EditorDesk) -> Iterator[FunctionRuntime]:
    runtime.debugger = desk.setting
    runtime.stop_environments(ACCOUNT)
    yield runtime
    runtime.debugger, runtime.hang_s = None, 40.0


def play(
    runtime: FunctionRuntime, config: FunctionConfig, *, virtual: bool = True, request: int = 0
) -> Invocation:
    id_ = f"00000000-0000-4000-8000-00000000000{request}"
    return runtime.invoke(
        config, b"{}", request_id=id_, now_s=NOW_S if virtual else None, sleep_url="http://127.0.0.1:1"
    )


def played(
    runtime: FunctionRuntime,
    config: FunctionConfig,
    editor: Client,
    use: Callable[[], None],
    *,
    virtual: bool = True,
) -> Invocation:
    """Run it in a separate thread while an editor is used in this one."""
    with ThreadPoolExecutor(1) as pool:
        ends = pool.submit(play, runtime, config, virtual=virtual)
        try:
            use()
        except BaseException:
            editor.close()  # releases the function
            raise
        return ends.result(60)


def test_a_breakpoint_holds_it_and_changes_nothing(
    debugged: FunctionRuntime, desk: EditorDesk, make_function: MakeFunction
) -> None:
    config = make_function(APP, name="size")
    file = config.code / "app.py"
    before = desk.monotonic()
    with Client(desk.port) as editor:
        (answered,) = editor.attach({file: [3]})
        assert (answered["line"], answered["verified"]) == (3, False)
        (inner,) = editor.set(file, [4])

        def use() -> None:
            *place, thread = editor.stopped()
            assert place == [str(file), 4, "breakpoint"]
            bound = editor.event("breakpoint")["breakpoint"]
            assert (bound["id"], bound["verified"]) == (inner["id"], True)
            assert editor.variables()["other"]["value"] == "2"
            assert editor.evaluate("one + other") == "3"
            still = desk.monotonic()
            names = [f["name"] for f in editor.ask("stackTrace", threadId=thread)["stackFrames"]]
            assert names == ["add", "handler"]
            assert editor.variables(frame=2)["event"]["value"] == "{}"
            for line in (5, 10):
                editor.go("next")
                assert editor.stopped()[1:3] == (line, "step")
            assert desk.monotonic() == still
            editor.go()

        with_it = played(debugged, config, editor, use)
        assert [each["name"] for each in editor.ask("threads")["threads"]]
    debugged.debugger = None
    debugged.stop_environments(ACCOUNT)
    without = play(debugged, config)
    assert replace(with_it, environment_id="") == replace(without, environment_id="")
    assert with_it.error is None
    assert desk.monotonic() > before


def test_steps_go_in_and_out(
    debugged: FunctionRuntime, desk: EditorDesk, make_function: MakeFunction
) -> None:
    config = make_function(APP)
    file = config.code / "app.py"
    with Client(desk.port) as editor:
        editor.attach({file: [9]})

        def use() -> None:
            assert editor.stopped()[1] == 9
            for way, line in (("stepIn", 4), ("stepOut", 10)):
                editor.go(way)
                assert editor.stopped()[1:3] == (line, "step")
            editor.go("stepOut")  # for the function's own code: it continues

        assert played(debugged, config, editor, use).error is None


def test_a_condition_and_a_log_point(
    debugged: FunctionRuntime, desk: EditorDesk, make_function: MakeFunction
) -> None:
    source = """\
    def handler(event, context):
        found = []
        for number in range(5):
            found.append(number)
        return found
    """
    config = make_function(source)
    file = config.code / "app.py"
    with Client(desk.port) as editor:
        editor.attach(
            {
                file: [
                    {"line": 4, "condition": "number == 3"},
                    {"line": 5, "logMessage": "{len(found)} of {nobody}"},
                ]
            }
        )

        def use() -> None:
            assert editor.stopped()[1] == 4
            assert editor.variables()["number"]["value"] == "3"
            (found,) = [each for name, each in editor.variables().items() if name == "found"]
            members = editor.members(found["variablesReference"])
            assert [(each["name"], each["value"]) for each in members[:2]] == [("[0]", "0"), ("[1]", "1")]
            editor.go()
            said = editor.event("output")["output"]
            assert said == "5 of NameError(\"name 'nobody' is not defined\")\n"

        assert played(debugged, config, editor, use).result == "[0, 1, 2, 3, 4]"


@pytest.mark.parametrize(("filters", "line"), [(["raised"], 3), (["uncaught"], 6)])
def test_an_exception_holds_it(
    debugged: FunctionRuntime,
    desk: EditorDesk,
    make_function: MakeFunction,
    filters: Sequence[str],
    line: int,
) -> None:
    source = """\
    def handler(event, context):
        try:
            int("x")
        except ValueError:
            pass
        {}["size"]
    """
    config = make_function(source)
    with Client(desk.port) as editor:
        editor.attach({}, filters)

        def use() -> None:
            assert editor.stopped()[1:3] == (line, "exception")
            kind = "ValueError" if line == 3 else "KeyError"
            about = editor.ask("exceptionInfo", threadId=1)
            assert about["exceptionId"] == kind
            assert kind in about["details"]["stackTrace"]
            editor.go()
            if line == 3:
                assert editor.stopped()[1] == 6
                editor.go()

        seen = played(debugged, config, editor, use)
    assert seen.error
    assert seen.error.type == "KeyError"


@pytest.mark.parametrize("ask", ["breakpoint()", "import pdb; pdb.set_trace()"])
def test_a_breakpoint_in_the_code_holds_it_there(
    debugged: FunctionRuntime, desk: EditorDesk, make_function: MakeFunction, ask: str
) -> None:
    config = make_function(f"def handler(event, context):\n    {ask}\n    return 1\n")
    with Client(desk.port) as editor:
        editor.attach({})

        def use() -> None:
            file, line, reason, thread = editor.stopped()
            assert (line, reason) == (2, "breakpoint")
            if not desk.files.folders:  # no file in the project is known
                top = editor.ask("stackTrace", threadId=thread)["stackFrames"][0]["source"]
                assert file == "/var/task/app.py"
                shown = editor.ask("source", source=top, sourceReference=top["sourceReference"])
                assert shown["content"] == (config.code / "app.py").read_text()
            else:
                assert file == str(config.code / "app.py")
            editor.go("next")
            assert editor.stopped()[1] == 3
            editor.go()

        assert played(debugged, config, editor, use).result == "1"
        desk.files.folders[config.name] = [("/var/task", config.code)]
        assert played(debugged, config, editor, use).result == "1"


def test_code_is_held_while_it_is_loaded_and_in_threads(
    debugged: FunctionRuntime, desk: EditorDesk, make_function: MakeFunction
) -> None:
    source = """\
    from concurrent.futures import ThreadPoolExecutor

    before = 1

    def double(number):
        return 2 * number

    def handler(event, context):
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(double, [1, 2]))
    """
    config = make_function(source)
    file = config.code / "app.py"
    with Client(desk.port) as editor:
        editor.attach({file: [3, 6]})

        def use() -> None:
            for line in (3, 6, 6):
                assert editor.stopped()[1] == line
                editor.go()

        assert played(debugged, config, editor, use).result == "[2, 4]"


def test_a_file_that_was_copied_is_found_by_its_text(
    debugged: FunctionRuntime, desk: EditorDesk, make_function: MakeFunction, tmp_path: Path
) -> None:
    config = make_function(APP)
    mine, other = tmp_path / "mine" / "app.py", tmp_path / "other" / "app.py"
    for file, text in ((mine, APP), (other, f"{APP}# other")):
        file.parent.mkdir()
        file.write_text(text)
    with Client(desk.port) as editor:
        editor.attach({other: [8], mine: [9]})

        def use() -> None:
            assert editor.stopped()[:2] == (str(mine), 9)
            editor.go()

        assert played(debugged, config, editor, use).error is None


def test_what_somebody_types(
    debugged: FunctionRuntime, desk: EditorDesk, make_function: MakeFunction
) -> None:
    config = make_function("def handler(event, context):\n    size = 1\n    return size\n")
    with Client(desk.port) as editor:
        editor.attach({config.code / "app.py": [3]})
        with pytest.raises(Refused, match="no function is stopped"):
            editor.evaluate("size")

        def use() -> None:
            editor.stopped()
            with pytest.raises(Refused, match="NameError: name 'nobody' is not defined"):
                editor.evaluate("nobody")
            assert editor.evaluate("print('said') or size", "repl") == "said\n1"
            assert editor.evaluate("size = 2", "repl") == ""
            editor.go()

        seen = played(debugged, config, editor, use)
        with pytest.raises(Refused, match="the request restart is not supported"):
            editor.ask("restart")
    assert "said" not in seen.log
    assert seen.result == "2"


def test_code_that_runs_is_paused_and_gets_breakpoints(
    debugged: FunctionRuntime, desk: EditorDesk, make_function: MakeFunction
) -> None:
    source = """\
    def step():
        pass

    def handler(event, context):
        found = []
        while not found:
            step()
        return found
    """
    config = make_function(source)
    file = config.code / "app.py"
    with Client(desk.port) as editor:
        editor.attach({file: [5]})

        def use() -> None:
            editor.stopped()
            editor.go()
            editor.ask("pause", threadId=1)
            assert editor.stopped()[2] == "pause"
            editor.set(file, [])
            editor.go()
            editor.set(file, [7])
            assert editor.stopped()[1:3] == (7, "breakpoint")
            editor.evaluate("found.append(1)")
            editor.go()

        assert played(debugged, config, editor, use).result == "[1]"


def test_one_function_is_held_at_a_time(
    debugged: FunctionRuntime, desk: EditorDesk, make_function: MakeFunction
) -> None:
    source = "def handler(event, context):\n    return context.function_name\n"
    names = ("one", "other")
    configs = [make_function(source, name=name) for name in names]
    with Client(desk.port) as editor, ThreadPoolExecutor(2) as pool:
        editor.attach({config.code / "app.py": [2] for config in configs})
        ends = [pool.submit(play, debugged, config, request=n) for n, config in enumerate(configs)]
        held = []
        for _ in names:
            *_, thread = editor.stopped()
            threads = {each["id"]: each["name"] for each in editor.ask("threads")["threads"]}
            held.append(threads.pop(thread))
            for other in threads:
                assert editor.ask("stackTrace", threadId=other)["stackFrames"] == []
            assert [event["event"] for event in editor.events if event["event"] == "stopped"] == []
            editor.go()
        assert sorted(held) == sorted(names)
        assert [end.result(60).result for end in ends] == [f'"{name}"' for name in names]


def test_no_limit_of_real_time_ends_it(
    debugged: FunctionRuntime, desk: EditorDesk, make_function: MakeFunction
) -> None:
    config = make_function("def handler(event, context):\n    return 1\n", timeout_s=1)
    held = threading.Event()
    with Client(desk.port) as editor:
        editor.attach({config.code / "app.py": [2]})

        def use() -> None:
            editor.stopped()
            held.wait(2.5)
            editor.go()

        debugged.hang_s = 2.0  # so that 0.5 s of inactivity is too long
        assert played(debugged, config, editor, use).result == "1"
        assert played(debugged, config, editor, use, virtual=False).result == "1"


def test_when_the_editor_goes_the_function_goes_on(
    debugged: FunctionRuntime, desk: EditorDesk, make_function: MakeFunction
) -> None:
    config = make_function(APP)
    with Client(desk.port) as editor:
        editor.attach({config.code / "app.py": [4, 5, 9]})

        def use() -> None:
            editor.stopped()
            editor.ask("disconnect")

        assert played(debugged, config, editor, use).error is None
    with Client(desk.port) as another:
        another.attach({})
        assert played(debugged, config, another, lambda: None).error is None


def test_without_an_editor_nothing_is_traced(debugged: FunctionRuntime, make_function: MakeFunction) -> None:
    source = """
    import sys, threading

    def handler(event, context):
        breakpoint()
        return [sys.gettrace() is None, threading.gettrace() is None, "bdb" in sys.modules]
    """
    assert play(debugged, make_function(source)).result == "[true, true, false]"


def test_breakpoints_where_nothing_can_stop(desk: EditorDesk, tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("first = 1\n# the end\n")
    broken = tmp_path / "broken.py"
    broken.write_text("def :\n")
    with Client(desk.port) as editor:
        first, last, wrong = editor.attach({file: [1, 2], broken: [1]})
        assert first["line"] == 1
        assert last == {"verified": False, "message": "no code found at or below this line"}
        assert "invalid syntax" in wrong["message"]
        (named,) = editor.ask("setFunctionBreakpoints", breakpoints=[{"name": "add"}])["breakpoints"]
        assert named["message"] == "function breakpoints are not supported; set a breakpoint at a line"


def test_a_request_of_a_web_page_is_not_served(desk: EditorDesk) -> None:
    request = b'{"type": "request", "seq": 1, "command": "initialize"}'
    with socket.create_connection(("127.0.0.1", desk.port), 60) as page:
        page.sendall(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(request), request))
        assert page.recv(100) == b""


def test_a_function_without_the_token_is_not_served(desk: EditorDesk) -> None:
    with socket.create_connection(("127.0.0.1", desk.setting["port"]), 60) as other:
        other.sendall(b'{"token": "guessed", "who": "size"}\n')
        assert other.recv(100) == b""


def test_ctrl_c_ends_the_wait_for_an_editor() -> None:
    desk = EditorDesk(0, lambda _: signal.raise_signal(signal.SIGINT))
    port = desk.port
    with pytest.raises(KeyboardInterrupt):
        desk.open()
    with pytest.raises(ConnectionRefusedError):
        Client(port)
