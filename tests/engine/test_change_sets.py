"""Change sets: their contents, equal names in different stacks, and change sets without changes."""

from __future__ import annotations

import io
import json
import urllib.request
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab

from harness.stack.deploy import CAPABILITIES

TEMPLATE = """
Description: a queue
Parameters: {Delay: {Type: Number, Default: 5}}
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: !Ref Delay}}
Outputs:
  Url: {Value: !Ref Queue, Description: its address, Export: {Name: !Sub "${AWS::StackName}-url"}}
  Delay: {Value: !Ref Delay}
"""
SAME = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)


def make(lab: Lab, stack: str, name: str = "changes", kind: Any = "CREATE", **given: Any) -> Any:
    cloudformation = lab.clients.cloudformation
    given = {"TemplateBody": TEMPLATE, "Capabilities": CAPABILITIES, **given}
    cloudformation.create_change_set(StackName=stack, ChangeSetName=name, ChangeSetType=kind, **given)
    return cloudformation.describe_change_set(StackName=stack, ChangeSetName=name)


def execute(lab: Lab, stack: str, name: str = "changes") -> Any:
    lab.clients.cloudformation.execute_change_set(StackName=stack, ChangeSetName=name)
    return described(lab, stack)


def described(lab: Lab, stack: str) -> Any:
    (found,) = lab.clients.cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return found


def delay(text: str) -> list[Any]:
    return [{"ParameterKey": "Delay", "ParameterValue": text}]


def test_a_stack_shows_what_its_change_set_said(lab: Lab) -> None:
    tags: list[Any] = [{"Key": "team", "Value": "blue"}]
    given = {
        "Tags": tags,
        "Capabilities": ["CAPABILITY_IAM"],
        "Parameters": delay("7"),
        "Description": "first",
    }
    made = make(lab, "shown", **given)
    assert {key: made[key] for key in given} == given
    assert (made["Status"], made["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    (change,) = [each["ResourceChange"] for each in made["Changes"]]
    assert (change["Action"], change["LogicalResourceId"]) == ("Add", "Queue")
    assert described(lab, "shown")["StackStatus"] == "REVIEW_IN_PROGRESS"

    stack = execute(lab, "shown")
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["ChangeSetId"] == made["ChangeSetId"]
    assert (stack["Description"], stack["Tags"], stack["Parameters"]) == ("a queue", tags, delay("7"))
    assert stack["Capabilities"] == ["CAPABILITY_IAM"]
    assert stack["DriftInformation"] == {"StackDriftStatus": "NOT_CHECKED"}
    assert stack["RollbackConfiguration"] == {}
    assert stack["LastUpdatedTime"] >= stack["CreationTime"]
    url, shown = stack["Outputs"]
    assert (url["OutputKey"], url["Description"], url["ExportName"]) == ("Url", "its address", "shown-url")
    assert shown == {"OutputKey": "Delay", "OutputValue": "7"}
    exports = lab.clients.cloudformation.list_exports()["Exports"]
    assert ("shown-url", url["OutputValue"]) in [(export["Name"], export["Value"]) for export in exports]


def test_nobody_has_looked_for_drift(lab: Lab) -> None:
    make(lab, "drift")
    execute(lab, "drift")
    cloudformation = lab.clients.cloudformation
    drift = {"StackResourceDriftStatus": "NOT_CHECKED"}
    (resource,) = cloudformation.describe_stack_resources(StackName="drift")["StackResources"]
    (summary,) = cloudformation.list_stack_resources(StackName="drift")["StackResourceSummaries"]
    assert (resource["DriftInformation"], summary["DriftInformation"]) == (drift, drift)


def test_an_update_changes_and_removes_outputs(lab: Lab) -> None:
    make(lab, "updated")
    execute(lab, "updated")
    fewer = TEMPLATE.replace(
        '  Url: {Value: !Ref Queue, Description: its address, Export: {Name: !Sub "${AWS', "#"
    )
    made = make(lab, "updated", "second", "UPDATE", TemplateBody=fewer, Parameters=delay("8"))
    (change,) = [each["ResourceChange"] for each in made["Changes"]]
    assert (change["Action"], change["Scope"]) == ("Modify", ["Properties"])
    assert change["PhysicalResourceId"].endswith("Queue-" + change["PhysicalResourceId"].rpartition("-")[2])
    stack = execute(lab, "updated", "second")
    assert stack["Outputs"] == [{"OutputKey": "Delay", "OutputValue": "8"}]
    assert stack["ChangeSetId"] == made["ChangeSetId"]
    assert stack["LastUpdatedTime"] >= stack["CreationTime"]
    exports = lab.clients.cloudformation.list_exports()["Exports"]
    assert "updated-url" not in [export["Name"] for export in exports]


def test_a_change_set_without_changes_fails_and_cannot_be_executed(lab: Lab) -> None:
    make(lab, "same", Parameters=delay("7"))
    before = execute(lab, "same")
    previous: list[Any] = [{"ParameterKey": "Delay", "UsePreviousValue": True}]
    for number, parameters in enumerate((previous, delay("7"))):
        made = make(lab, "same", f"again-{number}", "UPDATE", Parameters=parameters)
        assert (made["Status"], made["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
        assert (made["StatusReason"], made["Changes"]) == (SAME, [])
        with pytest.raises(
            ClientError, match=r"cannot be executed in its current status of \[FAILED\]"
        ) as no:
            execute(lab, "same", f"again-{number}")
        assert no.value.response["Error"]["Code"] == "InvalidChangeSetStatus"
    assert described(lab, "same") == before
    assert make(lab, "same", "default", "UPDATE")["Status"] == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match=r"No updates are to be performed\."):
        lab.clients.cloudformation.update_stack(
            Capabilities=CAPABILITIES, StackName="same", TemplateBody=TEMPLATE, Parameters=delay("7")
        )


def test_other_tags_are_a_change(lab: Lab) -> None:
    make(lab, "tagged", Tags=[{"Key": "a", "Value": "1"}])
    execute(lab, "tagged")
    assert make(lab, "tagged", "same", "UPDATE", Tags=[{"Key": "a", "Value": "1"}])["Status"] == "FAILED"
    make(lab, "tagged", "other", "UPDATE", Tags=[{"Key": "a", "Value": "2"}])
    assert execute(lab, "tagged", "other")["Tags"] == [{"Key": "a", "Value": "2"}]


def test_change_sets_of_one_name_belong_to_their_stacks(lab: Lab) -> None:
    make(lab, "one", Parameters=delay("1"))
    make(lab, "two", Parameters=delay("2"))
    listed = lab.clients.cloudformation.list_change_sets(StackName="one")["Summaries"]
    assert [each["StackName"] for each in listed] == ["one"]
    assert execute(lab, "one")["Parameters"] == delay("1")
    assert execute(lab, "two")["Parameters"] == delay("2")
    # it has been executed
    assert lab.clients.cloudformation.list_change_sets(StackName="one")["Summaries"] == []
    make(lab, "one", kind="UPDATE", Parameters=delay("3"))  # an executed change set releases its name
    with pytest.raises(ClientError, match="already exists") as again:
        make(lab, "one", kind="UPDATE")
    assert again.value.response["Error"]["Code"] == "AlreadyExistsException"
    lab.clients.cloudformation.delete_change_set(StackName="one", ChangeSetName="changes")
    lab.clients.cloudformation.delete_change_set(StackName="one", ChangeSetName="changes")
    with pytest.raises(ClientError, match=r"ChangeSet \[changes\] does not exist") as gone:
        lab.clients.cloudformation.describe_change_set(StackName="one", ChangeSetName="changes")
    assert gone.value.response["Error"]["Code"] == "ChangeSetNotFound"
    assert make(lab, "one", kind="UPDATE", Parameters=delay("3"))["Status"] == "CREATE_COMPLETE"


FUNCTION = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.12
      Role: !GetAtt Role.Arn
      MemorySize: 128
      Code: {ZipFile: "def handler(event, context): return 1"}
Outputs: {Name: {Value: !Ref Function}}
"""


def source(lab: Lab, name: str) -> str:
    code = lab.clients.lambda_.get_function(FunctionName=name)["Code"]
    with urllib.request.urlopen(code["Location"]) as answer:
        content = answer.read()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("index.py").decode()


def test_code_in_a_template_is_updated_and_a_role_with_managed_policies_is_deleted(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="inline", TemplateBody=FUNCTION)
    name = described(lab, "inline")["Outputs"][0]["OutputValue"]
    changed = FUNCTION.replace("return 1", "return 2").replace("128", "256")
    cloudformation.update_stack(Capabilities=CAPABILITIES, StackName="inline", TemplateBody=changed)
    assert described(lab, "inline")["Outputs"][0]["OutputValue"] == name
    assert lab.clients.lambda_.get_function_configuration(FunctionName=name)["MemorySize"] == 256
    answer = lab.clients.lambda_.invoke(FunctionName=name)["Payload"].read()
    assert json.loads(answer) == 2
    renamed = changed.replace("MemorySize: 256", "FunctionName: renamed")
    cloudformation.update_stack(Capabilities=CAPABILITIES, StackName="inline", TemplateBody=renamed)
    assert described(lab, "inline")["Outputs"][0]["OutputValue"] == "renamed"
    with pytest.raises(ClientError, match="not found"):
        lab.clients.lambda_.get_function(FunctionName=name)
    cloudformation.delete_stack(StackName="inline")
    with pytest.raises(ClientError, match="not found"):
        lab.clients.lambda_.get_function(FunctionName="renamed")
