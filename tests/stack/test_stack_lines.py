from __future__ import annotations

from pathlib import Path

import pytest

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
