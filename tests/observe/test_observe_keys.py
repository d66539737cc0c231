"""KMS keys, permissions boundaries and topics, as read from the embedded engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.acceptance import Acceptance
from harness.engine.clients import Clients
from harness.observe.policies import read_access
from harness.stack.deploy import deploy
from harness.stack.model import Stack

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}],
}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def arn_of(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


HASH = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
RESOURCES: dict[str, Any] = {
    "Key": resource("AWS::KMS::Key", KeyPolicy=KEY_POLICY),
    "Alias": resource("AWS::KMS::Alias", AliasName="alias/orders", TargetKeyId={"Ref": "Key"}),
    "Role": resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST),
    "ById": resource("AWS::SNS::Topic", KmsMasterKeyId={"Ref": "Key"}),
    "ByAlias": resource("AWS::SNS::Topic", KmsMasterKeyId="alias/orders"),
    "OfAws": resource("AWS::SNS::Topic", KmsMasterKeyId="alias/aws/sns"),
    "Plain": resource("AWS::SNS::Topic"),
    "Queue": resource("AWS::SQS::Queue", KmsMasterKeyId=arn_of("Key")),
    "Table": resource(
        "AWS::DynamoDB::Table",
        **HASH,
        SSESpecification={"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": arn_of("Key")},
    ),
    "TableOfAws": resource("AWS::DynamoDB::Table", **HASH, SSESpecification={"SSEEnabled": True}),
    "Bucket": resource(
        "AWS::S3::Bucket",
        BucketEncryption={
            "ServerSideEncryptionConfiguration": [
                {
                    "BucketKeyEnabled": True,
                    "ServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms",
                        "KMSMasterKeyID": arn_of("Key"),
                    },
                }
            ]
        },
    ),
    "Machine": resource(
        "AWS::StepFunctions::StateMachine",
        RoleArn=arn_of("Role"),
        DefinitionString=DEFINITION,
        EncryptionConfiguration={"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": arn_of("Key")},
    ),
}


@pytest.fixture
def deployed(harness_clients: Clients, tmp_path: Path) -> Any:
    def make(resources: dict[str, Any]) -> Stack:
        path = tmp_path / "template.json"
        path.write_text(json.dumps({"Resources": resources}))
        return deploy(harness_clients, path, "s", {})

    return make


def test_what_is_encrypted_with_a_customer_s_key(harness_clients: Clients, deployed: Any) -> None:
    stack = deployed(RESOURCES)
    keys = read_access(harness_clients, stack).keys
    ids = {name: found.physical_id for name, found in stack.resources.items()}
    place = f"{harness_clients.endpoint.region}:{harness_clients.endpoint.account_id}"
    key = f"arn:aws:kms:{place}:key/{ids['Key']}"
    assert keys.aliases["alias/orders"] == key
    assert keys.policies == {key: KEY_POLICY}
    assert keys.encrypts == {
        ids["ById"]: key,
        ids["ByAlias"]: key,
        f"arn:aws:sqs:{place}:{ids['Queue'].rpartition('/')[2]}": key,
        f"arn:aws:dynamodb:{place}:table/{ids['Table']}": key,
        f"arn:aws:s3:::{ids['Bucket']}": key,
        ids["Machine"]: key,
    }
    assert keys.bucket_keys == {f"arn:aws:s3:::{ids['Bucket']}"}


def test_a_boundary_is_read_and_one_that_the_engine_lacks_is_told(
    harness_clients: Clients, deployed: Any
) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    account = harness_clients.endpoint.account_id
    stack = deployed(
        {
            "Bounds": resource("AWS::IAM::ManagedPolicy", PolicyDocument=document),
            "Bound": resource(
                "AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, PermissionsBoundary={"Ref": "Bounds"}
            ),
            "Elsewhere": resource(
                "AWS::IAM::Role",
                AssumeRolePolicyDocument=TRUST,
                PermissionsBoundary=f"arn:aws:iam::{account}:policy/of-another-stack",
            ),
        }
    )
    roles = {role.logical_id: role for role in read_access(harness_clients, stack).roles.values()}
    assert roles["Bound"].boundary is not None
    assert roles["Bound"].boundary.document == document
    assert roles["Bound"].unread == ()
    assert roles["Elsewhere"].unread == (f"arn:aws:iam::{account}:policy/of-another-stack",)


def test_a_topic_s_own_size_the_organization_and_what_is_accepted(
    harness_clients: Clients, deployed: Any, tmp_path: Path
) -> None:
    from dataclasses import replace

    stack = deployed(
        {"Large": resource("AWS::SNS::Topic", MaximumMessageSize=1_048_576), "P": resource("AWS::SNS::Topic")}
    )
    scp = tmp_path / "scp.json"
    scp.write_text('{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}')
    accepted = Acceptance("why", role="R", action="s3:*")
    access = read_access(harness_clients, replace(stack, scp=(scp,), accept=(accepted,)))
    assert access.message_sizes == {stack.resources["Large"].physical_id: 1_048_576}
    ((name, document),) = [(policy.name, policy.document) for policy in access.organization]
    assert (name, document) == (str(scp), json.loads(scp.read_text()))
    assert (access.accepted, access.origins["P"].template) == ((accepted,), tmp_path / "template.json")
