"""CreateStack, UpdateStack and change sets with templates that users send themselves."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab

from harness.engine.clients import Clients
from harness.stack.deploy import CAPABILITIES

QUEUE = """
Parameters:
  Flag: {Type: String, Default: yes}
  Delay: {Type: Number, Default: 5}
  Names: {Type: CommaDelimitedList, Default: "a, b"}
  Secret: {Type: String, Default: first, NoEcho: true}
Conditions:
  Second: !Equals [!Ref Flag, false]
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: !Ref Delay, Tags: [{Key: flag, Value: !Ref Flag}, {Key: two, Value: 2}]}
  Other: {Type: AWS::SQS::Queue, Condition: Second}
  Topic: {Type: AWS::SNS::Topic}
Outputs:
  Url: {Value: !Ref Queue}
  Topic: {Value: !Ref Topic}
  Flag: {Value: !Ref Flag}
  Number: {Value: 0x10, Export: {Name: !Sub "${AWS::StackName}-number"}}
  Names: {Value: !Join ["/", !Ref Names]}
"""


def given(**parameters: str) -> list[Any]:
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]


def outputs(lab: Lab, name: str) -> dict[str, str]:
    (stack,) = lab.clients.cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def resources(lab: Lab, name: str) -> set[str]:
    found = lab.clients.cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
    return {each["LogicalResourceId"] for each in found}


def timeout(lab: Lab, url: str) -> str:
    found = lab.clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    return found["Attributes"]["VisibilityTimeout"]


def test_a_stack_is_made_updated_and_deleted(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(
        Capabilities=CAPABILITIES, StackName="made", TemplateBody=QUEUE, Parameters=given(Delay="7")
    )
    seen = outputs(lab, "made")
    assert {name: seen[name] for name in ("Flag", "Number", "Names")} == {
        "Flag": "true",
        "Number": "16",
        "Names": "a/b",
    }
    assert timeout(lab, seen["Url"]) == "7"
    assert lab.clients.sqs.list_queue_tags(QueueUrl=seen["Url"])["Tags"] == {"flag": "true", "two": "2"}
    assert resources(lab, "made") == {"Queue", "Topic"}

    previous: Any = {"ParameterKey": "Delay", "UsePreviousValue": True}
    cloudformation.update_stack(
        Capabilities=CAPABILITIES,
        StackName="made",
        UsePreviousTemplate=True,
        Parameters=[previous, *given(Flag="false")],
    )
    assert outputs(lab, "made")["Flag"] == "false"
    assert timeout(lab, seen["Url"]) == "7"
    assert resources(lab, "made") == {"Queue", "Other", "Topic"}
    cloudformation.update_stack(
        Capabilities=CAPABILITIES, StackName="made", UsePreviousTemplate=True, Parameters=given(Delay="9")
    )
    assert resources(lab, "made") == {"Queue", "Topic"}
    assert timeout(lab, outputs(lab, "made")["Url"]) == "9"
    assert outputs(lab, "made")["Topic"] == seen["Topic"]
    cloudformation.delete_stack(StackName="made")
    assert cloudformation.list_exports()["Exports"] == []


def test_parameters_are_shown_as_texts_and_secret_ones_are_not(lab: Lab) -> None:
    lab.clients.cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="shown", TemplateBody=QUEUE)
    (stack,) = lab.clients.cloudformation.describe_stacks(StackName="shown")["Stacks"]
    shown = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    assert shown == {"Flag": "true", "Delay": "5", "Names": "a, b", "Secret": "****"}
    summary = lab.clients.cloudformation.get_template_summary(StackName="shown")
    defaults = {each["ParameterKey"]: each.get("DefaultValue") for each in summary["Parameters"]}
    assert defaults == {"Flag": "true", "Delay": "5", "Names": "a, b", "Secret": "first"}
    lab.clients.cloudformation.delete_stack(StackName="shown")


def test_events_do_not_show_what_is_hidden(lab: Lab) -> None:
    text = QUEUE.replace("Topic: {Type: AWS::SNS::Topic}", "Topic: HIDING").replace(
        "HIDING", '{Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub "its ${Secret}"}}'
    )
    lab.clients.cloudformation.create_stack(
        Capabilities=CAPABILITIES, StackName="hiding", TemplateBody=text, Parameters=given(Secret="pass word")
    )
    events = lab.clients.cloudformation.describe_stack_events(StackName="hiding")["StackEvents"]
    shown = [each.get("ResourceProperties", "") for each in events if each["LogicalResourceId"] == "Topic"]
    assert set(shown) == {'{"DisplayName": "its ****"}'}
    lab.clients.cloudformation.delete_stack(StackName="hiding")


def test_the_processed_template_has_no_transform(lab: Lab) -> None:
    text = """
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: "A,B"}}
Resources:
  Fn::ForEach::Topics: [Name, !Ref Names, {"Topic${Name}": {Type: AWS::SNS::Topic}}]
  Count: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Length [1, !Ref Names]}}
"""
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="processed", TemplateBody=text)
    for stage in ("Original", "Processed"):
        found: Any = cloudformation.get_template(StackName="processed", TemplateStage=stage)["TemplateBody"]
        if stage == "Original":
            assert found == text
        else:
            assert set(found) == {"Parameters", "Resources"}
            assert found["Resources"]["TopicB"] == {"Type": "AWS::SNS::Topic"}
            assert found["Resources"]["Count"]["Properties"]["Value"] == 2
    cloudformation.delete_stack(StackName="processed")


def test_change_sets(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation

    def change(name: str, kind: Any, template: str = QUEUE, **parameters: str) -> None:
        cloudformation.create_change_set(
            Capabilities=CAPABILITIES,
            StackName="changed",
            ChangeSetName=name,
            ChangeSetType=kind,
            TemplateBody=template,
            Parameters=given(**parameters),
        )
        cloudformation.execute_change_set(StackName="changed", ChangeSetName=name)

    change("first", "CREATE", Delay="3")
    seen = outputs(lab, "changed")
    assert seen["Number"] == "16"
    assert timeout(lab, seen["Url"]) == "3"
    change("second", "UPDATE", Flag="no", Names="x,y")
    assert outputs(lab, "changed") == {**seen, "Flag": "no", "Names": "x/y"}
    change("third", "UPDATE", Flag="false")
    assert resources(lab, "changed") == {"Queue", "Other", "Topic"}
    with pytest.raises(ClientError, match="Parameter 'Delay' must be a number"):
        change("fourth", "UPDATE", Delay="much")
    with pytest.raises(ClientError, match=r"Unresolved resource dependencies \[Nope\]"):
        change("fifth", "UPDATE", template=QUEUE.replace("!Ref Queue", "!Ref Nope"))
    assert outputs(lab, "changed")["Flag"] == "false"
    cloudformation.delete_stack(StackName="changed")


def test_another_stack_imports_what_one_exports(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="exporting", TemplateBody=QUEUE)
    text = "Resources: {T: {Type: AWS::SNS::Topic, Properties: {TopicName: !ImportValue NAME}}}\n"
    text += "Outputs: {N: {Value: !Sub ['x-${V}', {V: !ImportValue exporting-number}]}}\n"
    cloudformation.create_stack(
        Capabilities=CAPABILITIES,
        StackName="importing",
        TemplateBody=text.replace("!ImportValue NAME", "!Sub '${AWS::StackName}-t'"),
    )
    assert outputs(lab, "importing") == {"N": "x-16"}
    cloudformation.create_stack(
        Capabilities=CAPABILITIES, StackName="failing", TemplateBody=text, OnFailure="DO_NOTHING"
    )
    (stack,) = cloudformation.describe_stacks(StackName="failing")["Stacks"]
    assert stack["StackStatus"] == "CREATE_FAILED"
    assert stack["StackStatusReason"] == "The following resource(s) failed to create: [T]. "
    (topic,) = cloudformation.describe_stack_resources(StackName="failing")["StackResources"]
    assert topic["ResourceStatusReason"] == "No export named NAME found. (property TopicName)"


ALIASES = "Resources:\n  A: &a {Type: AWS::SNS::Topic}\n  B: *a\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ALIASES, "Template error: YAML aliases are not allowed in CloudFormation templates."),
        ("Resources: [", "Template format error: YAML not well-formed. (line 1, column 13)"),
        ("just a text", "Template format error: unsupported structure."),
        ("Resources: {}", "At least one Resources member must be defined."),
        (
            "Resources: {T: {Type: AWS::SNS::Topic}}\nOutputs: {O: {Value: !GetAtt T.Arnn}}",
            "Template error: resource Topic does not support attribute type Arnn in Fn::GetAtt",
        ),
        (
            "Resources: {T: {Type: AWS::SNS::Topic}}\nOutputs: {O: {Value: [a]}}",
            "The Value field of every Outputs member must evaluate to a String",
        ),
    ],
)
def test_what_is_refused_says_why_and_is_no_500(lab: Lab, text: str, says: str) -> None:
    name = f"broken-{next(lab.numbers)}"
    with pytest.raises(ClientError) as failed:
        lab.clients.cloudformation.create_stack(Capabilities=CAPABILITIES, StackName=name, TemplateBody=text)
    error = failed.value.response["Error"]
    assert (error["Code"], failed.value.response["ResponseMetadata"]["HTTPStatusCode"]) == (
        "ValidationError",
        400,
    )
    assert says in error["Message"]
    print(error["Message"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "Resources: {It: {Type: AWS::Lambda::Function, Properties: "
            "{Role: r, Handler: a.b, Runtime: python3.12, Code: {S3Bucket: none, S3Key: none}}}}",
            "Error occurred while GetObject. S3 Error Code: NoSuchBucket.",
        ),
        (
            "Resources: {It: {Type: AWS::CloudFormation::Stack, "
            "Properties: {TemplateURL: 'https://s3.amazonaws.com/none/none'}}}",
            "S3 error: Access Denied: no template found at https://s3.amazonaws.com/none/none",
        ),
        (
            "Resources: {It: {Type: AWS::SNS::TopicPolicy, Properties: {Topics: []}}}",
            "Properties validation failed: #: required key [PolicyDocument] not found",
        ),
    ],
)
def test_what_cannot_be_made_says_why_and_the_stack_goes_back(lab: Lab, text: str, says: str) -> None:
    cloudformation = lab.clients.cloudformation
    name = f"broken-{next(lab.numbers)}"
    cloudformation.create_stack(Capabilities=CAPABILITIES, StackName=name, TemplateBody=text)
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    (failed,) = (each for each in events if each["ResourceStatus"] == "CREATE_FAILED")
    assert failed["LogicalResourceId"] == "It"
    assert failed["ResourceStatusReason"].startswith(says)


def test_the_last_of_equal_keys_counts(lab: Lab) -> None:
    text = "Resources: {T: {Type: AWS::SNS::Topic}}\nOutputs: {O: {Value: a, Value: b}}"
    lab.clients.cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="twice", TemplateBody=text)
    assert outputs(lab, "twice") == {"O": "b"}


MACHINE = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      Tags: [{Key: k1, Value: old}, {Key: k2, Value: two}]
      Definition: {StartAt: A, States: {A: {Type: Pass, Result: 1, End: true}}}
  First:
    Type: AWS::StepFunctions::StateMachineVersion
    Properties: {StateMachineArn: !Ref Machine, Description: the first}
  Live:
    Type: AWS::StepFunctions::StateMachineAlias
    Properties:
      Name: live
      RoutingConfiguration: [{StateMachineVersionArn: !Ref First, Weight: 100}]
Outputs:
  Machine: {Value: !Ref Machine}
  Version: {Value: !GetAtt First.Arn}
  Live: {Value: !Ref Live}
"""


def test_an_update_replaces_the_tags_and_the_logging_of_a_machine(lab: Lab) -> None:
    cloudformation, machines = lab.clients.cloudformation, lab.clients.stepfunctions
    cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="tags", TemplateBody=MACHINE)
    arn = outputs(lab, "tags")["Machine"]

    def tags() -> dict[str, str]:
        found = machines.list_tags_for_resource(resourceArn=arn)["tags"]
        return {tag["key"]: tag["value"] for tag in found}

    assert tags() == {"k1": "old", "k2": "two"}
    logging = """
      TracingConfiguration: {Enabled: true}
      LoggingConfiguration:
        Level: ERROR
        Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Group.Arn}}]
"""
    group = "  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /machine}}\nOutputs:"
    changed = MACHINE.replace("Value: old}, {Key: k2, Value: two}", "Value: new}, {Key: k3, Value: three}")
    logged = changed.replace("\n      Tags:", f"{logging}      Tags:").replace("Outputs:", group)
    cloudformation.update_stack(Capabilities=CAPABILITIES, StackName="tags", TemplateBody=logged)
    assert tags() == {"k1": "new", "k3": "three"}
    shown = machines.describe_state_machine(stateMachineArn=arn)
    assert shown["tracingConfiguration"] == {"enabled": True}
    assert shown["loggingConfiguration"]["level"] == "ERROR"
    (destination,) = shown["loggingConfiguration"]["destinations"]
    assert destination["cloudWatchLogsLogGroup"]["logGroupArn"].endswith(":log-group:/machine:*")
    cloudformation.update_stack(Capabilities=CAPABILITIES, StackName="tags", TemplateBody=changed)
    shown = machines.describe_state_machine(stateMachineArn=arn)
    assert shown["tracingConfiguration"] == {"enabled": False}
    assert shown["loggingConfiguration"] == {"level": "OFF", "includeExecutionData": False}
    cloudformation.delete_stack(StackName="tags")


def test_a_stack_makes_versions_and_aliases_of_a_machine(lab: Lab) -> None:
    cloudformation, machines = lab.clients.cloudformation, lab.clients.stepfunctions
    cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="aliased", TemplateBody=MACHINE)
    seen = outputs(lab, "aliased")
    assert seen["Version"] == f"{seen['Machine']}:1"
    assert seen["Live"] == f"{seen['Machine']}:live"
    assert machines.describe_state_machine(stateMachineArn=seen["Version"])["description"] == "the first"
    second = MACHINE.replace("Result: 1", "Result: 2").replace("First", "Second").replace("the first", "2")
    cloudformation.update_stack(Capabilities=CAPABILITIES, StackName="aliased", TemplateBody=second)
    assert outputs(lab, "aliased") == {**seen, "Version": f"{seen['Machine']}:2"}
    alias = machines.describe_state_machine_alias(stateMachineAliasArn=seen["Live"])
    assert alias["routingConfiguration"] == [
        {"stateMachineVersionArn": f"{seen['Machine']}:2", "weight": 100}
    ]
    listed = machines.list_state_machine_versions(stateMachineArn=seen["Machine"])["stateMachineVersions"]
    assert [each["stateMachineVersionArn"] for each in listed] == [f"{seen['Machine']}:2"]
    third = second.replace("Result: 2", "Result: 3").replace("Description: 2", "Description: 3")
    cloudformation.update_stack(Capabilities=CAPABILITIES, StackName="aliased", TemplateBody=third)
    listed = machines.list_state_machine_versions(stateMachineArn=seen["Machine"])["stateMachineVersions"]
    assert [each["stateMachineVersionArn"] for each in listed] == [f"{seen['Machine']}:3"]
    cloudformation.delete_stack(StackName="aliased")
    assert machines.list_state_machine_aliases(stateMachineArn=seen["Machine"])["stateMachineAliases"] == []


def test_a_version_that_an_alias_kept_from_deletion_is_forgotten_by_a_reset(lab: Lab) -> None:
    arns = []
    for _ in range(2):  # the same names in both cases
        clients = Clients(lab.engine.reset())
        clients.cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="kept", TemplateBody=MACHINE)
        (stack,) = clients.cloudformation.describe_stacks(StackName="kept")["Stacks"]
        seen = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        arns.append(seen["Version"])
        route = {"stateMachineVersionArn": seen["Version"], "weight": 100}
        if len(arns) == 1:
            clients.stepfunctions.create_state_machine_alias(name="mine", routingConfiguration=[route])
            clients.cloudformation.delete_stack(StackName="kept")
        else:
            clients.stepfunctions.delete_state_machine_alias(stateMachineAliasArn=seen["Live"])
            clients.cloudformation.create_stack(
                Capabilities=CAPABILITIES, StackName="other", TemplateBody=MACHINE
            )
            # deletes versions that no alias refers to any more
            clients.cloudformation.delete_stack(StackName="other")
            assert clients.stepfunctions.describe_state_machine(stateMachineArn=seen["Version"])
    assert arns[0] == arns[1]
