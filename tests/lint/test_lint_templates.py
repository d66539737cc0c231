"""Templates that AWS rejects, at their lines, and templates that it accepts."""

from __future__ import annotations

from pathlib import Path

import pytest
from lint_samples import GOOD, errors


def test_a_good_template_has_no_error(tmp_path: Path) -> None:
    assert errors(tmp_path) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "Type: AWS::SNS::Topic}",
            "Type: AWS::SNS::Topik}",
            "3: E3006: resource type 'AWS::SNS::Topik' does not exist in us-east-1; did you mean "
            "'AWS::SNS::Topic'? (newer than cfn-lint 1.58.0? [tool.harness] lint = [\"E3006\"])",
        ),
        (
            "Timeout: 10",
            "TimeOut: 10",
            "29: E3002: unknown key 'TimeOut' in Function; did you mean 'Timeout'?",
        ),
        ("Timeout: 10", "Timeout: 9000", "29: E3717: Timeout: 9000 is more than 1800; write 1800 or less"),
        ("Timeout: 10", "Timeout: 1801", "29: E3717: Timeout: 1801 is more than 1800; write 1800 or less"),
        ("Timeout: 10", "Timeout: 0", "29: E3034: Timeout: 0 is less than 1; write 1 or more"),
        (
            "MemorySize: 128",
            "MemorySize: 50",
            "30: E3034: MemorySize: 50 is less than 128; write 128 or more",
        ),
        (
            "TOPIC_ARN:",
            "AWS_REGION:",
            "33: E3663: 'AWS_REGION' is a variable that Lambda sets itself; rename it",
        ),
        (
            "TOPIC_ARN:",
            "A-B:",
            "33: E3002: 'A-B' cannot be a key in Function.Environment.Variables; use '[a-zA-Z][a-zA-Z0-9_]+'",
        ),
        (
            'Version: "2012-10-17"\n            ',
            'Version: "2012-10-18"\n            ',
            "19: E3510: Version: '2012-10-18' is not one of AWS's values; did you mean '2012-10-17'? known: "
            "2008-10-17, 2012-10-17",
        ),
        (
            'Version: "2012-10-17"\n        Statement: {',
            'Version: "2012-10-18"\n        Statement: {',
            "14: E3530: Version: '2012-10-18' is not one of AWS's values; did you mean '2012-10-17'? known: "
            "2008-10-17, 2012-10-17",
        ),
        (
            "Role.Arn",
            "Role.Arnn",
            "31: E1010: attribute 'Arnn' not found in Function; did you mean 'Arn'? known: Arn, RoleId",
        ),
        (
            "DependsOn: Table",
            "DependsOn: Tabel",
            "23: E3005: name 'Tabel' not found in Function; did you mean 'Table'? known: Topic, Table, Role",
        ),
        (
            "Resources:",
            "Resorces: {}\nResources:",
            "2: E1001: unknown key 'Resorces'; did you mean 'Resources'?",
        ),
        (
            "Topic: {Type: AWS::SNS::Topic}",
            "Topic: {Type: AWS::SNS::Topic, DependsOn: Function}",
            "3: E3004: Topic and Function depend on each other; remove one of their references or DependsOn",
        ),
        ("      Role: !GetAtt Role.Arn\n", "", "24: E3003: 'Role' is missing in Function; add it"),
    ],
)
def test_one_word_that_aws_refuses_is_one_error_at_its_line(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    assert GOOD.count(before) >= 1
    assert errors(tmp_path, GOOD.replace(before, after, 1)) == [said]


def test_a_misspelt_property_names_the_right_one(tmp_path: Path) -> None:
    said = errors(tmp_path, GOOD.replace("BillingMode:", "BilingMode:"))
    assert "7: E3002: unknown key 'BilingMode' in Table; did you mean 'BillingMode'?" in said


@pytest.mark.parametrize("function", ["!Ref Nope", '!Sub "${Nope}"', "!GetAtt Nope.Arn"])
def test_a_reference_to_nothing_is_an_error(tmp_path: Path, function: str) -> None:
    (said,) = errors(tmp_path, GOOD.replace('TABLE: !Sub "${Table}"', f"TABLE: {function}"))
    assert said.startswith("33: E10")
    assert "'Nope'" in said


def test_a_name_that_is_too_long_is_an_error(tmp_path: Path) -> None:
    (said,) = errors(tmp_path, GOOD.replace("FunctionName: sends", f"FunctionName: {'f' * 69}"))
    assert said.startswith("25: E3031: FunctionName: 'fff")


@pytest.mark.parametrize("path", ["Code: functions", "Code: ./functions", "Code: {S3Bucket: code, S3Key: k}"])
def test_local_paths_are_what_packaging_replaces(tmp_path: Path, path: str) -> None:
    assert errors(tmp_path, GOOD.replace("Code: functions", path)) == []


def test_every_kind_of_local_path_is_replaced(tmp_path: Path) -> None:
    more = """\
  Layer: {Type: AWS::Lambda::LayerVersion, Properties: {Content: ./layer}}
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./child.yaml}}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties: {DefinitionS3Location: order.asl.json, RoleArn: !GetAtt Role.Arn}
"""
    assert errors(tmp_path, GOOD + more) == []


def test_places_are_those_of_the_original(tmp_path: Path) -> None:
    text = GOOD.replace("Code: functions", "Code: functions\n      Cod: functions")
    (said,) = errors(tmp_path, text)
    assert said.startswith("27: E3002: unknown key 'Cod' in Function")


@pytest.mark.parametrize("seconds", [901, 1800])
def test_botocore_s_model_is_wider_than_cfn_lint(tmp_path: Path, seconds: int) -> None:
    assert errors(tmp_path, GOOD.replace("Timeout: 10", f"Timeout: {seconds}")) == []


@pytest.mark.parametrize("runtime", ["python3.8", "python2.7"])
def test_the_date_makes_no_error(tmp_path: Path, runtime: str) -> None:
    assert errors(tmp_path, GOOD.replace("python3.13", runtime)) == []


@pytest.mark.parametrize(
    "transform",
    ["Transform: [MyMacro]\n", "Transform: [AWS::Serverless-2016-10-31, MyMacro]\n"],
)
def test_what_a_macro_makes_is_not_judged(tmp_path: Path, transform: str) -> None:
    assert errors(tmp_path, transform + GOOD.replace("MemorySize: 128", "MemorySize: 50")) == []


def test_what_is_said_to_cfn_lint_in_the_template_counts(tmp_path: Path) -> None:
    metadata = "Metadata: {cfn-lint: {config: {ignore_checks: [E3034]}}}\n"
    assert errors(tmp_path, metadata + GOOD.replace("MemorySize: 128", "MemorySize: 50")) == []


def test_an_own_type_of_the_account_and_a_custom_resource_are_no_error(tmp_path: Path) -> None:
    more = '  Mine: {Type: "Company::Team::Thing", Properties: {A: 1}}\n'
    more += "  Custom: {Type: Custom::Thing, Properties: {ServiceToken: !GetAtt Function.Arn}}\n"
    assert errors(tmp_path, GOOD + more) == []


def test_a_variable_of_one_letter_is_no_error(tmp_path: Path) -> None:
    assert errors(tmp_path, GOOD.replace("TOPIC_ARN:", "T:")) == []
