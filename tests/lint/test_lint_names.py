"""Names in scenarios, checked against the template before anything starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.expect import BUILT_IN
from harness.lint.names import GIVE_IT, name_problems
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.settings import Settings
from harness.settings_reading import load_settings
from harness.stack.declared import declared
from harness.stack.template_choice import check_existing
from harness.stack.waiting import waiting_states

DEFINITION = {
    "StartAt": "Charge",
    "States": {
        "Charge": {"Type": "Task", "Resource": "${ChargeArn}", "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "Ship", "States": {"Ship": {"Type": "Pass", "End": True}}},
            "Next": "Both",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [{"StartAt": "Tell", "States": {"Tell": {"Type": "Succeed"}}}],
            "End": True,
        },
    },
}
TEMPLATE = """\
Parameters: {Stage: {Type: String, Default: ci}}
Resources:
  Orders: {Type: AWS::DynamoDB::Table}
  Told: {Type: AWS::SNS::Topic}
  Role:
    Type: AWS::IAM::Role
    Properties: {Policies: [{PolicyName: p, PolicyDocument: {Statement: STATEMENT}}]}
  ChargeFunction: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Order: {Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionS3Location: order.asl.json}}
"""
HARMLESS = "{Effect: Allow, Action: 'sns:Publish', Resource: '*'}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "template.yaml").write_text(TEMPLATE.replace("STATEMENT", HARMLESS))
    (tmp_path / "order.asl.json").write_text(json.dumps(DEFINITION))
    return Settings(root=tmp_path, template=tmp_path / "template.yaml")


def said(text: str, settings: Settings) -> list[str]:
    scenario = parse(f"title: t\n{text}\n", BUILT_IN, Path("a.yaml"))
    return [str(problem) for problem in name_problems(scenario, settings)]


NOTHING = "expect: {messages: []}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            f"faults: [{{function: ChargeFunctoin, ends: timeout}}]\n{NOTHING}",
            "a.yaml:2:21: the template has no function 'ChargeFunctoin'; did you mean 'ChargeFunction'? its "
            "functions: ChargeFunction",
        ),
        (
            f"durations: [{{function: Charge, takes: 5 s}}]\n{NOTHING}",
            "a.yaml:2:24: the template has no function 'Charge'; its functions: ChargeFunction",
        ),
        (
            f"faults: [{{task: sns:publish, state: Shp, error: InternalError}}]\n{NOTHING}",
            "a.yaml:2:37: the template has no state 'Shp'; did you mean 'Ship'? its states: Both, Charge, "
            "Each, Ship, Tell",
        ),
        (
            f"faults: [{{task: sns:publish, iterations: {{Eech: 0}}, error: InternalError}}]\n{NOTHING}",
            "a.yaml:2:43: the template has no inline Map 'Eech'; did you mean 'Each'? its inline Maps: Each",
        ),
        (
            f"tasks: [{{state: Charge, iterations: {{Both: 0}}, result: 1}}]\n{NOTHING}",
            "a.yaml:2:38: the template has no inline Map 'Both'; its inline Maps: Each",
        ),
        (
            "expect: {invocations: {ChargeFunktion: 1}}",
            "a.yaml:2:24: the template has no function 'ChargeFunktion'; did you mean 'ChargeFunction'? its "
            "functions: ChargeFunction",
        ),
        (
            "expect: {logs: {Nope: x}}",
            "a.yaml:2:17: the template has no function 'Nope'; its functions: ChargeFunction",
        ),
        (
            "expect: {items: {Order: {count: 1}}}",
            "a.yaml:2:18: the template has no table 'Order'; "
            "this resource is an AWS::StepFunctions::StateMachine; "
            "did you mean 'Orders'? its tables: Orders",
        ),
        (
            "expect: {messages: [{topic: Tld, body: x}]}",
            "a.yaml:2:29: the template has no topic 'Tld'; did you mean 'Told'? its topics: Told",
        ),
        (
            "expect: {path: [Charge, {repeat: [Each, Shipp]}]}",
            "a.yaml:2:41: the template has no state 'Shipp'; did you mean 'Ship'? its states: Both, Charge, "
            "Each, Ship, Tell",
        ),
        (
            "expect: {runs: {run-1: {path: [Chrge]}}}",
            "a.yaml:2:32: the template has no state 'Chrge'; did you mean 'Charge'? its states: Both, "
            "Charge, Each, Ship, Tell",
        ),
        (
            "expect: {calls: [{call: sns:Publish, function: Nope, count: 0}]}",
            "a.yaml:2:48: the template has no function 'Nope'; its functions: ChargeFunction",
        ),
        (
            f"stack: {{parameters: {{Stag: prod}}}}\n{NOTHING}",
            "a.yaml:2:22: the template has no parameter 'Stag'; did you mean 'Stage'? its parameters: Stage",
        ),
    ],
)
def test_a_name_that_the_template_lacks_is_a_problem_at_its_place(
    settings: Settings, text: str, problem: str
) -> None:
    assert said(text, settings) == [problem]


def test_names_that_are_there_are_no_problem(settings: Settings) -> None:
    text = """\
faults: [{function: ChargeFunction, ends: timeout, state: Charge}]
durations: [{function: ChargeFunction, takes: 5 s}]
stack: {parameters: {Stage: prod}}
expect:
  path: [Charge, Each, Ship, Both, Tell]
  items: {Orders: {count: 0}}
  invocations: {ChargeFunction: 1}
  messages: [{topic: Told, body: x}]"""
    assert said(text, settings) == []


def test_a_parameter_without_a_value_is_missed_with_the_remedy(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("Parameters: {Env: {Type: String}}\nResources: {}\n")
    problem = f"a.yaml:1:1: the template's parameter 'Env' has neither a default nor a value; {GIVE_IT}"
    assert said(NOTHING, settings) == [problem]
    assert said(f"stack: {{parameters: {{Env: ci}}}}\n{NOTHING}", settings) == []


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("[tool.harness]\ntemplate = 'template.yaml'\nparameters = {Nope = 1}\n", "3:15"),
        (
            "[tool.harness]\ntemplate = 'template.yaml'\n[tool.harness.parameters]\nStage = 'x'\nNope = 1\n",
            "5:1",
        ),
    ],
)
def test_a_parameter_of_the_settings_that_the_template_lacks(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(table)
    problem = f"pyproject.toml:{place}: template.yaml has no parameter 'Nope'; its parameters: Stage"
    assert said(NOTHING, load_settings(tmp_path, {})) == [problem]


STATE = f"faults: [{{task: sns:publish, state: Nope, error: InternalError}}]\n{NOTHING}"


@pytest.mark.parametrize(
    ("statement", "makes"),
    [
        (HARMLESS, False),
        ("{Effect: Allow, Action: ['states:CreateStateMachine'], Resource: '*'}", True),
        ("{Effect: Allow, Action: 'states:*', Resource: '*'}", True),
        ("{Effect: Allow, Action: '*', Resource: '*'}", True),
        ("{Effect: Allow, NotAction: 'sns:Publish', Resource: '*'}", True),
        ("{Effect: Allow, Action: !Ref Stage, Resource: '*'}", True),
        ("{Effect: Deny, Action: '*', Resource: '*'}", False),
        ("{Effect: Allow, Action: 'states:StartExecution', Resource: '*'}", False),
    ],
)
def test_states_of_machines_that_a_run_may_make_are_not_known(
    settings: Settings, tmp_path: Path, statement: str, makes: bool
) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE.replace("STATEMENT", statement))
    assert declared(tmp_path / "template.yaml").makes_machines is makes
    assert bool(said(STATE, settings)) is not makes
    assert said("expect: {path: [Nope]}", settings) != [], "the machine that a run starts is known"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Resources:", "Transform: AWS::LanguageExtensions\nResources:"),
        ("  Told:", "  Fn::ForEach::X: []\n  Told:"),
    ],
)
def test_what_only_the_deployed_stack_has_is_left_to_it(
    settings: Settings, tmp_path: Path, before: str, after: str
) -> None:
    text = TEMPLATE.replace("STATEMENT", HARMLESS)
    (tmp_path / "template.yaml").write_text(text.replace(before, after, 1))
    assert said("expect: {invocations: {Made: 1}, path: [Nope]}", settings) == []


@pytest.mark.parametrize(
    ("properties", "states"),
    [
        ('{DefinitionString: \'{"States": {"A": {"Type": "Wait", "Seconds": ${S}}}}\'}', {"A"}),
        ('{DefinitionString: !Sub \'{"States": {"A": {"Type": "Pass"}}}\'}', {"A"}),
        ('{DefinitionString: !Sub [\'{"States": {"A": {"Type": "Pass"}}}\', {}]}', {"A"}),
        ('{DefinitionString: !Join [\'\', [\'{"States": {"A": {"Resource": "\', !Ref X, \'"}}}\']]}', {"A"}),
        ("{Definition: {States: {A: {Type: Pass}}}}", {"A"}),
        ('{DefinitionString: !Sub \'{"States": {"${Name}": {"Type": "Pass"}}}\'}', None),
        ("{DefinitionString: !Ref Text}", None),
        ("{Definition: {States: {'Fn::If': [A, B, C]}}}", None),
        ("{DefinitionS3Location: {Bucket: b, Key: k}}", None),
        ("{DefinitionS3Location: nowhere.json}", None),
    ],
)
def test_states_are_those_of_the_definition_as_far_as_it_is_known(
    tmp_path: Path, properties: str, states: set[str] | None
) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        f"Resources:\n  M: {{Type: AWS::StepFunctions::StateMachine, Properties: {properties}}}\n"
    )
    assert declared(path).states == states


def test_a_template_that_is_not_there_is_a_problem_of_the_scenario(tmp_path: Path) -> None:
    scenario = parse(
        f"title: t\nstack: {{template: nowhere.yaml}}\n{NOTHING}\n", BUILT_IN, tmp_path / "a.yaml"
    )
    with pytest.raises(ScenarioError) as error:
        check_existing([scenario], lambda _: Settings(root=tmp_path))
    assert str(error.value) == (
        f"{tmp_path}/a.yaml:2:19: template {tmp_path}/nowhere.yaml not found; correct the path, which "
        "is relative to this file"
    )


def test_an_answer_is_for_a_state_that_waits(settings: Settings, tmp_path: Path) -> None:
    ask = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}
    states = {**DEFINITION["States"], "Tell it": ask}  # type: ignore[dict-item]
    (tmp_path / "order.asl.json").write_text(json.dumps({**DEFINITION, "States": states}))
    text = "answers: [{state: %s, output: 1}]\nexpect: {messages: []}"
    assert said(text % "Tell it", settings) == []
    assert said(text % "Charge", settings) == []  # its resource is known after the deployment
    assert said(text % "Tell", settings) == [
        "a.yaml:2:19: the state 'Tell' does not wait for an answer; "
        "did you mean 'Tell it'? "
        "the states that wait: Charge, Tell it"
    ]
    assert said(text % "Tells", settings)[0].startswith("a.yaml:2:19: the template has no state 'Tells'; did")


ACTIVITY, FUNCTION = {"Type": "AWS::StepFunctions::Activity"}, {"Type": "AWS::Lambda::Function"}


@pytest.mark.parametrize(
    ("resource", "waits"),
    [
        ("arn:aws:states:eu-west-1:123456789012:activity:sign", True),
        ("arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:activity:${Sign.Name}", True),
        ("arn:${AWS::Partition}:states:::lambda:invoke.waitForTaskToken", True),
        ("arn:aws:states:::${Integration}", True),
        ("arn:aws:states:::lambda:invoke", False),
        ("arn:${AWS::Partition}:states:::lambda:invoke", False),
        ("arn:aws:lambda:eu-west-1:123456789012:function:${Call}", False),
        ({"Ref": "Sign"}, True),
        ({"Fn::GetAtt": ["Sign", "Arn"]}, True),
        ({"Fn::GetAtt": "Call.Arn"}, False),
        ({"Fn::Sub": "${Call.Arn}"}, False),
        ({"Fn::Sub": "${Sign}"}, True),
        ({"Fn::ImportValue": "Sign"}, True),
        ("${OfSign}", True),
        ("${OfCall}", False),
        ("${Unknown}", True),
    ],
)
def test_the_states_that_wait_are_known_from_the_template(resource: Any, waits: bool) -> None:
    machine = {"States": {"All": {"Type": "Map", "ItemProcessor": {"States": {}}}}}
    machine["States"]["All"]["ItemProcessor"]["States"]["T"] = {"Type": "Task", "Resource": resource}  # type: ignore[index]
    substitutions = {"OfSign": {"Ref": "Sign"}, "OfCall": {"Fn::GetAtt": ["Call", "Arn"]}}
    found = waiting_states(machine, substitutions, {"Sign": ACTIVITY, "Call": FUNCTION})  # type: ignore[arg-type, dict-item]
    assert list(found) == (["T"] if waits else [])
