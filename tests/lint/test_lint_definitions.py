"""Definitions are checked on their own, with AWS's codes and locations in their files."""

from __future__ import annotations

import json

import pytest

from harness.lint.definitions import check_file, keys_in
from harness.lint.machines import check_machines_of, definitions_of

BROKEN = """\
{
  "StartAt": "List",
  "States": {
    "List": {
      "Type": "Task",
      "Resource": "${ListFunctionArn}",
      "TimeoutSeconds": ${Limit},
      "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": -1}],
      "Next": "Stroe"
    },
    "Store": {"Type": "Wait", "Seconds": 1, "End": true}
  }
}
"""


def found(path):
    return [(each.where.line, each.where.column, each.severity, each.code) for each in check_file(path)]


def test_all_problems_are_found_at_once_at_their_places(tmp_path):
    path = tmp_path / "flow.asl.json"
    path.write_text(BROKEN)
    assert found(path) == [
        (8, 49, "error", "SCHEMA_VALIDATION_FAILED"),
        (9, 7, "error", "MISSING_TRANSITION_TARGET"),
        (11, 5, "error", "MISSING_TRANSITION_TARGET"),
    ]


def test_the_name_that_may_be_meant_is_the_remedy(tmp_path):
    path = tmp_path / "flow.asl.json"
    path.write_text(BROKEN)
    assert [each.remedy for each in check_file(path)][1].startswith("did you mean 'Store'?")


def test_yaml_is_read_too(tmp_path):
    path = tmp_path / "flow.asl.yaml"
    path.write_text("StartAt: A\nStates:\n  A:\n    Type: Choice\n    Choices: []\n")
    assert {each[3] for each in found(path)} == {"SCHEMA_VALIDATION_FAILED", "MISSING_END_STATE"}
    assert (5, 5, "error", "SCHEMA_VALIDATION_FAILED") in found(path)


@pytest.mark.parametrize(("text", "line"), [('{"StartAt": "A",\n "States" {}}', 2), ('{"a": 1', 1), ("", 1)])
def test_a_text_that_is_no_json_has_a_place(tmp_path, text, line):
    path = tmp_path / "flow.asl.json"
    path.write_text(text)
    (problem, *_) = check_file(path)
    assert problem.where.line == line
    assert problem.code in ("INVALID_JSON_DESCRIPTION", "SCHEMA_VALIDATION_FAILED")


def test_values_that_are_put_in_when_it_is_deployed_may_be_anything(tmp_path):
    path = tmp_path / "flow.asl.json"
    definition = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Wait", "Seconds": "${Pause}", "Next": "B"},
            "B": {
                "Type": "Task",
                "Resource": "arn:${AWS::Partition}:states:::lambda:invoke",
                "Parameters": {"FunctionName": "${Name}"},
                "TimeoutSeconds": "${Limit}",
                "End": True,
            },
        },
    }
    path.write_text(json.dumps(definition))
    assert check_file(path) == []


def test_what_is_nested_too_deeply_is_one_problem(tmp_path):
    path = tmp_path / "flow.asl.json"
    around = '{"StartAt": "A", "States": {"A": {"Type": "Parallel", "End": true, "Branches": ['
    inside = '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}'
    path.write_text(around * 150 + inside + "]}}}" * 150)
    assert found(path) == [(1, 1, "error", "TOO_DEEPLY_NESTED")]


def test_an_express_machine_waits_for_nothing(tmp_path):
    path = tmp_path / "flow.asl.json"
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}
    task["Parameters"] = {"QueueUrl": "q", "MessageBody": {"t.$": "$$.Task.Token"}}
    path.write_text(json.dumps({"StartAt": "A", "States": {"A": task}}))
    assert check_file(path) == []
    assert [each.where.line for each in check_file(path, express=True)] == [1]


def test_names_of_states_may_look_like_places():
    definition = {"States": {"a/b[0]": {"Branches": [{"States": {"c": {}}}]}}}
    keys = list(keys_in(definition, "/States/a/b[0]/Branches[0]/States/c/Next"))
    assert keys == ["States", "a/b[0]", "Branches", 0, "States", "c", "Next"]


MACHINE = "  M:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n"
FORMS = {
    "block": MACHINE
    + """      DefinitionString: !Sub |
        {
          "StartAt": "A",
          "States": {
            "A": {"Type": "Task", "Resource": "${F.Arn}", "Next": "B"}
          }
        }
""",
    "object": MACHINE
    + """      Definition:
        StartAt: A
        States:
          A: {Type: Task, Resource: !GetAtt F.Arn,
              Next: B}
""",
    "join": MACHINE
    + """      DefinitionString:
        Fn::Join:
          - ""
          - - '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "'
            - !GetAtt F.Arn
            - '", "Next": "B"}}}'
""",
}


@pytest.mark.parametrize(("form", "line"), [("block", 9), ("object", 9), ("join", 5)])
def test_a_definition_inside_of_a_template_has_its_line_there(tmp_path, form, line):
    path = tmp_path / "template.yaml"
    path.write_text(f"Resources:\n{FORMS[form]}")
    problems = {each.code: each for each in check_machines_of(path)}
    assert problems["MISSING_TRANSITION_TARGET"].where.line == line
    assert problems["MISSING_TRANSITION_TARGET"].subject == "M /States/A/Next"
    assert list(definitions_of(path)["M"]["States"]) == ["A"]


def test_a_file_that_a_template_names_is_checked_once_and_in_its_own_lines(tmp_path):
    (tmp_path / "flow.asl.json").write_text(BROKEN)
    path = tmp_path / "template.yaml"
    path.write_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  M:\n"
        "    Type: AWS::Serverless::StateMachine\n"
        "    Properties: {DefinitionUri: flow.asl.json, Type: EXPRESS}\n"
    )
    found = check_machines_of(path)
    assert {each.where.path.name for each in found} == {"flow.asl.json"}
    assert len(found) == 3


def test_what_only_a_deployment_tells_is_left_out(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(f"Resources:\n{MACHINE}      DefinitionString: !ImportValue definition\n")
    assert check_machines_of(path) == []
    path.write_text("Resources: [")
    assert check_machines_of(path) == []
