"""The names of things in the texts of a definition, in the forms that people leave there."""

from __future__ import annotations

import pytest

from harness.stack.definition_names import Reference, core_of, function_named, reference_in

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{ARN}list-objects", Reference("function", "list-objects")),
        (f"{ARN}list-objects:prod", Reference("function", "list-objects", "prod")),
        (f"{ARN}list-objects:$LATEST", Reference("function", "list-objects")),
        ("arn:aws-cn:lambda:cn-north-1:1:function:f", Reference("function", "f")),
        ("arn:aws:lambda:REGION:ACCOUNT_ID:function:FUNCTION_NAME", Reference("function", "FUNCTION_NAME")),
        ("arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:f", Reference("function", "f")),
        ("arn:${AWS::Partition}:lambda:us-east-1:1:function:f:1", Reference("function", "f", "1")),
        (f"{ARN}$LATEST", Reference("function", "")),
        (f"{ARN}:$LATEST", Reference("function", "")),
        ("arn:aws:sns:us-east-1:123456789012:news", Reference("topic", "news")),
        ("arn:aws:sqs:us-east-1:123456789012:jobs.fifo", Reference("queue", "jobs.fifo")),
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/jobs", Reference("queue", "jobs", form="url")),
        ("https://sqs.cn-north-1.amazonaws.com.cn/1/jobs", Reference("queue", "jobs", form="url")),
        ("https://queue.amazonaws.com/1/jobs", Reference("queue", "jobs", form="url")),
        ("arn:aws:states:us-east-1:123456789012:stateMachine:child", Reference("machine", "child")),
        ("arn:aws:states:us-east-1:123456789012:activity:ask", Reference("activity", "ask")),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/orders", Reference("table", "orders")),
    ],
)
def test_what_is_made_with_the_definition(text: str, found: Reference) -> None:
    assert reference_in(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:states:::lambda:invoke",
        "arn:aws:states:::sns:publish",
        "arn:aws:states:us-east-1:123456789012:aws-sdk:s3:getObject",
        "arn:aws:states:us-east-1:123456789012:execution:flow:run",
        "arn:aws:s3:::photos",
        "arn:aws:dynamodb:us-east-1:123456789012:table/orders/index/by-date",
        "https://example.com/1/jobs",
        "hello",
        "",
    ],
)
def test_what_is_none_of_it(text: str) -> None:
    assert reference_in(text) is None


@pytest.mark.parametrize(
    ("text", "name", "qualifier"),
    [
        ("list-objects", "list-objects", ""),
        ("list-objects:prod", "list-objects", "prod"),
        ("123456789012:function:list-objects", "list-objects", ""),
        ("123456789012:function:list-objects:7", "list-objects", "7"),
        ("function:list-objects", "list-objects", ""),
    ],
)
def test_names_of_functions(text: str, name: str, qualifier: str) -> None:
    assert function_named(text) == Reference("function", name, qualifier, "name")


@pytest.mark.parametrize(
    "name",
    [
        "ListObjectsFunctionArn",
        "ListObjectsArn",
        "ListObjectsFunction",
        "ListObjectsFunction.Arn",
        "list-objects",
    ],
)
def test_placeholders_are_like_names(name: str) -> None:
    assert core_of(name) == "listobjects"


def test_a_name_that_is_only_a_kind_stays() -> None:
    assert core_of("FunctionArn") == "function"
