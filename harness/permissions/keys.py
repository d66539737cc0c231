"""The `kms:` permissions for calls on resources that are encrypted with a customer managed key.

The service uses the key on the caller's behalf, so the caller must be allowed to use it. Sources:
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html

Writing to a log group requires no such permission: CloudWatch Logs itself uses the key.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.functions.shared.model import Call
from harness.observe.access import Keys
from harness.permissions.model import Context, Need
from harness.permissions.parameters import Parameters, Place
from harness.permissions.tokens import machine_of
from harness.service_names import action_prefix

DECRYPT, GENERATE = "kms:Decrypt", "kms:GenerateDataKey"
# A new data key is decrypted for verification before use: sending and publishing require both actions.
_WRITE, _READ = (GENERATE, DECRYPT), (DECRYPT,)

# Action -> the required actions on the key. DynamoDB decrypts the table's key for reads and writes. Only
# creating a table requires DescribeKey and CreateGrant.
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "sns:Publish": _WRITE,
    "sqs:SendMessage": _WRITE,
    "sqs:ReceiveMessage": _READ,
    **dict.fromkeys(
        (
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PartiQLDelete",
            "dynamodb:PartiQLInsert",
            "dynamodb:PartiQLSelect",
            "dynamodb:PartiQLUpdate",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
        ),
        _READ,
    ),
    "secretsmanager:GetSecretValue": _READ,
    "secretsmanager:PutSecretValue": _WRITE,
    "secretsmanager:UpdateSecret": _WRITE,
}
# S3 operations that share an action. A HeadObject without ChecksumMode does not read any data.
_OF_S3: Mapping[str, tuple[str, ...]] = {
    "CompleteMultipartUpload": _READ,
    "CreateMultipartUpload": (GENERATE,),
    "GetObject": _READ,
    "PutObject": (GENERATE,),
    "UploadPart": _READ,
    "UploadPartCopy": _READ,
}
# "If your state machine definition is encrypted with a KMS key, callers must have kms:Decrypt permission",
# except for metadata only: DescribeExecution and others in the Step Functions API reference.
_OF_STATES = frozenset(
    {"DescribeExecution", "DescribeStateMachine", "DescribeStateMachineForExecution", "GetExecutionHistory"}
)


def direct_needs(call: Call, needs: tuple[Need, ...], keys: Keys, place: Place) -> Iterator[Need]:
    """Yield the permissions for a call. Calls to KMS itself use the alias's key, with its context."""
    if action_prefix(call.service) != "kms":
        yield from needs
        return
    parameters = Parameters(call.params)
    given = parameters.mapping("EncryptionContext")
    context = {
        "kms:CallerAccount": place.account_id,
        **{f"kms:EncryptionContext:{name}": str(value) for name, value in given.items()},
    }
    for need in needs:
        key = need.resource or resolved(parameters.text("KeyId") or "", keys) or None
        yield Need(need.action, key, {**need.context, **context})


def key_needs(call: Call, needs: tuple[Need, ...], keys: Keys, place: Place) -> Iterator[Need]:
    """Yield the key permissions that a call requires in addition to its own `needs`."""
    service = action_prefix(call.service)
    if service == "s3":
        yield from _of_objects(call, keys, place)
        return
    for need in needs:
        actions = ACTIONS.get(need.action, ())
        if service == "states" and call.operation in _OF_STATES:
            actions = () if Parameters(call.params).text("includedData") == "METADATA_ONLY" else _READ
        holder = _holder(need.resource or "")
        if key := keys.encrypts.get(holder):
            yield from needs_of_key(actions, key, service, _context(service, holder), keys, place)


def machine_needs(machine_arn: str, keys: Keys, place: Place) -> Iterator[Need]:
    """Yield the permissions that a state machine's role requires on the machine's key."""
    if key := keys.encrypts.get(machine_arn):
        context = {"aws:states:stateMachineArn": machine_arn}
        yield from needs_of_key(_WRITE, key, "states", context, keys, place)


def needs_of_key(
    actions: tuple[str, ...], key: str, service: str, encryption: Context, keys: Keys, place: Place
) -> Iterator[Need]:
    """Yield the permissions on a key that a service uses on the caller's behalf, with KMS condition keys.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    context: dict[str, str | tuple[str, ...]] = {
        "kms:ViaService": f"{service}.{place.region}.amazonaws.com",
        "kms:CallerAccount": place.account_id,
        "kms:EncryptionContextKeys": tuple(encryption),
        "kms:ResourceAliases": tuple(name for name, arn in keys.aliases.items() if arn == key),
        "kms:GrantIsForAWSResource": "false",
        **{f"kms:EncryptionContext:{name}": value for name, value in encryption.items()},
    }
    for action in actions:
        yield Need(action, key, context)


def _holder(resource: str) -> str:
    """Return the ARN of the encrypted resource: an index's table, or an execution's state machine."""
    table, index, _ = resource.partition("/index/")
    if index:
        return table
    return machine_of(resource)


def _context(service: str, holder: str) -> dict[str, str]:
    """Return the encryption context that a service specifies when it uses a key."""
    if service == "dynamodb":
        return {
            "aws:dynamodb:tableName": holder.rpartition("/")[2],
            "aws:dynamodb:subscriberId": holder.split(":")[4],
        }
    names = {
        "sns": "aws:sns:topicArn",
        "sqs": "aws:sqs:arn",
        "secretsmanager": "SecretARN",
        "states": "aws:states:stateMachineArn",
    }
    return {names[service]: holder}


def _of_objects(call: Call, keys: Keys, place: Place) -> Iterator[Need]:
    """Yield the permissions for a call about one object. A call that S3 rejected did not use a key."""
    parameters = Parameters(call.params)
    bucket, name = parameters.text("Bucket"), parameters.text("Key")
    if bucket is None or name is None or (call.error is not None and not call.injected):
        return
    actions = _OF_S3.get(call.operation, ())
    if call.operation == "HeadObject" and parameters.text("ChecksumMode"):
        actions = _READ
    if call.operation == "CopyObject":
        actions = (GENERATE,)
        if (source := _source(parameters)) and (
            key := keys.encrypts.get(f"arn:{place.partition}:s3:::{source[0]}")
        ):
            yield from needs_of_key(_READ, key, "s3", _of_object(*source, keys, place), keys, place)
    if key := _key_of_object(call.operation, bucket, parameters, keys, place):
        yield from needs_of_key(actions, key, "s3", _of_object(bucket, name, keys, place), keys, place)


def _key_of_object(operation: str, bucket: str, parameters: Parameters, keys: Keys, place: Place) -> str:
    """Return an object's key: for a write, the key in the call; otherwise, the bucket's key."""
    default = keys.encrypts.get(f"arn:{place.partition}:s3:::{bucket}", "")
    asked = parameters.text("ServerSideEncryption")
    if operation not in ("CopyObject", "CreateMultipartUpload", "PutObject") or asked is None:
        return default
    if not asked.startswith("aws:kms"):
        return ""
    return resolved(parameters.text("SSEKMSKeyId") or "", keys)


def resolved(key_id: str, keys: Keys) -> str:
    """Return the ARN of the customer managed key with this ID, ARN or alias, or "" for any other key."""
    if "alias/" in key_id:
        return keys.aliases.get(key_id[key_id.index("alias/") :], "")
    return next((arn for arn in keys.policies if key_id in (arn, arn.rpartition("/")[2])), "")


def _of_object(bucket: str, name: str, keys: Keys, place: Place) -> dict[str, str]:
    arn = f"arn:{place.partition}:s3:::{bucket}"
    return {"aws:s3:arn": arn if arn in keys.bucket_keys else f"{arn}/{name}"}


def _source(parameters: Parameters) -> tuple[str, str] | None:
    """Return the bucket and key in CopySource, which is `bucket/key` or a mapping."""
    given = parameters.mapping("CopySource")
    bucket, name = given.get("Bucket"), given.get("Key")
    if isinstance(bucket, str) and isinstance(name, str):
        return bucket, name
    found, slash, key = (parameters.text("CopySource") or "").lstrip("/").partition("/")
    return (found, key) if slash else None
