from __future__ import annotations

from pathlib import Path

import pytest

from harness.scenario.position import Position
from harness.stack.lines import TemplateLines

TEMPLATE = """\
Resources:
  Reader:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Action: sts:AssumeRole}
      Policies:
        - PolicyName: one
          PolicyDocument:
            Statement:
              - Effect: Deny
                Action: "*"
              - Effect: Allow
                Action:
                  - s3:GetObject
                  - s3:ListBucket
                Resource: !Sub "arn:${AWS::Partition}:s3:::*"
        - PolicyName: two
          PolicyDocument:
            Statement:
              Effect: Allow
              Action: sns:Publish
  Apart:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: apart
      Roles: [!Ref Reader]
      PolicyDocument:
        Statement:
          - Action: [kms:Decrypt]
"""


@pytest.fixture
def lines(tmp_path: Path) -> TemplateLines:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return TemplateLines(path)


@pytest.mark.parametrize(
    ("policy", "index", "action", "line"),
    [
        ("one", 0, 0, 13),
        ("one", 1, 0, 16),
        ("one", 1, 1, 17),
        ("two", 0, 0, 23),
        ("apart", 0, 0, 31),
        ("AssumeRolePolicyDocument", 0, 0, 7),
        ("elsewhere", 0, 0, 2),
    ],
)
def test_the_line_of_an_action(lines: TemplateLines, policy: str, index: int, action: int, line: int) -> None:
    assert lines.line(*lines.statement("Reader", policy, index), "Action", action) == line


BESIDE = """\
Resources:
  Reader: {Type: AWS::IAM::Role}
  Writer:
    Type: AWS::IAM::Role
    Properties:
      Policies: []
  OfWriter:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: !Ref Writer
      PolicyName: own
      PolicyDocument:
        Statement: [{Action: "s3:*"}]
  OfReader:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: !Ref Reader
      PolicyName: own
      PolicyDocument:
        Statement:
          - Action: "sns:*"
  Made:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: !Sub "${AWS::StackName}-made"
      Roles: [{Ref: Reader}]
      PolicyDocument:
        Statement:
          - Action: "sqs:*"
"""


@pytest.mark.parametrize(
    ("role", "policy", "line"),
    [("Reader", "own", 21), ("Writer", "own", 13), ("Reader", "stack-made", 29), ("Writer", "other", 3)],
)
def test_the_line_of_a_statement_beside_its_role(tmp_path: Path, role: str, policy: str, line: int) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(BESIDE)
    lines = TemplateLines(path)
    assert lines.line(*lines.statement(role, policy, 0)) == line


def test_the_place_to_add_a_statement(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(BESIDE)
    lines = TemplateLines(path)
    assert lines.role("Nobody") is None
    assert [lines.position(*lines.role(name) or ()) for name in ("Reader", "Writer")] == [
        Position(path, 14, 3),
        Position(path, 6, 7),
    ]
