"""Faults are counted separately in each lane, across retries, invocations and killed processes."""

from __future__ import annotations

import pytest
from faults_support import CALLS, event, of_call, of_function, result_of

from harness.functions.shared.model import Origin

LIST = ("s3", "list_buckets", {})
OK, DENIED = "ok", "AccessDenied"


def outcomes(invocation):
    return [OK if isinstance(each, dict) else each[1] for each in result_of(invocation)]


@pytest.fixture
def caller(make_function, aws_url):
    return make_function(CALLS, endpoint_url=aws_url)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, [DENIED, DENIED, DENIED, DENIED]),
        ({"last": 3}, [DENIED, DENIED, DENIED, OK]),  # first
        ({"first": 3}, [OK, OK, DENIED, DENIED]),  # from
        ({"first": 3, "last": 3}, [OK, OK, DENIED, OK]),  # nth
    ],
)
def test_counting_goes_on_in_the_next_invocation_of_the_lane(runtime, caller, chosen, expected):
    runtime.faults.set((of_call("error", "s3:ListBuckets", error=DENIED, **chosen),))
    seen = []
    for attempt in range(2):
        origin = Origin("execution", "Count", attempt, lane="one")
        invocation = runtime.invoke(caller, event(LIST, LIST, n=attempt), origin=origin)
        seen += outcomes(invocation)
        assert (invocation.execution_arn, invocation.state, invocation.attempt) == (
            "execution",
            "Count",
            attempt,
        )
    assert seen == expected
    assert runtime.faults.fired() == {0: expected.count(DENIED)}


def test_a_retry_of_botocores_is_a_request_of_its_own(runtime, caller):
    runtime.faults.set((of_call("error", "s3:ListBuckets", error="SlowDown", first=2, last=3),))
    invocation = runtime.invoke(caller, event(LIST, LIST, attempts=2))
    assert outcomes(invocation) == [OK, "SlowDown"]
    assert [call.attempts for call in invocation.calls] == [1, 2]
    assert runtime.faults.fired() == {0: 2}


def test_lanes_count_by_themselves(runtime, caller):
    runtime.faults.set((of_call("error", "s3:ListBuckets", error=DENIED, first=2, last=2),))
    lanes = ["one", "two", "one", "two", "one"]
    seen = [outcomes(runtime.invoke(caller, event(LIST), origin=Origin(lane=lane))) for lane in lanes]
    assert seen == [[OK], [OK], [DENIED], [DENIED], [OK]]


def test_without_a_lane_it_is_the_function_and_its_payload(runtime, caller):
    runtime.faults.set((of_call("error", "s3:ListBuckets", error=DENIED, first=2, last=2),))
    payloads = [event(LIST, n=n) for n in (1, 2, 1, 2, 1)]
    seen = [outcomes(runtime.invoke(caller, payload)) for payload in payloads]
    assert seen == [[OK], [OK], [DENIED], [DENIED], [OK]]


def test_a_fault_of_a_state_happens_there_only(runtime, caller):
    runtime.faults.set((of_call("error", "s3:ListBuckets", error=DENIED, state="Count"),))
    seen = [
        outcomes(runtime.invoke(caller, event(LIST), origin=Origin(state=state, lane=state)))
        for state in ("Count", "Other")
    ]
    assert seen == [[DENIED], [OK]]


def test_setting_them_again_counts_from_the_beginning(runtime, caller):
    fault = of_call("error", "s3:ListBuckets", error=DENIED, last=1)
    for _ in range(2):
        runtime.faults.set((fault,))
        assert outcomes(runtime.invoke(caller, event(LIST, LIST))) == [DENIED, OK]


def test_calls_while_the_code_is_loaded_are_counted_once(either_runtime, make_function, aws_url):
    config = make_function(
        """
        import boto3
        from botocore.config import Config
        s3 = boto3.client("s3", config=Config(retries={"total_max_attempts": 1}))
        def call():
            try: s3.list_buckets()
            except s3.exceptions.ClientError: return "AccessDenied"
            return "ok"
        loaded = call()
        def handler(event, context): return [loaded, call(), call()]
        """,
        endpoint_url=aws_url,
    )
    either_runtime.faults.set((of_call("error", "s3:ListBuckets", error=DENIED, last=2),))
    assert result_of(either_runtime.invoke(config, b"{}")) == [DENIED, DENIED, OK]


def test_what_a_process_met_before_it_was_killed_counts(either_runtime, make_function, aws_url):
    config = make_function(
        """
        import os, signal
        import boto3
        from botocore.config import Config
        def handler(event, context):
            s3 = boto3.client("s3", config=Config(retries={"total_max_attempts": 1}))
            try: s3.list_buckets()
            except s3.exceptions.ClientError: os.kill(os.getpid(), signal.SIGKILL)
            return "ok"
        """,
        endpoint_url=aws_url,
    )
    either_runtime.faults.set((of_call("error", "s3:ListBuckets", error=DENIED, last=2),))
    ends = [either_runtime.invoke(config, b"{}") for _ in range(3)]
    assert [invocation.error and invocation.error.type for invocation in ends] == [
        "Runtime.ExitError",
        "Runtime.ExitError",
        None,
    ]
    assert either_runtime.faults.fired() == {0: 2}


def test_an_invocation_that_is_to_be_killed_twice(either_runtime, make_function):
    config = make_function("def handler(event, context): return 1")
    either_runtime.faults.set((of_function("ends", ends="memory", first=2, last=3, id=1),))
    ends = [either_runtime.invoke(config, b"{}") for _ in range(4)]
    assert [invocation.faults for invocation in ends] == [(), (1,), (1,), ()]
    assert [bool(invocation.error) for invocation in ends] == [False, True, True, False]


def test_several_threads_of_a_function_count_together(either_runtime, make_function, aws_url):
    config = make_function(
        """
        from concurrent.futures import ThreadPoolExecutor
        import boto3
        from botocore.config import Config
        def handler(event, context):
            s3 = boto3.client("s3", config=Config(retries={"total_max_attempts": 1}))
            def call(_):
                try: s3.list_buckets()
                except s3.exceptions.ClientError: return 1
                return 0
            with ThreadPoolExecutor(8) as pool: return sum(pool.map(call, range(40)))
        """,
        endpoint_url=aws_url,
    )
    either_runtime.faults.set((of_call("error", "s3:ListBuckets", error=DENIED, first=11, last=20),))
    assert result_of(either_runtime.invoke(config, b"{}")) == 10
    assert either_runtime.faults.fired() == {0: 10}
