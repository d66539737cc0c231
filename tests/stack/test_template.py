from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from harness.stack.archive import zipped
from harness.stack.packaging import package
from harness.stack.template import TemplateError, read_template

TEMPLATE = """
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Code: src
      Role: !GetAtt R.Arn
      Name: !Sub "${AWS::StackName}-f"
      X: !If [A, !Ref B, 2012-10-17]
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties: {DefinitionS3Location: machine.asl.json}
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / "src" / "pkg" / "__pycache__").mkdir(parents=True)
    (tmp_path / "src" / "pkg" / "a.py").write_text("A = 1\n")
    (tmp_path / "src" / "pkg" / "__pycache__" / "a.pyc").write_bytes(b"x")
    (tmp_path / "machine.asl.json").write_text('{"StartAt": "A"}')
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return path


def test_short_forms_are_written_out(template: Path) -> None:
    properties = read_template(template)["Resources"]["Function"]["Properties"]
    assert properties["Role"] == {"Fn::GetAtt": ["R", "Arn"]}
    assert properties["Name"] == {"Fn::Sub": "${AWS::StackName}-f"}
    assert properties["X"] == {"Fn::If": ["A", {"Ref": "B"}, "2012-10-17"]}


def test_local_paths_become_places_in_the_bucket(template: Path) -> None:
    packaged = package(template, "artifacts")
    code = packaged.template["Resources"]["Function"]["Properties"]["Code"]
    location = packaged.template["Resources"]["Machine"]["Properties"]["DefinitionS3Location"]
    assert code["S3Bucket"] == location["Bucket"] == "artifacts"
    assert set(packaged.files) == {code["S3Key"], location["Key"]}
    assert packaged.files[location["Key"]] == b'{"StartAt": "A"}'
    with zipfile.ZipFile(io.BytesIO(packaged.files[code["S3Key"]])) as archive:
        assert archive.namelist() == ["pkg/a.py"]
        assert archive.read("pkg/a.py") == b"A = 1\n"


def test_the_same_files_give_the_same_zip(template: Path) -> None:
    first = zipped(template.parent / "src")
    (template.parent / "src" / "pkg" / "a.py").touch()
    assert hashlib.sha256(zipped(template.parent / "src")).digest() == hashlib.sha256(first).digest()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Resources: {A: {Type: AWS::Lambda::Function, Properties: {Code: nowhere}}}",
            r"resource A: .*nowhere not found",
        ),
        ("a: 1", r"it has no Resources"),
        ("a: [", r"not YAML"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(text)
    with pytest.raises(TemplateError, match=message):
        package(path, "artifacts")


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"none\.yaml: No such file"):
        read_template(tmp_path / "none.yaml")
