"""Limits where cfn-lint and botocore's models disagree."""

from __future__ import annotations

import pytest
from botocore.loaders import Loader

from harness.lint.bounds import widened
from harness.lint.model import Finding
from harness.quotas import LAMBDA_TIMEOUT_S

FUNCTION = "AWS::Lambda::Function"


def finding(keyword: str, message: str, *path: str | int, rule: str = "E3034") -> Finding:
    return Finding(rule, 1, 1, message, ("Resources", "R", "Properties", *path), keyword)


def test_the_longest_time_out_is_the_one_that_the_model_states() -> None:
    model = Loader().load_service_model("lambda", "service-2")
    said = model["shapes"]["CreateFunctionRequest"]["members"]["Timeout"]["documentation"]
    assert f"the maximum allowed value is {LAMBDA_TIMEOUT_S:,} seconds" in said


@pytest.mark.parametrize(
    ("kind", "found", "value", "allowed"),
    [
        (FUNCTION, finding("maximum", "4000 is greater than the maximum of 900", "Timeout"), 4000, True),
        (FUNCTION, finding("maximum", "9000 is greater than the maximum of 900", "Timeout"), 9000, False),
        (FUNCTION, finding("minimum", "0 is less than the minimum of 1", "Timeout"), 0, False),
        (
            FUNCTION,
            finding("maximum", "1800 is greater than the maximum of 900", "Timeout", rule="E3717"),
            1800,
            True,
        ),
        (FUNCTION, finding("enum", "'python3.15' is not one of []", "Runtime"), "python3.15", True),
        (FUNCTION, finding("enum", "'python9' is not one of []", "Runtime"), "python9", False),
        (FUNCTION, finding("maxLength", "'...' is longer than 10", "Description"), "x" * 200, True),
        (FUNCTION, finding("maxLength", "'...' is longer than 10", "Description"), "x" * 300, False),
        (
            "AWS::StepFunctions::StateMachine",
            finding("maxLength", "'...' is longer than 10", "StateMachineName"),
            "x" * 80,
            True,
        ),
        (
            "AWS::IAM::Role",
            finding("maximum", "43200 is greater than the maximum of 3600", "MaxSessionDuration"),
            43200,
            True,
        ),
        (FUNCTION, finding("maximum", "9 is greater than the maximum of 1", "Nothing"), 9, False),
        ("AWS::Nowhere::Thing", finding("maximum", "9 is greater than the maximum of 1", "A"), 9, False),
        ("Custom::Thing", finding("maximum", "9 is greater than the maximum of 1", "A"), 9, False),
        (FUNCTION, finding("required", "'Code' is a required property"), None, False),
    ],
)
def test_the_wider_limit_holds(kind: str, found: Finding, value: object, allowed: bool) -> None:
    assert (widened(found, kind, value) is None) is allowed


def test_a_value_beyond_both_is_told_the_wider_limit() -> None:
    found = finding(
        "maximum", "9000 is greater than the maximum of 900 for functions", "Timeout", rule="E3717"
    )
    wider = widened(found, FUNCTION, 9000)
    assert wider is not None
    assert wider.message == "9000 is greater than the maximum of 1800 for functions"
