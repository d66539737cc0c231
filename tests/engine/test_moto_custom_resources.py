"""Custom resources of stacks on the embedded engine."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract import Lab, function, role

from harness.engine.moto.engine import MotoEngine
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
