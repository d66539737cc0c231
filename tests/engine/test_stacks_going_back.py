"""Stacks that fail and roll back, replaced resources, and policies that retain them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab

from harness.engine.moto.engine import MotoEngine
from harness.stack.deploy import CAPABILITIES


@pytest.fixture(autouse=True)
def _only_moto(lab: Lab) -> None:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("the stacks of the embedded engine")


BAD = "  Bad: {Type: AWS::SNS::Topic, Properties: {TopicName: no name}}\n"
BROKEN = """
Resources:
  Good: {Type: AWS::SQS::Queue}
  Bad: {Type: AWS::SNS::Topic, Properties: {TopicName: "no name"}}
  Needs: {Type: AWS::SQS::Queue, Properties: {Tags: [{Key: t, Value: !Ref Bad}]}}
  Worse: {Type: AWS::SQS::Queue, Properties: {QueueName: "no name, either"}}
  Last: {Type: AWS::SQS::Queue, DependsOn: Good}
"""


def described(lab: Lab, name: str) -> Any:
    return lab.clients.cloudformation.describe_stacks(StackName=name)["Stacks"][0]


def events(lab: Lab, name: str) -> list[tuple[str, str]]:
    found = lab.clients.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    return [(each["LogicalResourceId"], each["ResourceStatus"]) for each in reversed(found)]


def reasons(found: Any, status: str) -> list[str]:
    return [each["ResourceStatusReason"] for each in found if each["ResourceStatus"] == status]


def resources(lab: Lab, name: str) -> dict[str, str]:
    found = lab.clients.cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    return {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in found}


def queues(lab: Lab) -> list[str]:
    return lab.clients.sqs.list_queues().get("QueueUrls", [])


def names(lab: Lab) -> list[str]:
    return sorted(url.rpartition("/")[2] for url in queues(lab))


def create(lab: Lab, name: str, text: str, **more: Any) -> Any:
    arn = lab.clients.cloudformation.create_stack(
        Capabilities=CAPABILITIES, StackName=name, TemplateBody=text, **more
    )["StackId"]
    return described(lab, arn)


def update(lab: Lab, name: str, text: str, **more: Any) -> Any:
    lab.clients.cloudformation.update_stack(
        Capabilities=CAPABILITIES, StackName=name, TemplateBody=text, **more
    )
    return described(lab, name)


def test_a_stack_that_fails_tells_all_problems_and_goes_back(lab: Lab) -> None:
    stack = create(lab, "back", BROKEN)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    seen = events(lab, "back")
    assert [name for name, status in seen if status == "CREATE_FAILED"] == ["Bad", "Worse"]
    assert "Needs" not in [name for name, _ in seen]
    assert [name for name, status in seen if status == "DELETE_IN_PROGRESS"] == ["Last", "Good"]
    assert queues(lab) == []
    found = lab.clients.cloudformation.describe_stack_events(StackName="back")["StackEvents"]
    (why,) = [
        each["ResourceStatusReason"] for each in found if each["ResourceStatus"] == "ROLLBACK_IN_PROGRESS"
    ]
    assert why == ("The following resource(s) failed to create: [Bad, Worse]. Rollback requested by user.")
    assert found == sorted(found, key=lambda each: each["Timestamp"], reverse=True)
    assert len({each["EventId"] for each in found}) == len(found)
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        update(lab, "back", BROKEN.replace("no name", "name"))


@pytest.mark.parametrize("more", [{"OnFailure": "DO_NOTHING"}, {"DisableRollback": True}])
def test_a_stack_that_fails_stays_where_that_is_asked_for(lab: Lab, more: dict[str, Any]) -> None:
    name = f"stays-{next(lab.numbers)}"
    assert create(lab, name, BROKEN, **more)["StackStatus"] == "CREATE_FAILED"
    assert len(queues(lab)) == 2
    lab.clients.cloudformation.delete_stack(StackName=name)
    assert queues(lab) == []


def test_a_stack_that_fails_is_deleted_where_that_is_asked_for(lab: Lab) -> None:
    stack = create(lab, "gone", BROKEN, OnFailure="DELETE")
    assert stack["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="Stack with id gone does not exist"):
        described(lab, "gone")
    assert queues(lab) == []


QUEUE = """
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: one, VisibilityTimeout: 5}
  User:
    Type: AWS::SNS::Topic
    Properties: {DisplayName: !GetAtt Queue.QueueName}
Outputs: {Url: {Value: !Ref Queue}, Topic: {Value: !Ref User}}
"""


def test_another_resource_is_made_before_the_old_one_is_deleted(lab: Lab) -> None:
    create(lab, "replaced", QUEUE)
    before = resources(lab, "replaced")
    stack = update(lab, "replaced", QUEUE.replace("one", "two"))
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    after = resources(lab, "replaced")
    assert after == {"Queue": before["Queue"].replace("/one", "/two"), "User": before["User"]}
    topic = lab.clients.sns.get_topic_attributes(TopicArn=after["User"])["Attributes"]
    assert topic["DisplayName"] == "two"
    seen = events(lab, "replaced")
    order = [("Queue", "UPDATE_COMPLETE"), ("User", "UPDATE_COMPLETE"), ("Queue", "DELETE_COMPLETE")]
    assert [each for each in seen if each in order] == order
    assert names(lab) == ["two"]
    lab.clients.cloudformation.delete_stack(StackName="replaced")


def test_a_resource_that_is_changed_keeps_what_is_in_it(lab: Lab) -> None:
    create(lab, "kept", QUEUE)
    url = resources(lab, "kept")["Queue"]
    lab.clients.sqs.send_message(QueueUrl=url, MessageBody="hello")
    update(lab, "kept", QUEUE.replace("VisibilityTimeout: 5", "DelaySeconds: 9"))
    found = lab.clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (found["VisibilityTimeout"], found["DelaySeconds"]) == ("30", "9")
    assert found["ApproximateNumberOfMessages"] == "1"
    lab.clients.cloudformation.delete_stack(StackName="kept")


def test_an_update_that_fails_goes_back(lab: Lab) -> None:
    before = create(lab, "undone", QUEUE)["Outputs"]
    bad = QUEUE.replace("one", "two").replace("!GetAtt Queue.QueueName", "changed")
    bad = bad.replace("Outputs:", f"{BAD}Outputs:")
    stack = update(lab, "undone", bad)
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stack["Outputs"] == before
    topic = before[1]["OutputValue"]
    assert names(lab) == ["one"]
    assert lab.clients.sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "one"
    assert set(resources(lab, "undone")) == {"Queue", "User"}
    assert update(lab, "undone", QUEUE.replace("5", "6"))["StackStatus"] == "UPDATE_COMPLETE"
    failed = update(lab, "undone", bad, DisableRollback=True)
    assert failed["StackStatus"] == "UPDATE_FAILED"
    assert lab.clients.sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "changed"
    fixed = bad.replace("TopicName: no name", "TopicName: name")
    with pytest.raises(ClientError, match=r"non-terminal \[UPDATE_FAILED\] state. .* disable-rollback"):
        update(lab, "undone", fixed)
    assert update(lab, "undone", fixed, DisableRollback=True)["StackStatus"] == "UPDATE_COMPLETE"
    lab.clients.cloudformation.delete_stack(StackName="undone")


def test_a_resource_with_a_name_of_its_own_is_not_replaced_under_it(lab: Lab) -> None:
    text = """
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
"""
    create(lab, "named", text)
    stack = update(lab, "named", text.replace("id", "key"))
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    found = lab.clients.cloudformation.describe_stack_events(StackName="named")["StackEvents"]
    (why,) = reasons(found, "UPDATE_FAILED")
    assert "a custom-named resource requires replacing. Rename orders and update the stack again." in why
    lab.clients.cloudformation.delete_stack(StackName="named")


KEPT = """
Resources:
  A: {Type: AWS::SQS::Queue, DeletionPolicy: Retain, UpdateReplacePolicy: Retain, Properties: {QueueName: a1}}
  B: {Type: AWS::SQS::Queue, DeletionPolicy: RetainExceptOnCreate, Properties: {QueueName: b1}}
  C: {Type: AWS::SQS::Queue, Properties: {QueueName: c1}}
"""


def test_policies_keep_resources(lab: Lab) -> None:
    create(lab, "policies", KEPT)
    update(lab, "policies", KEPT.replace("1", "2"))
    assert names(lab) == ["a1", "a2", "b2", "c2"]
    lab.clients.cloudformation.delete_stack(StackName="policies")
    assert names(lab) == ["a1", "a2", "b2"]
    for url in queues(lab):
        lab.clients.sqs.delete_queue(QueueUrl=url)


def test_a_creation_that_goes_back_keeps_only_what_is_to_be_kept_then_too(lab: Lab) -> None:
    bad = f"{KEPT}{BAD}"
    assert create(lab, "back-again", bad)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert names(lab) == ["a1"]
    lab.clients.sqs.delete_queue(QueueUrl=queues(lab)[0])


def test_a_stack_whose_bucket_is_not_empty_is_not_deleted(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation
    create(lab, "full", "Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: full}}}")
    lab.clients.s3.put_object(Bucket="full", Key="k", Body=b"x")
    cloudformation.delete_stack(StackName="full")
    stack = described(lab, "full")
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert stack["StackStatusReason"] == "The following resource(s) failed to delete: [B]. "
    cloudformation.delete_stack(StackName="full", RetainResources=["B"])
    with pytest.raises(ClientError, match="does not exist"):
        described(lab, "full")
    lab.clients.s3.delete_object(Bucket="full", Key="k")
    lab.clients.s3.delete_bucket(Bucket="full")


def test_protected_stacks_and_exports_in_use_stay(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation
    text = "Resources: {T: {Type: AWS::SNS::Topic}}\nOutputs: {N: {Value: v, Export: {Name: shared}}}"
    create(lab, "exports", text, EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is enabled"):
        cloudformation.delete_stack(StackName="exports")
    cloudformation.update_termination_protection(StackName="exports", EnableTerminationProtection=False)
    imports = (
        "Resources: {T: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue shared}}}\n"
        "Outputs: {O: {Value: {Fn::GetStackOutput: {StackName: exports, OutputName: N}}}}"
    )
    assert create(lab, "imports", imports)["Outputs"][0]["OutputValue"] == "v"
    assert cloudformation.list_imports(ExportName="shared")["Imports"] == ["imports"]
    cloudformation.delete_stack(StackName="exports")
    assert described(lab, "exports")["StackStatusReason"] == (
        "Export shared cannot be deleted as it is in use by imports"
    )
    cloudformation.delete_stack(StackName="imports")
    cloudformation.delete_stack(StackName="exports")
    assert cloudformation.list_exports()["Exports"] == []


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("{StackName: none, OutputName: N}", "Stack [none] does not exist in 123456789012, us-east-1"),
        ("{StackName: there, OutputName: M}", "stack there has no output M; its outputs: N"),
    ],
)
def test_an_output_of_another_stack_that_is_not_there_is_named(lab: Lab, argument: str, says: str) -> None:
    if says.startswith("stack there"):
        create(lab, "there", "Resources: {T: {Type: AWS::SNS::Topic}}\nOutputs: {N: {Value: v}}")
    topic = "{Type: AWS::SNS::Topic, Properties: {DisplayName: {Fn::GetStackOutput: ARGUMENT}}}"
    text = f"Resources: {{T: {topic.replace('ARGUMENT', argument)}}}"
    name = f"asks-{next(lab.numbers)}"
    create(lab, name, text)
    found = lab.clients.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    (why,) = reasons(found, "CREATE_FAILED")
    assert why == f"Fn::GetStackOutput: {says} (property DisplayName)"


def test_the_failures_of_a_nested_stack_are_told(lab: Lab) -> None:
    lab.clients.s3.create_bucket(Bucket="templates")
    lab.clients.s3.put_object(Bucket="templates", Key="child.yaml", Body=BROKEN.encode())
    url = "https://templates.s3.us-east-1.amazonaws.com/child.yaml"
    text = f"Resources: {{Child: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: '{url}'}}}}}}"
    assert create(lab, "parent", text)["StackStatus"] == "ROLLBACK_COMPLETE"
    found = lab.clients.cloudformation.describe_stack_events(StackName="parent")["StackEvents"]
    (why,) = reasons(found, "CREATE_FAILED")
    assert "was not successfully created: Bad (AWS::SNS::Topic): " in why
    assert "Worse (AWS::SQS::Queue): " in why
    stacks = lab.clients.cloudformation.describe_stacks()["Stacks"]
    assert not [each["StackName"] for each in stacks if each["StackName"].startswith("parent-Child")]
    lab.clients.s3.delete_object(Bucket="templates", Key="child.yaml")
    lab.clients.s3.delete_bucket(Bucket="templates")


def test_a_change_set_says_what_is_replaced(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation
    create(lab, "planned", QUEUE)
    new = QUEUE.replace("one", "two").replace("\nOutputs", "\n  New: {Type: AWS::SNS::Topic}\nOutputs")
    cloudformation.create_change_set(
        Capabilities=CAPABILITIES, StackName="planned", ChangeSetName="plan", TemplateBody=new
    )
    found = cloudformation.describe_change_set(
        StackName="planned", ChangeSetName="plan", IncludePropertyValues=True
    )
    changes = {
        each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in found["Changes"]
    }
    assert changes["Queue"]["Replacement"] == "True"
    assert changes["Queue"]["PolicyAction"] == "ReplaceAndDelete"
    (detail,) = changes["Queue"]["Details"]
    assert detail["Target"] == {
        "Attribute": "Properties",
        "Name": "QueueName",
        "RequiresRecreation": "Always",
    }
    assert (changes["User"]["Action"], changes["User"]["Replacement"]) == ("Modify", "False")
    assert "KNOWN_AFTER_APPLY" in changes["User"]["AfterContext"]
    assert (changes["New"]["Action"], changes["New"]["Scope"]) == ("Add", [])
    cloudformation.delete_stack(StackName="planned")
