"""The example of `docs/how-to/events.md`: an upload, a rule and the workflow that it starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from documentation import blocks
from minimal_project import PYPROJECT, write
from processes import start

TEMPLATE = """\
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: key, AttributeType: S}]
      KeySchema: [{AttributeName: key, KeyType: HASH}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: [states.amazonaws.com, events.amazonaws.com]}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: Work
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: dynamodb:PutItem, Resource: !GetAtt Table.Arn}
              - Effect: Allow
                Action: states:StartExecution
                Resource: !Sub arn:aws:states:${AWS::Region}:${AWS::AccountId}:stateMachine:uploads
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: uploads
      RoleArn: !GetAtt Role.Arn
      DefinitionSubstitutions: {Table: !Ref Table}
      Definition:
        StartAt: Pause
        States:
          Pause: {Type: Wait, Seconds: 60, Next: Put}
          Put:
            Type: Task
            Resource: arn:aws:states:::dynamodb:putItem
            Parameters: {TableName: "${Table}", Item: {key: {S.$: $.detail.object.key}}}
            End: true
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern:
        source: [aws.s3]
        detail-type: [Object Created]
        detail: {bucket: {name: [!Ref Uploads]}}
      Targets: [{Id: machine, Arn: !GetAtt Machine.Arn, RoleArn: !GetAtt Role.Arn}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "pyproject.toml": PYPROJECT,
        "template.yaml": TEMPLATE,
        "scenarios/upload.yaml": blocks("yaml", "how-to/events.md")[0],
        "tests/test_upload.py": blocks("python", "how-to/events.md")[0],
    }
    return write(tmp_path, files)


def played(project: Path) -> tuple[int, str]:
    """The exit code and the output of pytest."""
    with start("-p", "no:cacheprovider", "-q", "scenarios", "tests", cwd=project, module="pytest") as run:
        said, errors = run.communicate(timeout=120)
    return run.returncode, said + errors


def test_the_example_passes(project: Path) -> None:
    code, said = played(project)
    assert code == pytest.ExitCode.OK, said
    assert "2 passed" in said


def test_a_rule_for_other_events_starts_nothing(project: Path) -> None:
    write(project, {"template.yaml": TEMPLATE.replace("Object Created", "Object Deleted")})
    code, said = played(project)
    assert code == pytest.ExitCode.TESTS_FAILED, said
    assert "1 failed, 1 passed" in said
    assert "not enough values to unpack" in said


def test_a_missing_permission_fails_both(project: Path) -> None:
    write(project, {"template.yaml": TEMPLATE.replace("dynamodb:PutItem,", "dynamodb:GetItem,")})
    code, said = played(project)
    assert code == pytest.ExitCode.TESTS_FAILED, said
    assert "2 failed" in said
    assert said.count("is not authorized to perform: dynamodb:PutItem on resource: ") == 2
