"""Deliveries that AWS would deny because the function or queue does not allow the sender.

On AWS, the stack is created without an error, but nothing is ever delivered. The engine does
deliver, and the stack reports the missing permission.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.events.models import Rule
from moto.sns.models import Topic
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends

from harness.engine.moto.resources.messages import Subscription


def missing_grants(resource: Any, account_id: str) -> Iterator[tuple[str, str]]:
    """Yield each delivery that AWS would deny, as the resource property and the missing permission."""
    if isinstance(resource, Rule):
        for target in resource.targets:
            yield from _missing("Targets", account_id, target["Arn"], "events.amazonaws.com", resource.arn)
            if target["Arn"].split(":")[2] == "states" and not target.get("RoleArn"):
                yield (
                    "Targets",
                    (f"AWS does not start executions of {target['Arn']}: the target has no RoleArn"),
                )
        return
    topics = [resource.arn] if isinstance(resource, Topic) else []
    if isinstance(resource, Subscription):
        topics = [resource.topic]
    for topic in topics:
        for endpoint in getattr(resource, "endpoints", ()):
            where = "Subscription" if isinstance(resource, Topic) else "Endpoint"
            yield from _missing(where, account_id, endpoint, "sns.amazonaws.com", topic)


def _missing(
    where: str, account_id: str, target: str, service: str, source: str
) -> Iterator[tuple[str, str]]:
    parts = target.split(":")
    if parts[2:3] == ["lambda"]:
        statements, action = _of_function(account_id, target), "lambda:InvokeFunction"
        remedy = "add an AWS::Lambda::Permission"
    elif parts[2:3] == ["sqs"]:
        statements, action = _of_queue(account_id, target), "sqs:SendMessage"
        remedy = "add an AWS::SQS::QueuePolicy"
    else:
        return
    if not any(_allows(each, service, action, source) for each in statements):
        yield (
            where,
            (f"on AWS nothing is delivered to {target}: it does not allow {service} {action}; {remedy}"),
        )


def _of_function(account_id: str, arn: str) -> Iterable[Mapping[str, Any]]:
    qualifier = arn.partition(":function:")[2].partition(":")[2]
    try:
        found = lambda_backends[account_id][arn.split(":")[3]].get_function(arn)
    except UnknownFunctionException:
        return ()
    if not qualifier:
        return list(found.policy.statements)
    return [each for each in found.policy.statements if each["Resource"].endswith(f":{qualifier}")]


def _of_queue(account_id: str, arn: str) -> Iterable[Mapping[str, Any]]:
    try:
        queue = sqs_backends[account_id][arn.split(":")[3]].get_queue(arn.rsplit(":", maxsplit=1)[-1])
    except QueueDoesNotExist:
        return ()
    statements = json.loads(queue.policy or "{}").get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def _allows(statement: Mapping[str, Any], service: str, action: str, source: str) -> bool:
    """Return whether a statement allows a service to act on behalf of a source.

    Other conditions are ignored.
    """
    if statement.get("Effect") != "Allow":
        return False
    principal = statement.get("Principal")
    services = _list(principal.get("Service")) if isinstance(principal, Mapping) else []
    everyone = principal == "*" or (isinstance(principal, Mapping) and "*" in _list(principal.get("AWS")))
    actions = _list(statement.get("Action"))
    return (
        (everyone or service in services)
        and any(fnmatchcase(action.lower(), each.lower()) for each in actions)
        and all(
            any(fnmatchcase(source, pattern) for pattern in _list(patterns))
            for conditions in (statement.get("Condition") or {}).values()
            for key, patterns in conditions.items()
            if key.lower() == "aws:sourcearn"
        )
    )


def _list(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [] if value is None else [str(value)]
