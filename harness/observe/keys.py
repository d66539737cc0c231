"""Reads the KMS keys in an engine, and finds the resources in a stack that are encrypted with them.

The attribute that contains the key is documented in each service's API reference, for example
https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html (KmsMasterKeyId).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from harness.engine.clients import Clients
from harness.observe.access import Keys, PolicyDocument
from harness.regions import partition_of
from harness.stack.model import Stack

CUSTOMER = "CUSTOMER_MANAGED_KMS_KEY"


def read_keys(clients: Clients, stack: Stack) -> Keys:
    """Return the customer managed keys, and the resources in the stack that are encrypted with them.

    If the template does not mention KMS, like most templates, no request is made. AWS managed keys
    (`alias/aws/sns`) require no permission: their key policies allow every principal in the account to use
    them through the service.
    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
    """
    if not stack.may_mention("kms"):
        return Keys()
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    kms = clients.client("kms")
    try:
        aliases = dict(_aliases(kms))
        known = _Known(kms, aliases)
    except ClientError:  # an emulator without KMS
        return Keys()
    encrypts: dict[str, str] = {}
    bucket_keys: set[str] = set()
    for kind, read in _READERS.items():
        for physical_id in stack.of_type(kind).values():
            for arn, key_id, has_bucket_key in _read(read, clients, physical_id):
                if key_id and (key := known.arn(key_id)):
                    encrypts[arn] = key
                    bucket_keys |= {arn} if has_bucket_key else set()
    return Keys(known.policies, aliases, encrypts, frozenset(bucket_keys))


class _Known:
    """The customer managed keys in the engine, found by any of their identifiers."""

    def __init__(self, kms: Any, aliases: Mapping[str, str]) -> None:
        self._aliases = aliases
        of_aws = {arn for name, arn in aliases.items() if name.startswith("alias/aws/")}
        self.policies: dict[str, PolicyDocument] = dict(_policies(kms, of_aws))

    def arn(self, key_id: str) -> str:
        """Return the ARN of a customer managed key, or "" for any other key and for a key that does not exist
        in the engine.

        `key_id` is a key ID, a key ARN, an alias or an alias ARN.
        """
        name = key_id.partition(":alias/")[2]
        key_id = f"alias/{name}" if name else key_id
        if key_id.startswith("alias/"):
            found = self._aliases.get(key_id, "")
            return found if found in self.policies else ""
        return next((arn for arn in self.policies if key_id in (arn, arn.rpartition("/")[2])), "")


def _aliases(kms: Any) -> Iterator[tuple[str, str]]:
    for page in kms.get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if key := alias.get("TargetKeyId"):
                yield alias["AliasName"], f"{alias['AliasArn'].partition(':alias/')[0]}:key/{key}"


def _policies(kms: Any, of_aws: Set[str]) -> Iterator[tuple[str, PolicyDocument]]:
    for page in kms.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            if key["KeyArn"] not in of_aws:
                text = kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
                # moto stores the policies of templates as objects, not as text.
                yield key["KeyArn"], text if isinstance(text, dict) else json.loads(text)


_Found = tuple[str, str, bool]
"""A resource's ARN, the identifier of its key, and whether it uses an S3 Bucket Key."""


def _read(
    read: Callable[[Clients, str], Iterator[_Found]], clients: Clients, physical_id: str
) -> tuple[_Found, ...]:
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    try:
        return tuple(read(clients, physical_id))
    except ClientError:  # the resource does not set encryption, or the engine does not report it
        return ()


def _topic(clients: Clients, arn: str) -> Iterator[_Found]:
    yield arn, clients.sns.get_topic_attributes(TopicArn=arn)["Attributes"].get("KmsMasterKeyId", ""), False


def _queue(clients: Clients, url: str) -> Iterator[_Found]:
    answer = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    attributes: Mapping[str, str] = answer["Attributes"]  # type: ignore[assignment]
    yield attributes["QueueArn"], attributes.get("KmsMasterKeyId", ""), False


def _table(clients: Clients, name: str) -> Iterator[_Found]:
    table = clients.dynamodb.describe_table(TableName=name)["Table"]
    yield table["TableArn"], table.get("SSEDescription", {}).get("KMSMasterKeyArn", ""), False


def _bucket(clients: Clients, name: str) -> Iterator[_Found]:
    answer = clients.s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    for rule in answer["Rules"]:
        default = rule.get("ApplyServerSideEncryptionByDefault", {})
        if str(default.get("SSEAlgorithm", "")).startswith("aws:kms"):
            yield (
                f"arn:{partition_of(clients.endpoint.region)}:s3:::{name}",
                default.get("KMSMasterKeyID", ""),
                bool(rule.get("BucketKeyEnabled")),
            )


def _machine(clients: Clients, arn: str) -> Iterator[_Found]:
    encryption: Mapping[str, Any] = clients.stepfunctions.describe_state_machine(stateMachineArn=arn).get(
        "encryptionConfiguration", {}
    )
    if encryption.get("type") == CUSTOMER:
        yield arn, encryption.get("kmsKeyId", ""), False


def _log_group(clients: Clients, name: str) -> Iterator[_Found]:
    for group in clients.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]:
        if group["logGroupName"] == name:
            yield group["arn"].removesuffix(":*"), group.get("kmsKeyId", ""), False


def _secret(clients: Clients, arn: str) -> Iterator[_Found]:
    secret = clients.client("secretsmanager").describe_secret(SecretId=arn)
    yield secret["ARN"], secret.get("KmsKeyId", ""), False


_READERS: Mapping[str, Callable[[Clients, str], Iterator[_Found]]] = {
    "AWS::SNS::Topic": _topic,
    "AWS::SQS::Queue": _queue,
    "AWS::DynamoDB::Table": _table,
    "AWS::S3::Bucket": _bucket,
    "AWS::StepFunctions::StateMachine": _machine,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::SecretsManager::Secret": _secret,
}
