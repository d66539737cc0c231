"""With a virtual clock, time stands still while a function's code runs, and passes when it sleeps."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from faults_support import of_call
from virtual_service import NOW

from harness.functions.host import packages
from harness.functions.host.runtime import FunctionRuntime
from harness.functions.host.supervisor_client import FunctionRuntimeError
from harness.functions.shared.model import FunctionError


@pytest.fixture
def invoke(either_runtime, service) -> Callable[..., Any]:
    return partial(service.invoke, either_runtime)


def result_of(invocation) -> Any:
    assert invocation.error is None, invocation.log
    return json.loads(invocation.result)


def test_every_clock_stands_still(invoke, make_function):
    config = make_function(
        """
        import datetime, logging, time, uuid
        from datetime import date, datetime as moment
        from time import time as unix
        loaded = time.time()
        def read(context):
            record = logging.LogRecord("", 0, "", 0, "", (), None)
            return [
                loaded, time.time(), unix(), time.time_ns(), time.clock_gettime(time.CLOCK_REALTIME),
                moment.now().isoformat(), moment.now(datetime.timezone.utc).isoformat(),
                moment.utcnow().isoformat(), moment.today().isoformat(), date.today().isoformat(),
                list(time.localtime())[:6], list(time.gmtime())[:6], time.strftime("%Y-%m-%dT%H:%M:%S"),
                time.asctime(time.gmtime()), round(record.created, 6), context.get_remaining_time_in_millis(),
                uuid.uuid1().time // 10_000_000,
            ], [time.monotonic(), time.monotonic_ns(), time.perf_counter(), time.perf_counter_ns()]
        def handler(event, context):
            before = read(context)
            begun = time.process_time()
            while time.process_time() < begun + 0.02: pass
            assert read(context) == before
            return before[0]
        """
    )
    local = "2027-01-01T00:00:00.250000"
    fields = [2027, 1, 1, 0, 0, 0]
    invocation = invoke(config, b"{}")
    assert result_of(invocation) == [
        *[NOW, NOW, NOW, int(NOW * 100) * 10**7, NOW],
        *[local, f"{local}+00:00", local, local, "2027-01-01"],
        *[fields, fields, "2027-01-01T00:00:00", "Fri Jan  1 00:00:00 2027", NOW, 20_000],
        int(NOW) + 12_219_292_800,  # uuid1 counts from 1582
    ]
    assert (invocation.started_at, invocation.duration_s, invocation.init_duration_s) == (NOW, 0, None)


@pytest.mark.parametrize("now_s", [NOW, 1_798_761_600.1, 1_798_761_600.000001, 1.5, 0.0])
def test_the_time_is_exact_to_the_microsecond(runtime, make_function, service, now_s):
    config = make_function("import time\ndef handler(event, context): return time.time(), time.time_ns()")
    invocation = service.invoke(runtime, config, b"{}", now_s=now_s)
    assert result_of(invocation) == [now_s, round(now_s * 1_000_000) * 1000]
    assert invocation.started_at == now_s


def test_a_sleep_is_asked_for_and_moves_every_clock(invoke, make_function, service):
    config = make_function(
        """
        import time
        from datetime import datetime
        from time import monotonic, perf_counter, sleep
        class Poller:
            pause = sleep
        def handler(event, context):
            start = monotonic(), perf_counter()
            time.sleep(1)
            sleep(0.07)
            Poller().pause(600)
            print("slept")
            return [time.time(), round(monotonic() - start[0], 6), round(perf_counter() - start[1], 6),
                    time.monotonic_ns() % 10**9, datetime.now().isoformat(),
                    context.get_remaining_time_in_millis()]
        """,
        timeout_s=900,
    )
    invocation = invoke(config, b"{}", request_id="my-id")
    assert result_of(invocation) == [
        *[NOW + 601.07, 601.07, 601.07, 320_000_000],
        *["2027-01-01T00:10:01.320000", 900_000 - 601_070],
    ]
    assert service.sleeps == [("my-id", 1), ("my-id", 0.07), ("my-id", 600)]
    assert invocation.request_id == "my-id"
    assert (invocation.started_at, invocation.duration_s) == (NOW, 601.07)
    assert "slept\n" in invocation.log


@pytest.mark.parametrize(
    ("value", "error"), [("-1", "ValueError"), ("'1'", "TypeError"), ("float('nan')", "ValueError")]
)
def test_what_is_no_length_of_time_is_refused_as_usual(runtime, make_function, service, value, error):
    config = make_function(f"import time\ndef handler(event, context): time.sleep({value})")
    invocation = service.invoke(runtime, config, b"{}")
    assert invocation.error is not None
    assert invocation.error.type == error
    assert service.sleeps == []


def test_the_shortest_sleep_moves_the_clock_and_none_does_not(runtime, make_function, service):
    config = make_function(
        "import time\ndef handler(event, context):\n time.sleep(event)\n return time.time_ns() % 10**9"
    )
    seen = [result_of(service.invoke(runtime, config, event)) for event in (b"0", b"1e-12", b"1.4e-6")]
    assert seen == [250_000_000, 250_001_000, 250_001_000]
    assert [seconds for _, seconds in service.sleeps] == [1e-6, 1e-6]


def test_the_replacements_look_like_what_they_replace(invoke, make_function):
    config = make_function(
        """
        import copy, pickle, time
        def handler(event, context):
            for name in ("sleep", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"):
                function = getattr(time, name)
                assert pickle.loads(pickle.dumps(function)) is copy.deepcopy(function) is function
                assert (function.__name__, function.__module__) == (name, "time"), name
                assert repr(function) == f"<built-in function {name}>"
        """
    )
    assert invoke(config, b"{}").error is None


def test_a_sleep_past_the_time_out_ends_with_it(invoke, make_function, service):
    config = make_function(
        """
        import time
        def handler(event, context):
            time.sleep(1.5)
            print("begun")
            time.sleep(event)
            print("woken")
        """,
        timeout_s=3,
    )
    for seconds in (b"1.5", b"3600", b"1e300"):
        invocation = invoke(config, seconds, request_id="id")
        assert invocation.error == FunctionError(
            "Sandbox.Timedout", "RequestId: id Error: Task timed out after 3.00 seconds"
        )
        assert (invocation.started_at, invocation.duration_s) == (NOW, 3)
        assert invocation.log == (
            "START RequestId: id Version: $LATEST\nbegun\nid Task timed out after 3.00 seconds\n"
            "END RequestId: id\nREPORT RequestId: id\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\t"
            "Memory Size: 128 MB\tStatus: timeout\tError Type: Sandbox.Timedout\n"
        )
    assert [seconds for _, seconds in service.sleeps] == [1.5] * 6
    assert invoke(config, b"1.25").error is None


def test_an_exception_after_a_sleep_and_an_exit_have_their_duration(invoke, make_function):
    config = make_function(
        """
        import os, time
        def handler(event, context):
            time.sleep(2)
            if event: os._exit(1)
            raise ValueError
        """
    )
    invocations = [invoke(config, event) for event in (b"0", b"1")]
    assert [each.error.type for each in invocations] == ["ValueError", "Runtime.ExitError"]
    assert [each.duration_s for each in invocations] == [2, 2]


def test_code_that_sleeps_while_it_loads_has_an_init_duration(invoke, make_function, service):
    config = make_function(
        "import time\ntime.sleep(5)\ndef handler(event, context):\n time.sleep(1)\n return time.time()",
        timeout_s=2,
    )
    cold = invoke(config, b"{}", request_id="cold")
    assert result_of(cold) == NOW + 6
    assert (cold.started_at, cold.duration_s, cold.init_duration_s) == (NOW + 5, 1, 5)
    assert cold.log.endswith("\tInit Duration: 5000.00 ms\n")
    warm = invoke(config, b"{}", request_id="warm")
    assert (warm.started_at, warm.duration_s, warm.init_duration_s) == (NOW, 1, None)
    assert service.sleeps == [("cold", 5), ("cold", 1), ("warm", 1)]


def test_a_warm_environment_follows_each_invocations_clock(invoke, make_function):
    config = make_function(
        """
        import os, time
        def handler(event, context):
            return os.getpid(), time.time(), time.monotonic()
        """
    )
    times = [NOW, NOW + 3600, NOW - 100, NOW]
    seen = [result_of(invoke(config, b"{}", now_s=now)) for now in times]
    assert len({pid for pid, _, _ in seen}) == 1
    assert [now for _, now, _ in seen] == times
    steady = [monotonic - seen[0][2] for _, _, monotonic in seen]
    assert steady == [0, 3600, 3600, 3700]  # never backwards


def test_the_process_asks_once_for_all_threads_that_sleep(invoke, make_function, service):
    config = make_function(
        """
        import time
        from concurrent.futures import ThreadPoolExecutor
        def handler(event, context):
            with ThreadPoolExecutor(8) as threads:
                list(threads.map(time.sleep, [4, 2, 8, 2, 4, 8, 2, 8]))
            return time.time()
        """
    )
    invocation = invoke(config, b"{}", request_id="id")
    assert result_of(invocation) == NOW + 8
    assert invocation.duration_s == 8
    assert service.sleeps == [("id", 2), ("id", 2), ("id", 4)]


OUTLIVING = """
import threading, time
slept = []
def pulse():
    for seconds in (5, 1, 2):
        time.sleep(seconds)
        slept.append(time.time())
def handler(event, context):
    global thread
    if event == "start":
        thread = threading.Thread(target=pulse, daemon=True)
        thread.start()
    elif event == "join":
        thread.join()
    return slept
"""


def test_a_thread_that_outlives_an_invocation_is_frozen_until_the_next(invoke, make_function, service):
    """Its timeouts keep running, like the clock of its machine."""
    config = make_function(OUTLIVING)
    assert result_of(invoke(config, b'"start"', request_id="first")) == []
    assert result_of(invoke(config, b'"look"', request_id="second", now_s=NOW + 30)) == []
    third = invoke(config, b'"join"', request_id="third", now_s=NOW + 60)
    assert result_of(third) == [NOW + 60, NOW + 61, NOW + 63]
    assert service.sleeps == [("third", 1), ("third", 2)]
    assert third.duration_s == 3


def test_a_clock_that_fails_is_an_error_of_the_function(invoke, make_function, service):
    config = make_function("import time\ndef handler(event, context): time.sleep(1)")
    service.status = 409
    invocation = invoke(config, b"{}")
    assert invocation.error is not None
    assert invocation.error.type == "RuntimeError"
    assert invocation.error.message.startswith('The virtual clock responded with 409: {"now"')
    service.status = 200
    assert invoke(config, b"{}").error is None


def test_patches_of_a_function_do_not_reach_the_clock(invoke, make_function, service):
    config = make_function(
        """
        import http.client, socket, time, urllib.request
        socket.setdefaulttimeout(0.001)
        def refuse(*args, **kwargs): raise OSError("patched")
        http.client.HTTPConnection.request = http.client.HTTPConnection.getresponse = refuse
        def handler(event, context): time.sleep(4)
        """
    )
    service.hold = lambda: threading.Event().wait(0.05)
    assert invoke(config, b"{}").duration_s == 4


RETRY = """
import time
import boto3
from botocore.config import Config
def handler(event, context):
    retries = Config(retries={"mode": event, "total_max_attempts": 4})
    client = boto3.client("dynamodb", config=retries)
    started = time.time()
    try: client.list_tables()
    except client.exceptions.ClientError as error:
        return error.response["Error"]["Code"], time.time() - started
"""


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_botocores_back_off_sleeps_on_the_clock(invoke, make_function, either_runtime, service, mode):
    either_runtime.faults.set((of_call("error", "dynamodb:ListTables", error="ThrottlingException"),))
    invocation = invoke(make_function(RETRY), json.dumps(mode).encode())
    code, passed = result_of(invocation)
    assert code == "ThrottlingException"
    assert len(service.sleeps) >= 3
    assert passed == pytest.approx(sum(seconds for _, seconds in service.sleeps), abs=1e-5)
    assert invocation.duration_s == pytest.approx(passed, abs=1e-5)
    assert invocation.calls[0].attempts == 4


def test_chance_is_the_same_for_the_same_invocation(invoke, either_runtime, make_function):
    code = (
        "import random\nfirst = random.random()\ndef handler(event, context): return first, random.random()"
    )

    config = make_function(code)

    def drawn(request_id):
        return result_of(invoke(config, b"{}", request_id=request_id))

    cold = drawn("one")
    assert drawn("one") == cold  # values that the environment has drawn, and a new seed
    assert drawn("two")[0] == cold[0]
    assert drawn("two")[1] != cold[1]
    either_runtime.stop_environments()
    assert drawn("one") == cold


def test_what_was_imported_before_the_function_has_the_clocks_sleep(invoke, make_function):
    config = make_function(
        """
        import inspect, time
        from botocore.retries.standard import RetryHandler
        def handler(event, context):
            return inspect.signature(RetryHandler).parameters["sleep"].default is time.sleep
        """
    )
    assert result_of(invoke(config, b"{}")) is True


def test_calls_are_signed_and_recorded_with_the_virtual_time(invoke, make_function, service):
    config = make_function(
        """
        import boto3, time
        s3 = boto3.client("s3")
        def handler(event, context):
            s3.list_buckets()
            time.sleep(3600)
            s3.list_buckets()
        """,
        endpoint_url=service.url,
        timeout_s=4000,
    )
    invocation = invoke(config, b"{}")
    assert result_of(invocation) is None
    assert [call["x-amz-date"] for call in service.calls] == ["20270101T000000Z", "20270101T010000Z"]
    assert [(call.at_s, call.status, call.attempts) for call in invocation.calls] == [
        (NOW, 200, 1),
        (NOW + 3600, 200, 1),
    ]


@pytest.mark.parametrize("clock", ["virtual", "real"])
def test_every_request_says_which_invocation_makes_it(either_runtime, make_function, service, clock):
    config = make_function(
        """
        import boto3
        from botocore.config import Config
        s3 = boto3.client("s3")
        s3.list_buckets()
        def handler(event, context): s3.list_buckets()
        """,
        endpoint_url=service.url,
    )
    now_s = NOW if clock == "virtual" else None
    first = either_runtime.invoke(config, b"{}", request_id="first", now_s=now_s)
    second = either_runtime.invoke(config, b"{}", now_s=now_s)
    assert [call["x-harness-invocation"] for call in service.calls] == ["first", "first", second.request_id]
    assert [call.params for call in first.calls + second.calls] == [{}] * 3


@pytest.mark.parametrize("log_format", ["Text", "JSON"])
def test_logs_are_the_same_on_every_run(invoke, either_runtime, make_function, log_format):
    config = make_function(
        """
        import logging, time
        def handler(event, context):
            logging.getLogger().warning("begun")
            time.sleep(0.035)
            print("slept")
            logging.getLogger().warning("ended", extra={"bucket": "photos"})
            if event: raise ValueError("no")
        """,
        log_format=log_format,
    )
    logs = []
    for _ in range(2):
        logs.append([invoke(config, event, request_id="id").log for event in (b"0", b"0", b"1")])
        either_runtime.stop_environments()
    assert logs[0] == logs[1]
    cold, warm, failed = logs[0]
    assert cold == warm
    if log_format == "Text":
        assert cold == (
            "START RequestId: id Version: $LATEST\n"
            "[WARNING]\t2027-01-01T00:00:00.250Z\tid\tbegun\n"
            "slept\n"
            "[WARNING]\t2027-01-01T00:00:00.285Z\tid\tended\n"
            "END RequestId: id\n"
            "REPORT RequestId: id\tDuration: 35.00 ms\tBilled Duration: 35 ms\tMemory Size: 128 MB\n"
        )
    else:
        start, *_, report = [json.loads(line) for line in failed.replace("slept\n", "").splitlines()]
        assert (start["time"], report["time"]) == ("2027-01-01T00:00:00.250Z", "2027-01-01T00:00:00.285Z")
        assert report["record"]["metrics"] == {
            "durationMs": 35,
            "billedDurationMs": 35,
            "memorySizeMB": 128,
        }


def test_the_log_stream_is_of_the_virtual_day(invoke, make_function):
    assert invoke(make_function("def handler(event, context): pass"), b"{}").environment_id.startswith(
        "2027/01/01/[$LATEST]"
    )


def test_without_a_virtual_clock_nothing_is_replaced(either_runtime, invoke, make_function):
    config = make_function(
        """
        import os, sys, time, types
        from datetime import datetime
        def handler(event, context):
            kinds = {type(getattr(time, name)) for name in ("sleep", "monotonic", "perf_counter", "time")}
            traces = [name for name in sys.modules if "time_machine" in name]
            begun = time.time(), time.monotonic()
            time.sleep(0.01)
            return (kinds == {types.BuiltinFunctionType}, traces, os.getpid(), time.time() > begun[0],
                    time.monotonic() > begun[1], datetime.now().year)
        """
    )
    virtual = result_of(invoke(config, b"{}"))
    assert virtual[0] is False
    assert virtual[5] == 2027
    real = result_of(either_runtime.invoke(config, b"{}"))
    assert real[:2] == [True, []]
    assert real[2] != virtual[2]  # a process keeps its clock mode
    assert real[3:5] == [True, True]


def test_those_asleep_leave_room_for_others(make_function, service):
    """Otherwise the clock might wait for an invocation that waits for a sleeping one."""
    sleeping = make_function("import time\ndef handler(*_): time.sleep(60)", timeout_s=90)
    count = 20
    asleep, release = threading.Semaphore(0), threading.Event()
    service.hold = lambda: asleep.release() or release.wait(20)
    with FunctionRuntime(max_environments=1) as runtime, ThreadPoolExecutor(count) as threads:
        invoke = partial(service.invoke, runtime)
        pending = [threads.submit(invoke, sleeping, b"{}") for _ in range(count)]
        for _ in range(count):
            assert asleep.acquire(timeout=20)
        other = make_function("def handler(event, context): return 'done'")
        assert result_of(invoke(other, b"{}")) == "done"
        release.set()
        assert [each.result().duration_s for each in pending] == [60] * count


def test_a_missing_library_is_said_when_it_is_needed(make_function, monkeypatch):
    monkeypatch.setattr(packages, "CLOCK_MODULES", ("no_such_module",))
    config = make_function("def handler(event, context): return 1")
    with FunctionRuntime() as runtime:
        assert runtime.invoke(config, b"{}").result == "1"
        with pytest.raises(FunctionRuntimeError, match="time-machine"):
            runtime.invoke(config, b"{}", now_s=NOW)
