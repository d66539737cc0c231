"""Access-related settings are read from the deployed template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.engine.clients import Clients
from harness.observe.policies import read_access
from harness.stack.deploy import deploy
from harness.stack.origin import Origin

SERVICES = ["lambda.amazonaws.com", "states.amazonaws.com"]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": SERVICES}, "Action": "sts:AssumeRole"}],
}


def allowing(action: str, resource: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def arn_of(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


RESOURCES = {
    "Role": resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST),
    "Topic": resource("AWS::SNS::Topic"),
    "Queue": resource("AWS::SQS::Queue"),
    "Bucket": resource("AWS::S3::Bucket"),
    "Plain": resource("AWS::S3::Bucket"),
    "Table": resource(
        "AWS::DynamoDB::Table",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    ),
    "Function": resource(
        "AWS::Lambda::Function",
        Code="src",
        Handler="code.handler",
        Runtime="python3.13",
        Role=arn_of("Role"),
    ),
    "Machine": resource(
        "AWS::StepFunctions::StateMachine",
        RoleArn=arn_of("Role"),
        DefinitionString='{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}',
    ),
}
POLICIES = {
    "OfTopic": resource(
        "AWS::SNS::TopicPolicy",
        Topics=[{"Ref": "Topic"}],
        PolicyDocument=allowing("sns:Publish", {"Ref": "Topic"}),
    ),
    "OfQueue": resource(
        "AWS::SQS::QueuePolicy",
        Queues=[{"Ref": "Queue"}],
        PolicyDocument=allowing("sqs:SendMessage", arn_of("Queue")),
    ),
    "OfBucket": resource(
        "AWS::S3::BucketPolicy",
        Bucket={"Ref": "Bucket"},
        PolicyDocument=allowing("s3:ListBucket", arn_of("Bucket")),
    ),
    "OfFunction": resource(
        "AWS::Lambda::Permission",
        FunctionName={"Ref": "Function"},
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
    ),
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "code.py").write_text("def handler(event, context): pass\n")
    return tmp_path / "template.yaml"


def test_the_policies_of_resources_and_what_the_template_calls_them(
    harness_clients: Clients, template: Path
) -> None:
    template.write_text(json.dumps({"Resources": {**RESOURCES, **POLICIES}}))
    stack = deploy(harness_clients, template, "s", {})
    access = read_access(harness_clients, stack)
    account, region = harness_clients.endpoint.account_id, harness_clients.endpoint.region
    ids = {name: found.physical_id for name, found in stack.resources.items()}
    function = f"arn:aws:lambda:{region}:{account}:function:{ids['Function']}"
    bucket = f"arn:aws:s3:::{ids['Bucket']}"
    queue = f"arn:aws:sqs:{region}:{account}:{ids['Queue'].rpartition('/')[2]}"
    assert {arn: policy["Statement"][0]["Action"] for arn, policy in access.resource_policies.items()} == {
        ids["Topic"]: "sns:Publish",
        queue: "sqs:SendMessage",
        bucket: "s3:ListBucket",
        function: "lambda:InvokeFunction",
    }
    (role,) = access.roles.values()
    assert (role.logical_id, role.trust, role.policies) == ("Role", TRUST, ())
    assert access.log_groups == {ids["Function"]: f"/aws/lambda/{ids['Function']}"}
    assert access.declared == {
        role.arn: "!GetAtt Role.Arn",
        function: "!GetAtt Function.Arn",
        ids["Topic"]: "!Ref Topic",
        ids["Machine"]: "!Ref Machine",
        f"arn:aws:dynamodb:{region}:{account}:table/{ids['Table']}": "!GetAtt Table.Arn",
        queue: "!GetAtt Queue.Arn",
        bucket: "!GetAtt Bucket.Arn",
        f"arn:aws:s3:::{ids['Plain']}": "!GetAtt Plain.Arn",
    }
    assert access.names == {
        ids["Role"]: "${Role}",
        ids["Function"]: "${Function}",
        ids["Table"]: "${Table}",
        ids["Bucket"]: "${Bucket}",
        ids["Plain"]: "${Plain}",
        ids["Topic"].rpartition(":")[2]: "${Topic.TopicName}",
        ids["Queue"].rpartition("/")[2]: "${Queue.QueueName}",
        ids["Machine"].rpartition(":")[2]: "${Machine.Name}",
    }
    assert (access.logging, access.tracing, access.stacks) == ((), (), stack.ids)
    assert access.named[bucket] == access.named[ids["Bucket"]] == "Bucket"
    assert access.origin(queue) == Origin(template, "s", "Queue", "AWS::SQS::Queue")


def test_a_template_without_policies_of_resources_is_not_asked_for_any(
    harness_clients: Clients, template: Path
) -> None:
    template.write_text(json.dumps({"Resources": RESOURCES}))
    assert read_access(harness_clients, deploy(harness_clients, template, "s", {})).resource_policies == {}


def test_a_managed_policy_that_the_engine_lacks_is_told(harness_clients: Clients, template: Path) -> None:
    managed = "arn:aws:iam::aws:policy/NoSuchPolicyOfAws"
    role = resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST)
    template.write_text(json.dumps({"Resources": {"Role": role}}))
    stack = deploy(harness_clients, template, "s", {})

    class Iam:
        exceptions = harness_clients.iam.exceptions

        def __getattr__(self, name: str) -> Any:
            return getattr(harness_clients.iam, name)

        def list_attached_role_policies(self, RoleName: str) -> Any:  # noqa: N803
            return {"AttachedPolicies": [{"PolicyName": "x", "PolicyArn": managed}]}

    clients = Clients(harness_clients.endpoint, harness_clients.session)
    clients.__dict__["iam"] = Iam()
    (found,) = read_access(clients, stack).roles.values()
    assert (found.unread, found.policies) == ((managed,), ())


def test_a_policy_that_is_put_on_a_role_counts(harness_clients: Clients, template: Path) -> None:
    # Like AWS::IAM::RolePolicy.
    role = resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST)
    template.write_text(json.dumps({"Resources": {"Role": role}}))
    stack = deploy(harness_clients, template, "s", {})
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    name = stack.resources["Role"].physical_id
    harness_clients.iam.put_role_policy(
        RoleName=name, PolicyName="beside", PolicyDocument=json.dumps(document)
    )
    (found,) = read_access(harness_clients, stack).roles.values()
    assert [(policy.name, policy.document) for policy in found.policies] == [("beside", document)]
