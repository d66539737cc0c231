"""Policies decide as the examples in AWS's documentation say."""

from __future__ import annotations

from typing import Any

import pytest

from harness.permissions.condition import holds
from harness.permissions.model import Decision, Need
from harness.permissions.policy import decide
from harness.permissions.wildcards import arn_like

CONTEXT = {"aws:RequestedRegion": "eu-west-1", "aws:SecureTransport": "true"}

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
CARLOS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "AllowS3ListRead",
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:GetAccountPublicAccessBlock", "s3:ListAllMyBuckets"],
            "Resource": "arn:aws:s3:::*",
        },
        {
            "Sid": "AllowS3Self",
            "Effect": "Allow",
            "Action": ["s3:*"],
            "Resource": ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"],
        },
        {"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*log*"},
    ],
}


def decided(statement: dict[str, Any], action: str, resource: str | None) -> bool:
    return decide([{"Statement": statement}], Need(action, resource), CONTEXT).allowed


@pytest.mark.parametrize(
    ("action", "resource", "allowed", "by"),
    [
        ("s3:ListBucket", "arn:aws:s3:::carlossalazar", True, "AllowS3Self"),
        ("s3:GetObject", "arn:aws:s3:::carlossalazar/a/b.txt", True, "AllowS3Self"),
        ("s3:GetObject", "arn:aws:s3:::carlossalazar/log.txt", False, "DenyS3Logs"),
        ("s3:ListBucket", "arn:aws:s3:::carlossalazar-logs", False, "DenyS3Logs"),
        ("s3:ListBucket", "arn:aws:s3:::other", False, None),
        ("s3:GetBucketLocation", "arn:aws:s3:::other", True, "AllowS3ListRead"),
    ],
)
def test_an_explicit_deny_wins_then_an_allow_else_it_is_refused(
    action: str, resource: str, allowed: bool, by: str | None
) -> None:
    decision = decide([CARLOS], Need(action, resource), CONTEXT)
    assert decision.allowed is allowed
    assert (decision.statement or {}).get("Sid") == by


def test_a_deny_in_one_policy_wins_over_an_allow_in_another() -> None:
    everything = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    need = Need("s3:GetObject", "arn:aws:s3:::access-logs/x")
    assert not decide([everything, CARLOS], need, CONTEXT).allowed
    assert not decide([CARLOS, everything], need, CONTEXT).allowed


@pytest.mark.parametrize(
    ("path", "matches"),
    [
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
        ("1/test/object.jpg", True),
        ("1/2/test/object.jpg", True),
        ("1/2/test/3/object.jpg", True),
        ("1///test///object.jpg", True),
        ("1/test/", True),
        ("1-test/object.jpg", False),
        ("test/object.jpg", False),
        ("1/2/test.jpg", False),
    ],
)
def test_resource_wildcards_cross_slashes(path: str, matches: bool) -> None:
    assert arn_like("arn:aws:s3:::demo/*/test/*", f"arn:aws:s3:::demo/{path}") is matches


@pytest.mark.parametrize(
    ("pattern", "arn", "matches"),
    [
        ("*", "arn:aws:s3:::photos", True),
        ("arn:aws:s3:::photos-?", "arn:aws:s3:::photos-1", True),
        ("arn:aws:s3:::photos-?", "arn:aws:s3:::photos-", False),
        ("arn:aws:s3:::PHOTOS", "arn:aws:s3:::photos", False),
        ("arn:*:s3:::photos", "arn:aws-cn:s3:::photos", True),
        ("arn:aws:logs:*:1:log-group:*", "arn:aws:logs:us-east-1:1:log-group:a:log-stream:b", True),
        ("arn:aws:states:*:1:execution:re*rt:run", "arn:aws:states:us-east-1:1:execution:report:run", True),
        ("arn:aws:states:*:1:execution:re*t:run", "arn:aws:states:us-east-1:1:execution:re:port:run", False),
        ("arn:aws:s3:::a.b", "arn:aws:s3:::axb", False),
    ],
)
def test_arn_wildcards_stay_within_a_part_unless_they_end_it(pattern: str, arn: str, matches: bool) -> None:
    assert arn_like(pattern, arn) is matches


def test_actions_do_not_tell_upper_from_lower_case_and_take_wildcards() -> None:
    statement = {"Effect": "Allow", "Action": ["S3:list*", "dynamodb:?etItem"], "Resource": "*"}
    assert decided(statement, "s3:ListBucket", "arn:aws:s3:::photos")
    assert decided(statement, "dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:1:table/usage")
    assert not decided(statement, "s3:GetObject", "arn:aws:s3:::photos/x")


def test_not_action_and_not_resource_are_everything_else() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
    all_but_iam = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert decided(all_but_iam, "s3:ListBucket", "arn:aws:s3:::photos")
    assert not decided(all_but_iam, "iam:PassRole", "arn:aws:iam::1:role/x")
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
    all_but_payroll = {"Effect": "Allow", "Action": "s3:*", "NotResource": ["arn:aws:s3:::payroll"]}
    assert decided(all_but_payroll, "s3:ListBucket", "arn:aws:s3:::photos")
    assert not decided(all_but_payroll, "s3:ListBucket", "arn:aws:s3:::payroll")


def test_an_action_on_an_unknown_resource_is_allowed_by_any_resource_and_denied_by_all() -> None:
    assert decided({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "arn:x"}, "kms:Encrypt", None)
    assert not decided({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}, "kms:Encrypt", None)
    allow = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    some = {"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "arn:x"}
    every = {"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"}
    need = Need("kms:Encrypt", None)
    assert decide([{"Statement": [allow, some]}], need, CONTEXT).allowed
    assert not decide([{"Statement": [allow, every]}], need, CONTEXT).allowed


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-west-2"]}}, True),
        ({"StringEquals": {"AWS:requestedregion": "eu-west-1"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "EU-WEST-1"}}, False),
        ({"StringEqualsIgnoreCase": {"aws:RequestedRegion": "EU-WEST-1"}}, True),
        ({"StringLike": {"aws:RequestedRegion": "eu-*"}}, True),
        ({"StringNotLike": {"aws:RequestedRegion": ["us-*", "eu-*"]}}, False),
        ({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::1:role/report-*"}}, True),
        ({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::1:role/report-x"}}, False),
        ({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}, True),
        (
            {
                "StringEquals": {"aws:RequestedRegion": "eu-west-1"},
                "Bool": {"aws:SecureTransport": "false"},
            },
            False,
        ),
    ],
)
def test_conditions_on_known_keys(condition: dict[str, Any], met: bool) -> None:
    context = {**CONTEXT, "aws:PrincipalArn": "arn:aws:iam::1:role/report-x"}
    assert holds(condition, context) == (met, ())


def test_an_unknown_key_or_operator_does_not_match_and_is_said() -> None:
    statement = {
        "Sid": "FromVpc",
        "Effect": "Allow",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:SourceVpc": "vpc-1"},
            "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
        },
    }
    need = Need("s3:ListBucket", "arn:aws:s3:::photos")
    assert decide([{"Statement": [statement]}], need, CONTEXT) == Decision(
        False,
        None,
        (
            "statement FromVpc: the condition key aws:SourceVpc is not known here",
            "statement FromVpc: the condition operator IpAddress is not evaluated here",
        ),
    )


def test_conditions_see_what_only_this_call_has() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "arn:aws:iam::1:role/report",
        "Condition": {"StringEquals": {"iam:PassedToService": "states.amazonaws.com"}},
    }
    role = "arn:aws:iam::1:role/report"
    to_states = Need("iam:PassRole", role, {"iam:PassedToService": "states.amazonaws.com"})
    to_lambda = Need("iam:PassRole", role, {"iam:PassedToService": "lambda.amazonaws.com"})
    assert decide([{"Statement": [statement]}], to_states, CONTEXT).allowed
    assert not decide([{"Statement": [statement]}], to_lambda, CONTEXT).allowed
