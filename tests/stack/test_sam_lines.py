"""Findings about SAM-generated resources point to the lines of their source."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cloudformation.faults import Key
from harness.stack.lines import TemplateLines

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.13
    Timeout: 900
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ./fn
      Policies:
        - AmazonS3ReadOnlyAccess
        - Statement:
            - {Effect: Allow, Action: "s3:*", Resource: "*"}
      Events:
        Get: {Type: Api, Properties: {Path: /, Method: get}}
  HelloAgain:
    Type: AWS::Serverless::Function
    Properties: {InlineCode: a}
  Topic:
    Type: AWS::SNS::Topic
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("Hello", "Type"), 8),
        (("Hello", "Properties", "Code"), 10),
        (("Hello", "Properties", "Code", "S3Key"), 10),
        (("Hello", "Properties", "Runtime"), 4),
        (("Hello", "Properties", "Timeout"), 5),
        (("Hello", "Properties", "Handler"), 7),
        (("HelloRole",), 7),
        (("HelloRole", "Properties", "Policies", 1, "PolicyDocument", "Statement", 0), 13),
        (("HelloGetPermissionProd", "Properties", "Action"), 16),
        (("HelloVersion1a2b3c4d5e",), 7),
        (("HelloAgain", "Properties", "Code", "ZipFile"), 19),
        (("HelloAgainRole",), 17),
        (("ServerlessRestApi", "Properties", "Body"), 16),
        (("ServerlessRestApiProdStage",), 16),
        (("Topic", "Properties"), 20),
    ],
)
def test_keys_of_what_is_made_lead_to_what_it_is_made_of(
    tmp_path: Path, keys: tuple[Key, ...], line: int
) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    assert TemplateLines(path).line("Resources", *keys) == line


def test_statements_of_the_role_that_sam_makes(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    lines = TemplateLines(path)
    assert lines.line(*lines.statement("HelloRole", "HelloRolePolicy1", 0)) == 14
    assert lines.line(*(lines.role("HelloRole") or ())) == 11
    assert lines.line(*(lines.role("HelloAgainRole") or ())) == 17
    assert lines.role("Nobody") is None
