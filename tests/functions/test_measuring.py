"""Line coverage of function code: the recorded lines, and side effects visible to the function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from virtual_service import Service

from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.model import FunctionConfig, Ran

FILE = "/var/task/app.py"
SOURCE = """\
import os, sys, threading, time

LOADED = 1

def work(found):
    found.append(sys.gettrace() is None)

def handler(event, context):
    found = [sys.gettrace() is None, threading.gettrace() is None, "coverage.tracer" in sys.modules]
    thread = threading.Thread(target=work, args=(found,))
    thread.start()
    thread.join()
    if event == "exit":
        os._exit(3)
    if event == "late":
        never = "the last line"
        time.sleep(60)
        return "never"
    return [found, sys.getrecursionlimit(), sorted(sys.modules)]
"""


@pytest.fixture(scope="module")
def measuring() -> Iterator[FunctionRuntime]:
    """A runtime that records arcs."""
    with FunctionRuntime() as runtime:
        runtime.measured.begin(arcs=True)
        yield runtime


def _lines(ran: Mapping[str, Mapping[str, Ran]], config: FunctionConfig) -> set[int]:
    arcs: Any = ran[config.name][FILE]
    return {line for arc in arcs for line in arc if line > 0}


def test_loading_threads_and_ends_by_force_count(
    measuring: FunctionRuntime, service: Service, make_function: Callable[..., FunctionConfig]
) -> None:
    config = make_function(SOURCE)
    measuring.measured.clear()
    service.invoke(measuring, config, b'"done"')
    assert {1, 3, 6, 8, 9, 12, 19} <= _lines(measuring.measured.all(), config)
    assert 14 not in _lines(measuring.measured.all(), config)
    assert service.invoke(measuring, config, b'"exit"').error is not None
    assert 14 in _lines(measuring.measured.all(), config)
    late = service.invoke(measuring, config, b'"late"')
    assert late.error is not None
    assert late.error.type == "Sandbox.Timedout"
    assert {16, 17} <= _lines(measuring.measured.all(), config)
    assert 18 not in _lines(measuring.measured.all(), config), "it was stopped while it slept"
    assert (15, 16) in measuring.measured.all()[config.name][FILE]


def test_each_fork_of_a_template_tells_of_the_loading(
    measuring: FunctionRuntime, service: Service, make_function: Callable[..., FunctionConfig]
) -> None:
    config = make_function("LOADED = 1\n\ndef handler(event, context):\n    return event\n")
    service.invoke(measuring, config, b"1")
    measuring.stop_environments(config.account_id)
    measuring.measured.clear()
    service.invoke(measuring, config, b"2")
    assert {1, 3, 4} <= _lines(measuring.measured.all(), config)


def test_the_function_sees_nothing_of_it(
    measuring: FunctionRuntime,
    runtime: FunctionRuntime,
    service: Service,
    make_function: Callable[..., FunctionConfig],
) -> None:
    config = make_function(SOURCE, name="looks")
    request = {"request_id": "11111111-1111-1111-1111-111111111111"}
    seen, plain = (service.invoke(each, config, b'"done"', **request) for each in (measuring, runtime))
    assert seen.result == plain.result
    assert seen == plain


def test_packages_that_pip_put_beside_the_code_do_not_count(
    measuring: FunctionRuntime, service: Service, make_function: Callable[..., FunctionConfig]
) -> None:
    config = make_function("import lent, own\n\ndef handler(event, context):\n    return 1\n")
    for name in ("lent", "own"):
        (config.code / f"{name}.py").write_text("x = 1\n")
    (config.code / "lent-1.0.dist-info").mkdir()
    (config.code / "lent-1.0.dist-info" / "RECORD").write_text("lent.py,,\nlent-1.0.dist-info/RECORD,,\n")
    service.invoke(measuring, config, b"1")
    assert set(measuring.measured.all()[config.name]) == {FILE, "/var/task/own.py"}
