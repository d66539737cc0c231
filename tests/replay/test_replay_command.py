"""`harness replay`: histories in files against a project's definitions, without an engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from exported import FUNCTION, described, execute, history

from harness.cli import main
from harness.states import TaskFailed, TaskSucceeded

TEMPLATE = """\
Parameters:
  Limit: {Type: Number, Default: 10}
  Queue: {Type: String}
Resources:
  Charger:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt Role.Arn, Handler: a.b, Runtime: python3.12, Code: {ZipFile: ""}}
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Statement: []}}
  Orders:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: orders
      RoleArn: !GetAtt Role.Arn
      DefinitionS3Location: order.asl.json
      DefinitionSubstitutions:
        Charge: !GetAtt Charger.Arn
        Limit: !Ref Limit
        Queue: !Sub "https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/${Queue}"
  Other:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      Definition:
        StartAt: Rest
        States:
          Rest: {Type: Wait, Seconds: 5, Next: Over}
          Over: {Type: Succeed}
"""
ORDER = """\
{
  "StartAt": "Charge",
  "States": {
    "Charge": {
      "Type": "Task",
      "Resource": "${Charge}",
      "Retry": [{"ErrorEquals": ["Oops"]}],
      "ResultPath": "$.charged",
      "Next": "Enough"
    },
    "Enough": {
      "Type": "Choice",
      "Choices": [{"Variable": "$.charged.total", "NumericGreaterThan": ${Limit}, "Next": "Ship"}],
      "Default": "Small"
    },
    "Ship": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage",
      "Parameters": {
        "QueueUrl": "${Queue}",
        "MessageBody.$": "$.charged"
      },
      "End": true
    },
    "Small": {"Type": "Succeed"}
  }
}
"""
DEPLOYED = {
    "Charge": f"{FUNCTION}stack-Charger-1XYZ",
    "Limit": "10",
    "Queue": "https://sqs.eu-west-1.amazonaws.com/111111111111/prod-orders",
}


def deployed(text: str = ORDER) -> dict[str, Any]:
    """The definition as CloudFormation creates it."""
    for name, value in DEPLOYED.items():
        text = text.replace(f"${{{name}}}", value)
    definition: dict[str, Any] = json.loads(text)
    return definition


def answer(request: Any) -> Any:
    if request.state_name == "Ship":
        return TaskSucceeded({"MessageId": "m"})
    total = request.parameters["total"]
    return TaskFailed("Oops", None) if request.attempt == 0 else TaskSucceeded({"total": total}, 2.0)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\ntemplate = "template.yaml"\n')
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "order.asl.json").write_text(ORDER)
    (tmp_path / "histories").mkdir()
    for name, total in (("large", 20), ("small", 5)):
        execution = execute(deployed(), answer, input=json.dumps({"total": total}), name=name)
        (tmp_path / f"histories/{name}.json").write_text(json.dumps(history(execution)))
        (tmp_path / f"histories/{name}.describe.json").write_text(json.dumps(described(execution)))
    return tmp_path


def change(folder: Path, old: str, new: str, file: str = "order.asl.json") -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))


def test_the_project_s_definition_is_the_same(capsys):
    assert main(["replay", "histories"]) == 0
    assert capsys.readouterr() == (
        "same       histories/large.json (large): 17 events\n"
        "same       histories/small.json (small): 14 events\n"
        "2 histories: 2 the same\n",
        "",
    )


def test_the_histories_that_the_project_keeps_without_a_path(folder, capsys):
    assert main(["replay"]) == 0
    assert "2 histories: 2 the same" in capsys.readouterr().out
    (folder / "histories").rename(folder / "kept")
    assert main(["replay"]) == 2
    assert "folder histories/ not found next to its scenarios; create it" in capsys.readouterr().err


def test_the_first_difference_is_shown_with_its_place(folder, capsys):
    change(folder, "${Limit}", "30")
    assert main(["replay", "histories"]) == 1
    assert capsys.readouterr().out == (
        "different  histories/large.json (large): event 12, state 'Ship'\n"
        "           order.asl.json:11:5, state 'Enough'\n"
        "             expected  TaskStateEntered 'Ship'\n"
        "             seen      SucceedStateEntered 'Small'\n"
        "           look around: harness replay histories/large.json --until 12\n"
        "same       histories/small.json (small): 14 events\n"
        "2 histories: 1 the same, 1 different\n"
    )


def test_the_place_is_that_of_the_parameter(folder, capsys):
    change(folder, '"MessageBody.$": "$.charged"', '"MessageBody.$": "$"')
    assert main(["replay", "histories/large.json"]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == (
        "different  histories/large.json (large): event 13, state 'Ship': parameters.MessageBody.charged"
    )
    assert shown[1] == "           order.asl.json:21:9, state 'Ship'"


def test_parameters_of_the_project_decide(folder, capsys):
    change(
        folder, "[tool.harness]", "[tool.harness]\nparameters = {Limit = 30, Queue = 'x'}", "pyproject.toml"
    )
    assert main(["replay", "histories"]) == 1
    assert "'Enough'" in capsys.readouterr().out


def test_values_that_only_aws_knows_must_be_the_same_everywhere(folder, capsys):
    text = (folder / "histories/large.json").read_text()
    (folder / "histories/large.json").write_text(text.replace("stack-Charger-1XYZ", "another", 1))
    assert main(["replay", "histories/large.json"]) == 1
    assert "event 6, state 'Charge': resource" in capsys.readouterr().out


def test_a_definition_that_is_named(folder, capsys):
    (folder / "new.asl.json").write_text(json.dumps(deployed(), indent=1))
    assert main(["replay", "histories", "--definition", "new.asl.json"]) == 0
    assert main(["replay", "histories", "--definition", "template.yaml"]) == 0
    assert main(["replay", "histories", "--definition", "template.yaml", "--machine", "Other"]) == 1
    shown = capsys.readouterr().out
    assert "template.yaml:28:11" in shown
    assert "seen      WaitStateEntered 'Rest'" in shown


def test_json_and_junit(folder, capsys):
    change(folder, "${Limit}", "30")
    (folder / "histories/bad.json").write_text("{")
    assert main(["replay", "histories", "--json", "-", "--junit", "out/junit.xml"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["summary"] == {"same": 1, "different": 1, "not read": 1}
    bad, large, small = found["histories"]
    assert bad["problem"].startswith("histories/bad.json:1:2: the JSON is incomplete")
    assert (large["machine"], large["execution"], small["outcome"]) == ("Orders", "large", "same")
    assert large["where"] == {"file": "order.asl.json", "line": 11, "column": 5, "state": "Enough"}
    assert large["differences"][0]["event"] == 12
    suite = ET.fromstring((folder / "out/junit.xml").read_text())[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert "order.asl.json:11:5" in (suite[1][0].text or "")


ACCEPTED = """
[[tool.harness.replay.accepted]]
state = "Charge"
renamed = "ChargeCard"
reason = "support reads the console"

[[tool.harness.replay.accepted]]
added = "Log"
reason = "an audit asked for it"
"""


def test_changes_that_are_meant_are_accepted(folder, capsys):
    change(folder, '"Charge"', '"ChargeCard"')
    log = '"Log": {"Type": "Task", "Resource": "${Charge}", "ResultPath": null, "Next": "Enough"}'
    change(folder, '"Next": "Enough"', '"Next": "Log"')
    change(folder, '"Enough": {', f'{log},\n    "Enough": {{')
    assert main(["replay", "histories"]) == 1
    (folder / "pyproject.toml").write_text((folder / "pyproject.toml").read_text() + ACCEPTED)
    assert main(["replay", "histories"]) == 0
    assert capsys.readouterr().err == ""


def test_an_accepted_change_that_no_definition_shows_is_told(folder, capsys):
    (folder / "pyproject.toml").write_text((folder / "pyproject.toml").read_text() + ACCEPTED)
    assert main(["replay", "histories"]) == 0
    told = capsys.readouterr().err
    assert "note: Charge is renamed to ChargeCard: not found in any replayed definition; remove it" in told
    assert "note: Log is added" in told


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('added = "Log"', "replay.accepted[0] has no reason; say why the change is intended"),
        ('reason = "r"', "replay.accepted[0] has none of them; set exactly one of renamed, added, removed"),
        ('state = "A"\nadded = "B"\nreason = "r"', "state and renamed must be used together"),
        (
            'renamed = "B"\nreason = "r"',
            "state and renamed must be used together; add state with the old name",
        ),
        ('removed = "B"\nresult = 1\nreason = "r"', "replay.accepted[0].result is only valid with added"),
        ('removed = ""\nreason = "r"', "replay.accepted[0].removed is ''; write a string"),
        ('adds = "B"\nreason = "r"', "unknown key 'adds' in replay.accepted[0]; "),
    ],
)
def test_settings_that_are_wrong_are_refused(folder, capsys, entry, said):
    change(
        folder,
        "[tool.harness]",
        f"[[tool.harness.replay.accepted]]\n{entry}\n[tool.harness]",
        "pyproject.toml",
    )
    assert main(["replay", "histories"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "written", ["replay = 1", "replay = {accepted = 1}", "replay = {accepted = [1]}", "replay = {x = 1}"]
)
def test_tables_that_are_none_are_refused(folder, capsys, written):
    change(folder, "[tool.harness]", f"[tool.harness]\n{written}", "pyproject.toml")
    assert main(["replay", "histories"]) == 2
    assert "replay" in capsys.readouterr().err


def test_the_machine_is_found_by_its_states_without_a_name(folder, capsys):
    for each in (folder / "histories").glob("*.describe.json"):
        each.unlink()
    assert main(["replay", "histories", "--json", "-"]) == 0
    assert {each["machine"] for each in json.loads(capsys.readouterr().out)["histories"]} == {"Orders"}


def test_a_machine_that_is_not_there_is_an_error(folder, capsys):
    assert main(["replay", "histories/large.json", "--machine", "Nobody"]) == 2
    assert "state machine 'Nobody' not found; specify it with --machine" in capsys.readouterr().out
    change(folder, "order.asl.json", "gone.asl.json", "template.yaml")
    assert main(["replay", "histories/large.json"]) == 2
    assert "gone.asl.json" in capsys.readouterr().out


def test_what_is_not_there_is_refused(capsys):
    assert main(["replay", "histories", "--definition", "gone.json"]) == 2
    assert main(["replay", "gone"]) == 2
    told = capsys.readouterr().err
    assert "--definition gone.json: file not found" in told
    assert "gone: file or folder not found; correct the path" in told


def test_a_definition_that_step_functions_refuses(folder, capsys):
    change(folder, '"Default": "Small"', '"Default": "Smal"')
    assert main(["replay", "histories/large.json"]) == 2
    assert "order.asl.json:14:7: MISSING_TRANSITION_TARGET" in capsys.readouterr().out


def test_a_definition_in_yaml(folder, capsys):
    (folder / "flow.yaml").write_text(
        "StartAt: Rest\nStates:\n  Rest: {Type: Wait, Seconds: 5, Next: Over}\n  Over: {Type: Succeed}\n"
    )
    rest = {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "Next": "Ended"}}}
    rest["States"]["Ended"] = {"Type": "Succeed"}
    (folder / "rest.json").write_text(json.dumps(history(execute(rest))))
    assert main(["replay", "rest.json", "--definition", "flow.yaml"]) == 1
    assert capsys.readouterr().out.splitlines()[1] == "           flow.yaml:3:3, state 'Rest'"


def test_the_execution_of_an_item_of_a_distributed_map(folder, capsys):
    each = {
        "Type": "Map",
        "Label": "Each",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Work",
            "States": {"Work": {"Type": "Task", "Resource": f"{FUNCTION}work", "End": True}},
        },
        "End": True,
    }
    definition = {"StartAt": "Each", "States": {"Each": each}}
    (folder / "each.json").write_text(json.dumps(definition, indent=1))
    alone = {name: value for name, value in each["ItemProcessor"].items() if name != "ProcessorConfig"}
    item = execute(alone, lambda _: TaskSucceeded({"n": 1}), input="1")
    told = json.dumps(described(item)).replace(":orders", ":orders/Each")
    (folder / "item.json").write_text(json.dumps(history(item)) + told)
    assert main(["replay", "item.json", "--definition", "each.json"]) == 0
    each["ItemProcessor"]["States"]["Work"]["Parameters"] = {"a": 1}
    (folder / "each.json").write_text(json.dumps(definition, indent=1))
    assert main(["replay", "item.json", "--definition", "each.json"]) == 1
    assert "each.json:18:7, state 'Work'" in capsys.readouterr().out
