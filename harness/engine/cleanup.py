"""Removes scenario resources from an emulator that continues to run.

`inventory` lists all resources of the kinds that templates and workflows create. `clean_up` removes
all of them except those that existed before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from harness.engine.clients import Clients
from harness.polling import PollTimeout, poll

STACK_TIMEOUT_S = 60.0

Thing = tuple[str, str]
"""The kind and the ID of a resource: `("bucket", "photos")`."""


@dataclass(frozen=True)
class Kind:
    """A kind of resource, with functions that list and remove resources of that kind."""

    name: str
    listed: Callable[[Clients], Iterator[str]]
    remove: Callable[[Clients, str], object]


def inventory(clients: Clients) -> frozenset[Thing]:
    """List all resources in the account. Services that the emulator does not support have none."""
    return frozenset((kind.name, thing) for kind in KINDS for thing in _listed(kind, clients))


def clean_up(clients: Clients, keep: frozenset[Thing] = frozenset()) -> frozenset[Thing]:
    """Remove everything except `keep`, and return the resources that could not be removed.

    KINDS defines the order. Executions are stopped first, and a stack is deleted before the resources
    it leaves behind.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    for kind in KINDS:
        for thing in _listed(kind, clients):
            if (kind.name, thing) not in keep:
                with suppress(ClientError, PollTimeout):  # the inventory shows the resources that remain
                    kind.remove(clients, thing)
    return inventory(clients) - keep


def _listed(kind: Kind, clients: Clients) -> list[str]:
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    try:
        return list(kind.listed(clients))
    except ClientError:
        return []


def _pages(client: Any, operation: str, member: str, **arguments: Any) -> Iterator[Any]:
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page.get(member, ())


def _machines(clients: Clients) -> Iterator[str]:
    for machine in _pages(clients.stepfunctions, "list_state_machines", "stateMachines"):
        yield machine["stateMachineArn"]


def _running(clients: Clients) -> Iterator[str]:
    for machine in _machines(clients):
        running = _pages(
            clients.stepfunctions,
            "list_executions",
            "executions",
            stateMachineArn=machine,
            statusFilter="RUNNING",
        )
        yield from (execution["executionArn"] for execution in running)


def _stacks(clients: Clients) -> Iterator[str]:
    """List stacks, newest first, because a newer stack may use exports of an older one.

    Nested stacks come last.
    """
    found = [
        stack
        for stack in _pages(clients.cloudformation, "describe_stacks", "Stacks")
        if stack["StackStatus"] != "DELETE_COMPLETE"
    ]
    found.sort(key=lambda stack: stack["CreationTime"], reverse=True)
    for stack in sorted(found, key=lambda stack: "ParentId" in stack):
        yield stack["StackName"]


def _remove_stack(clients: Clients, name: str) -> None:
    clients.cloudformation.delete_stack(StackName=name)
    poll(
        lambda: name in set(_stacks(clients)),
        lambda there: not there,
        what=f"deletion of stack {name}",
        timeout_s=STACK_TIMEOUT_S,
    )


def _remove_bucket(clients: Clients, name: str) -> None:
    for key in _pages(clients.s3, "list_objects_v2", "Contents", Bucket=name):
        clients.s3.delete_object(Bucket=name, Key=key["Key"])
    clients.s3.delete_bucket(Bucket=name)


def _remove_role(clients: Clients, name: str) -> None:
    for policy in _pages(clients.iam, "list_role_policies", "PolicyNames", RoleName=name):
        clients.iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for policy in _pages(clients.iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        clients.iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    clients.iam.delete_role(RoleName=name)


def _lister(service: str, operation: str, member: str, key: str | None) -> Callable[[Clients], Iterator[str]]:
    def listed(clients: Clients) -> Iterator[str]:
        for found in _pages(getattr(clients, service), operation, member):
            yield found if key is None else found[key]

    return listed


KINDS = (
    Kind("running execution", _running, lambda c, arn: c.stepfunctions.stop_execution(executionArn=arn)),
    Kind("stack", _stacks, _remove_stack),
    Kind(
        "state machine", _machines, lambda c, arn: c.stepfunctions.delete_state_machine(stateMachineArn=arn)
    ),
    Kind(
        "function",
        _lister("lambda_", "list_functions", "Functions", "FunctionName"),
        lambda c, name: c.lambda_.delete_function(FunctionName=name),
    ),
    Kind("bucket", _lister("s3", "list_buckets", "Buckets", "Name"), _remove_bucket),
    Kind(
        "table",
        _lister("dynamodb", "list_tables", "TableNames", None),
        lambda c, name: c.dynamodb.delete_table(TableName=name),
    ),
    Kind(
        "topic",
        _lister("sns", "list_topics", "Topics", "TopicArn"),
        lambda c, arn: c.sns.delete_topic(TopicArn=arn),
    ),
    Kind(
        "subscription",
        _lister("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
        lambda c, arn: c.sns.unsubscribe(SubscriptionArn=arn),
    ),
    Kind(
        "queue",
        _lister("sqs", "list_queues", "QueueUrls", None),
        lambda c, url: c.sqs.delete_queue(QueueUrl=url),
    ),
    Kind(
        "log group",
        _lister("logs", "describe_log_groups", "logGroups", "logGroupName"),
        lambda c, name: c.logs.delete_log_group(logGroupName=name),
    ),
    Kind(
        "parameter",
        _lister("ssm", "describe_parameters", "Parameters", "Name"),
        lambda c, name: c.ssm.delete_parameter(Name=name),
    ),
    Kind(
        "secret",
        _lister("secretsmanager", "list_secrets", "SecretList", "ARN"),
        lambda c, arn: c.secretsmanager.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True),
    ),
    Kind("role", _lister("iam", "list_roles", "Roles", "RoleName"), _remove_role),
)
