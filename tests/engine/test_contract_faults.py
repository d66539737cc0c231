"""Function faults, and the invocations that count towards them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from contract import Lab, function, output_of, role

from harness.engine.base import Capability
from harness.functions.shared.model import Fault

APP = """
import boto3


def handler(event, context):
    boto3.client("sns").list_topics()
    return event["n"]
"""


@pytest.fixture(scope="module")
def deployed(lab: Lab) -> tuple[str, str]:
    lab.needs(Capability.FAULTS)
    template = {
        "Resources": {"Role": role(), "Work": function("app.handler", Timeout=30)},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Work", "Arn"]}}},
    }
    name = lab.deploy(template, {"src/app.py": APP}).resources["Work"].physical_id
    arn = lab.clients.lambda_.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    return name, arn


@pytest.fixture
def set_faults(lab: Lab, deployed: Any) -> Iterator[Any]:
    def set_faults(*faults: Fault) -> None:
        lab.engine.set_faults(faults)

    yield set_faults
    lab.engine.set_faults([])


def _invoke(lab: Lab, name: str, n: int = 1) -> tuple[str | None, Any]:
    answer = lab.clients.lambda_.invoke(FunctionName=name, Payload=json.dumps({"n": n}).encode())
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def test_a_function_raises(lab: Lab, deployed: tuple[str, str], set_faults: Any) -> None:
    name, _ = deployed
    arguments = {"raises": "Broken", "message": "no", "when": "after"}
    set_faults(Fault("raises", "function", function=name, arguments=arguments, last=1, id=3))
    error, raised = _invoke(lab, name)
    assert (error, raised["errorType"], raised["errorMessage"]) == ("Unhandled", "Broken", "no")
    assert _invoke(lab, name) == (None, 1)
    first, second = lab.engine.invocations()[-2:]
    assert (first.faults, second.faults) == ((3,), ())
    assert [call.operation for call in first.calls] == ["ListTopics"]
    assert lab.engine.fired() == {3: 1}


def test_a_function_runs_out_of_memory(lab: Lab, deployed: tuple[str, str], set_faults: Any) -> None:
    name, _ = deployed
    set_faults(Fault("ends", "function", arguments={"ends": "memory"}))
    error, raised = _invoke(lab, name)
    assert (error, raised["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert raised["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert lab.engine.fired() == {0: 1}


def test_a_function_works_twice(lab: Lab, deployed: tuple[str, str], set_faults: Any) -> None:
    name, _ = deployed
    set_faults(Fault("twice", "function", function=name))
    assert _invoke(lab, name) == (None, 1)
    assert len(lab.engine.invocations()[-1].calls) == 2


def test_each_payload_is_counted_by_itself(lab: Lab, deployed: tuple[str, str], set_faults: Any) -> None:
    name, _ = deployed
    set_faults(Fault("raises", "function", function=name, arguments={"raises": "Broken"}, first=2, last=2))
    assert [_invoke(lab, name, n)[0] for n in (1, 2, 1, 2, 1)] == [None, None, "Unhandled", "Unhandled", None]


def _step(arn: str, following: str | None = None, **fields: Any) -> dict[str, Any]:
    after = {"Next": following} if following else {"End": True}
    return {"Type": "Task", "Resource": arn, "ResultPath": "$.answer", **after, **fields}


def test_a_state_that_tries_again_counts_on(lab: Lab, deployed: tuple[str, str], set_faults: Any) -> None:
    name, arn = deployed
    retry = [{"ErrorEquals": ["Broken"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 1}]
    set_faults(Fault("raises", "function", function=name, arguments={"raises": "Broken"}, last=2))
    execution = lab.play({"Only": _step(arn, Retry=retry)}, {"n": 7})
    assert output_of(execution) == {"n": 7, "answer": 7}
    assert lab.engine.fired() == {0: 2}


def test_each_state_is_counted_by_itself(lab: Lab, deployed: tuple[str, str], set_faults: Any) -> None:
    lab.needs(Capability.TASK_FAULTS)
    name, arn = deployed
    refused = {"error": "AuthorizationError"}
    set_faults(
        Fault("error", "call", "sns", "ListTopics", arguments=refused, first=2),
        Fault("delay", "function", function=name, arguments={"delay": 1}, state="Second", id=1),
    )
    output = output_of(lab.play({"First": _step(arn, "Second"), "Second": _step(arn)}, {"n": 7}))
    assert output == {"n": 7, "answer": 7}
    first, second = (i for i in lab.engine.invocations() if i.state in ("First", "Second"))
    assert (first.state, second.state, second.attempt) == ("First", "Second", 0)
    assert first.execution_arn == second.execution_arn != ""
    assert (first.faults, second.faults) == ((), (1,))
    assert lab.engine.fired() == {0: 0, 1: 1}


def test_what_they_met_is_forgotten_when_they_are_set_again(
    lab: Lab, deployed: tuple[str, str], set_faults: Any
) -> None:
    name, _ = deployed
    for _ in range(2):
        set_faults(Fault("raises", "function", function=name, arguments={"raises": "Broken"}, last=1))
        assert _invoke(lab, name)[0] == "Unhandled"
        assert lab.engine.fired() == {0: 1}
