"""Hints for reaching missed edges."""

from __future__ import annotations

import json
from typing import Any

import pytest
from coverage_support import FUNCTION, coverage, failed, hint_for, observed

from harness.coverage.edges import Edge
from harness.coverage.flat import FlatState
from harness.coverage.hints import hint
from harness.coverage.worker_hints import worker_hint
from harness.observe.model import Definition, Observation

TASK: dict[str, Any] = {"Type": "Task", "Resource": FUNCTION}
END: dict[str, Any] = {"Type": "Succeed"}


def _lines(definition: dict[str, Any], label: str, payload: Any = None, **answers: Any) -> tuple[str, ...]:
    found = hint_for(coverage(observed(definition, payload, answers)), label)
    assert found.why == ""
    return found.lines


def _why(definition: dict[str, Any], label: str, payload: Any = None, **answers: Any) -> str:
    found = hint_for(coverage(observed(definition, payload, answers)), label)
    assert found.lines == ()
    return found.why


def _task(resource: str = FUNCTION, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": resource, **fields}, "Z": END}}


def _catching(*errors: str, resource: str = FUNCTION) -> dict[str, Any]:
    catchers = [{"ErrorEquals": [error], "Next": "Z"} for error in errors]
    return _task(resource, Catch=catchers, Next="Z")


IN_A = 'state: "A"'
OF_FUNCTION = f'function: "WorkFunction", {IN_A}'
OF_TASK = f'task: "lambda:invoke", {IN_A}'


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ("OutOfStock", f'{OF_FUNCTION}, raises: "OutOfStock"'),
        ("States.ALL", f'{OF_FUNCTION}, raises: "RuntimeError"'),
        ("Lambda.TooManyRequestsException", f'{OF_TASK}, error: "TooManyRequestsException"'),
        ("Lambda.SdkClientException", f'{OF_TASK}, cut: "before"'),
        ("Sandbox.Timedout", f'{OF_FUNCTION}, ends: "timeout"'),
        ("Runtime.ExitError", f'{OF_FUNCTION}, ends: "exit"'),
    ],
)
def test_an_error_of_a_function(error: str, fault: str) -> None:
    assert _lines(_catching(error), f"A: Catch {error} -> Z") == ("faults:", f"  - {{{fault}}}")


@pytest.mark.parametrize(
    ("resource", "error", "fault"),
    [
        (
            "arn:aws:states:::sns:publish",
            "SNS.NotFoundException",
            'task: "sns:publish", @, error: "NotFound"',
        ),
        (
            "arn:aws:states:::aws-sdk:dynamodb:getItem",
            "DynamoDb.ResourceNotFoundException",
            'task: "aws-sdk:dynamodb:getItem", @, error: "ResourceNotFoundException"',
        ),
    ],
)
def test_an_error_of_a_service(resource: str, error: str, fault: str) -> None:
    lines = _lines(_catching(error, resource=resource), f"A: Catch {error} -> Z")
    assert lines == ("faults:", f"  - {{{fault.replace('@', IN_A)}}}")


def test_the_last_catcher_gets_an_error_that_none_before_it_takes() -> None:
    definition = _catching("RuntimeError", "States.ALL")
    (_, fault) = _lines(definition, "A: Catch States.ALL -> Z")
    assert "RuntimeError" not in fault


def test_a_retry_succeeds_after_one_failure_and_is_used_up_by_all() -> None:
    definition = _task(Retry=[{"ErrorEquals": ["Busy"]}], Next="Z")
    once = _lines(definition, "A: Retry 1: succeeded after a retry")
    assert once == ("faults:", f'  - {{{OF_FUNCTION}, raises: "Busy", nth: 1}}')
    ever = _lines(definition, "A: Retry 1: used up")
    assert ever == ("faults:", f'  - {{{OF_FUNCTION}, raises: "Busy"}}')


def test_limits_of_time() -> None:
    definition = _task(TimeoutSeconds=60, Next="Z")
    assert _lines(definition, "A: TimeoutSeconds")[1] == f'  - {{{OF_TASK}, delay: "61 s", nth: 1}}'
    machine = {**_task(Next="Z"), "TimeoutSeconds": 300}
    assert _lines(machine, "TimeoutSeconds")[1] == f'  - {{{OF_TASK}, delay: "301 s", nth: 1}}'


def _choosing(*rules: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    choice = {
        "Type": "Choice",
        "Choices": [{**rule, "Next": f"R{n}"} for n, rule in enumerate(rules, start=1)],
        "Default": "Z",
    }
    ends = {f"R{n}": END for n in range(1, len(rules) + 1)}
    states = {"C": choice, "Z": END, **ends}
    if before is None:
        return {"StartAt": "C", "States": states}
    return {"StartAt": "A", "States": {"A": {**before, "Next": "C"}, **states}}


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ({"Variable": "$.kind", "StringEquals": "gift"}, '{"kind": "gift"}'),
        ({"Variable": "$.n", "NumericGreaterThan": 10}, '{"n": 11}'),
        ({"Variable": "$.n", "NumericLessThanEquals": 10}, '{"n": 10}'),
        ({"Variable": "$.yes", "BooleanEquals": True}, '{"yes": true}'),
        ({"Variable": "$.a.b", "IsPresent": True}, '{"a": {"b": "another value"}}'),
        ({"Variable": "$.a", "StringMatches": "log-*.txt"}, '{"a": "log-.txt"}'),
        (
            {"And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.a", "IsNumeric": True}]},
            '{"a": 0}',
        ),
        (
            {"Or": [{"Variable": "$.a", "StringEquals": "x"}, {"Variable": "$.b", "StringEquals": "y"}]},
            '{"a": "x"}',
        ),
    ],
)
def test_the_run_input_makes_a_rule_true(rule: dict[str, Any], given: str) -> None:
    absent = {"Not": {"Variable": f"$.{next(iter(json.loads(given)))}", "IsPresent": True}}
    definition = _choosing(absent, rule)
    assert _lines(definition, "C: rule 2 -> R2", {}) == (f"run: {{input: {given}}}",)


def test_a_default_is_reached_by_an_input_that_no_rule_takes() -> None:
    definition = _choosing({"Variable": "$.n", "NumericGreaterThan": 10})
    assert _lines(definition, "C: Default -> Z", {"n": 11}) == ('run: {input: {"n": 10}}',)


def test_an_input_keeps_what_no_rule_looks_at() -> None:
    definition = _choosing({"Variable": "$.kind", "StringEquals": "gift"})
    lines = _lines(definition, "C: rule 1 -> R1", {"kind": "book", "order": 7})
    assert lines == ('run: {input: {"kind": "gift", "order": 7}}',)


def test_jsonata_conditions() -> None:
    definition = {**_choosing({"Condition": "{% $states.input.kind = 'gift' %}"}), "QueryLanguage": "JSONata"}
    assert _lines(definition, "C: rule 1 -> R1", {}) == ('run: {input: {"kind": "gift"}}',)


@pytest.mark.parametrize(
    ("before", "answer", "variable", "fault"),
    [
        (TASK, {"status": "OK"}, "$.status", '@, nth: 1, returns: {"status": "BAD"}'),
        (
            {**TASK, "ResultPath": "$.found"},
            {"status": "OK"},
            "$.found.status",
            '@, nth: 1, returns: {"status": "BAD"}',
        ),
        (
            {**TASK, "ResultSelector": {"of.$": "$.inner.status"}, "ResultPath": "$.found"},
            {"inner": {"status": "OK"}},
            "$.found.of",
            '@, nth: 1, returns: {"inner": {"status": "BAD"}}',
        ),
    ],
)
def test_the_answer_of_a_task_makes_a_rule_true(
    before: dict[str, Any], answer: Any, variable: str, fault: str
) -> None:
    definition = _choosing({"Variable": variable, "StringEquals": "BAD"}, before=before)
    lines = _lines(definition, "C: rule 1 -> R1", {}, A=[answer])
    assert lines == ("faults:", f"  - {{{fault.replace('@', OF_FUNCTION)}}}")


def test_the_payload_of_an_invocation_and_the_answer_of_a_service() -> None:
    arguments = {"FunctionName": FUNCTION, "Payload.$": "$"}
    invoke = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": arguments}
    definition = _choosing({"Variable": "$.Payload.n", "NumericEquals": 3}, before=invoke)
    lines = _lines(definition, "C: rule 1 -> R1", {}, A=[{"Payload": {"n": 1}}])
    assert lines[1] == f'  - {{{OF_FUNCTION}, nth: 1, returns: {{"n": 3}}}}'
    resource = "arn:aws:states:::aws-sdk:sfn:describeExecution"
    definition = _choosing(
        {"Variable": "$.Status", "StringEquals": "FAILED"}, before={"Type": "Task", "Resource": resource}
    )
    lines = _lines(definition, "C: rule 1 -> R1", {}, A=[{"Status": "RUNNING"}])
    task = f'task: "aws-sdk:sfn:describeExecution", {IN_A}'
    assert lines[1] == f'  - {{{task}, nth: 1, returns: {{"Status": "FAILED"}}}}'


BY_CAUSE: dict[str, Any] = {
    "StartAt": "A",
    "States": {
        "A": {**TASK, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Note"}], "End": True},
        "Note": {"Type": "Pass", "Parameters": {"cause.$": "$.Cause"}, "Next": "C"},
        "C": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.cause", "StringMatches": '{*"errorMessage"*}', "Next": "Own"}],
            "Default": "Theirs",
        },
        "Own": END,
        "Theirs": END,
    },
}


def test_a_way_through_states_that_were_never_entered_is_played_to_see_where_it_leads() -> None:
    assert _lines(BY_CAUSE, "C: rule 1 -> Own") == (
        "faults:",
        f'  - {{{OF_FUNCTION}, raises: "RuntimeError"}}',
    )
    (_, fault) = _lines(BY_CAUSE, "Theirs: entered")
    assert fault == f'  - {{{OF_TASK}, error: "TooManyRequestsException"}}'


def test_a_rule_about_an_error_is_reached_by_another_failure() -> None:
    found = coverage(observed(BY_CAUSE, None, {"A": [failed("X", '{"errorMessage": ""}')]}))
    lines = hint_for(found, "C: Default -> Theirs").lines
    assert lines[1] == f'  - {{{OF_TASK}, error: "TooManyRequestsException"}}'


def test_items_of_a_map() -> None:
    processor = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    states = {"M": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, "End": True}}
    definition = {"StartAt": "M", "States": states}
    assert _lines(definition, "M: Map: none", {"items": [7]}) == ('run: {input: {"items": []}}',)
    assert _lines(definition, "M: Map: many", {"items": [7]}) == ('run: {input: {"items": [7, 7]}}',)


def test_a_map_without_items_gets_one_for_what_is_inside() -> None:
    processor = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    states = {"M": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, "End": True}}
    lines = _lines({"StartAt": "M", "States": states}, "I: entered", {"items": []})
    assert lines == ('run: {input: {"items": [{}]}}',)


@pytest.mark.parametrize("name", ["apigateway:invoke", "aws-sdk:nosuchservice:doIt"])
def test_a_task_that_no_scenario_may_name_gets_no_fault(name: str) -> None:
    definition = _catching("States.ALL", resource=f"arn:aws:states:::{name}")
    assert "a fault cannot refer to its task" in _why(definition, "A: Catch States.ALL -> Z")


def test_where_nothing_can_be_generated_a_sentence_says_why() -> None:
    assert "cannot fail with Odd.Name through a fault" in _why(
        _catching("Odd.Name"), "A: Catch Odd.Name -> Z"
    )
    made = {"Type": "Pass", "Parameters": {"n.$": "States.ArrayLength($.items)"}}
    definition = _choosing({"Variable": "$.n", "NumericGreaterThan": 5}, before=made)
    assert "A computes it" in _why(definition, "C: rule 1 -> R1", {"items": []})
    of_child = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:a"}
    states = {"A": {**of_child, "Catch": [{"ErrorEquals": ["X"], "Next": "Z"}], "Next": "Z"}, "Z": END}
    assert _why({"StartAt": "A", "States": states}, "A: Catch X -> Z") == (
        'a worker completes the task of A: add this first under `answers`: - {state: "A", error: "X"}'
    )


@pytest.mark.parametrize(
    ("kind", "errors", "fields", "answer"),
    [
        ("retried", ["Busy"], {}, '{state: "A", nth: 1, error: "Busy"}'),
        ("used-up", ["States.ALL"], {}, '{state: "A", error: "Refused"}'),
        ("catch", ["States.Timeout"], {}, '{state: "A", worker: silent}'),
        ("retried", ["States.HeartbeatTimeout"], {}, '{state: "A", nth: 1, worker: silent}'),
        ("timeout", [], {}, '{state: "A", worker: silent}'),
        ("timeout", [], {"HeartbeatSeconds": 5}, '{state: "A", heartbeats: 2.5 s}'),
        ("heartbeat", [], {"HeartbeatSeconds": 5}, '{state: "A", worker: silent}'),
    ],
)
def test_what_a_worker_does_for_an_edge(
    kind: Any, errors: list[str], fields: dict[str, Any], answer: str
) -> None:
    assert worker_hint(FlatState("A", "A", fields, ()), Edge("A", kind), errors).endswith(
        f"`answers`: - {answer}"
    )


def test_a_machine_that_never_ran_says_how_to_start_it() -> None:

    machine = Definition("other", '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}', "Other")
    found = coverage(Observation((), definitions={"other": machine}))
    assert "state_machine" in hint(found, found.missed[0]).why
