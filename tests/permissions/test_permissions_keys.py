"""Permissions that calls need for the customer KMS key that encrypts their resource."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from permission_samples import HERE, ROLE, execution, invocation, role, trust, with_role

from harness.functions.shared.model import Call
from harness.observe.access import Keys
from harness.permissions.check import check
from harness.permissions.model import RESOURCE
from harness.testing import ACCOUNT_ID, REGION, a_call, a_history

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/1234"
TOPIC, QUEUE = f"arn:aws:sns:{HERE}:orders", f"arn:aws:sqs:{HERE}:jobs"
TABLE, BUCKET = f"arn:aws:dynamodb:{HERE}:table/orders", "arn:aws:s3:::photos"
SECRET = f"arn:aws:secretsmanager:{HERE}:secret:token-a1b2c3"
MACHINE = f"arn:aws:states:{HERE}:stateMachine:M"
ROOT = f"arn:aws:iam::{ACCOUNT_ID}:root"
OWN = {"Effect": "Allow", "NotAction": "kms:*", "Resource": "*"}
URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/jobs"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def using(principal: Any, action: Any = "kms:*", **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **condition}


LOGS_ACTIONS = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
OF_GROUP = {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{HERE}:log-group:/orders"}}
OF_OTHERS = {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{HERE}:log-group:/other"}}
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
DEFAULT = policy(using({"AWS": ROOT}))


def keys(key_policy: dict[str, Any] = DEFAULT, **more: Any) -> Keys:
    encrypted = (TOPIC, QUEUE, TABLE, BUCKET, SECRET, MACHINE)
    return Keys({KEY: key_policy}, {"alias/orders": KEY}, dict.fromkeys(encrypted, KEY), **more)


def refused(call: Call, *statements: dict[str, Any], of: Keys | None = None, **access: Any) -> list[str]:
    seen = with_role(role(OWN, *statements), invocation(call), keys=of or keys(), **access)
    return [denial.action for denial in check(seen)]


def allow(*actions: str, **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": KEY, **condition}


GENERATE, DECRYPT = "kms:GenerateDataKey", "kms:Decrypt"


@pytest.mark.parametrize(
    ("call", "needed"),
    [
        (a_call("sns:Publish", TopicArn=TOPIC, Message="m"), [GENERATE, DECRYPT]),
        (a_call("sns:PublishBatch", TopicArn=TOPIC), [GENERATE, DECRYPT]),
        (a_call("sns:GetTopicAttributes", TopicArn=TOPIC), []),
        (a_call("sns:Publish", TopicArn=f"{TOPIC}-plain", Message="m"), []),
        (a_call("sqs:SendMessage", QueueUrl=URL), [GENERATE, DECRYPT]),
        (a_call("sqs:SendMessageBatch", QueueUrl=URL), [GENERATE, DECRYPT]),
        (a_call("sqs:ReceiveMessage", QueueUrl=URL), [DECRYPT]),
        (a_call("sqs:DeleteMessage", QueueUrl=URL), []),
        (a_call("dynamodb:GetItem", TableName="orders"), [DECRYPT]),
        (a_call("dynamodb:PutItem", TableName=TABLE), [DECRYPT]),
        (a_call("dynamodb:Query", TableName="orders", IndexName="by-day"), [DECRYPT]),
        (a_call("dynamodb:BatchWriteItem", RequestItems={"orders": []}), [DECRYPT]),
        (a_call("dynamodb:TransactWriteItems", TransactItems=[{"Put": {"TableName": "orders"}}]), [DECRYPT]),
        (a_call("dynamodb:DescribeTable", TableName="orders"), []),
        (a_call("s3:GetObject", Bucket="photos", Key="a"), [DECRYPT]),
        (a_call("s3:GetObject", "NoSuchKey", Bucket="photos", Key="a"), []),
        (a_call("s3:HeadObject", Bucket="photos", Key="a"), []),
        (a_call("s3:HeadObject", Bucket="photos", Key="a", ChecksumMode="ENABLED"), [DECRYPT]),
        (a_call("s3:PutObject", Bucket="photos", Key="a"), [GENERATE]),
        (a_call("s3:PutObject", Bucket="photos", Key="a", ServerSideEncryption="AES256"), []),
        (a_call("s3:PutObject", Bucket="photos", Key="a", ServerSideEncryption="aws:kms"), []),
        (
            a_call(
                "s3:PutObject",
                Bucket="plain",
                Key="a",
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId="alias/orders",
            ),
            [GENERATE],
        ),
        (a_call("s3:CreateMultipartUpload", Bucket="photos", Key="a"), [GENERATE]),
        (a_call("s3:UploadPart", Bucket="photos", Key="a"), [DECRYPT]),
        (a_call("s3:CompleteMultipartUpload", Bucket="photos", Key="a"), [DECRYPT]),
        (a_call("s3:CopyObject", Bucket="plain", Key="a", CopySource="photos/b"), [DECRYPT]),
        (
            a_call("s3:CopyObject", Bucket="photos", Key="a", CopySource={"Bucket": "plain", "Key": "b"}),
            [GENERATE],
        ),
        (a_call("s3:ListObjectsV2", Bucket="photos"), []),
        (a_call("s3:DeleteObject", Bucket="photos", Key="a"), []),
        (a_call("secretsmanager:GetSecretValue", SecretId=SECRET), [DECRYPT]),
        (a_call("stepfunctions:DescribeStateMachine", stateMachineArn=MACHINE), [DECRYPT]),
        (
            a_call(
                "stepfunctions:DescribeStateMachine",
                stateMachineArn=MACHINE,
                includedData="METADATA_ONLY",
            ),
            [],
        ),
    ],
    ids=lambda value: f"{value.service}:{value.operation}" if isinstance(value, Call) else "",
)
def test_what_a_call_takes_of_the_key(call: Call, needed: list[str]) -> None:
    assert refused(call) == needed
    if needed:
        assert refused(call, allow(*needed)) == []
        assert refused(call, allow("kms:GenerateDataKey*", "kms:Decrypt")) == []
        assert refused(call, {**allow("kms:*"), "Resource": f"{KEY}5"}) == needed


def test_the_message_is_aws_s() -> None:
    (generate, decrypt) = check(
        with_role(role(OWN), invocation(a_call("sns:Publish", TopicArn=TOPIC)), keys=keys())
    )
    assert generate.resources == (KEY,)
    assert generate.reason == "because no identity-based policy allows the kms:GenerateDataKey action"
    assert decrypt.statement.startswith("- Effect: Allow\n  Action: kms:Decrypt\n  Resource: ")


VIA, OF_TOPIC = "kms:ViaService", "kms:EncryptionContext:aws:sns:topicArn"
PUBLISH = a_call("sns:Publish", TopicArn=TOPIC)
VIA_SNS = {"StringEquals": {"kms:ViaService": f"sns.{REGION}.amazonaws.com", "kms:CallerAccount": ACCOUNT_ID}}


@pytest.mark.parametrize(
    ("key_policy", "own", "allowed"),
    [
        # The key policy decides: if it does not name the account, the role's own policies do not count.
        (policy(), [allow("kms:*")], False),
        (DEFAULT, [allow("kms:*")], True),
        (DEFAULT, [], False),
        (policy(using({"AWS": ACCOUNT_ID})), [allow("kms:*")], True),
        (policy(using({"AWS": ROOT}, "kms:Describe*")), [allow("kms:*")], False),
        (policy(using({"AWS": ROLE}, ["kms:GenerateDataKey*", "kms:Decrypt"])), [], True),
        (policy(using({"AWS": f"{ROLE}-2"})), [allow("kms:*")], False),
        (policy(using({"Service": "sns.amazonaws.com"})), [allow("kms:*")], False),
        # Like AWS managed keys: all principals in the account, through the service.
        (policy(using({"AWS": "*"}, Condition=VIA_SNS)), [], True),
        (
            policy(
                using(
                    {"AWS": "*"},
                    Condition={"StringEquals": {"kms:ViaService": f"sqs.{REGION}.amazonaws.com"}},
                )
            ),
            [],
            False,
        ),
        # https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic.html
        (
            policy(
                using(
                    {"AWS": ROLE},
                    Condition={"StringEquals": {OF_TOPIC: TOPIC}},
                )
            ),
            [],
            True,
        ),
        (
            DEFAULT,
            [allow("kms:*", Condition={"StringLike": {VIA: "sns.*.amazonaws.com"}})],
            True,
        ),
        (DEFAULT, [allow("kms:*", Condition={"StringEquals": {"kms:CallerAccount": "999999999999"}})], False),
        (
            DEFAULT,
            [allow("kms:*", Condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/orders"}})],
            True,
        ),
        (policy(using({"AWS": ROOT}), {**using({"AWS": ROLE}), "Effect": "Deny"}), [allow("kms:*")], False),
        (DEFAULT, [allow("kms:*"), {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}], False),
    ],
)
def test_a_key_policy_and_the_role_s_own(
    key_policy: dict[str, Any], own: list[dict[str, Any]], allowed: bool
) -> None:
    # https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
    assert (refused(PUBLISH, *own, of=keys(key_policy)) == []) is allowed


def test_a_key_policy_that_lacks_the_role_is_named() -> None:
    seen = with_role(
        role(OWN, allow("kms:*")),
        invocation(PUBLISH),
        keys=keys(policy()),
        declared={ROLE: "!GetAtt DeleteRole.Arn", KEY: "!GetAtt Key.Arn"},
    )
    generate, _ = check(seen)
    assert generate.reason == "because no resource-based policy allows the kms:GenerateDataKey action"
    assert (generate.kind, generate.statement) == (
        RESOURCE,
        "- Effect: Allow\n"
        "  Principal: {AWS: !GetAtt DeleteRole.Arn}\n"
        "  Action: kms:GenerateDataKey\n"
        '  Resource: "*"',
    )


def test_a_key_that_is_used_directly_has_a_policy_too() -> None:
    decrypt = a_call("kms:Decrypt", KeyId="1234")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert refused(decrypt, everything) == []
    assert refused(decrypt, everything, of=keys(policy())) == ["kms:Decrypt"]
    by_alias = a_call("kms:Decrypt", KeyId="alias/orders", EncryptionContext={"team": "a"})
    assert refused(by_alias, of=keys(policy())) == ["kms:Decrypt"]
    of_team = {"StringEquals": {"kms:EncryptionContext:team": "a", "kms:CallerAccount": ACCOUNT_ID}}
    assert refused(by_alias, of=keys(policy(using({"AWS": ROLE}, Condition=of_team)))) == []
    through_sns = using({"AWS": ROLE}, Condition=VIA_SNS)
    assert refused(decrypt, of=keys(policy(through_sns))) == ["kms:Decrypt"]


def test_the_context_of_an_object_is_its_bucket_with_a_bucket_key() -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    get = a_call("s3:GetObject", Bucket="photos", Key="a/b")

    def of(arn: str) -> dict[str, Any]:
        return allow("kms:Decrypt", Condition={"StringEquals": {"kms:EncryptionContext:aws:s3:arn": arn}})

    assert refused(get, of(f"{BUCKET}/a/b")) == []
    assert refused(get, of(BUCKET)) == ["kms:Decrypt"]
    with_bucket_key = keys(bucket_keys=frozenset({BUCKET}))
    assert refused(get, of(BUCKET), of=with_bucket_key) == []


def test_a_machine_uses_its_key_with_its_own_role_and_for_its_calls() -> None:
    # https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
    published = a_history().calls("sns:publish", json.dumps({"TopicArn": TOPIC, "Message": "m"}))
    own = role(OWN, trusting=trust("states.amazonaws.com"))
    (generate, decrypt) = check(with_role(own, executions=(execution(history=published),), keys=keys()))
    assert (generate.action, decrypt.action) == (GENERATE, DECRYPT)
    assert generate.callers == ("state machine M", "Step Functions for state machine M")
    of_machine = {"StringEquals": {"kms:EncryptionContext:aws:states:stateMachineArn": MACHINE}}
    own = role(OWN, allow("kms:*", Condition=of_machine), trusting=trust("states.amazonaws.com"))
    assert check(with_role(own, executions=(execution(),), keys=keys())) == ()


def test_nothing_is_asked_without_a_customer_s_key() -> None:
    assert refused(PUBLISH, of=Keys()) == []
    assert refused(PUBLISH, of=replace(keys(), encrypts={})) == []


GROUP = f"arn:aws:logs:{HERE}:log-group:/orders"


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        ([using({"Service": f"logs.{REGION}.amazonaws.com"}, LOGS_ACTIONS, Condition=OF_GROUP)], True),
        ([using({"Service": "logs.amazonaws.com"}, "kms:*")], True),
        ([using({"AWS": ROOT})], False),
        ([using({"Service": "logs.amazonaws.com"}, "kms:Describe*")], False),
        ([using({"Service": "logs.amazonaws.com"}, Condition=OF_OTHERS)], False),
    ],
)
def test_a_log_group_needs_the_key_policy_to_name_the_service(
    statements: list[dict[str, Any]], allowed: bool
) -> None:
    of_group = Keys({KEY: policy(*statements)}, {}, {GROUP: KEY})
    denials = check(with_role(role(), keys=of_group))
    assert (denials == ()) is allowed
    for denial in denials:
        assert (denial.role, denial.callers) == ("logs.amazonaws.com", ("log group /orders",))
        assert denial.reason.startswith("because no resource-based policy allows the kms:")
        assert "Principal: {Service: logs.amazonaws.com}" in denial.statement
    # Writers need no permission.
    put = a_call("logs:PutLogEvents", logGroupName="/orders", logStreamName="s")
    assert "kms:GenerateDataKey" not in refused(put, of=Keys({KEY: DEFAULT}, {}, {TOPIC: KEY}))
