"""One name for services that boto3, IAM and Step Functions call differently."""

from __future__ import annotations

import pytest

from harness.permissions.authorization import action_of
from harness.scenario import aws_names
from harness.service_names import action_prefix, boto3_name


@pytest.mark.parametrize(
    ("name", "boto3s", "prefix"),
    [
        ("sfn", "stepfunctions", "states"),
        ("states", "stepfunctions", "states"),
        ("stepfunctions", "stepfunctions", "states"),
        ("cloudwatchlogs", "logs", "logs"),
        ("elasticloadbalancingv2", "elbv2", "elasticloadbalancing"),
        ("sesv2", "sesv2", "ses"),
        ("s3", "s3", "s3"),
    ],
)
def test_a_service_has_one_name_for_boto3_and_one_for_iam(name: str, boto3s: str, prefix: str) -> None:
    assert boto3_name(name) == boto3s
    assert action_prefix(name) == prefix


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("sfn", "StartExecution"),
        ("cloudwatchlogs", "CreateLogGroup"),
        ("eventbridge", "PutEvents"),
        ("elasticloadbalancingv2", "CreateLoadBalancer"),
        ("sesv2", "SendEmail"),
        ("monitoring", "PutMetricData"),
        ("costexplorer", "GetCostAndUsage"),
    ],
)
def test_botocore_and_the_reference_of_permissions_know_the_names(name: str, operation: str) -> None:
    service = aws_names.service(name)
    assert service is not None
    assert operation in service.operations
    assert action_of(action_prefix(name), operation) is not None
