"""Tasks: functions, nested executions, what is not served, and that real time decides nothing."""

from __future__ import annotations

import base64
import json
import random
import threading
import time
from typing import Any

import pytest
from stepfunctions_support import CALLER
from tasks_support import FUNCTION, Bench, task

from harness.functions.shared.model import Fault
from harness.stepfunctions.functions import FunctionAnswer, FunctionCall, FunctionNotFound, function_arn
from harness.stepfunctions.task_time import TaskDuration, TaskDurations


def test_a_function_gets_the_input_and_gives_the_output(bench: Bench) -> None:
    began = bench.simulation.clock.now()
    shown = bench.play(task(FUNCTION), '{"n": 1}')
    assert json.loads(shown["output"]) == {"n": 1}
    (call,) = bench.functions.calls
    assert (call.arn, call.now_s) == (FUNCTION, began)
    assert shown["stopDate"] == began + 0.1


def test_a_function_that_takes_longer_says_so(bench: Bench) -> None:
    bench.functions.behaviour = lambda call: FunctionAnswer("1", failed=False, duration_s=7.5)
    shown = bench.play(task(FUNCTION))
    assert shown["stopDate"] - shown["startDate"] == 7.5


def test_lambda_invoke_wraps_the_payload(bench: Bench) -> None:
    parameters = {"FunctionName": "count", "Payload": {"n.$": "$.n"}}
    shown = bench.play(task("arn:aws:states:::lambda:invoke", Parameters=parameters), '{"n": 1}')
    output = json.loads(shown["output"])
    assert (output["Payload"], output["StatusCode"]) == ({"n": 1}, 200)
    assert bench.functions.calls[0].arn == f"{FUNCTION}:$LATEST"


@pytest.mark.parametrize(
    ("name", "qualifier", "arn"),
    [
        ("count", None, f"{FUNCTION}:$LATEST"),
        ("count", "live", f"{FUNCTION}:live"),
        ("123456789012:function:count", None, f"{FUNCTION}:$LATEST"),
        (FUNCTION, None, f"{FUNCTION}:$LATEST"),
        (f"{FUNCTION}:3", None, f"{FUNCTION}:3"),
    ],
)
def test_a_function_may_be_named_in_several_ways(name: str, qualifier: str | None, arn: str) -> None:
    assert function_arn(name, CALLER, qualifier) == arn


def test_the_error_of_a_function_is_its_type(bench: Bench) -> None:
    error = '{"errorType": "NoRoom", "errorMessage": "full"}'
    bench.functions.behaviour = lambda call: FunctionAnswer(error, failed=True)
    shown = bench.play(task(FUNCTION))
    assert (shown["error"], shown["cause"]) == ("NoRoom", error)


INVOKE = "arn:aws:states:::lambda:invoke"


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        ('{"errorMessage": "x",  "errorType": "E"}', '{"errorMessage":"x","errorType":"E"}'),
        (
            '{"errorType": "E", "errorMessage": "\\u00e9", "stackTrace": ["a", "b"]}',
            '{"errorType":"E","errorMessage":"é","stackTrace":["a","b"]}',
        ),
    ],
)
def test_lambda_invoke_writes_the_error_anew_as_compact_json(bench: Bench, written: str, cause: str) -> None:
    bench.functions.behaviour = lambda call: FunctionAnswer(written, failed=True)
    catch = [{"ErrorEquals": ["E"], "Assign": {"seen.$": "$.Cause"}, "Next": "After"}]
    after = {"Type": "Pass", "Parameters": {"cause.$": "$.Cause", "seen.$": "$seen"}, "End": True}
    states = task(INVOKE, Parameters={"FunctionName": "count"}, Catch=catch) | {"After": after}
    assert json.loads(bench.play(states)["output"]) == {"cause": cause, "seen": cause}


def test_lambda_invoke_writes_what_is_no_error_anew_too(bench: Bench) -> None:
    bench.functions.behaviour = lambda call: FunctionAnswer('{"errorMessage": "x"}', failed=True)
    shown = bench.play(task(INVOKE, Parameters={"FunctionName": "count"}))
    assert shown["cause"].endswith('Returned payload: {"errorMessage":"x"}')


def test_the_end_of_the_log_is_shown_where_it_is_asked_for(bench: Bench) -> None:
    bench.functions.behaviour = lambda call: FunctionAnswer("1", failed=False, log="a" * 5000 + "end")
    asked = {"FunctionName": "count", "LogType": "Tail"}
    shown = json.loads(bench.play(task(INVOKE, Parameters=asked))["output"])
    assert base64.b64decode(shown["LogResult"]) == b"a" * 4093 + b"end"
    assert shown["SdkHttpMetadata"]["HttpHeaders"]["X-Amz-Log-Result"] == shown["LogResult"]


@pytest.mark.parametrize("named", ["count", "arn:aws:lambda:eu-west-1:210987654321:function:count"])
def test_a_task_calls_for_the_account_of_its_role(bench: Bench, named: str) -> None:
    credentials = {"RoleArn": "arn:aws:iam::210987654321:role/trusted"}
    bench.play(task(INVOKE, Parameters={"FunctionName": named}, Credentials=credentials))
    (call,) = bench.functions.calls
    assert call.arn == "arn:aws:lambda:eu-west-1:210987654321:function:count:$LATEST"


@pytest.mark.parametrize("payload", [{}, {"Payload": None}, {"Payload.$": "$.none"}, {"Payload": {}}])
def test_a_payload_that_is_null_or_not_there_is_an_empty_object(bench: Bench, payload: Any) -> None:
    bench.play(task(INVOKE, Parameters={"FunctionName": "count", **payload}), '{"none": null}')
    assert bench.functions.calls[0].payload == "{}"


@pytest.mark.parametrize(
    ("payload", "sent"),
    [(0, "0"), (False, "false"), ("a", '"a"'), ("", '""'), ([], "[]"), ([None], "[null]")],
)
def test_a_payload_may_be_any_json(bench: Bench, payload: Any, sent: str) -> None:
    bench.play(task(INVOKE, Parameters={"FunctionName": "count", "Payload": payload}))
    assert bench.functions.calls[0].payload == sent


def test_an_error_without_a_type_is_unknown(bench: Bench) -> None:
    bench.functions.behaviour = lambda call: FunctionAnswer('{"errorMessage": "x"}', failed=True)
    shown = bench.play(task(FUNCTION))
    assert shown["error"] == "Lambda.Unknown"
    assert shown["cause"].endswith('Returned payload: {"errorMessage": "x"}')


def test_a_function_that_is_not_there(bench: Bench) -> None:
    def missing(call: FunctionCall) -> FunctionAnswer:
        raise FunctionNotFound(call.arn)

    bench.functions.refuse = missing
    shown = bench.play(task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "count"}))
    assert shown["error"] == "Lambda.ResourceNotFoundException"
    assert shown["cause"].startswith(f"Function not found: {FUNCTION}:$LATEST (Service: AWSLambda; ")


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:states:::glue:startJobRun.sync",
        "arn:aws-cn:states:cn-north-1:123456789012:glue:startJobRun",
    ],
)
def test_what_is_not_served_fails_and_says_so(bench: Bench, resource: str) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "T"}]
    shown = bench.play(task(resource, Parameters={"JobName": "x"}, Catch=catch))
    assert (shown["status"], shown["error"]) == ("FAILED", "States.Runtime")
    assert shown["cause"] == f"{resource} is not served here"


def test_a_service_that_does_not_answer_is_an_error_of_the_sdk(bench: Bench) -> None:
    shown = bench.play(task("arn:aws:states:::sns:publish", Parameters={"TopicArn": "x", "Message": "y"}))
    assert shown["error"] == "SNS.SdkClientException"


@pytest.mark.parametrize(
    ("suffix", "output"), [(".sync", '{"n":1}'), (".sync:2", {"n": 1})], ids=["text", "parsed"]
)
def test_an_execution_may_start_another_and_wait_for_it(bench: Bench, suffix: str, output: Any) -> None:
    inner = bench.create(
        "inner", {"W": {"Type": "Wait", "Seconds": 600, "Next": "P"}, "P": {"Type": "Succeed"}}
    )
    parameters = {"StateMachineArn": inner, "Input": {"n": 1}, "Name": "nested"}
    shown = bench.play(task(f"arn:aws:states:::states:startExecution{suffix}", Parameters=parameters))
    result = json.loads(shown["output"])
    assert (result["Status"], result["Output"]) == ("SUCCEEDED", output)
    assert shown["stopDate"] - shown["startDate"] == pytest.approx(600, abs=0.2)


def test_a_nested_execution_may_send_back_a_token(bench: Bench) -> None:
    send = task(
        "arn:aws:states:::aws-sdk:sfn:startExecution",
        Parameters={"StateMachineArn.$": "$.next", "Input": {"token.$": "$.token"}},
    )
    inner = bench.create("inner", send)
    parameters = {
        "StateMachineArn": inner,
        "Input": {"token.$": "$$.Task.Token", "next": CALLER.arn("stateMachine", "missing")},
    }
    waiting = task(
        "arn:aws:states:::states:startExecution.waitForTaskToken", Parameters=parameters, TimeoutSeconds=60
    )
    outer = bench.create("outer", waiting)
    started = bench.api.call("StartExecution", CALLER, {"stateMachineArn": outer, "name": "run"})
    bench.simulation.scheduler.run(until=bench.simulation.clock.now() + 1)
    children = bench.api.call("ListExecutions", CALLER, {"stateMachineArn": inner})["executions"]
    child = bench.api.call("DescribeExecution", CALLER, {"executionArn": children[0]["executionArn"]})
    token = json.loads(child["input"])["token"]
    bench.api.call("SendTaskSuccess", CALLER, {"taskToken": token, "output": '{"n":1}'})
    bench.simulation.scheduler.run()
    ended = bench.api.call("DescribeExecution", CALLER, {"executionArn": started["executionArn"]})
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", '{"n":1}')


def test_a_nested_execution_that_is_refused(bench: Bench) -> None:
    missing = CALLER.arn("stateMachine", "missing")
    parameters = {"StateMachineArn": missing}
    shown = bench.play(task("arn:aws:states:::states:startExecution", Parameters=parameters))
    assert shown["error"] == "StepFunctions.StateMachineDoesNotExistException"
    assert shown["cause"].startswith(
        f"State Machine Does Not Exist: '{missing}' (Service: AWSStepFunctions; "
    )
    sdk = bench.create("sdk", task("arn:aws:states:::aws-sdk:sfn:startExecution", Parameters=parameters))
    bench.api.call("StartExecution", CALLER, {"stateMachineArn": sdk, "name": "run"})
    bench.simulation.scheduler.run()
    failed = bench.api.call(
        "DescribeExecution", CALLER, {"executionArn": CALLER.arn("execution", "sdk", "run")}
    )
    assert failed["error"] == "Sfn.StateMachineDoesNotExistException"


@pytest.mark.parametrize(
    "state",
    [
        task(FUNCTION),
        task(
            "arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "count", "Payload": {"bucket": "b"}}
        ),
    ],
    ids=["direct", "invoke"],
)
def test_a_function_takes_as_long_as_was_said(bench: Bench, state: dict[str, Any]) -> None:
    bench.tasks.durations = TaskDurations([TaskDuration(95, function="count", bucket="b")])
    shown = bench.play(state, '{"bucket": "b"}')
    assert shown["stopDate"] - shown["startDate"] == pytest.approx(95)


def test_a_function_that_sleeps_for_longer_takes_longer(bench: Bench) -> None:
    bench.tasks.durations = TaskDurations([TaskDuration(95, function="count")])
    bench.functions.behaviour = lambda call: FunctionAnswer("1", failed=False, duration_s=100)
    shown = bench.play(task(FUNCTION))
    assert shown["stopDate"] - shown["startDate"] == pytest.approx(100)


@pytest.mark.parametrize("suffix", ["", ".waitForTaskToken"])
def test_a_service_takes_as_long_as_was_said_however_its_answer_is_awaited(bench: Bench, suffix: str) -> None:
    bench.tasks.durations = TaskDurations([TaskDuration(7, task="sns:publish")])
    parameters = {"TopicArn": "x", "Message.$": "$$.Execution.Name" if not suffix else "$$.Task.Token"}
    shown = bench.play(task(f"arn:aws:states:::sns:publish{suffix}", Parameters=parameters))
    assert shown["error"] == "SNS.SdkClientException"  # no caller is there
    assert shown["stopDate"] - shown["startDate"] == pytest.approx(7)


def test_a_throttled_function_is_tried_again_with_growing_pauses(bench: Bench) -> None:
    refusal = {"error": "TooManyRequestsException"}
    bench.faults.set(
        [Fault("error", "task", "lambda", "Invoke", function="count", last=3, arguments=refusal)]
    )
    retry = {"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 2, "BackoffRate": 3.0}
    state = task(FUNCTION)
    state["T"]["Retry"] = [retry]
    shown = bench.play(state)
    assert shown["status"] == "SUCCEEDED"
    assert shown["stopDate"] - shown["startDate"] == pytest.approx(4 * 0.1 + 2 + 6 + 18)
    assert len(bench.functions.calls) == 1
    failed = [e["lambdaFunctionFailedEventDetails"] for e in bench.history() if "FunctionFailed" in e["type"]]
    assert [details["error"] for details in failed] == ["Lambda.TooManyRequestsException"] * 3
    assert all(details["cause"].startswith("Rate Exceeded. (Service: AWSLambda; ") for details in failed)


def parallel(count: int) -> dict[str, Any]:
    branches = [
        {"StartAt": f"T{n}", "States": {f"T{n}": {**task(FUNCTION)["T"], "Parameters": {"n": n}}}}
        for n in range(count)
    ]
    return {"P": {"Type": "Parallel", "Branches": branches, "End": True}}


def test_the_same_machine_has_the_same_history_however_long_its_functions_really_take() -> None:
    histories = []
    for seed in range(5):
        chance = random.Random(seed)
        bench = Bench()

        def behave(call: FunctionCall, chance: random.Random = chance) -> FunctionAnswer:
            time.sleep(chance.random() / 100)
            n = json.loads(call.payload)["n"]
            return FunctionAnswer(json.dumps(n), failed=False, duration_s=n % 3)

        bench.functions.behaviour = behave
        bench.play(parallel(20))
        histories.append(bench.history())
        bench.tasks.close()
    assert all(history == histories[0] for history in histories)


def start_another(bench: Bench, machine: str, slow: str, call: FunctionCall) -> FunctionAnswer:
    n = str(json.loads(call.payload)["n"])
    time.sleep(0.05 if n == slow else 0)
    work = bench.tasks.work(call.request_id)
    bench.api.call("StartExecution", CALLER, {"stateMachineArn": machine, "name": n}, during=work)
    return FunctionAnswer(n, failed=False)


def test_what_a_function_asks_of_step_functions_happens_at_its_moment() -> None:
    """Two functions start executions; the order is that of the tasks, whichever asks first."""
    for slow in ("0", "1"):
        bench = Bench()
        child = bench.create("child", {"S": {"Type": "Succeed"}})

        def behave(
            call: FunctionCall, bench: Bench = bench, child: str = child, slow: str = slow
        ) -> FunctionAnswer:
            n = str(json.loads(call.payload)["n"])
            time.sleep(0.05 if n == slow else 0)
            work = bench.tasks.work(call.request_id)
            given = {"stateMachineArn": child, "name": n}
            bench.api.call("StartExecution", CALLER, given, during=work)
            return FunctionAnswer(n, failed=False)

        bench.functions.behaviour = behave
        shown = bench.play(parallel(2))
        listed = bench.api.call("ListExecutions", CALLER, {"stateMachineArn": child})["executions"]
        assert [e["name"] for e in listed] == ["1", "0"]
        assert {e["startDate"] for e in listed} == {shown["startDate"] + 0.1}
        bench.tasks.close()


def test_closing_ends_what_is_under_way_and_what_has_not_begun() -> None:
    bench = Bench()
    released = threading.Event()
    under_way: list[str] = []

    def hang(call: FunctionCall) -> FunctionAnswer:
        under_way.append(call.request_id)
        released.wait(10)
        return FunctionAnswer("1", failed=False)

    bench.functions.behaviour = hang
    machine = bench.create("machine", parallel(3))
    bench.api.call("StartExecution", CALLER, {"stateMachineArn": machine, "name": "run"})
    runner = threading.Thread(target=bench.simulation.scheduler.run)
    runner.start()
    bench.tasks.close()
    runner.join(5)
    assert not runner.is_alive()
    bench.tasks.drain(released.set)
    assert all(bench.tasks.work(request_id) is None for request_id in under_way)
