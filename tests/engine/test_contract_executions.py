"""Executions and their histories, as returned by the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab, function, role

from harness.observe.executions import read

END: dict[str, Any] = {"Type": "Pass", "End": True}


def test_the_events_of_a_small_machine_and_how_they_are_linked(lab: Lab) -> None:
    states = {
        "First": {"Type": "Pass", "Next": "Choice"},
        "Choice": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "Wait"}],
        },
        "Wait": {"Type": "Wait", "Seconds": 0, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    }
    execution = lab.play(states, {"n": 1})
    assert [(e.id, e.previous_event_id, e.type) for e in execution.events] == [
        (1, 0, "ExecutionStarted"),
        (2, 0, "PassStateEntered"),
        (3, 2, "PassStateExited"),
        (4, 3, "ChoiceStateEntered"),
        (5, 4, "ChoiceStateExited"),
        (6, 5, "WaitStateEntered"),
        (7, 6, "WaitStateExited"),
        (8, 7, "SucceedStateEntered"),
        (9, 8, "SucceedStateExited"),
        (10, 9, "ExecutionSucceeded"),
    ]
    started, entered, *_, last = execution.events
    assert (json.loads(started.details["input"]), started.details["roleArn"]) == ({"n": 1}, lab.role_arn)
    assert (entered.details["name"], json.loads(entered.details["input"])) == ("First", {"n": 1})
    assert json.loads(last.details["output"]) == {"n": 1}
    assert [e.timestamp for e in execution.events] == sorted(e.timestamp for e in execution.events)


def test_the_events_of_a_function(lab: Lab) -> None:
    template = {
        "Resources": {"Role": role(), "Echo": function("app.handler", Timeout=30)},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Echo", "Arn"]}}},
    }
    arn = lab.deploy(template, {"src/app.py": "def handler(event, context):\n    return event\n"}).outputs[
        "Arn"
    ]
    execution = lab.play({"Echo": {"Type": "Task", "Resource": arn, "End": True}}, {"n": 1})
    assert [e.type for e in execution.events] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    scheduled, succeeded = execution.events[2], execution.events[4]
    assert scheduled.details["resource"] == arn
    assert json.loads(scheduled.details["input"]) == {"n": 1}
    assert json.loads(succeeded.details["output"]) == {"n": 1}


def test_events_of_branches_lead_back_to_their_parallel(lab: Lab) -> None:
    branches = [{"StartAt": f"B{n}", "States": {f"B{n}": END}} for n in range(2)]
    execution = lab.play({"Parallel": {"Type": "Parallel", "Branches": branches, "End": True}})
    by_id = {e.id: e for e in execution.events}
    (started,) = [e for e in execution.events if e.type == "ParallelStateStarted"]
    entered = [e for e in execution.events if e.type == "PassStateEntered"]
    assert {e.details["name"] for e in entered} == {"B0", "B1"}
    assert all(by_id[e.previous_event_id] is started for e in entered)
    assert [e.type for e in execution.events][-3:] == [
        "ParallelStateSucceeded",
        "ParallelStateExited",
        "ExecutionSucceeded",
    ]


def test_a_history_can_be_read_page_by_page_and_in_reverse_order(lab: Lab) -> None:
    execution = lab.play({"First": {"Type": "Pass", "Next": "Second"}, "Second": END})
    states = lab.clients.stepfunctions
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=execution.arn, PaginationConfig={"PageSize": 4}
    )
    assert [[e["id"] for e in page["events"]] for page in pages] == [[1, 2, 3, 4], [5, 6]]
    backwards = states.get_execution_history(executionArn=execution.arn, reverseOrder=True, maxResults=2)
    assert [e["id"] for e in backwards["events"]] == [6, 5]


def test_an_execution_describes_itself(lab: Lab) -> None:
    machine = lab.machine({"Only": END})
    execution = lab.execute(machine, {"n": 1}, "named")
    described = lab.clients.stepfunctions.describe_execution(executionArn=execution.arn)
    assert described["executionArn"] == machine.replace(":stateMachine:", ":execution:") + ":named"
    assert (described["stateMachineArn"], described["name"]) == (machine, "named")
    assert described["status"] == "SUCCEEDED"
    assert json.loads(described["input"]) == json.loads(described["output"]) == {"n": 1}
    assert described["startDate"] <= described["stopDate"]
    assert described["startDate"].tzinfo is not None


@pytest.mark.usefixtures("real_time")
def test_a_running_execution_has_no_end_yet_and_may_be_stopped(lab: Lab) -> None:
    states = lab.clients.stepfunctions
    machine = lab.machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})
    arn = states.start_execution(stateMachineArn=machine, name="long", input="{}")["executionArn"]
    running = states.describe_execution(executionArn=arn)
    assert running["status"] == "RUNNING"
    assert not running.keys() & {"stopDate", "output", "error"}
    states.stop_execution(executionArn=arn, error="Stopped", cause="enough")
    stopped = states.describe_execution(executionArn=arn)
    assert (stopped["status"], stopped["error"], stopped["cause"]) == ("ABORTED", "Stopped", "enough")
    assert stopped["stopDate"] >= running["startDate"]


@pytest.mark.usefixtures("real_time")
def test_the_same_name_and_input_are_the_same_execution_while_it_runs(lab: Lab) -> None:
    states = lab.clients.stepfunctions
    machine = lab.machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})
    once, again = (
        states.start_execution(stateMachineArn=machine, name="run", input='{"n": 1}') for _ in range(2)
    )
    assert once["executionArn"] == again["executionArn"]
    assert once["startDate"] == again["startDate"]
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        states.start_execution(stateMachineArn=machine, name="run", input='{"n": 2}')
    states.stop_execution(executionArn=once["executionArn"])


def test_the_name_of_an_execution_that_has_ended_is_taken(lab: Lab) -> None:
    machine = lab.machine({"Only": END})
    lab.execute(machine, {"n": 1}, "run")
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        lab.clients.stepfunctions.start_execution(stateMachineArn=machine, name="run", input='{"n": 1}')


def test_the_same_machine_may_be_created_again(lab: Lab) -> None:
    states = lab.clients.stepfunctions
    definition = {"StartAt": "Only", "States": {"Only": END}}
    once, again = (
        states.create_state_machine(name="twice", definition=json.dumps(definition), roleArn=lab.role_arn)
        for _ in range(2)
    )
    assert once["stateMachineArn"] == again["stateMachineArn"]


def test_another_machine_of_the_same_name_is_refused(lab: Lab) -> None:
    states = lab.clients.stepfunctions
    definition = {"StartAt": "Only", "States": {"Only": END}}
    states.create_state_machine(name="taken", definition=json.dumps(definition), roleArn=lab.role_arn)
    other = json.dumps({**definition, "Comment": "another"})
    with pytest.raises(ClientError, match="StateMachineAlreadyExists"):
        states.create_state_machine(name="taken", definition=other, roleArn=lab.role_arn)


def test_a_machine_is_listed_until_it_is_deleted_which_may_be_done_twice(lab: Lab) -> None:
    states = lab.clients.stepfunctions
    machine = lab.machine({"Only": END})

    def listed() -> list[str]:
        return [m["stateMachineArn"] for m in states.list_state_machines()["stateMachines"]]

    assert machine in listed()
    for _ in range(2):
        states.delete_state_machine(stateMachineArn=machine)
        assert machine not in listed()


def test_the_history_outlives_its_machine(lab: Lab) -> None:
    machine = lab.machine({"Only": END})
    before = lab.execute(machine, {"n": 1})
    lab.clients.stepfunctions.delete_state_machine(stateMachineArn=machine)
    assert read(lab.clients.stepfunctions, before.arn) == before


@pytest.mark.parametrize("operation", ["describe_execution", "get_execution_history"])
def test_an_execution_that_never_was_is_an_error(lab: Lab, operation: str) -> None:
    machine = lab.machine({"Only": END})
    arn = machine.replace(":stateMachine:", ":execution:") + ":never"
    with pytest.raises(lab.clients.stepfunctions.exceptions.ExecutionDoesNotExist):
        getattr(lab.clients.stepfunctions, operation)(executionArn=arn)


def test_starting_a_machine_that_does_not_exist_is_an_error(lab: Lab) -> None:
    machine = lab.machine({"Only": END}) + "-not"
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        lab.clients.stepfunctions.start_execution(stateMachineArn=machine, input="{}")


@pytest.mark.parametrize(
    "definition",
    [
        "no JSON",
        {"StartAt": "Nowhere", "States": {"Only": END}},
        {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Next": "Nowhere"}}},
        {"StartAt": "Only", "States": {"Only": {"Type": "Parallel", "Branches": [], "End": True}}},
    ],
    ids=["text", "start", "next", "no-branches"],
)
def test_a_wrong_definition_is_refused(lab: Lab, definition: object) -> None:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    name = f"wrong-{next(lab.numbers)}"  # an engine may have chosen a different one
    with pytest.raises(ClientError, match="InvalidDefinition"):
        lab.clients.stepfunctions.create_state_machine(name=name, definition=text, roleArn=lab.role_arn)


@pytest.mark.usefixtures("real_time")
def test_the_engine_says_whether_an_execution_ended(lab: Lab) -> None:
    states = lab.clients.stepfunctions
    machine = lab.machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})
    arn = states.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    assert not lab.engine.wait_for_execution(arn, 0.05)
    states.stop_execution(executionArn=arn)
    assert lab.engine.wait_for_execution(arn, 5) in (True, None)
