"""Comparison of policy elements."""

import pytest

from harness.gate.audience import audience_of
from harness.gate.statements import condition_covers, covers, statement_of, uncovered


@pytest.mark.parametrize(
    ("pattern", "other", "expected"),
    [
        ("s3:Get*", "s3:GetObject", True),
        ("s3:Get*", "s3:GetObject*", True),
        ("s3:Get*", "s3:*", False),
        ("s3:GetObject", "s3:GetObject*", False),
        ("s3:?etObject", "s3:*etObject", False),
        ("*", "anything:*", True),
    ],
)
def test_a_pattern_covers_what_it_matches_always(pattern, other, expected):
    assert covers(pattern, other) is expected


def allow(action, resource="*", condition=None, **more):
    return statement_of(
        {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition or {}, **more}
    )


def new(after, *before):
    return [entry for part in after.parts for entry, _ in uncovered(part, before)]


def test_actions_of_several_statements_cover_together():
    before = [allow("sqs:SendMessage", "a"), allow("sqs:SendMessage", "b"), allow("sqs:ReceiveMessage", "a")]
    assert new(allow(["sqs:SendMessage"], ["a", "b"]), *before) == []
    assert new(allow("sqs:ReceiveMessage", ["a", "b"]), *before) == ["sqs:ReceiveMessage"]


def test_a_wildcard_is_covered_by_all_that_it_stands_for():
    every = [f"sts:GetS{name}" for name in ("essionToken", "erviceBearerToken")]
    assert new(allow("sts:GetS*"), allow(every)) == []
    assert list(uncovered(allow("sts:GetS*"), [allow(every[0])])) == [("sts:GetS*", (every[1],))]


def test_all_but_some_is_covered_by_all_but_fewer():
    most = statement_of({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"})
    assert new(most, allow("*")) == []
    assert new(most, allow("s3:*")) == ["all but iam:*"]
    fewer = statement_of({"Effect": "Allow", "NotAction": ["iam:*", "kms:*"], "Resource": "*"})
    assert new(fewer, most) == []
    assert new(most, fewer) == ["all but iam:*"]
    assert new(allow("s3:GetObject"), most) == []
    assert new(allow("iam:PassRole"), most) == ["iam:PassRole"]


def test_resources_that_are_spared_are_not_covered():
    spared = statement_of({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::secret/*"})
    assert new(allow("s3:GetObject", "arn:aws:s3:::open/a"), spared) == []
    assert new(allow("s3:GetObject", "arn:aws:s3:::secret/a"), spared) == ["s3:GetObject"]
    assert new(allow("s3:GetObject", "*"), spared) == ["s3:GetObject"]


@pytest.mark.parametrize(
    ("wider", "narrower", "expected"),
    [
        ({}, {"StringEquals": {"a": "b"}}, True),
        ({"StringEquals": {"a": "b"}}, {}, False),
        ({"StringEquals": {"A": ["b", "c"]}}, {"StringEquals": {"a": "b"}}, True),
        ({"StringEquals": {"a": "b"}}, {"StringEquals": {"a": ["b", "c"]}}, False),
        ({"StringLike": {"a": "b*"}}, {"StringEquals": {"a": "bc"}}, True),
        ({"StringEquals": {"a": "b"}}, {"StringLike": {"a": "b*"}}, False),
        ({"StringNotEquals": {"a": "b"}}, {"StringNotEquals": {"a": ["b", "c"]}}, True),
        ({"StringNotEquals": {"a": ["b", "c"]}}, {"StringNotEquals": {"a": "b"}}, False),
        ({"StringEqualsIfExists": {"a": "b"}}, {"StringEquals": {"a": "b"}}, True),
        ({"StringEquals": {"a": "b"}}, {"StringEqualsIfExists": {"a": "b"}}, False),
        ({"Bool": {"a": True}}, {"Bool": {"a": "true"}}, True),
    ],
)
def test_a_condition_covers_one_that_holds_less_often(wider, narrower, expected):
    one, other = (allow("s3:*", condition=each).condition for each in (wider, narrower))
    assert condition_covers(one, other) is expected


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        ("*", {}, "everybody"),
        ({"AWS": "*"}, {"StringEquals": {"aws:SourceAccount": "123456789012"}}, "this account"),
        ({"AWS": "*"}, {"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}}, "everybody"),
        ({"AWS": "*"}, {"StringEquals": {"aws:SourceAccount": "999999999999"}}, "another account"),
        ({"AWS": "*"}, {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}, "everybody"),
        ({"AWS": "*"}, {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, "everybody"),
        ({"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "this account"),
        ({"AWS": "*"}, {"Bool": {"aws:SecureTransport": "true"}}, "everybody"),
        ({"AWS": "123456789012"}, {}, "this account"),
        ({"AWS": "arn:aws:iam::999999999999:role/a"}, {}, "another account"),
        ({"AWS": "arn:aws:iam::cloudfront:user/a"}, {}, "a service"),
        ({"Service": "s3.amazonaws.com"}, {}, "a service"),
        ({"Federated": "token.actions.githubusercontent.com"}, {}, "everybody"),
        ({"Federated": "x"}, {"StringLike": {"x:sub": "repo:a/b:*"}}, "an identity provider"),
        ({"CanonicalUser": "0123"}, {}, "another account"),
    ],
)
def test_principals_have_an_audience(principal, condition, expected):
    (part,) = allow("s3:*", condition=condition, Principal=principal).parts
    assert audience_of(part, "123456789012") == expected
