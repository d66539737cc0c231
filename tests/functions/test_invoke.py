"""Input and output of functions, as with Lambda's Invoke."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.functions.host.runtime import FunctionRuntime
from harness.functions.shared.model import FunctionError

ECHO = "def handler(event, context): return event"
PID = "import os\ndef handler(event, context): return os.getpid()"


def test_the_result_is_the_json_of_what_the_handler_returns(either_runtime, make_function):
    payload = '{"text": "ümlaut", "list": [1, null, 2.5]}'
    invocation = either_runtime.invoke(make_function(ECHO), payload.encode())
    assert json.loads(invocation.result) == json.loads(payload)
    assert invocation.payload == payload
    assert invocation.error is None
    assert 0 < invocation.duration_s < 5
    assert invocation.init_duration_s
    assert invocation.init_duration_s > 0


def test_the_context_is_complete(runtime, make_function):
    config = make_function(
        """
        def handler(event, context):
            return {
                "id": context.aws_request_id, "name": context.function_name,
                "arn": context.invoked_function_arn,
                "version": context.function_version, "memory": context.memory_limit_in_mb,
                "group": context.log_group_name, "stream": context.log_stream_name,
                "left": context.get_remaining_time_in_millis(), "custom": context.client_context.custom,
            }
        """,
        timeout_s=7,
        memory_mib=256,
    )
    invocation = runtime.invoke(config, b"{}", client_context='{"custom": {"a": "b"}}')
    seen = json.loads(invocation.result)
    assert 6000 < seen.pop("left") <= 7000
    assert seen == {
        "id": invocation.request_id,
        "name": config.name,
        "arn": config.arn,
        "version": "$LATEST",
        "memory": "256",
        "group": f"/aws/lambda/{config.name}",
        "stream": invocation.environment_id,
        "custom": {"a": "b"},
    }


def test_an_environment_is_reused_and_its_init_reported_once(either_runtime, make_function):
    config = make_function(PID)
    first, *others = [either_runtime.invoke(config, b"{}") for _ in range(4)]
    assert {each.result for each in others} == {first.result}
    assert first.init_duration_s is not None
    assert [each.init_duration_s for each in others] == [None] * 3


def test_another_revision_gets_another_environment(runtime, make_function, wait_until_gone):
    config = make_function(PID)
    old = runtime.invoke(config, b"{}").result
    new = runtime.invoke(dataclasses.replace(config, revision="2"), b"{}").result
    assert new != old
    assert wait_until_gone([int(old)]) == []


def test_stopped_environments_are_gone_when_the_call_returns(runtime, make_function):
    config = make_function(PID)
    pid = int(runtime.invoke(config, b"{}").result)
    runtime.stop_environments()
    assert not os.path.exists(f"/proc/{pid}")
    assert int(runtime.invoke(config, b"{}").result) != pid


def test_traces_show_the_standard_library_where_lambda_has_it(runtime, make_function):
    config = make_function("import json\ndef handler(event, context): return json.loads('{')")
    failed = runtime.invoke(config, b"{}")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert failed.error is not None
    files = [line.split('"')[1] for line in failed.error.stack_trace]
    assert files[1:] == [
        f"/var/lang/lib/python{version}/json/{name}.py" for name in ("__init__", "decoder", "decoder")
    ]
    assert f"/var/lang/lib/python{version}/json/decoder.py" in failed.log


def test_an_exception_gives_the_error_and_leaves_the_environment_warm(either_runtime, make_function):
    config = make_function(
        """
        import os
        def handler(event, context):
            if event: raise ValueError("no " + event)
            return os.getpid()
        """
    )
    before = either_runtime.invoke(config, b"null").result
    failed = either_runtime.invoke(config, b'"good"')
    assert failed.error is not None
    assert (failed.error.type, failed.error.message, failed.error.kind) == (
        "ValueError",
        "no good",
        "Unhandled",
    )
    assert failed.error.stack_trace[-1].endswith('    if event: raise ValueError("no " + event)\n')
    assert failed.error.stack_trace[-1].startswith(
        '  File "/var/task/'
    )  # as on Lambda, regardless of its real location
    assert str(config.code) not in failed.result + failed.log
    assert json.loads(failed.result)["requestId"] == failed.request_id
    assert "[ERROR] ValueError: no good\nTraceback (most recent call last):\n" in failed.log
    assert either_runtime.invoke(config, b"null").result == before


def test_a_trace_shows_the_runtimes_own_files_where_lambda_has_them(runtime, make_function):
    config = make_function(
        """
        import boto3
        def handler(event, context):
            boto3.client("s3").list_buckets(Nothing="of that name")
        """
    )
    failed = runtime.invoke(config, b"null")
    assert failed.error is not None
    assert failed.error.type == "ParamValidationError"
    assert failed.error.stack_trace[0].startswith('  File "/var/task/')
    assert failed.error.stack_trace[-1].startswith('  File "/var/runtime/botocore/')
    assert 'File "/var/runtime/botocore/' in failed.log


@pytest.mark.parametrize(
    ("source", "handler", "kind", "message"),
    [
        ("import nowhere", "app.handler", "Runtime.ImportModuleError", "No module named 'nowhere'"),
        ("", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("def handler(:", "app.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("1/0", "app.handler", "ZeroDivisionError", "division by zero"),
        (ECHO, "app", "Runtime.MalformedHandlerName", "Bad handler 'app'"),
        (ECHO, "other.handler", "Runtime.ImportModuleError", "No module named 'other'"),
    ],
)
def test_code_that_cannot_be_loaded_fails_each_invocation(
    runtime, make_function, source, handler, kind, message
):
    config = make_function(source, handler=handler)
    for _ in range(2):
        invocation = runtime.invoke(config, b"{}")
        assert invocation.error is not None
        assert invocation.error.type == kind
        assert message in invocation.error.message
        assert json.loads(invocation.result)["requestId"] == invocation.request_id
        assert f"[ERROR] {kind}" in invocation.log
        assert f"Status: error\tError Type: {kind}\n" in invocation.log


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("sys.exit('bye')", "Runtime exited with error: exit status 1"),
        ("exit()", "Runtime exited without providing a reason"),
        ("os._exit(4)", "Runtime exited with error: exit status 4"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("os.abort()", "Runtime exited with error: signal: aborted"),
        ("raise BaseException('odd')", "Runtime exited with error: exit status 1"),
        ("raise KeyboardInterrupt", "Runtime exited with error: exit status 1"),
    ],
)
def test_a_process_that_ends_is_an_exit_error_and_is_replaced(runtime, make_function, statement, reason):
    config = make_function(
        f"""
        import os, sys
        def handler(event, context):
            if event:
                print("last words")
                {statement}
            return "fine"
        """
    )
    invocation = runtime.invoke(config, b"1")
    message = f"RequestId: {invocation.request_id} Error: {reason}"
    assert invocation.error == FunctionError("Runtime.ExitError", message)
    assert "last words\n" in invocation.log
    assert f"{message}\nRuntime.ExitError\nEND RequestId" in invocation.log
    assert runtime.invoke(config, b"0").result == '"fine"'


def test_a_process_that_ends_after_its_answer_costs_no_invocation(runtime, make_function):
    config = make_function(
        """
        import os, threading
        from awslambdaric import lambda_runtime_client as client
        def handler(event, context):
            if event:
                # The answer is sent, then the process ends instead of asking for the next event.
                client.LambdaRuntimeClient.wait_next_invocation = lambda self: os._exit(1)
            return "fine"
        """
    )
    assert [runtime.invoke(config, event).result for event in (b"1", b"0", b"0")] == ['"fine"'] * 3


def test_an_answer_over_the_limit_is_refused_as_on_aws(runtime, make_function):
    config = make_function("def handler(event, context): return 'x' * event")
    fits = runtime.invoke(config, b"6291554")
    assert len(fits.result) == 6_291_556
    over = runtime.invoke(config, b"6291555")
    assert over.error == FunctionError(
        "Function.ResponseSizeTooLarge",
        "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    )
    assert runtime.invoke(config, b"2").result == '"xx"'


def test_a_large_event_arrives_whole(either_runtime, make_function):
    config = make_function("def handler(event, context): return len(event)")
    assert either_runtime.invoke(config, json.dumps("x" * 6_000_000).encode()).result == "6000000"


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("return object()", "Runtime.MarshalError"),
        ("return handler(event, context)", "RecursionError"),
        ("return {1, 2}", "Runtime.MarshalError"),
    ],
)
def test_odd_ends_of_a_handler_are_errors_of_the_invocation(runtime, make_function, statement, kind):
    invocation = runtime.invoke(make_function(f"def handler(event, context): {statement}"), b"{}")
    assert invocation.error is not None
    assert invocation.error.type == kind


def test_a_thread_that_goes_on_does_not_hold_the_answer(runtime, make_function):
    config = make_function(
        """
        import threading
        def handler(event, context):
            threading.Thread(target=threading.Event().wait).start()
            return "started"
        """
    )
    assert [runtime.invoke(config, b"{}").result for _ in range(2)] == ['"started"'] * 2


def test_many_callers_each_get_their_own_answer(either_runtime, make_function):
    first, second = make_function(ECHO), make_function("def handler(event, context): return -event")

    def branch(number: int) -> tuple[int, int]:
        one = either_runtime.invoke(first, str(number).encode())
        two = either_runtime.invoke(second, one.result.encode())
        return int(one.result), int(two.result)

    with ThreadPoolExecutor(12) as threads:
        assert list(threads.map(branch, range(60))) == [(n, -n) for n in range(60)]


def test_functions_that_wait_for_each_other_get_more_environments_than_the_usual_limit(
    runtime, make_function
):
    together = max(4, 2 * (os.cpu_count() or 1)) + 1
    with (
        socket.create_server(("127.0.0.1", 0), backlog=together) as server,
        ThreadPoolExecutor(together) as threads,
    ):
        config = make_function(
            """
            import os, socket
            from urllib.parse import urlsplit
            def handler(event, context):
                url = urlsplit(os.environ["AWS_ENDPOINT_URL"])
                with socket.create_connection((url.hostname, url.port)) as meeting:
                    return meeting.recv(1).decode()
            """,
            endpoint_url=f"http://127.0.0.1:{server.getsockname()[1]}",
        )
        waiting = [threads.submit(runtime.invoke, config, b"{}") for _ in range(together)]
        meeting = [server.accept()[0] for _ in range(together)]
        for each in meeting:
            each.sendall(b"+")
            each.close()
        assert [each.result().result for each in waiting] == ['"+"'] * together


def test_every_finished_invocation_is_told(make_function):
    seen = []
    with FunctionRuntime(on_invocation=seen.append, max_environments=1) as runtime:
        invocations = [runtime.invoke(make_function(ECHO), b"1"), runtime.invoke(make_function("1/0"), b"2")]
    assert seen == invocations
