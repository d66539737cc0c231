"""Every form in which a template can specify a function's code on disk."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from calling_role import ROLE

from harness.cli import main
from harness.exit_codes import PASSED
from harness.functions.host.pythons import OWN

pytestmark = pytest.mark.usefixtures("kept_engines")

TEMPLATE = f"""\
Resources:
{ROLE}  Zipped:
    Type: AWS::Lambda::Function
    Properties:
      Handler: app.handler
      Runtime: &runtime python{OWN}
      Role: &role !GetAtt Role.Arn
      Code: fn.zip
  Inline:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: *runtime
      Role: *role
      Code:
        ZipFile: |
          def handler(event, context):
              return "inline"
  Folder:
    Type: AWS::Lambda::Function
    Properties:
      Handler: app.handler
      Runtime: *runtime
      Role: *role
      Code: ./fn
      Layers: [!Ref Shared]
  Shared:
    Type: AWS::Lambda::LayerVersion
    Properties: {{LayerName: shared, Content: ./layer}}
  OneFile:
    Type: AWS::Lambda::Function
    Properties: {{Handler: one.handler, Runtime: *runtime, Role: *role, Code: ./one.py}}
  First:
    Type: AWS::Lambda::Version
    Properties: {{FunctionName: !Ref OneFile}}
  Live:
    Type: AWS::Lambda::Alias
    Properties: {{FunctionName: !Ref OneFile, FunctionVersion: !GetAtt First.Version, Name: live}}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: *role
      DefinitionSubstitutions:
        Zipped: !GetAtt Zipped.Arn
        Inline: !GetAtt Inline.Arn
        Folder: !GetAtt Folder.Arn
        Live: !Ref Live
        First: !Ref First
        OneFile: !Ref OneFile
      DefinitionString: |
        {{"StartAt": "All", "States": {{"All": {{"Type": "Parallel", "End": true, "Branches": [
          {{"StartAt": "A", "States": {{"A": {{"Type": "Task", "Resource": "${{Zipped}}", "End": true}}}}}},
          {{"StartAt": "B", "States": {{"B": {{"Type": "Task", "Resource": "${{Inline}}", "End": true}}}}}},
          {{"StartAt": "C", "States": {{"C": {{"Type": "Task", "Resource": "${{Folder}}", "End": true}}}}}},
          {{"StartAt": "D", "States": {{"D": {{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {{"FunctionName": "${{Live}}"}},
            "ResultSelector": {{"version.$": "$.ExecutedVersion", "told.$": "$.Payload"}},
            "End": true}}}}}},
          {{"StartAt": "E", "States": {{"E": {{"Type": "Task", "Resource": "${{First}}", "End": true}}}}}},
          {{"StartAt": "F", "States": {{"F": {{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {{"FunctionName": "${{OneFile}}", "Qualifier": "live"}}, "OutputPath": "$.Payload",
            "End": true}}}}}}
        ]}}}}}}
"""
SCENARIO = """\
title: every form of code
expect:
  execution:
    status: SUCCEEDED
    output:
      - zipped
      - inline
      - ["hi\\n", 7, true]
      - {version: "1", told: ["1", live]}
      - ["1", "1"]
      - ["1", live]
"""
FOLDER = """\
import os, subprocess
import shared

def handler(event, context):
    tool = os.path.join(os.path.dirname(__file__), "bin/tool.sh")
    return [subprocess.check_output([tool]).decode(), shared.VALUE, os.path.exists("/opt/python/shared.py")]
"""
ONE_FILE = """\
def handler(event, context):
    return [context.function_version, context.invoked_function_arn.rpartition(":")[2]]
"""


def test_every_form_of_code_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("fn/bin", "layer/python", "scenarios"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\ntemplate = "template.yaml"\n')
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "scenarios" / "a.yaml").write_text(SCENARIO)
    with zipfile.ZipFile(tmp_path / "fn.zip", "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return 'zipped'\n")
    (tmp_path / "fn" / "app.py").write_text(FOLDER)
    (tmp_path / "fn" / "bin" / "tool.sh").write_text("#!/bin/sh\necho hi\n")
    (tmp_path / "fn" / "bin" / "tool.sh").chmod(0o755)
    (tmp_path / "layer" / "python" / "shared.py").write_text("VALUE = 7\n")
    (tmp_path / "one.py").write_text(ONE_FILE)
    assert main(["run"]) == PASSED, capsys.readouterr().out
    assert "not served here" not in capsys.readouterr().out
