"""A definition without a template: the generated resources, and errors at their lines."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from harness.json_types import JsonObject
from harness.plain import DefinitionPath, GivenFunction, GivenTable, Plain
from harness.stack.declared import declared
from harness.stack.lines import TemplateLines
from harness.stack.template import TemplateError, check, look_at, read_template, state_machines

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
INVOKE = "arn:aws:states:::lambda:invoke"


def task(resource: str, **more: Any) -> JsonObject:
    return {"Type": "Task", "Resource": resource, **more, "End": True}


def invoke(name: str, **more: Any) -> JsonObject:
    return task(INVOKE, Parameters={"FunctionName": name, **more})


def machine(state: JsonObject) -> JsonObject:
    return {"StartAt": "A", "States": {"A": state}}


def definition(
    tmp_path: Path, content: object, functions: str = "list-objects", **given: Any
) -> DefinitionPath:
    """A file with a definition, and functions of these names beside it."""
    code = tmp_path / "app.py"
    code.write_text("def handler(event, context):\n    return event\n", encoding="utf-8")
    text = content if isinstance(content, str) else json.dumps(content, indent=2)
    name = given.pop("name", "flow.asl.json")
    (tmp_path / name).write_text(text, encoding="utf-8")
    named = tuple((each, GivenFunction(code)) for each in functions.split())
    plain = Plain(functions=named, file=tmp_path / "x.yaml", **given)
    return DefinitionPath.of(tmp_path / name, plain)


def resource_of(path: DefinitionPath, machine: str = "flow") -> object:
    """The value of the only placeholder in the definition."""
    properties: Any = look_at(path)["Resources"][machine]["Properties"]  # type: ignore[index, call-overload]
    (value,) = properties["DefinitionSubstitutions"].values()
    assert "${Given0}" in properties["DefinitionString"]
    return value


def refused(path: DefinitionPath) -> list[str]:
    with pytest.raises(TemplateError) as error:
        look_at(path)
    return str(error.value).replace(f"{path.parent}/", "").splitlines()


FUNCTION = {"Fn::GetAtt": ["ListObjects", "Arn"]}


@pytest.mark.parametrize(
    ("state", "value"),
    [
        (task(f"{ARN}list-objects"), FUNCTION),
        (task(f"{ARN}list-objects:$LATEST"), FUNCTION),
        (task("arn:aws-us-gov:lambda:us-gov-west-1:210987654321:function:list-objects"), FUNCTION),
        (task("arn:aws:lambda:REGION:ACCOUNT_ID:function:list-objects"), FUNCTION),
        (task("${ListObjectsArn}"), FUNCTION),
        (task("${ListObjectsFunctionArn}"), FUNCTION),
        (task("${ListObjectsFunction.Arn}"), FUNCTION),
        (invoke("list-objects"), {"Ref": "ListObjects"}),
        (invoke("123456789012:function:list-objects"), {"Ref": "ListObjects"}),
        (invoke(f"{ARN}list-objects"), FUNCTION),
        (invoke("${ListObjectsFunction}"), FUNCTION),
        (invoke("${ListObjectsFunctionName}"), {"Ref": "ListObjects"}),
        (task(f"{ARN}list-objects:3"), {"Ref": "ListObjectsVersion"}),
        (task(f"{ARN}list-objects:prod"), {"Ref": "ListObjectsAliasprod"}),
        (invoke("list-objects:prod"), {"Ref": "ListObjectsAliasprod"}),
        # Only one function is specified, so it must be the intended one.
        (task("arn:aws:lambda:REGION:ACCOUNT_ID:function:FUNCTION_NAME"), FUNCTION),
        (task(f"{ARN}$LATEST"), FUNCTION),
        (task("arn:aws:lambda:us-east-1:123456789012:function::$LATEST"), FUNCTION),
    ],
)
def test_functions_in_all_their_forms(tmp_path: Path, state: JsonObject, value: object) -> None:
    path = definition(tmp_path, machine(state))
    assert resource_of(path) == value
    check(path, {})


@pytest.mark.parametrize(
    "resource", ["${Count}", "arn:${Partition}:lambda:${AWS_REGION}:${AccountId}:function:f"]
)
def test_a_substitution_may_name_a_function(tmp_path: Path, resource: str) -> None:
    path = definition(tmp_path, machine(task(resource)), functions="f", substitutions=(("Count", f"{ARN}f"),))
    assert resource_of(path) == {"Fn::GetAtt": ["f", "Arn"]}


def test_placeholders_of_the_place_are_pseudo_parameters(tmp_path: Path) -> None:
    path = definition(
        tmp_path, machine(task("arn:${AWS::Partition}:states:::aws-sdk:s3:listBuckets", Parameters={}))
    )
    assert resource_of(path) == {"Ref": "AWS::Partition"}


@pytest.mark.parametrize("placeholder", ["OrdersTable", "OrdersTableName", "TableName"])
def test_tables_behind_placeholders(tmp_path: Path, placeholder: str) -> None:
    parameters = {"TableName": f"${{{placeholder}}}", "Item": {}}
    state = task("arn:aws:states:::dynamodb:putItem", Parameters=parameters)
    path = definition(tmp_path, machine(state), tables=(("orders", GivenTable((("id", "S"),))),))
    assert resource_of(path) == {"Ref": "orders"}


@pytest.mark.parametrize("end", ["lambda:r:1:function:f-${Stage}", "sns:r:1:news-${Stage}"])
def test_a_name_with_a_hole_is_refused(tmp_path: Path, end: str) -> None:
    path = definition(tmp_path, machine(task(f"arn:aws:{end}")), functions="f")
    said = "flow.asl.json:6:7: ${Stage} has no value; add its value: substitutions: {Stage: ...}"
    assert refused(path) == [said]


def test_a_name_without_letters_and_digits_has_an_id_all_the_same(tmp_path: Path) -> None:
    path = definition(tmp_path, machine({"Type": "Succeed"}), tables=(("---", GivenTable((("id", "S"),))),))
    made: Any = look_at(path)["Resources"]
    assert made["Table"]["Properties"]["TableName"] == "---"


def test_a_resource_is_no_machine(tmp_path: Path) -> None:
    path = definition(tmp_path, machine(task("${FlowFunctionArn}")))  # the machine's name is flow
    assert refused(path)[0].startswith("flow.asl.json:6:7: ${FlowFunctionArn} has no value; ")


@pytest.mark.parametrize(
    ("state", "kind", "properties", "value"),
    [
        (
            task(
                "arn:aws:states:::sns:publish",
                Parameters={"TopicArn": "arn:aws:sns:r:1:news", "Message": "m"},
            ),
            "AWS::SNS::Topic",
            {"TopicName": "news"},
            {"Ref": "news"},
        ),
        (
            task(
                "arn:aws:states:::sqs:sendMessage",
                Parameters={"QueueUrl": "https://sqs.r.amazonaws.com/1/jobs.fifo", "MessageBody": "m"},
            ),
            "AWS::SQS::Queue",
            {"QueueName": "jobs.fifo", "FifoQueue": True},
            {"Ref": "JobsFifo"},
        ),
        (
            task("arn:aws:states:::sns:publish", Parameters={"TopicArn": "${NewsTopicArn}", "Message": "m"}),
            "AWS::SNS::Topic",
            {"TopicName": "News"},
            {"Ref": "News"},
        ),
        (
            task("arn:aws:states:us-east-1:123456789012:activity:ask-ada"),
            "AWS::StepFunctions::Activity",
            {"Name": "ask-ada"},
            {"Ref": "AskAda"},
        ),
    ],
)
def test_what_the_form_tells_is_made(
    tmp_path: Path, state: JsonObject, kind: str, properties: object, value: dict[str, str]
) -> None:
    path = definition(tmp_path, machine(state))
    assert resource_of(path) == value
    made: Any = look_at(path)["Resources"]
    assert made[value["Ref"]] == {"Type": kind, "Properties": properties}
    check(path, {})


def test_a_function_is_as_it_is_given(tmp_path: Path) -> None:
    code = tmp_path / "app.py"
    path = definition(tmp_path, machine(task(f"{ARN}f")), functions="f")
    whole = GivenFunction(code, "app.run", "python3.12", (("TABLE", "x"),), 30, 256)
    path = DefinitionPath.of(path, Plain(functions=(("f", whole),)))
    made: Any = read_template(path)["Resources"]
    assert made["f"]["Properties"] == {
        "FunctionName": "f",
        "Code": str(code),
        "Handler": "app.run",
        "Runtime": "python3.12",
        "Role": {"Fn::GetAtt": ["Everything", "Arn"]},
        "Environment": {"Variables": {"TABLE": "x"}},
        "Timeout": 30,
        "MemorySize": 256,
    }


def test_tables_have_the_key_that_is_given(tmp_path: Path) -> None:
    state = task("arn:aws:states:::dynamodb:putItem", Parameters={"TableName": "my-orders", "Item": {}})
    key = GivenTable((("id", "S"), ("at", "N")))
    path = definition(tmp_path, machine(state), tables=(("my-orders", key),))
    made: Any = look_at(path)["Resources"]
    assert made["MyOrders"]["Properties"]["KeySchema"] == [
        {"AttributeName": "id", "KeyType": "HASH"},
        {"AttributeName": "at", "KeyType": "RANGE"},
    ]
    assert resource_of(path) == {"Ref": "MyOrders"}


def test_other_machines_are_deployed_with_it(tmp_path: Path) -> None:
    child = definition(tmp_path, machine(task(f"{ARN}list-objects")), name="child.asl.json")
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:child-flow"
    start = task("arn:aws:states:::states:startExecution.sync:2", Parameters={"StateMachineArn": arn})
    path = definition(tmp_path, machine(start), machines=(("child-flow", Path(child)),))
    assert resource_of(path) == {"Ref": "ChildFlow"}
    assert state_machines(path) == ("flow", "ChildFlow")
    arns = {"flowArn": {"Value": {"Ref": "flow"}}, "ChildFlowArn": {"Value": {"Ref": "ChildFlow"}}}
    assert look_at(path)["Outputs"] == arns  # `harness up` prints them
    assert declared(path).states == frozenset({"A"})


def test_null_and_numbers_stay(tmp_path: Path) -> None:
    state = {"Type": "Pass", "Result": {"x": 1.5, "y": 1}, "ResultPath": None, "End": True}
    made: Any = look_at(definition(tmp_path, machine(state)))["Resources"]
    assert json.loads(made["flow"]["Properties"]["DefinitionString"]) == machine(state)


@pytest.mark.parametrize("name", ["flow.asl.yaml", "flow.yml", "flow.json"])
def test_yaml_and_json_by_their_content(tmp_path: Path, name: str) -> None:
    text = (
        f'# a comment\nStartAt: A\nStates:\n  A: {{Type: Task, Resource: "{ARN}list-objects", End: true}}\n'
    )
    if name.endswith("json"):
        text = "\ufeff" + json.dumps(machine(task(f"{ARN}list-objects")), indent="\t")
    assert resource_of(definition(tmp_path, text, name=name)) == FUNCTION


def test_substitutions_also_where_it_is_no_json_without_them(tmp_path: Path) -> None:
    text = '{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": ${Pause}, "End": true}}}'
    path = definition(tmp_path, text, substitutions=(("Pause", "5"),))
    made: Any = look_at(path)["Resources"]
    assert json.loads(made["flow"]["Properties"]["DefinitionString"])["States"]["A"]["Seconds"] == 5


def test_a_substitution_may_be_what_looks_like_one(tmp_path: Path) -> None:
    state = {"Type": "Pass", "Result": "cd ${HOME}", "End": True}
    path = definition(tmp_path, machine(state), substitutions=(("HOME", "${HOME}"),))
    made: Any = look_at(path)["Resources"]
    assert "cd ${HOME}" in made["flow"]["Properties"]["DefinitionString"]


def test_names_of_two_kinds_have_ids_of_their_own(tmp_path: Path) -> None:
    state = task(
        "arn:aws:states:::sns:publish", Parameters={"TopicArn": "arn:aws:sns:r:1:orders", "Message": "m"}
    )
    path = definition(
        tmp_path, machine(state), functions="orders", tables=(("orders", GivenTable((("id", "S"),))),)
    )
    made: Any = look_at(path)["Resources"]
    assert [name for name in made if name.startswith("orders")] == ["orders", "ordersTable", "ordersTopic"]


UNKNOWN = (
    "the definition calls function nope, which is not under `functions`; add it: functions: {nope: PATH}"
)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (task(f"{ARN}nope"), f"flow.asl.json:6:7: {UNKNOWN}; given: list-objects"),
        (invoke("nope"), f"flow.asl.json:8:9: {UNKNOWN}; given: list-objects"),
        (
            task(f"{ARN}list-object"),
            "flow.asl.json:6:7: the definition calls function list-object, which is not under `functions`; "
            "add it: functions: {list-object: PATH}; did you mean 'list-objects'? given: list-objects",
        ),
        (
            task("arn:aws:states:::dynamodb:getItem", Parameters={"TableName": "orders", "Key": {}}),
            "flow.asl.json:8:9: the definition uses table orders, which is not under `tables`; "
            "add it: tables: {orders: {key: {NAME: S}}}",
        ),
        (
            task(
                "arn:aws:states:::aws-sdk:dynamodb:batchGetItem", Parameters={"RequestItems": {"orders": {}}}
            ),
            "flow.asl.json:9:11: the definition uses table orders, which is not under `tables`; "
            "add it: tables: {orders: {key: {NAME: S}}}",
        ),
        (
            task(
                "arn:aws:states:::states:startExecution",
                Parameters={"StateMachineArn": "arn:aws:states:r:1:stateMachine:other"},
            ),
            "flow.asl.json:8:9: the definition names state machine other, which is not under `machines`; "
            "add it: machines: {other: PATH}",
        ),
        (
            task("${CountFunctionArn}"),
            "flow.asl.json:6:7: ${CountFunctionArn} has no value; add its value: substitutions: "
            "{CountFunctionArn: ...}, or give a function this name; functions: list-objects",
        ),
        (
            {"Type": "Task", "Resource": f"{ARN}list-objects", "Next": "B"},
            "flow.asl.json:7:7: MISSING_TRANSITION_TARGET: Missing 'Next' target: B",
        ),
    ],
)
def test_what_is_not_given_is_refused_at_its_line(tmp_path: Path, state: JsonObject, said: str) -> None:
    assert said in refused(definition(tmp_path, machine(state)))


@pytest.mark.parametrize("name", ["FUNCTION_NAME", "$LATEST"])
def test_a_snippet_is_refused_where_it_may_be_any_function(tmp_path: Path, name: str) -> None:
    (said,) = refused(definition(tmp_path, machine(task(f"{ARN}{name}")), functions="one two"))
    assert said.startswith("flow.asl.json:6:7: the definition calls function")
    assert said.endswith("replace it with the name of a function: one, two")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n  "StartAt" "A"\n}', "flow.asl.json:2:13: not JSON: Expecting ':' delimiter; correct it"),
        ("", "flow.asl.json:1:1: SCHEMA_VALIDATION_FAILED: "),
        (
            '{"Resources": {}}',
            "flow.asl.json:1:1: the file is a CloudFormation template; use the key `template` for it",
        ),
        ("{}", "flow.asl.json:1:1: SCHEMA_VALIDATION_FAILED: "),
        ("[1]", "flow.asl.json:1:1: SCHEMA_VALIDATION_FAILED: "),
    ],
)
def test_what_is_no_definition(tmp_path: Path, text: str, said: str) -> None:
    assert refused(definition(tmp_path, text))[0].startswith(said)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    functions = (
        ("gone", GivenFunction(tmp_path / "gone")),
        ("nothing", GivenFunction(tmp_path / "empty")),
        ("java", GivenFunction(tmp_path / "empty", runtime="java21")),
    )
    path = definition(tmp_path, machine(task(f"{ARN}nope")))
    marks = ((("functions", "gone"), (3, 5)), (("functions", "java"), (5, 5)))
    given = Plain(functions=functions, file=tmp_path / "x.yaml", marks=marks)
    said = refused(DefinitionPath.of(path, given))
    assert [each.partition(": ")[0] for each in said] == [
        "flow.asl.json:6:7",
        "x.yaml:1:1",
        "x.yaml:3:5",
        "x.yaml:5:5",
    ]
    assert "functions.gone: gone: No such file or directory; paths are relative to x.yaml" in said[2]
    assert "functions.java: Runtime java21 is not supported" in said[3]


def test_a_template_that_is_a_definition_says_so(tmp_path: Path) -> None:
    path = definition(tmp_path, machine({"Type": "Succeed"}))
    with pytest.raises(
        TemplateError,
        match="it has no Resources; for a definition without a template, use the key `definition`",
    ):
        look_at(Path(path))


def test_places_are_those_of_the_definition(tmp_path: Path) -> None:
    state: JsonObject = {
        "Type": "Parallel",
        "Branches": [{"StartAt": "Inner", "States": {"Inner": task(f"{ARN}list-objects")}}],
        "End": True,
    }
    path = definition(tmp_path, machine(state))
    lines = TemplateLines(path)
    within = ("Resources", "flow", "Properties", "Definition", "States")
    assert (lines.path, lines.line(*within, "A"), lines.line(*within, "Inner")) == (Path(path), 4, 10)
    assert lines.line("Resources", "ListObjects", "Properties", "Runtime") == 12
    assert lines.role("Everything") is None


def test_what_is_beside_it_makes_a_definition_another_one(tmp_path: Path) -> None:
    path = definition(tmp_path, machine({"Type": "Succeed"}))
    other = DefinitionPath.of(path, Plain())
    assert path != other
    assert len({path, other, Path(path)}) == 3
    assert pickle.loads(pickle.dumps(path)) == path
    assert path.resolve() == path
    assert path.relative_to(tmp_path).given == path.given
    assert (path.parent / "x").relative_to(path.parent) == Path("x")
