"""The ARNs in requests to SNS, and its errors for wrong ones."""

from __future__ import annotations

from typing import Any, Final

from moto.sns.exceptions import SNSInvalidParameter, SNSNotFoundError

from harness.engine.moto.checks import Rule, operation_of

_ELEMENTS: Final = 6
_ARNS: Final = ("TopicArn", "TargetArn", "SubscriptionArn")


def invalid(what: str) -> SNSInvalidParameter:
    """Make the error of a parameter: `Invalid parameter: TopicArn`."""
    return SNSInvalidParameter(f"Invalid parameter: {what}")


def arn_rules(operation: str) -> tuple[Rule, ...]:
    """Give the rules for the ARNs that an operation takes."""
    shape = operation_of("sns", operation).input_shape
    members = shape.members if shape else {}
    rules = [_well_formed(name) for name in _ARNS if name in members]
    if "SubscriptionArn" in members and operation != "Unsubscribe":
        rules.append(_check_subscription)
    return tuple(rules)


def _well_formed(name: str) -> Rule:
    def check_arn(self: Any) -> None:
        arn = self.params.get(name)
        if arn is None:
            return
        elements = arn.split(":")
        if len(elements) < _ELEMENTS:
            raise invalid(
                f"{name} Reason: An ARN must have at least {_ELEMENTS} elements, not {len(elements)}"
            )
        if name == "SubscriptionArn" and len(elements) == _ELEMENTS:
            raise invalid("SubscriptionId")
        if name == "TopicArn" and elements[3] != self.region:
            raise invalid("TopicArn")

    return check_arn


def _check_subscription(self: Any) -> None:
    if self.params["SubscriptionArn"] not in self.backend.subscriptions:
        raise SNSNotFoundError("Subscription does not exist")
