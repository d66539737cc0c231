import json
import re
from pathlib import Path
from string import Template
from typing import Any

import pytest
from statelint.linter import Linter

from usage_report import errors
from usage_report.definition import LAMBDA_TRANSIENT
from usage_report.failure import FAILURE_TEXT, Failure

LAMBDAS = Path(__file__).parents[2] / "lambdas"
SUBSTITUTIONS = {
    "CreateStateMachineFunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:usage-create",
    "DescribeExecutionFunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:usage-describe",
    "DeleteStateMachineFunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:usage-delete",
    "TopicArn": "arn:aws:sns:eu-central-1:123456789012:usage-ReportTopic",
    "Partition": "aws",
    "AccountId": "123456789012",
    "Region": "eu-central-1",
    "StackName": "s3-usage",
    "PollIntervalSeconds": "30",
    "ReportMachineArnPrefix": "arn:aws:states:eu-central-1:123456789012:stateMachine:usage-report-",
}


@pytest.fixture(scope="module")
def states() -> dict[str, Any]:
    return dict(json.loads(resolved())["States"])


def resolved() -> str:
    text = (LAMBDAS / "orchestrator.asl.json").read_text()
    return re.sub(r"\$\{(\w+)\}", lambda match: SUBSTITUTIONS[match[1]], text)


def test_the_orchestrator_is_valid_asl() -> None:
    assert Linter.validate(json.loads(resolved())) == []


def test_the_flow_is_create_poll_delete(states: dict[str, Any]) -> None:
    assert states["CreateStateMachine"]["Next"] == "DescribeExecution"
    assert states["DescribeExecution"]["Next"] == "Choice"
    assert [choice["Next"] for choice in states["Choice"]["Choices"]] == ["DeleteStateMachine", "Wait"]
    assert states["Choice"]["Default"] == "Error"
    assert states["Wait"] == {"Type": "Wait", "Seconds": 30, "Next": "DescribeExecution"}
    assert states["DeleteStateMachine"]["End"] is True


def test_a_failed_report_machine_is_kept(states: dict[str, Any]) -> None:
    leads_to_deletion = [name for name, state in states.items() if state.get("Next") == "DeleteStateMachine"]
    assert leads_to_deletion == []  # only Choice does, on SUCCEEDED


def test_an_error_is_published_and_then_the_run_fails(states: dict[str, Any]) -> None:
    assert states["Error"]["Next"] == "Failed"
    assert states["Error"]["Catch"][0]["Next"] == "Failed"
    assert states["Failed"]["Type"] == "Fail"
    ends = [name for name, state in states.items() if state.get("End") or state["Type"] == "Fail"]
    assert ends == ["DeleteStateMachine", "Failed"]


TASKS = ("CreateStateMachine", "DescribeExecution", "DeleteStateMachine")


@pytest.mark.parametrize("task", TASKS)
def test_service_errors_and_throttling_are_retried_with_jitter(states: dict[str, Any], task: str) -> None:
    retry = states[task]["Retry"][-1]
    assert {*LAMBDA_TRANSIENT, errors.Transient.__name__} <= set(retry["ErrorEquals"])
    assert (retry["JitterStrategy"], retry["BackoffRate"]) == ("FULL", 2.0)


def test_eventual_consistency_is_retried(states: dict[str, Any]) -> None:
    assert "StateMachineDoesNotExist" in states["CreateStateMachine"]["Retry"][-1]["ErrorEquals"]
    missing = {"ExecutionDoesNotExist", "StateMachineDoesNotExist"}
    assert missing <= set(states["DescribeExecution"]["Retry"][-1]["ErrorEquals"])


def test_a_role_that_is_not_ready_is_retried_for_two_minutes(states: dict[str, Any]) -> None:
    retry = states["CreateStateMachine"]["Retry"][0]
    assert retry["ErrorEquals"] == [errors.RoleNotReady.__name__]
    pauses = [
        min(retry["IntervalSeconds"] * retry["BackoffRate"] ** n, retry["MaxDelaySeconds"])
        for n in range(retry["MaxAttempts"])
    ]
    assert 115 <= sum(pauses) <= 125


@pytest.mark.parametrize("task", TASKS)
def test_every_failure_of_a_task_is_caught_and_names_the_task(states: dict[str, Any], task: str) -> None:
    assert states[task]["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    caught = states[states[task]["Catch"][-1]["Next"]]
    assert caught["Parameters"]["failure"]["state"] == task
    assert caught["Next"] == "HasFunctionsCause"
    told = caught["Parameters"]["failure"]["machine.$"]
    assert "delete-state-machine --state-machine-arn" in told or told.endswith("$.machines, $.deletion)")


def test_refusals_before_anything_is_made_say_so(states: dict[str, Any]) -> None:
    refusal = states["CreateStateMachine"]["Catch"][0]
    before = {errors.BadInput, errors.TooManyBuckets, errors.RoleNotReady}
    assert set(refusal["ErrorEquals"]) == {error.__name__ for error in before}
    assert states[refusal["Next"]]["Next"] == "CreateStateMachineRefused"
    assert states["CreateStateMachineRefused"]["Parameters"]["failure"]["machine"] == "none was made."


def test_a_stack_trace_in_a_cause_is_left_out_and_a_cause_without_one_is_not_read(
    states: dict[str, Any],
) -> None:
    [choice] = states["HasFunctionsCause"]["Choices"]
    assert choice["StringMatches"] == '{*"errorMessage"*}'
    assert (choice["Next"], states["HasFunctionsCause"]["Default"]) == ("ReadCause", "ErrorTemplate")
    assert states["ReadCause"]["Next"] == "TakeMessage"
    assert states["TakeMessage"]["ResultPath"] == choice["Variable"] == "$.failure.cause"
    assert states["TakeMessage"]["Next"] == "ErrorTemplate"


def test_machines_that_were_made_and_not_started_are_named_in_the_cause(states: dict[str, Any]) -> None:
    stopped = states["CreateStateMachine"]["Catch"][1]
    assert stopped["ErrorEquals"] == [errors.MachinesNotMade.__name__]
    assert states[stopped["Next"]]["Next"] == "CreateStateMachineStopped"
    told = states["CreateStateMachineStopped"]["Parameters"]["failure"]["machine"]
    assert told == "none was started; the cause names those that were made."


def test_every_failure_has_all_parts_of_its_mail(states: dict[str, Any]) -> None:
    """A missing part would end the run without any email."""
    for name, state in states.items():
        failure = state.get("Parameters", {}).get("failure", {})
        if failure and name != "ErrorMessage":
            assert {part.removesuffix(".$") for part in failure} == set(Failure._fields[:5]), name


def test_all_failures_are_told_in_the_same_words(states: dict[str, Any]) -> None:
    told = Template(FAILURE_TEXT).substitute(SUBSTITUTIONS)
    assert states["ErrorTemplate"]["Result"] == told
    assert FAILURE_TEXT.count("{}") == len(Failure._fields)
    given = states["ErrorMessage"]["Parameters"]["failure"]["message.$"]
    names = [re.sub(r".*\.", "", path) for path in re.findall(r"\$\$?\.[\w.]+", given)][1:]
    assert names == [*Failure._fields[:5], "StartTime", "Name"]


def test_the_subject_names_the_account(states: dict[str, Any]) -> None:
    assert states["Error"]["Parameters"]["Subject"] == "S3 usage of 123456789012: a run failed"
