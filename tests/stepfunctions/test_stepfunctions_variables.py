"""The variables that DescribeStateMachine lists for each state of a definition."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stepfunctions_support import PASS, Lab

from harness.stepfunctions.variable_references import variable_references

PASSES = {"ProcessorConfig": {"Mode": "INLINE"}, **PASS}


def passing(**state: Any) -> dict[str, Any]:
    return {"Type": "Pass", "End": True, **state}


def mapping(**state: Any) -> dict[str, Any]:
    return {"Type": "Map", "End": True, "ItemProcessor": PASSES, **state}


def references(lab: Lab, state: dict[str, Any], **machine: Any) -> Any:
    """The answer for a machine of the state S, which follows one that assigns all variables used here."""
    variables = dict.fromkeys(("a", "b", "c", "d", "names"), "1")
    first = {"Type": "Pass", "Next": "S", "Assign": variables}
    end = {"E": {"Type": "Succeed"}} if "Default" in state else {}
    arn = lab.create({"StartAt": "F", "States": {"F": first, "S": state, **end}, **machine})
    described = lab.call("DescribeStateMachine", stateMachineArn=arn)
    running = lab.call("DescribeStateMachineForExecution", executionArn=lab.start(arn))
    assert described.get("variableReferences") == running.get("variableReferences")
    return described.get("variableReferences")


TASK = {
    "Type": "Task",
    "End": True,
    "Resource": "arn:aws:states:::sqs:sendMessage",
    "Parameters": {"QueueUrl.$": "$a", "MessageBody": "m"},
    "TimeoutSecondsPath": "$c",
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "F", "Assign": {"e.$": "$d"}}],
}
CHOICE = {
    "Type": "Choice",
    "Choices": [{"Variable": "$b", "StringEqualsPath": "$a", "Next": "F"}],
    "Default": "E",
}
READING = {
    "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **PASS},
    "ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON", "MaxItemsPath": "$d"},
        "Parameters": {"Bucket.$": "$c", "Key": "k"},
    },
    "ToleratedFailureCountPath": "$a",
    "ToleratedFailurePercentagePath": "$b",
}


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (passing(Parameters={"x.$": "$b", "y": {"z.$": "$a.deep[0]"}}), "a b"),
        (passing(Parameters={"x": "$a", "InputPath": "$b"}), ""),
        (passing(Result={"x.$": "$a"}), ""),
        (passing(InputPath="$a", OutputPath="$b"), "a b"),
        (passing(Assign={"n.$": "States.MathAdd(States.MathAdd($a, $b), 1)"}), "a b"),
        (passing(Parameters={"x.$": "States.Format('$a {} it\\'s $b', $c)"}), "c"),
        (passing(Parameters={"x.$": "$$.Execution.Id", "y.$": "$.a"}), ""),
        ({"Type": "Wait", "SecondsPath": "$a", "End": True}, "a"),
        ({"Type": "Wait", "TimestampPath": "$b", "End": True}, "b"),
        ({"Type": "Fail", "ErrorPath": "$b", "CausePath": "States.Format('{}', $a)"}, "a b"),
        (CHOICE, "a b"),
        (mapping(ItemsPath="$b", MaxConcurrencyPath="$a"), "a b"),
        (mapping(**READING), "a b c d"),
        (TASK, "a c d"),
    ],
)
def test_a_jsonpath_state_reads_variables(lab: Lab, state: dict[str, Any], names: str) -> None:
    assert references(lab, state) == ({"S": names.split()} if names else None)


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("{% $b + $a %}", "a b"),
        ("{% $states.input.a & $string($a) %}", "a"),
        ("{% ($x := $a; $x + 1) %}", "a"),
        ("{% ($a := $a + 1; $a) %}", "a"),
        ("{% ($f := function($n) { $n < 1 ? 1 : $n * $f($n - 1) }; $f($a)) %}", "a"),
        ("{% $map($names, function($v, $i) { $v & $i & $b }) %}", "b names"),
        ("{% '$a' & \"$b\" & $c /* $d */ %}", "c"),
        ("{% $contains($a, /$b'/) or $c / $d > 1 %}", "a c d"),
        ("{% $states.input.x@$e[$e = $a] %}", "a"),
        ({"in": ["{% $a %}", {"x": "{% $b %}", "y": "$c"}]}, "a b"),
        ("{% $now() %}", ""),
        ("{% 'done' %}", ""),
        ("{% $a.function($x, $y)<n-n:n> { $x + $y + $b }(1) %}", "a b"),
    ],
)
def test_a_jsonata_state_reads_variables(lab: Lab, expression: Any, names: str) -> None:
    found = references(lab, passing(Output=expression), QueryLanguage="JSONata")
    assert found == ({"S": names.split()} if names else None)


def test_states_at_any_depth_are_listed(lab: Lab) -> None:
    inner = {"StartAt": "I", "States": {"I": passing(Parameters={"x.$": "$b"})}}
    processor = {"ProcessorConfig": {"Mode": "INLINE"}, **inner}
    deep = mapping(ItemProcessor=processor, ItemSelector={"y.$": "$$.Map.Item.Value", "z.$": "$c"})
    branch = {"StartAt": "M", "States": {"M": deep}}
    state = {"Type": "Parallel", "End": True, "Branches": [branch], "Parameters": {"w.$": "$a"}}
    assert references(lab, state) == {"S": ["a"], "M": ["c"], "I": ["b"]}


def test_a_state_has_its_own_language() -> None:
    state = passing(QueryLanguage="JSONata", Output="{% $a %}", Comment="{% $b %}")
    text = json.dumps({"StartAt": "S", "States": {"S": state}})
    assert variable_references(text) == {"S": ["a"]}
