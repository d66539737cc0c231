"""Deploying templates, and the messages when that fails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract import Lab, function, output_of, role

from harness.observe.policies import read_access
from harness.stack.model import DeployError

LOGS = "service-role/AWSLambdaBasicExecutionRole"
MACHINE = """{
  "StartAt": "Look",
  "States": {
    "Look": {"Type": "Pass", "Result": {"topic": "${Topic}", "seconds": ${Seconds}}, "End": true}
  }
}"""


def machine(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, **properties},
    }


def test_a_machine_from_a_file_with_substitutions(lab: Lab) -> None:
    substitutions = {"Topic": {"Ref": "Topic"}, "Seconds": {"Fn::Join": ["", [{"Ref": "Seconds"}]]}}
    template = {
        "Parameters": {"Seconds": {"Type": "Number", "Default": 30}},
        "Resources": {
            "Role": role(),
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Machine": machine(
                StateMachineName={"Fn::Sub": "${AWS::StackName}-machine"},
                DefinitionS3Location="machine.asl.json",
                DefinitionSubstitutions=substitutions,
            ),
        },
    }
    stack = lab.deploy(template, {"machine.asl.json": MACHINE}, Seconds="7")
    arn = stack.state_machine()
    assert arn.endswith(f":stateMachine:{stack.name}-machine")
    execution = lab.execute(arn)
    topic = stack.resources["Topic"].physical_id
    assert output_of(execution) == {"topic": topic, "seconds": 7}
    described = lab.clients.stepfunctions.describe_state_machine(stateMachineArn=arn)
    assert described["roleArn"] == execution.role_arn == execution.events[0].details["roleArn"]
    assert topic in described["definition"]


@pytest.mark.parametrize("value", [30, {"Ref": "Seconds"}], ids=["literal", "parameter"])
def test_a_substitution_may_be_a_number(lab: Lab, value: object) -> None:
    template = {
        "Parameters": {"Seconds": {"Type": "Number", "Default": 30}},
        "Resources": {
            "Role": role(),
            "Machine": machine(
                DefinitionString=MACHINE, DefinitionSubstitutions={"Topic": "none", "Seconds": value}
            ),
        },
    }
    execution = lab.execute(lab.deploy(template, {}).state_machine())
    assert output_of(execution) == {"topic": "none", "seconds": 30}


@pytest.mark.parametrize("form", ["DefinitionString", "Definition"])
def test_a_machine_in_the_template(lab: Lab, form: str) -> None:
    definition: Any = {
        "StartAt": "Look",
        "States": {"Look": {"Type": "Pass", "Result": {"name": "${Name}"}, "End": True}},
    }
    definition = definition if form == "Definition" else json.dumps(definition)
    resource = machine(**{form: definition}, DefinitionSubstitutions={"Name": "x"})
    stack = lab.deploy({"Resources": {"Role": role(), "Machine": resource}}, {})
    assert output_of(lab.execute(stack.state_machine())) == {"name": "x"}


def test_conditions_parameters_and_outputs(lab: Lab) -> None:
    topic = {"Type": "AWS::SNS::Topic"}
    template = {
        "Parameters": {"Email": {"Type": "String", "Default": ""}},
        "Conditions": {"HasEmail": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Email"}, ""]}]}},
        "Resources": {
            "Always": topic,
            "Sometimes": {**topic, "Condition": "HasEmail"},
            "Role": role(),
        },
        "Outputs": {
            "Topic": {"Value": {"Ref": "Always"}},
            "Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}},
            "Place": {"Value": {"Fn::Sub": "${AWS::Partition}:${AWS::Region}:${AWS::AccountId}"}},
        },
    }
    without, having = lab.deploy(template, {}), lab.deploy(template, {}, Email="a@b.c")
    assert set(without.of_type("AWS::SNS::Topic")) == {"Always"}
    assert set(having.of_type("AWS::SNS::Topic")) == {"Always", "Sometimes"}
    place = lab.clients.endpoint
    assert without.outputs["Place"] == f"aws:{place.region}:{place.account_id}"
    assert without.outputs["Topic"] == without.resources["Always"].physical_id
    assert without.outputs["Role"].startswith(f"arn:aws:iam::{place.account_id}:role/")


def test_packaging_leaves_no_bucket_behind(lab: Lab) -> None:
    lab.deploy({"Resources": {"Role": role(), "F": function("app.handler")}}, {"src/app.py": ""})
    assert not lab.clients.s3.list_buckets()["Buckets"]


BROKEN = {
    "role": function("app.handler", Role="no ARN"),
    "policy": role(ManagedPolicyArns=["arn:aws:iam::aws:policy/NoSuchPolicy"]),
    "machine": machine(DefinitionString="no JSON"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_template_that_fails_names_the_resource_and_leaves_no_bucket(
    lab: Lab, broken: dict[str, Any]
) -> None:
    resources = {"Role": role(), "Broken": broken}
    with pytest.raises(DeployError, match=f"stack contract-(.|\n)*Broken.*{broken['Type']}"):
        lab.deploy({"Resources": resources}, {"src/app.py": ""})
    assert not lab.clients.s3.list_buckets()["Buckets"]


def test_the_policies_of_roles_are_read_back_as_they_are_in_the_template(lab: Lab) -> None:
    inline = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}],
    }
    managed = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["sns:Publish"], "Resource": ["*"]}],
    }
    apart = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::secret"}],
    }
    resources = {
        "Role": role(
            Policies=[{"PolicyName": "list", "PolicyDocument": inline}],
            ManagedPolicyArns=[{"Ref": "Managed"}, f"arn:aws:iam::aws:policy/{LOGS}"],
        ),
        "Apart": {
            "Type": "AWS::IAM::Policy",
            "Properties": {"PolicyName": "apart", "PolicyDocument": apart, "Roles": [{"Ref": "Role"}]},
        },
        "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": managed}},
    }
    stack = lab.deploy({"Resources": resources}, {})
    (found,) = read_access(lab.clients, stack).roles.values()
    assert found.arn.endswith(stack.resources["Role"].physical_id)
    assert (found.logical_id, found.unread) == ("Role", ())
    documents = [policy.document for policy in found.policies]
    (logs,) = [d for d in documents if d not in (inline, apart, managed)]
    assert all(d in documents for d in (inline, apart, managed))
    assert "logs:PutLogEvents" in logs["Statement"][0]["Action"]
