from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.stack.origin import Origin
from harness.stack.state_places import field_position, state_position

TEMPLATE = """\
Resources:
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        StartAt: First
        States:
          First:
            Type: Choice
            Choices: [{Variable: $.refund, IsPresent: true, Next: Second}]
            Default: Second
          Second:
            Type: Pass
            Parameters:
              Message.$: $.refund.state
              Other.$: $.refund
            End: true
"""


def origin(folder: Path, definition: str = "", indent: int | None = 2) -> Origin:
    template = folder / "template.yaml"
    template.write_text(definition or TEMPLATE)
    if definition:
        states = {
            "First": {"Type": "Pass", "Next": "Second"},
            "Second": {"Type": "Pass", "Parameters": {"M.$": "States.Format('\"{}\"', $.who)"}, "End": True},
        }
        text = json.dumps({"StartAt": "First", "States": states}, indent=indent)
        (folder / "flow.asl.json").write_text(text)
    return Origin(template, "shop", "Machine", "AWS::StepFunctions::StateMachine")


WITH_FILE = "Resources:\n  Machine:\n    Properties: {DefinitionS3Location: flow.asl.json}\n"


@pytest.mark.parametrize(
    ("state", "texts", "line"),
    [
        ("First", ("$.refund",), 10),
        ("Second", ("$.refund.state", "Message.$"), 15),
        ("Second", ("$.refund",), 16),
        ("Second", ("$.nowhere", "Other.$"), 16),
    ],
)
def test_a_field_is_found_in_its_state_and_as_a_whole(
    tmp_path: Path, state: str, texts: tuple[str, ...], line: int
) -> None:
    found = field_position(origin(tmp_path), state, texts)
    assert found is not None
    assert (found.path.name, found.line) == ("template.yaml", line)


def test_what_stands_in_another_state_is_not_found(tmp_path: Path) -> None:
    assert field_position(origin(tmp_path), "First", ("$.refund.state",)) is None
    assert field_position(origin(tmp_path), "Nobody", ("$.refund",)) is None


def test_a_text_is_found_with_the_escapes_of_json(tmp_path: Path) -> None:
    machine = origin(tmp_path, WITH_FILE)
    found = field_position(machine, "Second", ("States.Format('\"{}\"', $.who)",))
    assert found is not None
    text = found.path.read_text().splitlines()[found.line - 1]
    assert text[found.column - 1 :].startswith("States.Format(")
    where = state_position(machine, "Second")
    assert where.line < found.line


def test_of_a_definition_in_one_line_the_column_tells(tmp_path: Path) -> None:
    found = field_position(origin(tmp_path, WITH_FILE, None), "Second", ("$.who",))
    assert found is not None
    assert found.line == 1
    assert (tmp_path / "flow.asl.json").read_text()[found.column - 1 :].startswith("$.who)")


def test_without_a_template_there_is_no_place(tmp_path: Path) -> None:
    nowhere = Origin(tmp_path / "gone.yaml", "shop", "Machine", "")
    assert field_position(nowhere, "First", ("$.refund",)) is None
