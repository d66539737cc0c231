"""State machines with every kind of state, in both query languages, from which mutants are made."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"
END = {"Type": "Pass", "End": True}


def _shipped(path: str) -> dict[str, Any]:
    text = (ROOT / path).read_text(encoding="utf-8")
    values = {"Partition": "aws", "PollIntervalSeconds": "5"}
    return json.loads(re.sub(r"\$\{(\w+)\}", lambda name: values.get(name[1], FUNCTION), text))


def _of(states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states, **fields}


RETRY = [
    {
        "ErrorEquals": ["A.B", "States.Timeout"],
        "IntervalSeconds": 1,
        "BackoffRate": 1.5,
        "MaxDelaySeconds": 9,
    },
    {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "JitterStrategy": "FULL"},
]
CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Z", "Assign": {"v.$": "$"}}]
TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Parameters": {"FunctionName": FUNCTION, "Payload": {"t.$": "$$.Task.Token", "a.$": "$.a"}},
    "ResultSelector": {"r.$": "$.Payload"},
    "ResultPath": "$.r",
    "TimeoutSeconds": 30,
    "HeartbeatSeconds": 10,
    "Credentials": {"RoleArn": "arn:aws:iam::123456789012:role/x"},
    "Retry": RETRY,
    "Catch": CATCH,
    "Next": "Z",
}
CHOICES = [
    {"Variable": "$.a", "NumericGreaterThanEquals": 1, "Next": "Z"},
    {
        "And": [{"Variable": "$.s", "StringMatches": "a*"}, {"Not": {"Variable": "$.b", "IsNull": True}}],
        "Next": "Z",
    },
    {"Or": [{"Variable": "$.t", "TimestampLessThanPath": "$.t"}], "Next": "Z", "Assign": {"w": 1}},
]
READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {
        "InputType": "CSV",
        "CSVHeaderLocation": "GIVEN",
        "CSVHeaders": ["a", "b"],
        "MaxItems": 3,
    },
    "Parameters": {"Bucket": "b", "Key.$": "$.s"},
}
DISTRIBUTED = {
    "Type": "Map",
    "Label": "Label",
    "ItemReader": READER,
    "ItemSelector": {"i.$": "$$.Map.Item.Value"},
    "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"x": 1}, "MaxInputBytesPerBatchPath": "$.a"},
    "MaxConcurrency": 3,
    "ToleratedFailurePercentage": 10,
    "ItemProcessor": _of({"I": END}, ProcessorConfig={"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}),
    "ResultWriter": {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": "b", "Prefix": "p"},
        "WriterConfig": {"OutputType": "JSONL", "Transformation": "COMPACT"},
    },
    "End": True,
}
INLINE = {
    "Type": "Map",
    "ItemsPath": "$.list",
    "ItemSelector": {"n.$": "$$.Map.Item.Index", "v.$": "States.Format('{}', $$.Map.Item.Value)"},
    "MaxConcurrencyPath": "$.a",
    "ItemProcessor": _of(
        {"I": {"Type": "Pass", "Parameters": {"a.$": "States.MathAdd($.n, 1)"}, "End": True}}
    ),
    "Retry": RETRY,
    "End": True,
}
PARALLEL = {
    "Type": "Parallel",
    "Branches": [_of({"P1": END}), _of({"P2": {"Type": "Wait", "SecondsPath": "$.a", "End": True}})],
    "Catch": CATCH,
    "Next": "Z",
}
INTRINSICS = {
    "a.$": "States.ArrayPartition($.list, 2)",
    "b.$": "States.JsonMerge($.o, $.o, false)",
    "c.$": "States.StringToJson($.s)",
    "d.$": "States.Hash($.s, 'SHA-256')",
    "e.$": "$..x[?(@.y > 1 && @.z =~ /a.*/)]",
    "f.$": "States.ArrayRange(1, 9, 2)",
}
JSONATA = _of(
    {
        "A": {
            "Type": "Task",
            "Resource": FUNCTION,
            "Arguments": {"x": "{% $states.input.a + 1 %}"},
            "Output": "{% $merge([$states.input, {'r': $states.result}]) %}",
            "Assign": {"v": "{% $sum($states.input.list) %}"},
            "TimeoutSeconds": "{% $states.input.a * 10 %}",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Next": "Z"}],
            "Next": "C",
        },
        "C": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $v > 1 and $exists($states.input.s) %}", "Next": "M"}],
            "Default": "Z",
        },
        "M": {
            "Type": "Map",
            "Items": "{% $states.input.list %}",
            "ItemProcessor": _of({"I": {"Type": "Wait", "Timestamp": "{% $now() %}", "End": True}}),
            "MaxConcurrency": "{% 1 %}",
            "Next": "Z",
        },
        "Z": {"Type": "Fail", "Error": "{% 'E' & $v %}", "Cause": "{% $string($states.context) %}"},
    },
    QueryLanguage="JSONata",
    TimeoutSeconds=300,
)
JSONPATH_CHOICE = _of({"A": {"Type": "Choice", "Choices": CHOICES, "Default": "Z"}, "Z": {"Type": "Succeed"}})
DEFINITIONS: tuple[dict[str, Any], ...] = (
    _shipped("lambdas/orchestrator.asl.json"),
    _shipped("examples/orders/order.asl.json"),
    _of(
        {"A": {**END, "Parameters": INTRINSICS, "Result": {"x": 1}, "ResultPath": "$.r", "InputPath": "$.o"}}
    ),
    _of(
        {"A": TASK, "Z": {"Type": "Succeed", "OutputPath": "$.r"}},
        Comment="x",
        Version="1.0",
        TimeoutSeconds=60,
    ),
    JSONPATH_CHOICE,
    _of({"A": DISTRIBUTED}),
    _of({"A": INLINE}),
    _of({"A": PARALLEL, "Z": {"Type": "Fail", "ErrorPath": "$.s", "CausePath": "States.Format('{}', $.a)"}}),
    _of(
        {
            "A": {"Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z", "Next": "B"},
            "B": {"Type": "Wait", "Seconds": 5, "Assign": {"v.$": "$.a"}, "End": True},
        }
    ),
    JSONATA,
)
WORDS = tuple(
    sorted({word for each in DEFINITIONS for word in json.dumps(each).split('"') if word and "{" not in word})
)
INPUT = {
    "a": 2,
    "s": "abc",
    "t": "2026-01-01T00:00:00Z",
    "b": None,
    "list": [1, 2, 3],
    "o": {"x": [{"y": 2, "z": "ab"}]},
}
