"""Notes about unsupported resources, and the rejection of tasks that would use them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.notes import Note
from harness.reasons import Reason, read_reasons
from harness.scenario.position import Position, ScenarioError
from harness.stack.model import Resource, Stack
from harness.stack.not_served import notes_of
from harness.stack.origins import origins_in
from harness.unserved import refuse_tasks

TEMPLATE = """\
Conditions: {Never: !Equals [a, b]}
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Job:
    Type: AWS::Glue::Job
    Properties:
      Name: nightly
  Perhaps:
    Condition: Never
    Type: AWS::SNS::Topic
  Meta: {Type: AWS::CDK::Metadata}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionSubstitutions: {Job: !Ref Job}
"""
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:machine"
OTHER = "arn:aws:states:us-east-1:123456789012:stateMachine:other"
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:sign"


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    return tmp_path / "template.yaml"


@pytest.mark.parametrize(
    "reason",
    [
        Reason("it is not created: no job runs; really"),
        Reason("no traces are written", "TracingConfig.Mode"),
        Reason("on AWS nothing is delivered to arn:aws:sqs:r:a:q: add a policy", "Endpoint", "template"),
    ],
)
def test_a_reason_is_read_as_it_was_written(reason: Reason) -> None:
    assert list(read_reasons(f"Resource creation Initiated\n{reason}")) == [reason]


def test_what_the_engine_says_and_what_it_leaves_out(template: Path) -> None:
    resources = {"Job": Resource("AWS::Glue::Job", "nightly"), "Machine": Resource("M", MACHINE)}
    reasons = {"Job": f"{Reason('no job runs')}\n{Reason('no names', 'Name')}", "Machine": ""}
    assert notes_of(template, resources, reasons) == (
        Note(
            "not served here",
            "template.yaml:3",
            "Topic (AWS::SNS::Topic)",
            "the engine did not create it, and gave no reason",
        ),
        Note("not served here", "template.yaml:4", "Job (AWS::Glue::Job)", "no job runs"),
        Note("not served here", "template.yaml:7", "Job.Name (AWS::Glue::Job)", "no names"),
    )


def clients(**definitions: Any) -> Any:
    """Clients that describe state machines by the last part of their ARNs."""

    def describe(stateMachineArn: str) -> Any:  # noqa: N803
        return {"definition": json.dumps(definitions[stateMachineArn.rpartition(":")[2]])}

    return SimpleNamespace(stepfunctions=SimpleNamespace(describe_state_machine=describe))


def stack(template: Path | None = None) -> Stack:
    return Stack(
        "s",
        {},
        {
            "Machine": Resource("AWS::StepFunctions::StateMachine", MACHINE),
            "Other": Resource("AWS::StepFunctions::StateMachine", OTHER),
        },
        origins=origins_in(template) if template else {},
        notes=(Note("not served here", "template.yaml:4", "Job (AWS::Glue::Job)", "no job runs"),),
        not_served={
            "Job": Resource("AWS::Glue::Job", "nightly"),
            "Sign": Resource("AWS::StepFunctions::Activity", ACTIVITY),
        },
    )


def states(**tasks: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {name: {"Type": "Task", **task} for name, task in tasks.items()}}


RUN = {"Resource": "arn:aws:states:::glue:startJobRun", "Parameters": {"JobName": "nightly"}}


def scenario(**expected: Any) -> Any:
    """A scenario with one run of Machine; `expected` are the values of its expectations."""

    def found(key: str, _run: str) -> Any:
        return (("expect", key), expected[key]) if key in expected else None

    run = SimpleNamespace(name="run-1", state_machine="Machine")
    place = Position(Path("a.yaml"), 1, 1)
    return SimpleNamespace(runs=(run,), tasks=(), hosts={}, expected=found, position=lambda *_: place)


def test_a_task_on_it_is_refused_at_its_place(template: Path) -> None:
    with pytest.raises(ScenarioError) as refused:
        refuse_tasks(clients(machine=states(Nightly=RUN)), stack(template), scenario())
    assert str(refused.value) == (
        f"{template}:4:1: state Nightly of Machine uses Job (AWS::Glue::Job), which is not served here: "
        "no job runs; if the run never enters it, add `expect: {never_entered: [Nightly]}`, otherwise "
        "define its result:\n  tasks:\n    - state: Nightly  # glue:startJobRun\n      result: {}"
    )


def test_a_state_that_is_never_entered_may_use_it(template: Path) -> None:
    definitions = {"machine": states(Nightly=RUN)}
    refuse_tasks(clients(**definitions), stack(template), scenario(never_entered=("Nightly",)))
    with pytest.raises(ScenarioError):
        refuse_tasks(clients(**definitions), stack(template), scenario(never_entered=("Daily",)))


def test_so_is_one_in_a_branch_and_one_in_a_machine_that_is_started() -> None:
    sign = states(Sign={"Resource": ACTIVITY})
    branches = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [sign]}}}
    with pytest.raises(ScenarioError, match="state Sign of Machine uses Sign"):
        refuse_tasks(clients(machine=branches), stack(), scenario())
    start = {
        "Resource": "arn:aws:states:::states:startExecution",
        "Parameters": {"StateMachineArn": OTHER},
    }
    with pytest.raises(ScenarioError, match="state Sign of Other uses Sign"):
        refuse_tasks(clients(machine=states(Start=start), other=sign), stack(), scenario())


def test_other_tasks_run(template: Path) -> None:
    like = {"Resource": "arn:aws:states:::sns:publish", "Parameters": {"Message": "nightly news"}}
    refuse_tasks(clients(machine=states(Tell=like)), stack(template), scenario())


def test_a_name_counts_only_where_the_template_refers_to_the_resource(template: Path) -> None:
    template.write_text(TEMPLATE.replace("{Job: !Ref Job}", "{}"))
    refuse_tasks(clients(machine=states(Nightly=RUN)), stack(template), scenario())


def test_other_machines_of_the_stack_do_not_matter(template: Path) -> None:
    definitions = {"machine": states(), "other": states(Nightly=RUN)}
    refuse_tasks(clients(**definitions), stack(template), scenario())


def test_a_note_names_the_construct_of_cdk(tmp_path: Path) -> None:
    path = tmp_path / "Shop.template.json"
    metadata = {"aws:cdk:path": "Shop/Nightly/Resource"}
    resources = {"Nightly1234ABCD": {"Type": "AWS::Glue::Job", "Metadata": metadata}}
    path.write_text(json.dumps({"Resources": resources}))
    reasons = {"Nightly1234ABCD": f"{Reason('no job runs')}\n{Reason('no names', 'Name')}"}
    notes = notes_of(path, {"Nightly1234ABCD": Resource("AWS::Glue::Job", "nightly")}, reasons)
    assert [note.subject for note in notes] == [
        "Shop/Nightly (Nightly1234ABCD, AWS::Glue::Job)",
        "Shop/Nightly (Nightly1234ABCD.Name, AWS::Glue::Job)",
    ]
