import ast
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.decode import decode

LAMBDAS = Path(__file__).parents[2] / "lambdas"
SOURCE = LAMBDAS / "src" / "usage_report"
HANDLERS = {
    "ListObjectsFunction": "list_objects",
    "PutDynamoDBFunction": "put_dynamodb",
    "CreateMessageFunction": "create_message",
    "CreateStateMachineFunction": "create_state_machine",
    "DescribeExecutionFunction": "describe_execution",
    "DeleteStateMachineFunction": "delete_state_machine",
}
# What each call of the code needs; PassRole is needed by CreateStateMachine.
PERMISSIONS = {
    "batch_write_item": {"dynamodb:BatchWriteItem"},
    "create_state_machine": {"states:CreateStateMachine", "iam:PassRole"},
    "delete_state_machine": {"states:DeleteStateMachine"},
    "describe_execution": {"states:DescribeExecution"},
    "get_execution_history": {"states:GetExecutionHistory"},
    "get_item": {"dynamodb:GetItem"},
    "list_buckets": {"s3:ListAllMyBuckets"},
    "list_objects_v2": {"s3:ListBucket"},
    "put_item": {"dynamodb:PutItem"},
    "query": {"dynamodb:Query"},
    "start_execution": {"states:StartExecution"},
}
CLIENTS = {"s3", "sfn", "dynamodb"}
PARTS = {"usage_report.lanes", "usage_report.progress"}
"""The modules that make calls for a handler's module."""


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    template, problems = decode(str(LAMBDAS / "template.yaml"))
    assert problems == []
    return dict(template["Resources"])


def test_cfn_lint_finds_nothing() -> None:
    assert lint_file(LAMBDAS / "template.yaml") == []


def test_the_functions_are_all_there_under_their_names(resources: dict[str, Any]) -> None:
    functions = {
        name: r["Properties"] for name, r in resources.items() if r["Type"] == "AWS::Lambda::Function"
    }
    handlers = {name: properties["Handler"] for name, properties in functions.items()}
    assert handlers == {name: f"usage_report.{module}.handler" for name, module in HANDLERS.items()}
    for name, properties in functions.items():
        deployed = "${AWS::StackName}-" + HANDLERS[name].replace("_", "-")
        assert properties["FunctionName"] == {"Fn::Sub": deployed}
        assert callable(importlib.import_module(f"usage_report.{HANDLERS[name]}").handler)


def test_every_function_has_a_log_group_with_retention_and_a_role_of_its_own(
    resources: dict[str, Any],
) -> None:
    for name in HANDLERS:
        function = resources[name]["Properties"]
        group = function["LoggingConfig"]["LogGroup"]["Ref"]
        assert group == name.replace("Function", "Logs")
        assert resources[group]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
        assert function["LoggingConfig"]["LogFormat"] == "JSON"
        assert function["Role"] == {"Fn::GetAtt": [name.replace("Function", "Role"), "Arn"]}


def granted(role: dict[str, Any]) -> set[str]:
    actions: set[str] = set()
    for policy in role["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            action = statement["Action"]
            actions |= {action} if isinstance(action, str) else set(action)
    return actions


def called(module: str) -> set[str]:
    """The calls of AWS in a handler's module: `s3.query(...)` as well as `s3.get_paginator("query")`."""
    calls = set()
    tree = ast.parse((SOURCE / f"{module}.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in PARTS:
            calls |= called(node.module.rpartition(".")[2])
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        target = node.func.value
        is_client = (
            (isinstance(target, ast.Name) and target.id in CLIENTS)
            or (isinstance(target, ast.Call) and ast.unparse(target.func) == "aws.client")
            or ast.unparse(target) in {"self._s3", "self._dynamodb"}
        )
        if is_client and node.func.attr == "get_paginator":
            calls.add(ast.literal_eval(node.args[0]))
        elif is_client:
            calls.add(node.func.attr)
    return calls


@pytest.mark.parametrize(("function", "module"), HANDLERS.items())
def test_a_role_allows_what_its_function_calls_and_nothing_else(
    resources: dict[str, Any], function: str, module: str
) -> None:
    calls = called(module)
    assert calls
    needed = {permission for call in calls for permission in PERMISSIONS[call]}
    logging = {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert granted(resources[function.replace("Function", "Role")]) == needed | logging


@pytest.mark.parametrize(
    ("role", "functions"),
    [("OrchestratorRole", list(HANDLERS)[3:]), ("ReportRole", list(HANDLERS)[:3])],
)
def test_a_machine_may_invoke_its_functions_and_publish(
    resources: dict[str, Any], role: str, functions: list[str]
) -> None:
    assert granted(resources[role]) == {"lambda:InvokeFunction", "sns:Publish"}
    [policy] = resources[role]["Properties"]["Policies"]
    invoke, publish = policy["PolicyDocument"]["Statement"]
    assert invoke["Resource"] == [{"Fn::GetAtt": [name, "Arn"]} for name in functions]
    assert publish["Resource"] == {"Ref": "ReportTopic"}


def test_only_two_calls_are_not_bound_to_the_stacks_own_resources(resources: dict[str, Any]) -> None:
    wide = []
    for name, resource in resources.items():
        for policy in resource["Properties"].get("Policies", ()):
            for statement in policy["PolicyDocument"]["Statement"]:
                target = str(statement["Resource"])
                if "${AWS::StackName}" not in target and "GetAtt" not in target and "Ref" not in target:
                    wide.append((name, statement["Action"]))
    assert wide == [("ListObjectsRole", "s3:ListBucket"), ("CreateStateMachineRole", "s3:ListAllMyBuckets")]


# Modules that read the environment for others.
SETTINGS = {"create_state_machine": ["definition", "time_limit"], "describe_execution": ["time_limit"]}


def test_the_environment_of_a_function_is_what_its_module_reads(resources: dict[str, Any]) -> None:
    for name, module in HANDLERS.items():
        given = set(resources[name]["Properties"].get("Environment", {}).get("Variables", {}))
        sources = [module, *SETTINGS.get(module, ())]
        trees = [ast.parse((SOURCE / f"{source}.py").read_text()) for source in sources]
        read = {
            ast.literal_eval(node.slice)
            for tree in trees
            for node in ast.walk(tree)
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "environment"
        }
        assert given == read, name


def test_the_code_can_be_imported_without_any_environment() -> None:
    modules = ", ".join(f"usage_report.{module}" for module in HANDLERS.values())
    run = subprocess.run(
        [sys.executable, "-c", f"import {modules}"],
        env={"PYTHONPATH": str(LAMBDAS / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.stderr, run.returncode) == ("", 0)


def test_no_account_or_region_is_written_down() -> None:
    for path in [LAMBDAS / "template.yaml", LAMBDAS / "orchestrator.asl.json", *SOURCE.glob("*.py")]:
        text = path.read_text()
        for forbidden in ("us-east-1", "eu-", "123456789012", "arn:aws:"):
            assert forbidden not in text, path
