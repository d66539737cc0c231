"""The policies that a stack declares, as deployed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from harness.engine.clients import Clients
from harness.observe.access import Access, NamedPolicy, PolicyDocument, Role
from harness.observe.keys import read_keys
from harness.policy_file import policy_in
from harness.regions import partition_of
from harness.stack.model import STATE_MACHINE, Stack

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import DescribeStateMachineOutputTypeDef


SIZE = "MaximumMessageSize"
"""https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html"""


def read_access(clients: Clients, stack: Stack) -> Access:
    """Return the stack's roles with their policies, and the policies of its other resources."""
    roles = [_role(clients, logical, name) for logical, name in stack.of_type("AWS::IAM::Role").items()]
    machines = {
        arn: clients.stepfunctions.describe_state_machine(stateMachineArn=arn)
        for arn in stack.of_type(STATE_MACHINE).values()
    }
    functions = _functions(clients, stack)
    declared, names = tuple(_declared(clients, stack, roles)), tuple(_names(stack, roles))
    return Access(
        roles={role.arn: role for role in roles},
        resource_policies=dict(_resource_policies(clients, stack)),
        log_groups=functions,
        logging=tuple(arn for arn, machine in machines.items() if _logs(machine)),
        tracing=tuple(arn for arn, machine in machines.items() if _traces(machine)),
        declared={arn: reference for arn, _, reference in declared},
        names={name: reference for name, _, reference in names},
        named={key: name for key, name, _ in (*declared, *names)},
        origins=stack.origins,
        stacks=stack.ids,
        keys=read_keys(clients, stack),
        message_sizes=dict(_message_sizes(clients, stack)),
        organization=tuple(NamedPolicy(str(path), policy_in(path)) for path in stack.scp),
        accepted=stack.accept,
    )


def _role(clients: Clients, logical_id: str, name: str) -> Role:
    role = clients.iam.get_role(RoleName=name)["Role"]
    inline = clients.iam.list_role_policies(RoleName=name)["PolicyNames"]
    policies = [
        NamedPolicy(p, _document(clients.iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"]))
        for p in inline
    ]
    listed = clients.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    attached = [policy["PolicyArn"] for policy in listed]
    bounding = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    managed = {arn: _managed(clients, arn) for arn in (*attached, bounding) if arn}
    policies += [policy for arn in attached if (policy := managed[arn])]
    return Role(
        role["Arn"],
        logical_id,
        _document(role["AssumeRolePolicyDocument"]),
        tuple(policies),
        unread=tuple(arn for arn, policy in managed.items() if policy is None),
        boundary=managed.get(bounding),
        tags={tag["Key"]: tag["Value"] for tag in role.get("Tags", ())},
    )


def _managed(clients: Clients, arn: str) -> NamedPolicy | None:
    """Return the default version of a managed policy, or None if the engine does not have the policy."""
    try:
        version = clients.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = clients.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
    except clients.iam.exceptions.NoSuchEntityException:
        return None
    return NamedPolicy(arn, _document(found["Document"]))


def _document(document: object) -> PolicyDocument:
    """Return a policy from an IAM response as parsed by botocore."""
    assert isinstance(document, dict), document
    return document


def _functions(clients: Clients, stack: Stack) -> Mapping[str, str]:
    """Return the log group of each function, by the function's name."""
    own = set(stack.of_type("AWS::Lambda::Function").values())
    pages = clients.lambda_.get_paginator("list_functions").paginate() if own else ()
    return {
        f["FunctionName"]: f.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{f['FunctionName']}"
        for page in pages
        for f in page["Functions"]
        if f["FunctionName"] in own
    }


def _logs(machine: DescribeStateMachineOutputTypeDef) -> bool:
    return machine.get("loggingConfiguration", {}).get("level", "OFF") != "OFF"


def _traces(machine: DescribeStateMachineOutputTypeDef) -> bool:
    return bool(machine.get("tracingConfiguration", {}).get("enabled"))


def _resource_policies(clients: Clients, stack: Stack) -> Iterator[tuple[str, PolicyDocument]]:
    """Yield the policies for the resource types whose policies the template declares. Other types cannot have
    policies.
    """
    readers: Mapping[str, tuple[str, Callable[[Clients, str], tuple[str, str]]]] = {
        "AWS::SNS::TopicPolicy": ("AWS::SNS::Topic", _topic_policy),
        "AWS::SQS::QueuePolicy": ("AWS::SQS::Queue", _queue_policy),
        "AWS::S3::BucketPolicy": ("AWS::S3::Bucket", _bucket_policy),
        "AWS::Lambda::Permission": ("AWS::Lambda::Function", _function_policy),
    }
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    for policy_type, (resource_type, read) in readers.items():
        if not stack.of_type(policy_type):
            continue
        for physical_id in stack.of_type(resource_type).values():
            try:
                arn, policy = read(clients, physical_id)
            except ClientError:  # this resource has none
                continue
            if policy:
                yield arn, json.loads(policy)


def _topic_policy(clients: Clients, arn: str) -> tuple[str, str]:
    return arn, clients.sns.get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy", "")


def _queue_policy(clients: Clients, url: str) -> tuple[str, str]:
    answer = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "Policy"])
    return answer["Attributes"]["QueueArn"], answer["Attributes"].get("Policy", "")


def _bucket_policy(clients: Clients, bucket: str) -> tuple[str, str]:
    partition = partition_of(clients.endpoint.region)
    return f"arn:{partition}:s3:::{bucket}", clients.s3.get_bucket_policy(Bucket=bucket)["Policy"]


def _function_policy(clients: Clients, name: str) -> tuple[str, str]:
    arn = clients.lambda_.get_function_configuration(FunctionName=name)["FunctionArn"]
    return arn, clients.lambda_.get_policy(FunctionName=name)["Policy"]


def _message_sizes(clients: Clients, stack: Stack) -> Iterator[tuple[str, int]]:
    """Yield the MaximumMessageSize of each topic that has one.

    If the template does not mention the property, make no requests.
    """
    if not stack.may_mention(SIZE):
        return
    for arn in stack.of_type("AWS::SNS::Topic").values():
        if size := clients.sns.get_topic_attributes(TopicArn=arn)["Attributes"].get(SIZE):
            yield arn, int(size)


_BY_ARN = ("AWS::SNS::Topic", "AWS::SecretsManager::Secret", STATE_MACHINE)
"""Resource types whose Ref returns the resource's ARN."""
_BY_NAME = {
    "AWS::DynamoDB::Table": "arn:{partition}:dynamodb:{place}:table/{name}",
    "AWS::KMS::Key": "arn:{partition}:kms:{place}:key/{name}",
    "AWS::Lambda::Function": "arn:{partition}:lambda:{place}:function:{name}",
    "AWS::S3::Bucket": "arn:{partition}:s3:::{name}",
    "AWS::SQS::Queue": "arn:{partition}:sqs:{place}:{name}",
}
"""ARN formats of resource types whose Ref returns the resource's name, or a URL that ends with it."""
_NAMES = {
    "AWS::Logs::LogGroup": "",
    "AWS::SNS::Topic": ".TopicName",
    "AWS::SQS::Queue": ".QueueName",
    STATE_MACHINE: ".Name",
}
"""The attribute that contains the resource's name, for types whose Ref does not return it."""


def _declared(clients: Clients, stack: Stack, roles: list[Role]) -> Iterator[tuple[str, str, str]]:
    """Yield each resource's ARN, its name, and the reference to it in the template."""
    for role in roles:
        yield role.arn, role.logical_id, f"!GetAtt {stack.logical_id(role.logical_id)}.Arn"
    for kind in _BY_ARN:
        for name, arn in stack.of_type(kind).items():
            yield arn, name, f"!Ref {stack.logical_id(name)}"
    region = clients.endpoint.region
    partition, place = partition_of(region), f"{region}:{clients.endpoint.account_id}"
    for kind, form in _BY_NAME.items():
        for name, physical_id in stack.of_type(kind).items():
            arn = form.format(partition=partition, place=place, name=_last(physical_id))
            yield arn, name, f"!GetAtt {stack.logical_id(name)}.Arn"


def _names(stack: Stack, roles: list[Role]) -> Iterator[tuple[str, str, str]]:
    """Yield each resource's physical name, its name, and the reference to it in the template."""
    for role in roles:
        yield role.name, role.logical_id, f"${{{stack.logical_id(role.logical_id)}}}"
    for kind in ("AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::S3::Bucket", *_NAMES):
        for name, physical_id in stack.of_type(kind).items():
            known = physical_id if kind == "AWS::Logs::LogGroup" else _last(physical_id)
            yield known, name, f"${{{stack.logical_id(name)}{_NAMES.get(kind, '')}}}"


def _last(name: str) -> str:
    """Return the name at the end of an ARN or URL."""
    return name.rpartition("/")[2].rpartition(":")[2]
