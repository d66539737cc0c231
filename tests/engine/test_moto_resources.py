"""Stack resources on the embedded engine: created, or reported as not supported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab, function, role
from test_moto_functions import zipped

from harness.engine.moto.engine import MotoEngine
from harness.notes import Note
from harness.stack.model import DeployError, Stack

CODE = {"src/app.py": "def handler(event, context):\n    return context.function_version\n"}
ANY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sns:*", "Resource": "*"}]}


@pytest.fixture(autouse=True)
def _only_moto(lab: Lab) -> None:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("the resources of the embedded engine")


def arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def deploy(lab: Lab, outputs: dict[str, Any] | None = None, /, **resources: Any) -> Stack:
    common = {"Role": role(), "Fn": function("app.handler")}
    template: dict[str, Any] = {"Resources": {**common, **resources}}
    if outputs:
        template["Outputs"] = {name: {"Value": value} for name, value in outputs.items()}
    return lab.deploy(template, CODE)


def test_policies_of_their_own_are_in_their_roles_and_groups(lab: Lab) -> None:
    stack = deploy(
        lab,
        RolePolicy=resource(
            "AWS::IAM::RolePolicy", RoleName={"Ref": "Role"}, PolicyName="p", PolicyDocument=ANY
        ),
        Group=resource("AWS::IAM::Group"),
        GroupPolicy=resource(
            "AWS::IAM::GroupPolicy", GroupName={"Ref": "Group"}, PolicyName="g", PolicyDocument=ANY
        ),
        User=resource("AWS::IAM::User"),
        UserPolicy=resource(
            "AWS::IAM::UserPolicy", UserName={"Ref": "User"}, PolicyName="u", PolicyDocument=ANY
        ),
    )
    assert stack.notes == ()
    iam: Any = lab.clients.iam
    name = {logical_id: each.physical_id for logical_id, each in stack.resources.items()}
    assert iam.get_role_policy(RoleName=name["Role"], PolicyName="p")["PolicyDocument"] == ANY
    assert iam.get_group_policy(GroupName=name["Group"], PolicyName="g")["PolicyDocument"] == ANY
    assert iam.get_user_policy(UserName=name["User"], PolicyName="u")["PolicyDocument"] == ANY


def test_versions_and_aliases_have_their_arns(lab: Lab) -> None:
    stack = deploy(
        lab,
        {
            "Version": {"Ref": "V"},
            "Number": {"Fn::GetAtt": ["V", "Version"]},
            "Alias": {"Ref": "Live"},
            "AliasArn": {"Fn::GetAtt": ["Live", "AliasArn"]},
            "Permission": {"Ref": "Permission"},
        },
        V=resource("AWS::Lambda::Version", FunctionName={"Ref": "Fn"}),
        Live=resource(
            "AWS::Lambda::Alias",
            FunctionName={"Ref": "Fn"},
            FunctionVersion={"Fn::GetAtt": ["V", "Version"]},
            Name="live",
        ),
        Permission=resource(
            "AWS::Lambda::Permission",
            FunctionName={"Ref": "Live"},
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
        ),
    )
    assert stack.notes == ()
    functions: Any = lab.clients.client("lambda")
    name = stack.resources["Fn"].physical_id
    place = functions.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    assert (stack.outputs["Version"], stack.outputs["Number"]) == (f"{place}:1", "1")
    assert stack.outputs["Alias"] == stack.outputs["AliasArn"] == f"{place}:live"
    assert functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"] == "1"
    policy = json.loads(functions.get_policy(FunctionName=name)["Policy"])
    (statement,) = policy["Statement"]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Sid"] == stack.outputs["Permission"]


def test_a_layer_has_its_name_and_arn(lab: Lab) -> None:
    lab.clients.create_bucket("layers")
    lab.clients.s3.put_object(Bucket="layers", Key="layer.zip", Body=zipped(**{"python/shared.py": ""}))
    stack = deploy(
        lab,
        {"Layer": {"Ref": "Layer"}},
        Layer=resource(
            "AWS::Lambda::LayerVersion",
            LayerName="shared",
            Content={"S3Bucket": "layers", "S3Key": "layer.zip"},
        ),
    )
    endpoint = lab.clients.endpoint
    assert stack.outputs["Layer"] == f"arn:aws:lambda:{endpoint.region}:{endpoint.account_id}:layer:shared:1"


def test_secrets_have_their_texts(lab: Lab) -> None:
    rule = {
        "SecretStringTemplate": '{"user": "ada"}',
        "GenerateStringKey": "password",
        "PasswordLength": 20,
        "ExcludePunctuation": True,
    }
    secrets: Any = lab.clients.client("secretsmanager")
    texts = []
    for _ in range(2):
        stack = deploy(
            lab,
            Given=resource("AWS::SecretsManager::Secret", SecretString='{"token": "x"}'),
            Made=resource("AWS::SecretsManager::Secret", GenerateSecretString=rule),
        )
        made = stack.of_type("AWS::SecretsManager::Secret")
        assert all(":secretsmanager:" in each for each in made.values())
        assert secrets.get_secret_value(SecretId=made["Given"])["SecretString"] == '{"token": "x"}'
        texts.append(json.loads(secrets.get_secret_value(SecretId=made["Made"])["SecretString"]))
    assert texts[0] == texts[1]
    assert texts[0]["user"] == "ada"
    assert len(texts[0]["password"]) == 20
    assert texts[0]["password"].isalnum()


def test_references_and_attributes_that_moto_lacks(lab: Lab) -> None:
    outputs: dict[str, Any] = {
        "Bus": {"Ref": "Bus"},
        "Topic": {"Fn::GetAtt": ["Topic", "TopicArn"]},
        "Queue": {"Fn::GetAtt": ["Queue", "QueueUrl"]},
        "Policy": {"Fn::GetAtt": ["Policy", "PolicyArn"]},
        "Parameter": {"Fn::GetAtt": ["Parameter", "Value"]},
        "Key": {"Fn::GetAtt": ["Key", "KeyId"]},
    }
    stack = deploy(
        lab,
        outputs,
        Bus=resource("AWS::Events::EventBus", Name="orders"),
        Topic=resource("AWS::SNS::Topic"),
        Queue=resource("AWS::SQS::Queue"),
        Policy=resource("AWS::IAM::ManagedPolicy", PolicyDocument=ANY),
        Parameter=resource("AWS::SSM::Parameter", Name="/a", Type="String", Value="v"),
        Key=resource("AWS::KMS::Key"),
    )
    physical = {name: each.physical_id for name, each in stack.resources.items()}
    assert stack.outputs == {
        **{name: physical[name] for name in ("Topic", "Queue", "Policy", "Key")},
        "Bus": "orders",
        "Parameter": "v",
    }
    assert stack.notes == ()


UNSERVED = {
    "AWS::CloudWatch::Alarm": ({"AlarmName": "late"}, "Ref", "late"),
    "AWS::Glue::Job": ({"Name": "nightly"}, "Ref", "nightly"),
    "AWS::CodeBuild::Project": ({"Name": "b"}, "Arn", "arn:aws:codebuild:R:A:project/b"),
    "AWS::Scheduler::Schedule": ({"Name": "s"}, "Arn", "arn:aws:scheduler:R:A:schedule/default/s"),
}


def test_a_global_table_is_a_table_here(lab: Lab) -> None:
    properties = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "TimeToLiveSpecification": {"AttributeName": "ends", "Enabled": True},
        "Replicas": [{"Region": "us-east-1"}, {"Region": "eu-west-1"}],
    }
    outputs = {"Arn": arn("Table"), "Stream": {"Fn::GetAtt": ["Table", "StreamArn"]}}
    stack = deploy(lab, outputs, Table=resource("AWS::DynamoDB::GlobalTable", **properties))
    name = stack.resources["Table"].physical_id
    table = lab.clients.dynamodb.describe_table(TableName=name)["Table"]
    assert stack.outputs == {"Arn": table["TableArn"], "Stream": table["LatestStreamArn"]}
    expiry = lab.clients.dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert expiry["AttributeName"] == "ends"
    assert {note.subject.split()[0] for note in stack.notes} == {
        "Table.Replicas",
    }


def test_policies_of_one_topic_and_one_queue(lab: Lab) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Sid": "mine", "Effect": "Allow"}]}
    stack = deploy(
        lab,
        Topic=resource("AWS::SNS::Topic"),
        Queue=resource("AWS::SQS::Queue"),
        TopicPolicy=resource(
            "AWS::SNS::TopicInlinePolicy", TopicArn={"Ref": "Topic"}, PolicyDocument=document
        ),
        QueuePolicy=resource("AWS::SQS::QueueInlinePolicy", Queue={"Ref": "Queue"}, PolicyDocument=document),
    )
    topic = lab.clients.sns.get_topic_attributes(TopicArn=stack.resources["Topic"].physical_id)
    queue = lab.clients.sqs.get_queue_attributes(
        QueueUrl=stack.resources["Queue"].physical_id, AttributeNames=["Policy"]
    )
    assert json.loads(topic["Attributes"]["Policy"]) == document
    assert json.loads(queue["Attributes"]["Policy"]) == document
    assert stack.notes == ()


@pytest.mark.parametrize("kind", UNSERVED)
def test_what_is_not_served_is_said_and_has_names_of_awss_form(lab: Lab, kind: str) -> None:
    properties, attribute, expected = UNSERVED[kind]
    value: Any = {"Ref": "It"} if attribute == "Ref" else {"Fn::GetAtt": ["It", attribute]}
    stack = deploy(lab, {"Value": value}, It=resource(kind, **properties))
    endpoint = lab.clients.endpoint
    place = f":{endpoint.region}:{endpoint.account_id}:"
    assert stack.outputs["Value"] == expected.replace(":R:A:", place)
    (note,) = stack.notes
    assert (note.heading, note.subject) == ("not served here", f"It ({kind})")
    assert note.text.startswith("it is not created")
    assert "It" not in stack.resources
    assert stack.not_served["It"].type == kind


def test_the_stack_itself_says_it_too(lab: Lab) -> None:
    stack = deploy(lab, It=resource("AWS::CloudWatch::Alarm"))
    told = "not served here: it is not created; no state can use it"
    cloudformation: Any = lab.clients.cloudformation
    events = cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    event = next(each for each in events if each["LogicalResourceId"] == "It")
    described = cloudformation.describe_stack_resources(StackName=stack.name)["StackResources"]
    (shown,) = (each for each in described if each["LogicalResourceId"] == "It")
    for each in (event, shown):
        assert (each["ResourceStatus"], each["ResourceStatusReason"]) == ("CREATE_FAILED", told)


def test_an_attribute_that_the_type_does_not_have_fails(lab: Lab) -> None:
    with pytest.raises(DeployError, match="Nope"):
        deploy(lab, {"A": {"Fn::GetAtt": ["It", "Nope"]}}, It=resource("AWS::CodeBuild::Project", Name="b"))


def test_properties_without_effect_are_said_at_their_lines(lab: Lab) -> None:
    properties = {"VpcConfig": {"SubnetIds": ["s"], "SecurityGroupIds": ["g"]}, "Architectures": ["x86_64"]}
    stack = lab.deploy({"Resources": {"Role": role(), "Fn": function("app.handler", **properties)}}, CODE)
    (note,) = stack.notes
    assert note.place.endswith("template.json:1")
    assert note.subject == "Fn.VpcConfig (AWS::Lambda::Function)"
    assert note.text == "it is not in a VPC: it can reach all services of the engine"


def test_a_record_that_moto_cannot_make_does_not_end_the_stack(lab: Lab) -> None:
    broken = resource("AWS::Batch::JobQueue", JobQueueName="jobs", Priority=1)
    stack = deploy(lab, It=broken)
    (note,) = stack.notes
    assert note.subject == "It (AWS::Batch::JobQueue)"
    assert note.text.startswith("it is not created: ")


@pytest.mark.parametrize("kind", ["AWS::SNS::Topik", "AWS::No::Such", "AWS::Serverless::Function"])
def test_a_type_that_aws_does_not_have_is_refused(lab: Lab, kind: str) -> None:
    with pytest.raises(DeployError) as refused:
        deploy(lab, It=resource(kind))
    assert f"Template format error: Unrecognized resource types: [{kind}]" in str(refused.value)


def test_a_stack_can_be_changed_and_deleted(lab: Lab) -> None:
    cloudformation: Any = lab.clients.cloudformation

    def body(action: str, *, alarm: bool) -> str:
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}],
        }
        resources = {
            "Role": role(RoleName="changed"),
            "Policy": resource(
                "AWS::IAM::RolePolicy", RoleName={"Ref": "Role"}, PolicyName="p", PolicyDocument=document
            ),
            **({"Alarm": resource("AWS::CloudWatch::Alarm")} if alarm else {}),
        }
        return json.dumps({"Resources": resources})

    capabilities = ["CAPABILITY_NAMED_IAM"]
    cloudformation.create_stack(
        StackName="changing", TemplateBody=body("s3:*", alarm=True), Capabilities=capabilities
    )
    cloudformation.update_stack(
        StackName="changing", TemplateBody=body("sns:*", alarm=False), Capabilities=capabilities
    )
    found: Any = lab.clients.iam.get_role_policy(RoleName="changed", PolicyName="p")["PolicyDocument"]
    assert found["Statement"][0]["Action"] == "sns:*"
    cloudformation.delete_stack(StackName="changing")
    with pytest.raises(ClientError, match="NoSuchEntity"):
        lab.clients.iam.get_role(RoleName="changed")


def test_a_policy_that_leaves_a_stack_leaves_what_it_was_of(lab: Lab) -> None:
    clients = lab.clients
    topic = clients.sns.create_topic(Name="with-policy")["TopicArn"]
    queue = clients.sqs.create_queue(QueueName="with-policy")["QueueUrl"]
    clients.s3.create_bucket(Bucket="with-policy")
    document = {"Version": "2012-10-17", "Statement": [{"Sid": "mine", "Effect": "Allow"}]}

    def topic_policy() -> Any:
        return json.loads(clients.sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])

    default = topic_policy()
    assert default["Id"] == "__default_policy_ID"
    assert default["Statement"][0]["Condition"]["StringEquals"].keys() == {"AWS:SourceOwner"}
    resources = {
        "T": resource("AWS::SNS::TopicPolicy", Topics=[topic], PolicyDocument=document),
        "Q": resource("AWS::SQS::QueuePolicy", Queues=[queue], PolicyDocument=document),
        "B": resource("AWS::S3::BucketPolicy", Bucket="with-policy", PolicyDocument=document),
    }
    cloudformation: Any = clients.cloudformation
    cloudformation.create_stack(StackName="policies", TemplateBody=json.dumps({"Resources": resources}))
    assert topic_policy() == document
    del resources["T"]
    cloudformation.update_stack(StackName="policies", TemplateBody=json.dumps({"Resources": resources}))
    assert topic_policy() == default
    assert "Attributes" in clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])
    cloudformation.delete_stack(StackName="policies")
    assert "Attributes" not in clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        clients.s3.get_bucket_policy(Bucket="with-policy")


def test_an_archive_policy_is_told_as_a_json_text(lab: Lab) -> None:
    topic = resource(
        "AWS::SNS::Topic", TopicName="kept.fifo", FifoTopic=True, ArchivePolicy={"MessageRetentionPeriod": 30}
    )
    arn = deploy(lab, Topic=topic).resources["Topic"].physical_id
    told = lab.clients.sns.get_topic_attributes(TopicArn=arn)["Attributes"]["ArchivePolicy"]
    assert json.loads(told) == {"MessageRetentionPeriod": "30"}


def test_notes_are_in_the_template_order(lab: Lab) -> None:
    stack = deploy(lab, B=resource("AWS::CloudWatch::Alarm"), A=resource("AWS::XRay::Group"))
    assert all(isinstance(note, Note) for note in stack.notes)
    assert [note.subject.split()[0] for note in stack.notes] == ["B", "A"]


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        (
            resource("AWS::SNS::Subscription", TopicArn={"Ref": "Topic"}, Protocol="lamda", Endpoint="x"),
            "Amazon SNS does not support this protocol string: lamda",
        ),
        (resource("AWS::SNS::Topic", Subscription=[{"Protocol": "mail", "Endpoint": "x"}]), "string: mail"),
        (
            resource("AWS::Lambda::LayerVersion", LayerName="a b", Content="./src"),
            "Value 'a b' at 'layerName' failed to satisfy constraint",
        ),
    ],
)
def test_a_value_that_the_service_refuses_fails_the_stack(
    lab: Lab, declared: dict[str, Any], says: str
) -> None:
    with pytest.raises(DeployError, match=says):
        deploy(lab, Topic=resource("AWS::SNS::Topic"), X=declared)
