"""The policies that a stack declares, as they are deployed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from harness.engine.clients import Clients
from harness.observe.access import Access, NamedPolicy, PolicyDocument, Role
from harness.stack.model import Stack

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import DescribeStateMachineOutputTypeDef


def read_access(clients: Clients, stack: Stack) -> Access:
    """The roles of the stack with their policies, and the policies of its other resources."""
    roles = [_role(clients, logical, name) for logical, name in stack.of_type("AWS::IAM::Role").items()]
    machines = {
        arn: clients.stepfunctions.describe_state_machine(stateMachineArn=arn)
        for arn in stack.of_type("AWS::StepFunctions::StateMachine").values()
    }
    functions = _functions(clients, stack)
    return Access(
        roles={role.arn: role for role in roles},
        resource_policies=dict(_resource_policies(clients, stack)),
        log_groups={name: group for name, (_, group) in functions.items()},
        logging=tuple(arn for arn, machine in machines.items() if _logs(machine)),
        tracing=tuple(arn for arn, machine in machines.items() if _traces(machine)),
        declared=dict(_declared(clients, stack, roles, functions)),
        stack_name=stack.name,
    )


def _role(clients: Clients, logical_id: str, name: str) -> Role:
    role = clients.iam.get_role(RoleName=name)["Role"]
    inline = clients.iam.list_role_policies(RoleName=name)["PolicyNames"]
    policies = [
        NamedPolicy(p, _document(clients.iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"]))
        for p in inline
    ]
    unread: list[str] = []
    for attached in clients.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        arn = attached["PolicyArn"]
        try:
            version = clients.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            found = clients.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        except clients.iam.exceptions.NoSuchEntityException:
            unread.append(arn)
        else:
            policies.append(NamedPolicy(arn, _document(found["Document"])))
    trust = _document(role["AssumeRolePolicyDocument"])
    return Role(role["Arn"], logical_id, trust, tuple(policies), tuple(unread))


def _document(document: object) -> PolicyDocument:
    """A policy of an answer of IAM, which botocore has parsed."""
    assert isinstance(document, dict), document
    return document


def _functions(clients: Clients, stack: Stack) -> Mapping[str, tuple[str, str]]:
    """Name of each function -> its ARN and its log group."""
    own = set(stack.of_type("AWS::Lambda::Function").values())
    pages = clients.lambda_.get_paginator("list_functions").paginate() if own else ()
    return {
        f["FunctionName"]: (
            f["FunctionArn"],
            f.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{f['FunctionName']}",
        )
        for page in pages
        for f in page["Functions"]
        if f["FunctionName"] in own
    }


def _logs(machine: DescribeStateMachineOutputTypeDef) -> bool:
    return machine.get("loggingConfiguration", {}).get("level", "OFF") != "OFF"


def _traces(machine: DescribeStateMachineOutputTypeDef) -> bool:
    return bool(machine.get("tracingConfiguration", {}).get("enabled"))


def _resource_policies(clients: Clients, stack: Stack) -> Iterator[tuple[str, PolicyDocument]]:
    """Only of types for which the template declares policies: without one there is nothing to find out."""
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
            except ClientError:  # this one has none
                continue
            if policy:
                yield arn, json.loads(policy)


def _topic_policy(clients: Clients, arn: str) -> tuple[str, str]:
    return arn, clients.sns.get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy", "")


def _queue_policy(clients: Clients, url: str) -> tuple[str, str]:
    answer = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "Policy"])
    return answer["Attributes"]["QueueArn"], answer["Attributes"].get("Policy", "")


def _bucket_policy(clients: Clients, bucket: str) -> tuple[str, str]:
    return f"arn:aws:s3:::{bucket}", clients.s3.get_bucket_policy(Bucket=bucket)["Policy"]


def _function_policy(clients: Clients, name: str) -> tuple[str, str]:
    arn = clients.lambda_.get_function_configuration(FunctionName=name)["FunctionArn"]
    return arn, clients.lambda_.get_policy(FunctionName=name)["Policy"]


def _declared(
    clients: Clients, stack: Stack, roles: list[Role], functions: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    for role in roles:
        yield role.arn, f"!GetAtt {role.logical_id}.Arn"
    for logical_id, name in stack.of_type("AWS::Lambda::Function").items():
        if name in functions:
            yield functions[name][0], f"!GetAtt {logical_id}.Arn"
    for kind in ("AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"):
        for logical_id, arn in stack.of_type(kind).items():
            yield arn, f"!Ref {logical_id}"
    place = f"{clients.endpoint.region}:{clients.endpoint.account_id}"
    for logical_id, name in stack.of_type("AWS::DynamoDB::Table").items():
        yield f"arn:aws:dynamodb:{place}:table/{name}", f"!GetAtt {logical_id}.Arn"
    for logical_id, bucket in stack.of_type("AWS::S3::Bucket").items():
        yield f"arn:aws:s3:::{bucket}", f"!GetAtt {logical_id}.Arn"
