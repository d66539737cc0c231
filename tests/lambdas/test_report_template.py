import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.decode import decode

from harness.quotas import LAMBDA_TIMEOUT_S

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
# Modules that make calls for a handler; create-message only reads the manifest.
CALLERS = {
    "create_state_machine": ["machines", "manifest", "table"],
    "list_objects": ["lanes", "progress"],
    "create_message": ["table"],
}
# Permissions for each call in the code; CreateStateMachine needs PassRole and TagResource.
PERMISSIONS = {
    "batch_write_item": {"dynamodb:BatchWriteItem"},
    "create_state_machine": {"states:CreateStateMachine", "states:TagResource", "iam:PassRole"},
    "delete_state_machine": {"states:DeleteStateMachine"},
    "describe_execution": {"states:DescribeExecution"},
    "describe_state_machine_for_execution": {"states:DescribeStateMachineForExecution"},
    "get_execution_history": {"states:GetExecutionHistory"},
    "get_item": {"dynamodb:GetItem"},
    "list_buckets": {"s3:ListAllMyBuckets"},
    "list_objects_v2": {"s3:ListBucket"},
    "list_tags": {"lambda:ListTags"},
    "put_item": {"dynamodb:PutItem"},
    "query": {"dynamodb:Query"},
    "start_execution": {"states:StartExecution"},
}
CLIENTS = {"s3", "sfn", "self.sfn", "self._s3", "dynamodb", "self._dynamodb", "functions"}
# Eight characters from the stack ID: a stack name has up to 128 characters, a function name 64.
STACK = {
    "Fn::Select": [
        0,
        {"Fn::Split": ["-", {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}]},
    ]
}


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
        deployed = "usage-${Id}-" + HANDLERS[name].replace("_", "-")
        assert properties["FunctionName"] == {"Fn::Sub": [deployed, {"Id": STACK}]}
        assert callable(importlib.import_module(f"usage_report.{HANDLERS[name]}").handler)


def test_no_function_may_take_longer_than_lambda_allows(resources: dict[str, Any]) -> None:
    template, _ = decode(str(LAMBDAS / "template.yaml"))
    assert template["Parameters"]["ListingTimeoutSeconds"]["MaxValue"] == LAMBDA_TIMEOUT_S
    assert resources["ListObjectsFunction"]["Properties"]["Timeout"] == {"Ref": "ListingTimeoutSeconds"}
    others = [resources[name]["Properties"]["Timeout"] for name in HANDLERS if name != "ListObjectsFunction"]
    assert max(others) <= LAMBDA_TIMEOUT_S


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
    """AWS calls in a handler's module: `s3.query(...)` as well as `s3.get_paginator("query")`."""
    calls = set()
    tree = ast.parse((SOURCE / f"{module}.py").read_text())
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        target = node.func.value
        is_client = ast.unparse(target) in CLIENTS or (
            isinstance(target, ast.Call) and ast.unparse(target.func) == "aws.client"
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
    calls = {call for source in (module, *CALLERS.get(module, ())) for call in called(source)}
    assert calls
    needed = {permission for call in calls for permission in PERMISSIONS[call]}
    logging = {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert granted(resources[function.replace("Function", "Role")]) == needed | logging


@pytest.mark.parametrize(
    ("role", "functions", "further"),
    [
        ("OrchestratorRole", list(HANDLERS)[3:], set()),
        # https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies
        (
            "ReportRole",
            list(HANDLERS)[:3],
            {
                "states:StartExecution",
                "states:DescribeExecution",
                "states:StopExecution",
                "events:PutTargets",
                "events:PutRule",
                "events:DescribeRule",
            },
        ),
    ],
)
def test_a_machine_may_invoke_its_functions_and_publish(
    resources: dict[str, Any], role: str, functions: list[str], further: set[str]
) -> None:
    assert granted(resources[role]) == {"lambda:InvokeFunction", "sns:Publish"} | further
    [policy] = resources[role]["Properties"]["Policies"]
    invoke, publish, *_ = policy["PolicyDocument"]["Statement"]
    assert invoke["Resource"] == [{"Fn::GetAtt": [name, "Arn"]} for name in functions]
    assert publish["Resource"] == {"Ref": "ReportTopic"}


def test_only_three_permissions_are_not_bound_to_the_stacks_own_resources(resources: dict[str, Any]) -> None:
    wide = []
    for name, resource in resources.items():
        for policy in resource["Properties"].get("Policies", ()):
            for statement in policy["PolicyDocument"]["Statement"]:
                target = str(statement["Resource"])
                if not any(bound in target for bound in ("${AWS::StackName}", "${Id}", "GetAtt", "Ref")):
                    wide.append((name, statement["Action"]))
    waiting = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]  # on one rule of Step Functions
    assert wide == [
        ("ReportRole", waiting),
        ("ListObjectsRole", "s3:ListBucket"),
        ("CreateStateMachineRole", "s3:ListAllMyBuckets"),
    ]


def test_permissions_on_report_machines_end_at_those_of_the_stack() -> None:
    """Names contain the stack's own ID, because a stack name may be a prefix of a different one."""
    text = (LAMBDAS / "template.yaml").read_text()
    patterns = re.findall(r":(?:stateMachine|execution):(\S*report-\S*)\"", text)
    assert len(patterns) == 8
    assert {pattern.rstrip("*:") for pattern in patterns} == {"usage-${Id}-report-"}
    ids = re.findall(r"\{Id: (.*)\}", text)
    assert set(ids) == {'!Select [0, !Split ["-", !Select [2, !Split ["/", !Ref AWS::StackId]]]]'}


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
