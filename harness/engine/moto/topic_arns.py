"""ARNs in SNS requests, and SNS's errors for invalid ARNs."""

from __future__ import annotations

from typing import Any, Final

from moto.sns.exceptions import SNSInvalidParameter, SNSNotFoundError

from harness.engine.moto.checks import Rule, operation_of

_ELEMENTS: Final = 6
_ARNS: Final = ("TopicArn", "TargetArn", "SubscriptionArn")


def invalid(what: str) -> SNSInvalidParameter:
    """Return the error for a parameter: `Invalid parameter: TopicArn`."""
    return SNSInvalidParameter(f"Invalid parameter: {what}")


def arn_rule(operation: str) -> Rule:
    """Return the rule for the ARNs that an operation accepts. The model is read on the first request."""

    def check_arns(self: Any) -> None:
        shape = operation_of("sns", operation).input_shape
        members = shape.members if shape else {}
        for name in _ARNS:
            if name in members:
                _check_arn(name, self.params.get(name), self.region)
        if "SubscriptionArn" in members and operation != "Unsubscribe":
            _check_subscription(self)

    return check_arns


def _check_arn(name: str, arn: str | None, region: str) -> None:
    if arn is None:
        return
    elements = arn.split(":")
    if len(elements) < _ELEMENTS:
        raise invalid(f"{name} Reason: An ARN must have at least {_ELEMENTS} elements, not {len(elements)}")
    if name == "SubscriptionArn" and len(elements) == _ELEMENTS:
        raise invalid("SubscriptionId")
    if name == "TopicArn" and elements[3] != region:
        raise invalid("TopicArn")


def _check_subscription(self: Any) -> None:
    if self.params["SubscriptionArn"] not in self.backend.subscriptions:
        raise SNSNotFoundError("Subscription does not exist")
