"""Custom resources in stacks on the embedded engine."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from contract import Lab, function, role

from harness.engine.moto.engine import MotoEngine
from harness.stack.deploy import CAPABILITIES
from harness.stack.model import DeployError, Stack

CODE = """
import json, urllib.request

def handler(event, context):
    print(event["RequestType"], event["ResourceProperties"])
    properties = event["ResourceProperties"]
    if properties["Does"] == "nothing":
        return
    if properties["Does"] == "raises":
        raise KeyError("Does")
    answer = {
        "Status": properties["Does"],
        "Reason": "the quota is used up",
        "PhysicalResourceId": properties.get("Id", "thing-1"),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": {"Key": "value", "Got": json.dumps(properties)},
    }
    body = json.dumps(answer).encode()
    urllib.request.urlopen(
        urllib.request.Request(event["ResponseURL"], body, {"content-type": ""}, method="PUT")
    )
"""
INLINE = """
import cfnresponse

def handler(event, context):
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Key": "inline"}, "thing-1")
"""
KINDS = ["Custom::Thing", "AWS::CloudFormation::CustomResource"]


@pytest.fixture(autouse=True)
def _only_moto(lab: Lab) -> None:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("the custom resources of the embedded engine")


def template(kind: str, **properties: Any) -> dict[str, Any]:
    token = {"Fn::GetAtt": ["Fn", "Arn"]}
    return {
        "Resources": {
            "Role": role(),
            "Fn": function("app.handler"),
            "Thing": {"Type": kind, "Properties": {"ServiceToken": token, **properties}},
        },
        "Outputs": {
            "Id": {"Value": {"Ref": "Thing"}},
            "Key": {"Value": {"Fn::GetAtt": ["Thing", "Key"]}},
        },
    }


def deploy(lab: Lab, kind: str, does: str, **properties: Any) -> Stack:
    return lab.deploy(template(kind, Does=does, **properties), {"src/app.py": CODE})


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_gives_name_and_attributes(lab: Lab, kind: str) -> None:
    stack = deploy(lab, kind, "SUCCESS")
    assert stack.outputs == {"Id": "thing-1", "Key": "value"}
    assert stack.resources["Thing"].physical_id == "thing-1"
    assert stack.notes == ()


def test_its_properties_arrive_as_texts(lab: Lab) -> None:
    given = template("Custom::Thing", Does="SUCCESS", Number=7, Flag=True, List=[1, {"a": False}])
    given["Outputs"] = {"Got": {"Value": {"Fn::GetAtt": ["Thing", "Got"]}}}
    stack = lab.deploy(given, {"src/app.py": CODE})
    assert '"Number": "7", "Flag": "true", "List": ["1", {"a": "false"}]' in stack.outputs["Got"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("does", "why"),
    [
        ("FAILED", r"Received response status \[FAILED\] from custom resource.*the quota is used up"),
        ("nothing", "did not receive a response from your Custom Resource"),
        ("raises", "it failed with KeyError: 'Does'"),
    ],
)
def test_a_failure_or_silence_fails_the_stack_at_once(lab: Lab, kind: str, does: str, why: str) -> None:
    with pytest.raises(DeployError, match=rf"Thing \({kind}\): .*{why}"):
        deploy(lab, kind, does)


def test_an_attribute_that_the_answer_lacks_fails_the_stack(lab: Lab) -> None:
    given = template("Custom::Thing", Does="SUCCESS")
    properties = {"Name": "/a", "Type": "String", "Value": {"Fn::GetAtt": ["Thing", "Nope"]}}
    given["Resources"]["Parameter"] = {"Type": "AWS::SSM::Parameter", "Properties": properties}
    with pytest.raises(DeployError, match="Vendor response doesn't contain Nope attribute in object Thing"):
        lab.deploy(given, {"src/app.py": CODE})


def test_the_module_for_inline_functions_works(lab: Lab) -> None:
    given = template("Custom::Thing")
    properties = given["Resources"]["Fn"]["Properties"]
    properties |= {"Code": {"ZipFile": INLINE}, "Handler": "index.handler"}
    assert lab.deploy(given, {}).outputs["Key"] == "inline"


def test_a_topic_may_be_the_service_token(lab: Lab) -> None:
    given = template("Custom::Thing", Does="SUCCESS", ServiceToken={"Ref": "Topic"})
    subscription = {"Protocol": "lambda", "Endpoint": {"Fn::GetAtt": ["Fn", "Arn"]}}
    given["Resources"]["Topic"] = {
        "Type": "AWS::SNS::Topic",
        "Properties": {"Subscription": [subscription]},
    }
    code = CODE.replace(
        "def handler(event, context):\n",
        'def handler(event, context):\n    event = json.loads(event["Records"][0]["Sns"]["Message"])\n',
    )
    assert lab.deploy(given, {"src/app.py": code}).outputs["Key"] == "value"


def test_it_hears_of_changes_and_of_its_end(lab: Lab) -> None:
    stack = deploy(lab, "Custom::Thing", "SUCCESS")
    cloudformation: Any = lab.clients.cloudformation
    body: Any = cloudformation.get_template(StackName=stack.name)["TemplateBody"]
    body["Resources"]["Thing"]["Properties"]["Id"] = "thing-2"
    cloudformation.update_stack(
        StackName=stack.name, TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_IAM"]
    )
    cloudformation.delete_stack(StackName=stack.name)
    name = stack.resources["Fn"].physical_id
    asked = [json.loads(i.payload) for i in lab.engine.invocations() if i.function == name]
    told = [(each["RequestType"], each.get("PhysicalResourceId")) for each in asked]
    assert told == [("Create", None), ("Update", "thing-1"), ("Delete", "thing-1"), ("Delete", "thing-2")]


NODE = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  Provider:
    Type: AWS::Lambda::Function
    Properties:
      {Runtime: nodejs20.x, Handler: index.handler, Role: !GetAtt Role.Arn, Code: {ZipFile: "exports.x = 1"}}
"""


def test_what_cdk_ships_in_another_language_is_done(lab: Lab) -> None:
    cloudformation, s3 = lab.clients.cloudformation, lab.clients.s3
    text = f"""{NODE}
  Bucket: {{Type: AWS::S3::Bucket, Properties: {{BucketName: emptied}}}}
  Empties:
    Type: Custom::S3AutoDeleteObjects
    Properties: {{ServiceToken: !GetAtt Provider.Arn, BucketName: !Ref Bucket}}
  Logs:
    Type: Custom::LogRetention
    Properties: {{ServiceToken: !GetAtt Provider.Arn, LogGroupName: /made/by/cdk, RetentionInDays: 7}}
Outputs: {{Group: {{Value: !GetAtt Logs.LogGroupName}}}}
"""
    cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="cdk", TemplateBody=text)
    (stack,) = cloudformation.describe_stacks(StackName="cdk")["Stacks"]
    assert (stack["StackStatus"], stack["Outputs"][0]["OutputValue"]) == ("CREATE_COMPLETE", "/made/by/cdk")
    (group,) = lab.clients.logs.describe_log_groups(logGroupNamePrefix="/made/by/cdk")["logGroups"]
    assert group["retentionInDays"] == 7
    s3.put_bucket_versioning(Bucket="emptied", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="emptied", Key="k", Body=body)
    cloudformation.delete_stack(StackName="cdk")
    (stack,) = cloudformation.describe_stacks(StackName=stack["StackId"])["Stacks"]
    assert stack["StackStatus"] == "DELETE_COMPLETE"
    assert s3.list_buckets()["Buckets"] == []


def test_files_are_deployed_into_a_bucket_as_cdk_does_it(lab: Lab) -> None:
    cloudformation, s3 = lab.clients.cloudformation, lab.clients.s3
    s3.create_bucket(Bucket="assets")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("site/index.html", "<xml>TOPIC</xml>")
        files.writestr("left.out", "")
    s3.put_object(Bucket="assets", Key="a.zip", Body=archive.getvalue())
    text = f"""{NODE}
  Topic: {{Type: AWS::SNS::Topic}}
  Bucket: {{Type: AWS::S3::Bucket, Properties: {{BucketName: filled}}}}
  Files:
    Type: Custom::CDKBucketDeployment
    Properties:
      ServiceToken: !GetAtt Provider.Arn
      SourceBucketNames: [assets]
      SourceObjectKeys: [a.zip]
      SourceMarkers: [{{TOPIC: !GetAtt Topic.TopicName}}]
      DestinationBucketName: !Ref Bucket
      DestinationBucketKeyPrefix: web
      Exclude: ["*.out"]
Outputs: {{Name: {{Value: !GetAtt Topic.TopicName}}}}
"""
    cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="files", TemplateBody=text)
    (stack,) = cloudformation.describe_stacks(StackName="files")["Stacks"]
    (stored,) = s3.list_objects_v2(Bucket="filled")["Contents"]
    assert stored["Key"] == "web/site/index.html"
    content = s3.get_object(Bucket="filled", Key=stored["Key"])["Body"].read().decode()
    assert content == f"<xml>{stack['Outputs'][0]['OutputValue']}</xml>"


def test_one_whose_function_is_not_run_here_is_told_and_has_no_attributes(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation
    text = f"{NODE}  Thing: {{Type: Custom::AWS, Properties: {{ServiceToken: !GetAtt Provider.Arn}}}}\n"
    cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="node", TemplateBody=text)
    (stack,) = cloudformation.describe_stacks(StackName="node")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    found = cloudformation.describe_stack_resource(StackName="node", LogicalResourceId="Thing")
    reason = found["StackResourceDetail"]["ResourceStatusReason"]
    assert reason.startswith("not served here: it is not created: its function node-Provider-")
    assert "Runtime nodejs20.x is not supported" in reason
    asking = f"{text}Outputs: {{O: {{Value: !GetAtt Thing.Key}}}}\n"
    cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="node-asking", TemplateBody=asking)
    (stack,) = cloudformation.describe_stacks(StackName="node-asking")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"


def test_another_physical_id_after_an_update_lets_the_old_one_be_deleted(lab: Lab) -> None:
    number = next(lab.numbers)
    stack = deploy(lab, "Custom::Thing", "SUCCESS")
    cloudformation = lab.clients.cloudformation
    text = json.dumps(cloudformation.get_template(StackName=stack.name)["TemplateBody"])
    changed = text.replace('"Does": "SUCCESS"', f'"Does": "SUCCESS", "Id": "thing-{number}-new"')
    cloudformation.update_stack(Capabilities=CAPABILITIES, StackName=stack.name, TemplateBody=changed)
    events = cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    of_thing = [
        (each["ResourceStatus"], each["PhysicalResourceId"])
        for each in reversed(events)
        if each["LogicalResourceId"] == "Thing" and "IN_PROGRESS" not in each["ResourceStatus"]
    ]
    assert of_thing == [
        ("CREATE_COMPLETE", "thing-1"),
        ("UPDATE_COMPLETE", f"thing-{number}-new"),
        ("DELETE_COMPLETE", "thing-1"),
    ]
