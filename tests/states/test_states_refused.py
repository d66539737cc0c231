"""Definitions that AWS rejects, each next to a valid one, by AWS's code and location."""

from __future__ import annotations

import json
from typing import Any

import pytest
from states_definitions import END, choice, distributed, machine, mapping, passing, problems, task
from states_support import FUNCTION

from harness.states import InvalidDefinition, parse

LONG = "v" * 81
ACTIVITY = "arn:aws:states:eu-west-1:111111111111:activity:a"


MARKS = "SCHEMA_VALIDATION_FAILED: JSONata string must start with {% and end with %}"


def jsonata(**fields: Any) -> dict[str, Any]:
    return passing(QueryLanguage="JSONata", **fields)


STANDARD = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def reading(**config: Any) -> dict[str, Any]:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config}
    return distributed(ItemReader=reader)


PRESENT = {"Variable": "$.a", "IsPresent": True}
# Name: the definition, the problem, and a definition that is nearly the same and valid.
REFUSED: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "Cause and CausePath": (
        machine({"Type": "Fail", "Cause": "x", "CausePath": "$.x"}),
        "There should only be one of the following fields: [Cause, CausePath] at /States/A",
        machine({"Type": "Fail", "Error": "x", "CausePath": "$.x"}),
    ),
    "Error and ErrorPath": (
        machine({"Type": "Fail", "Error": "x", "ErrorPath": "$.x"}),
        "There should only be one of the following fields: [Error, ErrorPath] at /States/A",
        machine({"Type": "Fail", "ErrorPath": "$.x"}),
    ),
    "Next and End": (
        machine({"Type": "Pass", "Next": "Z", "End": True}),
        "There should only be one of the following fields: [Next, End] at /States/A",
        machine({"Type": "Pass", "Next": "Z", "End": False}),
    ),
    "two ways to wait": (
        machine({"Type": "Wait", "Seconds": 1, "SecondsPath": "$.x", "End": True}),
        "[SecondsPath, Seconds, TimestampPath, Timestamp] at /States/A",
        machine({"Type": "Wait", "SecondsPath": "$.x", "End": True}),
    ),
    "Next in a nested rule": (
        choice({"And": [{**PRESENT, "Next": "Z"}], "Next": "Z"}),
        "Field 'Next' is not supported at /States/A/Choices[0]/And[0]",
        choice({"And": [{**PRESENT, "Comment": "x"}], "Next": "Z"}),
    ),
    "Next in Not": (
        choice({"Not": {**PRESENT, "Next": "Z"}, "Next": "Z"}),
        "Field 'Next' is not supported at /States/A/Choices[0]/Not",
        choice({"Not": {"Or": [PRESENT]}, "Next": "Z"}),
    ),
    "unknown key of a rule": (
        choice({**PRESENT, "Nonsense": 1, "Next": "Z"}),
        "Field 'Nonsense' is not supported at /States/A/Choices[0]",
        choice({**PRESENT, "Comment": "x", "Next": "Z"}),
    ),
    "two kinds of a rule": (
        choice({**PRESENT, "And": [PRESENT], "Next": "Z"}),
        "[And, Or, Not, Variable, Condition] at /States/A/Choices[0]",
        choice({"And": [PRESENT], "Next": "Z"}),
    ),
    "unknown key of a retrier": (
        task(Retry=[{"ErrorEquals": ["x"], "MaxAttemps": 1}]),
        "Field 'MaxAttemps' is not supported at /States/A/Retry[0]",
        task(Retry=[{"ErrorEquals": ["x"], "MaxAttempts": 1, "JitterStrategy": "FULL"}]),
    ),
    "unknown key of a catcher": (
        task(Catch=[{"ErrorEquals": ["x"], "Next": "Z", "Retry": 1}]),
        "Field 'Retry' is not supported at /States/A/Catch[0]",
        task(Catch=[{"ErrorEquals": ["x"], "Next": "Z", "ResultPath": None}]),
    ),
    "MaxDelaySeconds": (
        task(Retry=[{"ErrorEquals": ["x"], "IntervalSeconds": 5, "MaxDelaySeconds": 5}]),
        "at /States/A/Retry[0]/MaxDelaySeconds",
        task(Retry=[{"ErrorEquals": ["x"], "IntervalSeconds": 5, "MaxDelaySeconds": 6}]),
    ),
    "no errors": (
        task(Retry=[{"ErrorEquals": []}]),
        "Value cannot be empty at /States/A/Retry[0]/ErrorEquals",
        task(Retry=[]),
    ),
    "variable states": (
        passing(Assign={"states": 1}),
        "RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/A/Assign/states",
        passing(Assign={"state": 1, "größe": 1, "x_1": {"states": 1, "a-b": 2}}),
    ),
    "variable with a hyphen": (
        jsonata(Assign={"a-b": 1}),
        "INVALID_VARIABLE_NAME: Invalid variable name 'a-b': the variable name contains invalid characters.",
        jsonata(Assign={"ab": 1}),
    ),
    "variable with a path and a hyphen": (
        passing(Assign={"a-b.$": "$.x"}),
        "INVALID_VARIABLE_NAME",
        passing(Assign={"ab.$": "$.x"}),
    ),
    "long variable": (
        passing(Assign={LONG: 1}),
        "INVALID_VARIABLE_NAME",
        passing(Assign={LONG[1:]: 1}),
    ),
    "variable of a catcher": (
        task(Catch=[{"ErrorEquals": ["x"], "Next": "Z", "Assign": {"a b": 1}}]),
        "INVALID_VARIABLE_NAME",
        task(Catch=[{"ErrorEquals": ["x"], "Next": "Z", "Assign": {"ab": 1}}]),
    ),
    "Assign that is a text": (
        passing(Assign="x"),
        "Expected value of type [OBJECT] at /States/A/Assign",
        passing(Assign={}),
    ),
    "ItemReader inline": (
        mapping(ItemReader={"Resource": "arn:aws:states:::s3:getObject"}),
        "Field 'ItemReader' is not supported at /States/A",
        distributed(ItemReader={"Resource": "arn:aws:states:::s3:getObject"}),
    ),
    "ItemBatcher inline": (
        mapping({"Mode": "INLINE"}, ItemBatcher={"MaxItemsPerBatch": 1}),
        "Field 'ItemBatcher' is not supported at /States/A",
        distributed(ItemBatcher={"MaxItemsPerBatch": 1}),
    ),
    "Label inline": (
        mapping(Label="x"),
        "Field 'Label' is not supported at /States/A",
        distributed(Label="x"),
    ),
    "no ExecutionType": (
        mapping({"Mode": "DISTRIBUTED"}),
        "These fields are required: [ExecutionType] at /States/A/ItemProcessor/ProcessorConfig",
        distributed(),
    ),
    "wrong ExecutionType": (
        mapping({"Mode": "DISTRIBUTED", "ExecutionType": "FAST"}),
        "Value should be one of the following: [STANDARD, EXPRESS]",
        mapping({"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}),
    ),
    "ExecutionType inline": (
        mapping({"Mode": "INLINE", "ExecutionType": "STANDARD"}),
        "Field 'ExecutionType' is not supported at /States/A/ItemProcessor/ProcessorConfig",
        mapping({"Mode": "INLINE"}),
    ),
    "wrong Mode": (
        mapping({"Mode": "REMOTE"}),
        "Value should be one of the following: [INLINE, DISTRIBUTED]",
        mapping({}),
    ),
    "unknown key of ProcessorConfig": (
        mapping({**STANDARD, "Nonsense": 1}),
        "Field 'Nonsense' is not supported at /States/A/ItemProcessor/ProcessorConfig",
        distributed(),
    ),
    "long Label": (
        distributed(Label="x" * 41),
        "at /States/A/Label",
        distributed(Label="x" * 40),
    ),
    **{
        f"Label with {character!r}": (
            distributed(Label=f"a{character}b"),
            "at /States/A/Label",
            distributed(Label="a-b_c.d"),
        )
        for character in ' ?*<>{}[]:;,\\|^~$#%&`"\t'
    },
    "Parameters and ItemSelector": (
        mapping(Parameters={"a": 1}, ItemSelector={"a": 1}),
        "There should only be one of the following fields: [ItemSelector, Parameters] at /States/A",
        mapping(Parameters={"a": 1}),
    ),
    "ItemsPath null": (mapping(ItemsPath=None), "at /States/A/ItemsPath", mapping(ItemsPath="$")),
    "unknown key of ReaderConfig": (
        reading(Nonsense=1),
        "Field 'Nonsense' is not supported at /States/A/ItemReader/ReaderConfig",
        reading(InputType="JSON", MaxItems=1),
    ),
    "unknown key of ItemReader": (
        distributed(ItemReader={"Resource": "arn:aws:states:::s3:getObject", "Bucket": "b"}),
        "Field 'Bucket' is not supported at /States/A/ItemReader",
        distributed(ItemReader={"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b"}}),
    ),
    "Resource of ItemReader": (
        distributed(ItemReader={"Resource": "arn:aws:states:::s3:putObject"}),
        "The field 'Resource' does not match any of the allowed values at /States/A/ItemReader/Resource",
        distributed(ItemReader={"Resource": "arn:aws-cn:states:::s3:listObjectsV2"}),
    ),
    "CSV without its headers": (
        reading(InputType="CSV"),
        "The field 'CSVHeaderLocation' is required at /States/A/ItemReader/ReaderConfig",
        reading(InputType="CSV", CSVHeaderLocation="FIRST_ROW"),
    ),
    "headers that are given and not there": (
        reading(InputType="CSV", CSVHeaderLocation="GIVEN"),
        "These fields are required: [CSVHeaders]",
        reading(InputType="CSV", CSVHeaderLocation="GIVEN", CSVHeaders=["a"]),
    ),
    "headers of JSON": (
        reading(InputType="JSON", CSVHeaderLocation="FIRST_ROW"),
        "Field 'CSVHeaderLocation' is not supported",
        reading(InputType="JSONL"),
    ),
    "unknown InputType": (
        reading(InputType="XML"),
        "at /States/A/ItemReader/ReaderConfig/InputType",
        reading(InputType="MANIFEST"),
    ),
    "LOAD_AND_FLATTEN without a type": (
        reading(Transformation="LOAD_AND_FLATTEN"),
        "These fields are required: [InputType] at /States/A/ItemReader/ReaderConfig",
        reading(Transformation="NONE"),
    ),
    "Transformation that there is none": (
        reading(Transformation="FLATTEN"),
        "Value should be one of the following: [NONE, LOAD_AND_FLATTEN] "
        "at /States/A/ItemReader/ReaderConfig/Transformation",
        reading(Transformation="NONE"),
    ),
    "type of an inventory": (
        reading(ManifestType="S3_INVENTORY", InputType="CSV", CSVHeaderLocation="FIRST_ROW"),
        "Field 'InputType' is not supported at /States/A/ItemReader/ReaderConfig",
        reading(ManifestType="S3_INVENTORY"),
    ),
    "Athena's files as JSON": (
        reading(ManifestType="ATHENA_DATA", InputType="JSON"),
        "Value should be one of the following: [CSV, JSONL, PARQUET] "
        "at /States/A/ItemReader/ReaderConfig/InputType",
        reading(ManifestType="ATHENA_DATA", InputType="JSONL"),
    ),
    "pointer into CSV": (
        reading(InputType="CSV", CSVHeaderLocation="FIRST_ROW", ItemsPointer="/a"),
        "Field 'ItemsPointer' is not supported at /States/A/ItemReader/ReaderConfig",
        reading(InputType="JSON", ItemsPointer="/a"),
    ),
    "headers that are no texts": (
        reading(InputType="CSV", CSVHeaderLocation="GIVEN", CSVHeaders=[1]),
        "at /States/A/ItemReader/ReaderConfig/CSVHeaders",
        reading(InputType="CSV", CSVHeaderLocation="GIVEN", CSVHeaders=["1"]),
    ),
    "ResultWriter inline": (
        mapping(ResultWriter={"Resource": "arn:aws:states:::s3:putObject", "Parameters": {}}),
        "Field 'ResultWriter' is not supported at /States/A",
        distributed(ResultWriter={"Resource": "arn:aws:states:::s3:putObject", "Parameters": {}}),
    ),
    "empty ResultWriter": (
        distributed(ResultWriter={}),
        "These fields are required: [Resource] at /States/A/ResultWriter",
        distributed(ResultWriter={"WriterConfig": {}}),
    ),
    "unknown key of ItemBatcher": (
        distributed(ItemBatcher={"MaxItemPerBatch": 1}),
        "Field 'MaxItemPerBatch' is not supported at /States/A/ItemBatcher",
        distributed(ItemBatcher={"MaxItemsPerBatchPath": "$.n", "BatchInput": {"a.$": "$.a"}}),
    ),
    "unknown key of ResultWriter": (
        distributed(ResultWriter={"Resource": "arn:aws:states:::s3:putObject", "Prefix": "p"}),
        "Field 'Prefix' is not supported at /States/A/ResultWriter",
        distributed(ResultWriter={"Resource": "arn:aws:states:::s3:putObject", "Parameters": {}}),
    ),
    "unknown key of WriterConfig": (
        distributed(ResultWriter={"Resource": "arn:aws:states:::s3:putObject", "WriterConfig": {"X": 1}}),
        "Field 'X' is not supported at /States/A/ResultWriter/WriterConfig",
        distributed(
            ResultWriter={
                "Resource": "arn:aws:states:::s3:putObject",
                "WriterConfig": {"OutputType": "JSONL"},
            }
        ),
    ),
    **{
        f"{field} of the context": (
            distributed(**{field: "$$.x"}),
            f"Value is not a Reference Path at /States/A/{field}",
            distributed(**{field: "$.x[0].y"}),
        )
        for field in ("ToleratedFailureCountPath", "ToleratedFailurePercentagePath", "MaxConcurrencyPath")
    },
    "time-out of the context": (
        task(TimeoutSecondsPath="$$.x"),
        "Value is not a Reference Path at /States/A/TimeoutSecondsPath",
        task(TimeoutSecondsPath="$v.x"),
    ),
    "Credentials without a role": (
        task(Credentials={}),
        "The field 'RoleArn' is required but was missing at /States/A/Credentials",
        task(Credentials={"RoleArn.$": "$.role"}),
    ),
    "Credentials that are a text": (
        task(Credentials="arn:aws:iam::111111111111:role/x"),
        "Expected value of type [OBJECT] at /States/A/Credentials",
        task(Credentials={"RoleArn": "arn:aws:iam::111111111111:role/x"}),
    ),
    "unknown key of Credentials": (
        task(Credentials={"roleArn": "x"}),
        "The field 'RoleArn' is required but was missing at /States/A/Credentials",
        task(Credentials={"RoleArn": "x", "External": 1}),
    ),
    "Credentials of an activity": (
        task(Resource=ACTIVITY, Credentials={"RoleArn": "x"}),
        "The field 'Credentials' is not supported for activities at /States/A/Credentials",
        task(Resource=ACTIVITY),
    ),
    "escape in a function": (
        passing(Parameters={"r.$": "States.Format('say \\\"{}\\\"', 1)"}),
        "The value for the field 'r.$' must be a valid JSONPath or a valid intrinsic function call",
        passing(Parameters={"r.$": r"States.Format('\'\{\}\\ {}', 1)"}),
    ),
    "eleven functions in one another": (
        passing(Parameters={"r.$": "States.Array(" * 11 + "1" + ")" * 11}),
        "at /States/A/Parameters",
        passing(Parameters={"r.$": "States.Array(" * 10 + "1" + ")" * 10}),
    ),
    "a value and a path": (
        passing(Parameters={"x": [{"a": 1, "a.$": "$.a"}]}),
        "The fields 'a' and 'a.$' can not both be given at /States/A/Parameters",
        passing(Parameters={"x": [{"a": 1, "b.$": "$.a"}]}),
    ),
    "Comment that is no text": (passing(Comment=1), "at /States/A/Comment", passing(Comment="1")),
    "opening mark alone": (
        jsonata(Output="{% 1 %"),
        f"{MARKS} at /States/A/Output",
        jsonata(Output="{%1%}"),
    ),
    "closing mark alone": (
        jsonata(Output={"a": ["1 %}"]}),
        f"{MARKS} at /States/A/Output/a[0]",
        jsonata(Output={"a": ["1 %} "]}),
    ),
    "blank after the closing mark": (
        jsonata(Output="{% 1 %} "),
        f"{MARKS} at /States/A/Output",
        jsonata(Output=" {% 1 + %} "),
    ),
    "operator ??": (
        jsonata(Output="{% $states.input.a ?? 1 %}"),
        'INVALID_JSONATA_EXPRESSION: The symbol "?" cannot be used as a unary operator',
        jsonata(Output="{% $states.input.a ? '??' : '?:' %}"),
    ),
    "operator ?:": (
        jsonata(Output="{% $states.input.a ?: 1 %}"),
        'INVALID_JSONATA_EXPRESSION: The symbol ":" cannot be used as a unary operator',
        jsonata(Output="{% $replace('a', /(?:a)/, 'b') /* ?? */ %}"),
    ),
    "error output outside of a Catch": (
        jsonata(Output="{% $states.errorOutput.Error %}"),
        "UNSUPPORTED_JSONATA_EXPRESSION",
        task(
            QueryLanguage="JSONata",
            Catch=[{"ErrorEquals": ["x"], "Next": "Z", "Output": "{% $states.errorOutput.Error %}"}],
        ),
    ),
    "function without a qualifier": (
        task(Resource=f"{FUNCTION}:"),
        "Value is not a valid resource ARN at /States/A/Resource",
        task(Resource=f"{FUNCTION}:live"),
    ),
    "no Resource": (task(Resource=""), "Value is not a valid resource ARN", task()),
    "Resource null": (task(Resource=None), "Expected value of type [STRING] at /States/A/Resource", task()),
    "ARN of something else": (
        task(Resource="arn:aws:sns:eu-west-1:111111111111:topic"),
        "is not recognized",
        task(Resource="arn:aws:states:eu-west-1:111111111111:activity:a"),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_aws_refuses_is_refused_and_nothing_beside_it(name: str) -> None:
    refused, problem, accepted = REFUSED[name]
    found = problems(refused)
    assert len(found) == 1, found
    assert problem in found[0]
    assert problems(accepted) == []


def test_the_version_is_1_0() -> None:
    (found,) = problems(machine(END, Version="2.0"))
    assert found == "SCHEMA_VALIDATION_FAILED: Value should be one of the following: [1.0] at /Version"
    assert problems(machine(END, Version="1.0", Comment="x")) == []


def test_an_unknown_key_of_the_machine_is_refused() -> None:
    assert problems(machine(END, Coment="x")) == [
        "SCHEMA_VALIDATION_FAILED: Field 'Coment' is not supported at /"
    ]


@pytest.mark.parametrize(
    "path",
    [
        "$.[0]",
        "$.a.['b c']",
        "$.[?(@.OU > 0)]",
        "$.[*].['a','b']",
        "$.a[?(@.Name==Receipt)]",
        "$$.Execution.Name ",
    ],
)
def test_forms_of_jayways_are_paths(path: str) -> None:
    assert problems(passing(Parameters={"x.$": path})) == []


@pytest.mark.parametrize("text", ['{"StartAt": "A", "States": {"A": NaN}}', "[" * 3_000])
def test_what_is_no_json_for_aws_is_none(text: str) -> None:
    with pytest.raises(InvalidDefinition, match="INVALID_JSON_DESCRIPTION"):
        parse(text)


NOT_JSON = {
    "no definition": ("Unrecognized token 'no': was expecting ", 1, 3),
    "{'a': 1}": (
        "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
        1,
        3,
    ),
    '{\n"a" 1}': ("Unexpected character ('1' (code 49)): was expecting a colon", 2, 6),
    '{\n"a": 1,': ("Unexpected end-of-input", 2, 8),
    '{"a": NaN}': ("Non-standard token 'NaN'", 1, 10),
    '{"a": ' + "9" * 5_000 + "}": ("Number value length (5000)", 1, 5_007),
}


@pytest.mark.parametrize("text", NOT_JSON)
def test_a_text_that_is_no_json_has_jacksons_words_and_place(text: str) -> None:
    words, line, column = NOT_JSON[text]
    with pytest.raises(InvalidDefinition) as refused:
        parse(text)
    (problem,) = refused.value.problems
    cut = f"[truncated {len(text) - 500} chars]" if len(text) > 500 else ""
    place = f'[Source: (String)"{text[:500]}"{cut}; line: {line}, column: {column}]'
    assert problem.code == "INVALID_JSON_DESCRIPTION"
    assert problem.message.startswith(words)
    assert problem.message.endswith(f"\n at {place}")
    assert problem.location == place
    assert str(problem) == f"{problem.code}: {problem.message}"


def listing(**config: Any) -> dict[str, Any]:
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "ReaderConfig": config}
    return distributed(ItemReader=reader)


@pytest.mark.parametrize(
    "definition",
    [
        reading(InputType="JSON", Transformation="LOAD_AND_FLATTEN"),
        reading(InputType="CSV", ManifestType="ATHENA_DATA"),
    ],
)
def test_what_is_not_served_is_valid_all_the_same(definition: dict[str, Any]) -> None:
    state = parse(json.dumps(definition)).workflow.states["A"]
    assert getattr(state, "not_served", None)


def test_parquet_is_served_with_the_extra_only(monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps(reading(InputType="PARQUET"))
    with_extra = [None, object()]
    for spec, not_served in zip(
        with_extra,
        ["InputType PARQUET without `pip install 'stepfunctions-harness[parquet]'`", None],
        strict=True,
    ):
        monkeypatch.setattr("importlib.util.find_spec", lambda _name, spec=spec: spec)
        state = parse(text).workflow.states["A"]
        assert getattr(state, "not_served", "no Map") == not_served


@pytest.mark.parametrize(
    "definition",
    [
        reading(InputType="JSON", ItemsPointer="/a/0"),
        reading(ManifestType="S3_INVENTORY"),
        reading(ManifestType="ATHENA_DATA", InputType="JSONL"),
        reading(ManifestType="ATHENA_DATA", InputType="CSV", CSVHeaderLocation="GIVEN", CSVHeaders=["a"]),
        listing(InputType="CSV", CSVHeaderLocation="FIRST_ROW", Transformation="LOAD_AND_FLATTEN"),
        listing(Transformation="NONE"),
        distributed(ResultWriter={"WriterConfig": {"OutputType": "JSONL", "Transformation": "FLATTEN"}}),
    ],
)
def test_data_sources_and_writers_that_are_served(definition: dict[str, Any]) -> None:
    state = parse(json.dumps(definition)).workflow.states["A"]
    assert getattr(state, "not_served", "no Map") is None
