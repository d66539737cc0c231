"""Executions and their child executions, as seen in histories."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from harness.engine.base import Capability
from harness.execute import Started
from harness.observe.executions import runs
from harness.observe.inbox import published_message_ids
from harness.testing import START, a_history, an_execution

PREFIX = "arn:aws:states:us-east-1:123456789012:execution"


class Gone(Exception):
    pass


class States:
    """A Step Functions client with executions: ARN -> the outputs of its states."""

    exceptions = SimpleNamespace(ExecutionDoesNotExist=Gone)

    def __init__(self, outputs: dict[str, list[Any]]):
        self.outputs = outputs

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        if executionArn not in self.outputs:
            raise Gone
        machine, name = executionArn.split(":")[-2:]
        return {
            "name": name,
            "stateMachineArn": f"arn:aws:states:us-east-1:123456789012:stateMachine:{machine}",
            "status": "SUCCEEDED",
            "startDate": START,
            "input": "{}",
        }

    def get_paginator(self, operation: str) -> Any:
        assert operation == "get_execution_history"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, *, executionArn: str, PaginationConfig: dict[str, int]) -> list[dict[str, Any]]:  # noqa: N803
        started = {
            "id": 1,
            "type": "ExecutionStarted",
            "timestamp": START,
            "executionStartedEventDetails": {"input": "{}", "roleArn": "arn:aws:iam::123456789012:role/r"},
        }
        exited = [
            {
                "id": n + 2,
                "previousEventId": n + 1,
                "type": "PassStateExited",
                "timestamp": START,
                "stateExitedEventDetails": {"name": f"S{n}", "output": json.dumps(output)},
            }
            for n, output in enumerate(self.outputs[executionArn])
        ]
        return [{"events": [started]}, {"events": exited}]  # two pages


ENGINE: Any = SimpleNamespace(capabilities=frozenset())


def observed(outputs: dict[str, list[Any]]) -> Any:
    clients: Any = SimpleNamespace(stepfunctions=States(outputs))
    ((run),) = runs(ENGINE, clients, (Started("run-1", f"{PREFIX}:main:run-1", 60, True),))
    return run


def test_an_execution_is_read_with_all_pages_of_its_history() -> None:
    run = observed({f"{PREFIX}:main:run-1": [{"n": 1}]})
    assert (run.name, run.execution.machine_name, run.execution.name) == ("run-1", "main", "run-1")
    assert [(e.id, e.previous_event_id, e.type) for e in run.execution.events] == [
        (1, 0, "ExecutionStarted"),
        (2, 1, "PassStateExited"),
    ]
    assert run.execution.events[1].details["name"] == "S0"
    assert run.execution.role_arn.endswith("role/r")
    assert (run.execution.stopped_at, run.execution.output, run.execution.error) == (None, None, None)
    assert run.children == ()


def test_executions_that_are_named_in_its_history_are_its_children_once_each() -> None:
    named = [
        {"execution_arn": f"{PREFIX}:report:run-1"},
        {"deep": [{"er": f"{PREFIX}:report:run-1"}, f"{PREFIX}:other:x"]},
        {"itself": f"{PREFIX}:main:run-1"},
    ]
    children = {f"{PREFIX}:report:run-1": [], f"{PREFIX}:other:x": []}
    run = observed({f"{PREFIX}:main:run-1": named, **children})
    assert [c.machine_name for c in run.children] == ["report", "other"]
    assert [e.machine_name for e in run.executions] == ["main", "report", "other"]


def test_executions_that_a_child_started_are_children_too_and_a_circle_ends() -> None:
    main, report, shard = (f"{PREFIX}:{name}:run-1" for name in ("main", "report", "shard"))
    run = observed({main: [report], report: [shard, main], shard: [{"started_by": report}]})
    assert [c.machine_name for c in run.children] == ["report", "shard"]


def test_one_that_is_named_but_never_was_is_left_out() -> None:
    assert observed({f"{PREFIX}:main:run-1": [f"{PREFIX}:report:never"]}).children == ()


def test_a_text_that_only_contains_an_arn_names_nothing() -> None:
    text = f"see {PREFIX}:report:run-1 for more"
    assert observed({f"{PREFIX}:main:run-1": [text], f"{PREFIX}:report:run-1": []}).children == ()


def test_the_path_is_the_states_in_the_order_in_which_they_were_entered() -> None:
    history = (
        a_history()
        .event("ExecutionStarted")
        .enters("First")
        .exits("First")
        .enters("Second", "Parallel")
        .enters("Branch", "Pass")
    )
    seen = an_execution(history=history)
    assert seen.path == ("First", "Second", "Branch")


def test_publications_are_known_by_their_message_ids() -> None:
    history = (
        a_history()
        .event("TaskSucceeded", resourceType="sns", output='{"MessageId": "m-1"}')
        .event("TaskSucceeded", resourceType="sqs", output='{"MessageId": "m-2"}')
        .event("TaskFailed", resourceType="sns", error="SNS.NotFound")
        .event("TaskSucceeded", resourceType="sns")
    )
    seen = an_execution(history=history)
    assert list(published_message_ids(seen)) == ["m-1"]


def test_an_express_execution_is_told_by_the_engine() -> None:
    arn = f"{PREFIX.replace(':execution', ':express')}:fast:one:0000"
    told = {
        "executionArn": arn,
        "name": "one",
        "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:fast",
        "status": "FAILED",
        "startDate": 1_735_689_600.0,
        "stopDate": 1_735_689_600.5,
        "input": "{}",
        "error": "Late",
        "events": [
            {
                "id": 1,
                "previousEventId": 0,
                "type": "ExecutionStarted",
                "timestamp": 1_735_689_600.0,
                "executionStartedEventDetails": {"input": "{}", "roleArn": "r"},
            }
        ],
    }
    clients: Any = SimpleNamespace(stepfunctions=States({f"{PREFIX}:main:run-1": [{"Arn": arn}]}))
    started = (Started("run-1", f"{PREFIX}:main:run-1", 60, True),)
    engine: Any = SimpleNamespace(
        capabilities=frozenset({Capability.EXPRESS}), express_execution={arn: told}.get
    )
    (run,) = runs(engine, clients, started)
    (child,) = run.children
    assert (child.arn, child.status, child.error, child.role_arn) == (arn, "FAILED", "Late", "r")
    assert (child.stopped_at - child.started_at).total_seconds() == 0.5
    (run,) = runs(ENGINE, clients, started)
    assert run.children == ()
