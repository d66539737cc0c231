"""Function faults go through the real runtime: its errors, logs and results."""

from __future__ import annotations

import json
import socketserver
import threading

import pytest
from faults_support import of_function, result_of

from harness.functions.shared.model import FunctionError
from harness.quotas import LAMBDA_RESPONSE_BYTES

WORK = """
import socket, time
def work(event):
    with socket.create_connection(event["counter"]) as counter: counter.recv(1)
    event["counter"] = "used up"
def handler(event, context):
    print("at work")
    if event.get("fails"): raise KeyError("first")
    work(event)
    return event.get("answer", "fine")
"""


@pytest.fixture
def done():
    """The number of times that the function did its work, counted by its connections to the test."""
    connections = []

    class Counting(socketserver.BaseRequestHandler):
        def handle(self):
            connections.append(self)

    def count():
        return len(connections)

    with socketserver.TCPServer(("127.0.0.1", 0), Counting) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        count.event = json.dumps({"counter": server.server_address}).encode()
        count.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield count
        server.shutdown()
        thread.join()


@pytest.fixture
def worker(make_function, done):
    return make_function(WORK, timeout_s=2, endpoint_url=done.url)


@pytest.fixture
def with_fault(either_runtime, invoke, worker, done):
    """Invoke it with one fault, and then again without."""

    def run(kind, **fields):
        either_runtime.faults.set((of_function(kind, last=1, id=5, **fields),))
        invocation = invoke(worker, done.event)
        assert (invocation.faults, either_runtime.faults.fired()) == ((5,), {5: 1})
        count = done()
        after = invoke(worker, done.event)
        assert (result_of(after), after.faults, done()) == ("fine", (), count + 1)
        return invocation, count

    return run


@pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
def test_it_raises(with_fault, when, count):
    invocation, done = with_fault("raises", raises="Some.Error", message="no", when=when)
    place = '  File "/var/task/app.py", line 6, in handler\n    def handler(event, context):\n'
    assert invocation.error == FunctionError("Some.Error", "no", (place,))
    assert "[ERROR] Some.Error: no\n" in invocation.log
    assert ("at work" in invocation.log, done) == (count == 1, count)


@pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
def test_it_times_out(with_fault, when, count):
    invocation, done = with_fault("ends", ends="timeout", when=when)
    message = f"RequestId: {invocation.request_id} Error: Task timed out after 2.00 seconds"
    assert invocation.error == FunctionError("Sandbox.Timedout", message)
    assert 2 <= invocation.duration_s < 10
    assert done == count


@pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(("how", "reason"), [("memory", "signal: killed"), ("exit", "exit status 1")])
def test_its_process_ends(with_fault, how, reason, when, count):
    invocation, done = with_fault("ends", ends=how, when=when)
    message = f"RequestId: {invocation.request_id} Error: Runtime exited with error: {reason}"
    assert invocation.error == FunctionError("Runtime.ExitError", message)
    assert done == count


@pytest.mark.parametrize(("when", "count"), [("before", 0), ("after", 1)])
def test_its_answer_is_too_large(with_fault, when, count):
    invocation, done = with_fault("ends", ends="too-large", when=when)
    assert invocation.error is not None
    assert invocation.error.type == "Function.ResponseSizeTooLarge"
    assert str(LAMBDA_RESPONSE_BYTES) in invocation.error.message
    assert done == count


def test_it_works_twice_with_the_same_event(with_fault):
    invocation, done = with_fault("twice")
    assert (result_of(invocation), done, invocation.log.count("at work")) == ("fine", 2, 2)


def test_of_working_twice_the_second_answer_counts(either_runtime, invoke, make_function):
    config = make_function(
        """
        seen = []
        def handler(event, context):
            seen.append(event)
            if len(seen) % 2: raise KeyError("first")
            return len(seen)
        """
    )
    either_runtime.faults.set((of_function("twice"),))
    invocation = invoke(config, b"{}")
    assert result_of(invocation) == 2
    assert "in handler\n" in invocation.log
    assert "KeyError: 'first'\n" in invocation.log
    assert "harness" not in invocation.log


def test_it_begins_late(with_fault):
    invocation, done = with_fault("delay", delay=0.5)
    assert (result_of(invocation), done) == ("fine", 1)
    assert 0.5 <= invocation.duration_s < 2


def test_a_delay_may_take_the_whole_time(with_fault):
    invocation, done = with_fault("delay", delay=60)
    assert invocation.error is not None
    assert (invocation.error.type, done) == ("Sandbox.Timedout", 0)


def test_an_error_of_its_own_comes_first(either_runtime, invoke, worker):
    either_runtime.faults.set((of_function("raises", raises="Other", when="after", id=5),))
    invocation = invoke(worker, b'{"fails": true}')
    assert invocation.error is not None
    assert (invocation.error.type, invocation.faults) == ("KeyError", ())
    assert [line.split('"')[1] for line in invocation.error.stack_trace] == ["/var/task/app.py"]
    assert either_runtime.faults.fired() == {5: 0}


def test_which_function_and_bucket(either_runtime, invoke, make_function):
    config = make_function("def handler(event, context): return 1", name="count")
    for fields, fires in (
        ({"function": "count"}, True),
        ({"function": "other"}, False),
        ({"bucket": "photos"}, True),
        ({"bucket": "other"}, False),
        ({"state": "Count"}, False),
    ):
        either_runtime.faults.set((of_function("raises", raises="E", **fields),))
        assert bool(invoke(config, b'{"bucket": "photos"}').error) is fires


def test_a_fault_reaches_an_invocation_with_the_id_of_an_earlier_one(runtime, make_function, service):
    """All scenarios have the same IDs; environments may be forked from an earlier scenario's process."""
    config = make_function("def handler(event, context): return 'fine'")
    assert service.invoke(runtime, config, b"{}", request_id="first").result == '"fine"'
    runtime.stop_environments()
    runtime.faults.set((of_function("raises", raises="ValueError", last=1, id=5),))
    invocation = service.invoke(runtime, config, b"{}", request_id="first")
    assert invocation.error is not None
    assert invocation.error.type == "ValueError"


def test_it_answers_something_else_after_its_work(with_fault):
    invocation, done = with_fault("returns", returns={"status": "FAILED"})
    assert (result_of(invocation), done, invocation.log.count("at work")) == ({"status": "FAILED"}, 1, 1)
