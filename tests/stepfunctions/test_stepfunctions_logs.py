"""The logs of executions: what each level has, as AWS records it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stepfunctions_support import PASS, Lab

from harness.stepfunctions.logs import Line

GROUP = "arn:aws:logs:eu-west-1:123456789012:log-group:/states/machine:*"
FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "SomeFailure", "Cause": "why"}}}
FAILURE = {"error": "SomeFailure", "cause": "why"}


def logged(level: str, *, with_data: bool, definition: Any = FAIL, **fields: Any) -> list[Line]:
    lines: list[Line] = []
    lab = Lab(write_log=lines.append)
    logging = {
        "level": level,
        "includeExecutionData": with_data,
        "destinations": [] if level == "OFF" else [{"cloudWatchLogsLogGroup": {"logGroupArn": GROUP}}],
    }
    lab.start(lab.create(definition, loggingConfiguration=logging, **fields), name="one", input='{"a": 1}')
    lab.simulation.scheduler.run()
    return lines


@pytest.mark.parametrize(
    ("level", "types"),
    [
        ("ALL", ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]),
        ("ERROR", ["FailStateEntered", "ExecutionFailed"]),
        ("FATAL", ["ExecutionFailed"]),
        ("OFF", []),
    ],
)
def test_a_level_has_its_events(level: str, types: list[str]) -> None:
    assert [json.loads(line.text)["type"] for line in logged(level, with_data=True)] == types


def test_a_line_is_an_event_in_a_stream_of_the_machine() -> None:
    line = logged("ALL", with_data=True)[0]
    assert (line.group, line.moment) == (GROUP, 1_735_689_600.0)
    assert line.stream.startswith("states/machine/2025-01-01-00-00/")
    assert json.loads(line.text) == {
        "id": "1",
        "type": "ExecutionStarted",
        "details": {
            "input": '{"a": 1}',
            "inputDetails": {"truncated": False},
            "roleArn": "arn:aws:iam::123456789012:role/states",
        },
        "previous_event_id": "0",
        "event_timestamp": "1735689600000",
        "execution_arn": "arn:aws:states:eu-west-1:123456789012:execution:machine:one",
        "redrive_count": "0",
    }


def test_without_execution_data_a_line_has_errors_and_no_payloads() -> None:
    details = [json.loads(line.text)["details"] for line in logged("ALL", with_data=False)]
    assert details == [{"roleArn": "arn:aws:iam::123456789012:role/states"}, {"name": "F"}, FAILURE]
    details = [json.loads(line.text)["details"] for line in logged("ALL", with_data=False, definition=PASS)]
    assert details[2:] == [{"name": "A"}, {}]


def test_an_express_execution_has_the_same_lines() -> None:
    (line,) = logged("FATAL", with_data=False, type="EXPRESS")
    assert ":express:machine:one:" in json.loads(line.text)["execution_arn"]
