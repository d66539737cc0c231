"""The logging configuration of a machine: its defaults, its log group, its changes."""

from __future__ import annotations

from typing import Any

import pytest
from stepfunctions_support import Lab, refused

ONE = "Invalid Logging Configuration: Must specify exactly one Log Destination."


def to(*names: str) -> list[dict[str, Any]]:
    """Destinations of a logging configuration."""
    arns = [f"arn:aws:logs:eu-west-1:123456789012:log-group:{name}:*" for name in names]
    return [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}} for arn in arns]


@pytest.mark.parametrize(
    "given", [{}, {"destinations": []}, {"level": "OFF"}, {"includeExecutionData": False}]
)
def test_what_is_left_out_has_a_default(lab: Lab, given: dict[str, Any]) -> None:
    arn = lab.create(loggingConfiguration=given)
    shown = lab.call("DescribeStateMachine", stateMachineArn=arn)["loggingConfiguration"]
    assert shown == {"level": "OFF", "includeExecutionData": False, **given}


@pytest.mark.parametrize(
    "given",
    [
        {"level": "ALL"},
        {"level": "ERROR", "destinations": []},
        {"level": "FATAL", "destinations": to("/states/machine", "/states/machine")},
        {"destinations": to("/states/machine", "/states/other")},
    ],
)
def test_logging_has_one_log_group(lab: Lab, given: dict[str, Any]) -> None:
    with refused("InvalidLoggingConfiguration", ONE):
        lab.create(loggingConfiguration=given)
    arn = lab.create()
    with refused("InvalidLoggingConfiguration", ONE):
        lab.call("UpdateStateMachine", stateMachineArn=arn, loggingConfiguration=given)


@pytest.mark.parametrize("name", ["/states/other", "/states/machine:stream"])
def test_the_log_group_is_there(lab: Lab, name: str) -> None:
    with refused("InvalidLoggingConfiguration", "Invalid Logging Configuration: Log Destination not found."):
        lab.create(loggingConfiguration={"level": "ALL", "destinations": to(name)})


def test_another_level_is_another_revision_and_the_same_one_is_not(lab: Lab) -> None:
    logging = {"level": "ALL", "includeExecutionData": True, "destinations": to("/states/machine")}
    arn = lab.create(loggingConfiguration=logging)

    def changed(**given: Any) -> tuple[Any, Any]:
        lab.call("UpdateStateMachine", stateMachineArn=arn, loggingConfiguration={**logging, **given})
        shown = lab.call("DescribeStateMachine", stateMachineArn=arn)
        return shown["loggingConfiguration"], shown["revisionId"]

    first = changed(level="FATAL")
    assert first[0] == {**logging, "level": "FATAL"}
    assert changed(level="FATAL") == first
    assert changed(level="FATAL", includeExecutionData=False)[1] != first[1]
