"""States that AWS runs and the harness does not: found at any depth, if they can be reached."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tasks_support import Bench

from harness.states import parse
from harness.stepfunctions.unserved import unserved_states
from harness.stepfunctions.unserved_state import UnservedState

GLUE = "arn:aws:states:::glue:startJobRun.sync"
END = {"Type": "Pass", "End": True}
TASK: dict[str, Any] = {"Type": "Task", "Resource": GLUE, "Parameters": {"JobName": "a"}}


def unserved(bench: Bench, states: dict[str, Any]) -> tuple[UnservedState, ...]:
    machine = parse(json.dumps({"StartAt": next(iter(states)), "States": states}))
    return unserved_states(machine, bench.tasks.serves)


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:lambda:eu-west-1:123456789012:function:count",
        "arn:aws:states:::lambda:invoke",
        "arn:aws:states:::sns:publish",
        "arn:aws:states:::dynamodb:putItem",
        "arn:aws:states:::events:putEvents",
        "arn:aws:states:::states:startExecution.sync:2",
        "arn:aws:states:::aws-sdk:sfn:startExecution",
        "arn:aws:states:eu-west-1:123456789012:aws-sdk:s3:getObject",
        "arn:aws:states:eu-west-1:123456789012:activity:a",
    ],
)
def test_what_is_served_is_not_listed(bench: Bench, resource: str) -> None:
    assert unserved(bench, {"A": {"Type": "Task", "Resource": resource, "End": True}}) == ()


@pytest.mark.parametrize("resource", [GLUE, "arn:aws:states:::athena:startQueryExecution"])
def test_a_task_that_is_not_served_is_listed(bench: Bench, resource: str) -> None:
    states = {"A": {"Type": "Task", "Resource": resource, "End": True}}
    assert unserved(bench, states) == (UnservedState("A", resource),)


def test_every_way_to_a_state_is_followed(bench: Bench) -> None:
    inner = {"StartAt": "G1", "States": {"G1": {**TASK, "End": True}}}
    states = {
        "C": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "P"}],
            "Default": "M",
        },
        "P": {
            "Type": "Parallel",
            "Branches": [inner],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "G2"}],
            "End": True,
        },
        "M": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "G3", "States": {"G3": {**TASK, "End": True}}},
            "End": True,
        },
        "G2": {**TASK, "End": True},
    }
    assert sorted(state.state for state in unserved(bench, states)) == ["G1", "G2", "G3"]


def test_a_part_of_a_map_is_listed_by_its_name(bench: Bench) -> None:
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"},
        "Parameters": {"Bucket": "b", "Key": "k"},
    }
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    processor = {"ProcessorConfig": config, "StartAt": "P", "States": {"P": END}}
    state = {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "End": True}
    lacking = "Transformation LOAD_AND_FLATTEN in an ItemReader that does not use listObjectsV2"
    assert unserved(bench, {"M": state}) == (UnservedState("M", lacking),)
    shown = bench.play({"M": state})
    assert (shown["error"], shown["cause"].rpartition(". ")[2]) == (
        "States.Runtime",
        f"{lacking} is not served here",
    )
