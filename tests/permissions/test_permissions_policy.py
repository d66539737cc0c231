"""Policies decide as in the examples in AWS's documentation."""

from __future__ import annotations

from typing import Any

import pytest

from harness.observe.access import NamedPolicy
from harness.permissions.condition import holds
from harness.permissions.model import Context, Decision, Grant, Need
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


def decision(need: Need, *policies: Any, context: Context = CONTEXT) -> Decision:
    return decide([NamedPolicy(f"p{n}", p) for n, p in enumerate(policies)], need, context)


def decided(statement: dict[str, Any], action: str, resource: str | None) -> bool:
    return decision(Need(action, resource), {"Statement": statement}).allowed


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
    found = decision(Need(action, resource), CARLOS)
    assert found.allowed is allowed
    assert (found.statement or {}).get("Sid") == by


def test_a_deny_in_one_policy_wins_over_an_allow_in_another() -> None:
    everything = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    need = Need("s3:GetObject", "arn:aws:s3:::access-logs/x")
    assert not decision(need, everything, CARLOS).allowed
    assert not decision(need, CARLOS, everything).allowed


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
    assert decision(need, {"Statement": [allow, some]}).allowed
    assert not decision(need, {"Statement": [allow, every]}).allowed


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
    assert holds(condition, context)[0] is met


def test_why_a_condition_does_not_hold_is_said() -> None:
    statement = {
        "Sid": "FromVpc",
        "Effect": "Allow",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:SourceVpc": "vpc-1", "aws:RequestedRegion": "us-east-1"},
            "StringIsLike": {"aws:RequestedRegion": "eu-*"},
        },
    }
    need = Need("s3:ListBucket", "arn:aws:s3:::photos")
    region = "its condition StringEquals aws:RequestedRegion is not met: aws:RequestedRegion is eu-west-1"
    assert decision(need, {"Statement": [statement]}) == Decision(
        False,
        None,
        (
            "statement FromVpc: the condition key aws:SourceVpc is not in the request",
            f"statement FromVpc: {region}",
            "statement FromVpc: condition operator StringIsLike does not exist",
        ),
    )


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        # "If the key that you specify in a policy condition is not present in the request context, the
        # values do not match and the condition is false. If the policy condition requires that the key is
        # not matched, such as StringNotLike or ArnNotLike, and the right key is not present, the condition
        # is true."
        ({"StringLike": {"aws:SourceVpce": "*"}}, False),
        ({"StringNotLike": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"ArnNotEquals": {"aws:SourceArn": "arn:aws:sns:*:1:t"}}, True),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, False),
        ({"NumericLessThanIfExists": {"s3:max-keys": "10"}}, True),
        ({"Null": {"aws:SourceVpce": "true"}}, True),
        ({"Null": {"aws:SourceVpce": False}}, False),
        ({"Null": {"aws:RequestedRegion": "false"}}, True),
        # "ForAllValues ... also returns true if there are no context keys in the request"
        ({"ForAllValues:StringEquals": {"aws:RequestTag/x": ["a"]}}, True),
        ({"ForAnyValue:StringEquals": {"aws:RequestTag/x": ["a"]}}, False),
        ({"ForAnyValue:StringNotEquals": {"aws:RequestTag/x": ["a"]}}, False),
    ],
)
def test_conditions_on_keys_that_are_not_in_the_request(condition: dict[str, Any], met: bool) -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    assert holds(condition, CONTEXT)[0] is met


@pytest.mark.parametrize(
    ("tags", "for_all", "for_any"),
    [
        (("environment", "cost-center"), True, True),
        (("environment",), True, True),
        (("environment", "owner"), False, True),
        (("owner",), False, False),
        ((), True, False),
    ],
)
def test_keys_of_several_values(tags: tuple[str, ...], for_all: bool, for_any: bool) -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    wanted = {"aws:TagKeys": ["environment", "cost-center"]}
    context = {"aws:TagKeys": tags}
    assert holds({"ForAllValues:StringEquals": wanted}, context)[0] is for_all
    assert holds({"ForAnyValue:StringEquals": wanted}, context)[0] is for_any


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, True),
        ({"NumericLessThan": {"s3:max-keys": 10}}, False),
        ({"NumericGreaterThan": {"s3:max-keys": "9.5"}}, True),
        ({"NumericNotEquals": {"s3:max-keys": "10"}}, False),
        ({"NumericEquals": {"s3:max-keys": "ten"}}, False),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, False),
        ({"DateLessThanEquals": {"aws:CurrentTime": "1800000000"}}, True),
        ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
    ],
)
def test_conditions_on_numbers_times_and_addresses(condition: dict[str, Any], met: bool) -> None:
    context = {"s3:max-keys": "10", "aws:CurrentTime": "2026-06-01T12:00:00Z", "aws:SourceIp": "203.0.113.9"}
    assert holds(condition, context)[0] is met


@pytest.mark.parametrize(
    ("version", "resource", "allowed"),
    [
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
        ("2012-10-17", "arn:aws:s3:::home-${aws:PrincipalAccount}", True),
        ("2012-10-17", "arn:aws:s3:::home-${AWS:PRINCIPALACCOUNT}", True),
        ("2012-10-17", "arn:aws:s3:::home-${aws:username}", False),
        ("2012-10-17", "arn:aws:s3:::home-${aws:username, '123456789012'}", True),
        ("2012-10-17", "arn:aws:s3:::home-${*}", False),
        # "the Version element must be included and set to 2012-10-17"
        ("2008-10-17", "arn:aws:s3:::home-${aws:PrincipalAccount}", False),
    ],
)
def test_policy_variables(version: str, resource: str, allowed: bool) -> None:
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": resource}
    policy = {"Version": version, "Statement": [statement]}
    need = Need("s3:ListBucket", "arn:aws:s3:::home-123456789012")
    context = {"aws:PrincipalAccount": "123456789012"}
    assert decision(need, policy, context=context).allowed is allowed


def test_a_variable_s_value_is_no_pattern() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}
    policy = {"Version": "2012-10-17", "Statement": statement}
    need = Need("s3:ListBucket", "arn:aws:s3:::photos")
    assert not decision(need, policy, context={"aws:username": "*"}).allowed


def test_what_allows_is_said_with_the_entries_that_match() -> None:
    first = {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": ["arn:x", "arn:aws:s3:::*"]}
    second = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    need = Need("s3:ListBucket", "arn:aws:s3:::photos")
    found = decision(
        need, {"Statement": [{**first, "Effect": "Deny", "Action": "s3:Put*"}, first]}, {"Statement": second}
    )
    assert found.grants == (
        Grant("p0", 1, ("s3:List*",), ("arn:aws:s3:::*",)),
        Grant("p1", 0, (), ("*",)),
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
    assert decision(to_states, {"Statement": [statement]}).allowed
    assert not decision(to_lambda, {"Statement": [statement]}).allowed


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("events:ListRules", "arn:aws:events:*:123456789012:rule/*", True),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*", True),
        ("dynamodb:ListTables", "arn:aws:dynamodb:us-east-1:123456789012:table/orders", False),
        ("events:ListRules", "arn:aws:dynamodb:us-east-1:123456789012:table/*", False),
    ],
)
def test_an_action_on_no_certain_resource_is_allowed_on_all_of_its_service(
    action: str, resource: str, allowed: bool
) -> None:
    assert decided({"Effect": "Allow", "Action": action, "Resource": resource}, action, "*") is allowed
    denies = {"Statement": {"Effect": "Deny", "Action": action, "Resource": resource}}
    everything = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    assert decision(Need(action, "*"), everything, denies).allowed
