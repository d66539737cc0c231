"""All kinds of imported entries, run by the engine itself, with the same result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from exported import execute, history
from minimal_project import PYPROJECT, write

from harness.cli import main
from harness.states import TaskFailed, TaskSucceeded

pytestmark = pytest.mark.usefixtures("kept_engines")

DEFINITION = """\
{"StartAt": "Each", "States": {
  "Each": {"Type": "Map", "ItemsPath": "$.list", "ResultPath": null, "Next": "Tell",
    "ItemProcessor": {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "${Queue}", "MessageBody": {"Token.$": "$$.Task.Token"}},
        "HeartbeatSeconds": 20, "ResultPath": null, "Next": "Sign",
        "Retry": [{"ErrorEquals": ["Busy", "SQS.RequestThrottledException"], "IntervalSeconds": 1}]},
      "Sign": {"Type": "Task", "Resource": "${Signing}", "ResultPath": null, "Next": "Weigh"},
      "Weigh": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": "weigh"}, "ResultPath": null, "End": true,
        "Catch": [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": null, "Next": "Light"}]},
      "Light": {"Type": "Pass", "End": true}}}},
  "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
    "Parameters": {"TopicArn": "${Topic}", "Subject": "Weighed",
      "Message.$": "States.Format('{} of them', $.n)"},
    "Retry": [{"ErrorEquals": ["SNS.ThrottledException"], "IntervalSeconds": 3}], "End": true}}}
"""
TEMPLATE = """\
Resources:
  Queue: {Type: "AWS::SQS::Queue"}
  Topic: {Type: "AWS::SNS::Topic"}
  Signing: {Type: "AWS::StepFunctions::Activity", Properties: {Name: signing}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: all
          PolicyDocument:
            Statement: {Effect: Allow, Action: ["sns:Publish", "sqs:SendMessage", "glue:*"], Resource: "*"}
  Weighing:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
"""
ON_AWS = {
    "Queue": "https://sqs.eu-west-1.amazonaws.com/111111111111/asked",
    "Topic": "arn:aws:sns:eu-west-1:111111111111:told",
    "Signing": "arn:aws:states:eu-west-1:111111111111:activity:signing",
}
THROTTLED = {
    "sns": (
        "SNS.ThrottledException",
        "Rate exceeded (Service: AmazonSNS; Status Code: 429; Error Code: Throttled; ",
    ),
    "sqs": (
        "SQS.RequestThrottledException",
        "slow down (Service: AmazonSQS; Status Code: 400; Error Code: RequestThrottled; ",
    ),
}


class World:
    """Calls that are throttled at first, jobs of which one fails, and people who answer after a while."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def answer(self, request):
        place = f"{request.iterations}{request.state_name}"
        self.called.append(place)
        service = request.resource.split(":")[5] if ":::" in request.resource else ""
        if place in ("Each[1]/Ask", "Tell") and self.called.count(place) == 1:
            error, cause = THROTTLED[service]
            return TaskFailed(error, f"{cause}Request ID: 7d3f1c52-9b1e-4c57-8b5d-0f4dd2a9c001; Proxy: null)")
        return TaskFailed("Glue.Oops", "no") if place == "Each[1]/Weigh" else TaskSucceeded({})

    def answers(self, simulation, _execution):
        self.simulation = simulation
        simulation.tokens.watchers.append(self)
        simulation.activities.claim = lambda _task: "till-1"

    def opened(self, task):
        """Handle the start of a task."""

    def closed(self, token, how):
        """Handle the end of a task."""

    def waits(self, task):
        if task.activity_arn:
            return
        found, now = self.simulation.tokens.find(task.token), self.simulation.clock.now()
        asked = self.called.count(f"{task.iterations}Ask")
        if task.state == "Ask" and task.iterations == "Each[0]/" and asked == 1:
            self.simulation.scheduler.at(now + 15, found.heartbeat)
            self.simulation.scheduler.at(now + 30, lambda: found.fail("Busy", "at lunch"))
        else:
            self.simulation.scheduler.at(now + 7, lambda: found.succeed({"n": 1}))


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def project(folder) -> Path:
    world = World()
    made(folder, DEFINITION, '{"list": [1, 1], "n": 2}', world.answer, world.answers)
    return folder


def made(folder, text, given, answer=lambda _: TaskSucceeded({}), prepare=lambda *_: None):
    """A project with a machine, and the history of one of its executions on AWS."""
    indented = "".join(f"        {line}\n" for line in text.splitlines())
    for name, value in ON_AWS.items():
        text = text.replace(f"${{{name}}}", value)
    execution = execute(json.loads(text), answer, input=given, prepare=prepare)
    files = {"pyproject.toml": PYPROJECT, "template.yaml": TEMPLATE + indented}
    write(folder, {**files, "history.json": json.dumps(history(execution))})


def test_what_was_imported_happens_again(project, capsys):
    assert main(["import", "history.json", "--keep-data", "--output", "scenarios/a.yaml"]) == 0
    said = capsys.readouterr()
    text = Path("scenarios/a.yaml").read_text()
    assert said.err == ""
    assert [line for line in ENTRIES if line not in text] == []
    assert main(["run", "scenarios/a.yaml"]) == 0, capsys.readouterr().out


ENTRIES = (
    "  - task: sqs:sendMessage\n    state: Ask\n    iterations: {Each: 1}\n    nth: 1\n"
    "    error: RequestThrottled\n    message: slow down\n",
    "  - task: sns:publish\n    state: Tell\n    nth: 1\n    error: Throttled\n",
    "  - state: Ask\n    iterations: {Each: 0}\n    nth: 1\n    heartbeats: 18 s\n    after: 30 s\n"
    "    error: Busy\n    cause: at lunch\n",
    "  - {state: Ask, iterations: {Each: 1}, after: 7 s, output: {n: 1}}\n",
    "  - {state: Sign, worker: worker, after: 7 s, output: {n: 1}}\n",
    "  - {state: Weigh, iterations: {Each: 0}, result: {}, validation: NONE}\n",
)


TELLING = """\
{"StartAt": "Each", "States": {
  "Each": {"Type": "Map", "ItemsPath": "$.list", "ResultPath": null, "Next": "Slowly",
    "ItemProcessor": {"StartAt": "Tell", "States": {
      "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true,
        "Parameters": {"TopicArn": "${Topic}", "Subject": "Weighed",
          "Message.$": "States.Format('{} kg', $)"}}}}},
  "Slowly": {"Type": "Map", "ItemsPath": "$.list", "MaxConcurrency": 1, "Next": "Choose",
    "ItemProcessor": {"StartAt": "One", "States": {
      "One": {"Type": "Pass", "Next": "Two"}, "Two": {"Type": "Pass", "End": true}}}},
  "Choose": {"Type": "Choice", "Choices": [{"Variable": "$[0]", "NumericEquals": 0, "Next": "None"}],
    "Default": "Done"},
  "None": {"Type": "Fail"},
  "Done": {"Type": "Succeed"}}}
"""


def test_paths_and_messages_are_expected(folder, capsys):
    made(folder, TELLING, '{"list": [2, 3, 2]}')
    assert main(["import", "history.json", "--keep-data", "--output", "scenarios/a.yaml"]) == 0
    text = Path("scenarios/a.yaml").read_text()
    assert "    - Each\n    - {repeat: [Tell], min: 3, max: 3}\n    - Slowly\n    - One\n    - Two\n" in text
    assert text.count("    - Two\n") == 3
    assert "{topic: Topic, subject: Weighed, body: 2 kg, count: 2}" in text
    assert main(["run", "scenarios/a.yaml"]) == 0, capsys.readouterr().out
    Path("scenarios/a.yaml").write_text(text.replace("body: 3 kg", "body: 4 kg"))
    assert main(["run", "scenarios/a.yaml"]) == 1
    assert main(["import", "history.json", "--output", "scenarios/b.yaml"]) == 0
    assert "messages:\n  - {topic: Topic, subject: Weighed, count: 3}\n" in (
        Path("scenarios/b.yaml").read_text().replace("    ", "  ")
    )
    assert main(["run", "scenarios/b.yaml"]) == 0, capsys.readouterr().out


def test_where_states_run_side_by_side_it_is_expected_which_are_not_entered(folder):
    states = {
        "Both": {
            "Type": "Parallel",
            "Branches": [{"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}} for name in "AB"],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Never"}],
            "End": True,
        },
        "Never": {"Type": "Fail"},
    }
    made(folder, json.dumps({"StartAt": "Both", "States": states}), "{}")
    assert main(["import", "history.json", "--output", "scenarios/a.yaml"]) == 0
    assert "  never_entered: [Never]\n" in Path("scenarios/a.yaml").read_text()
    assert main(["run", "scenarios/a.yaml"]) == 0


def test_stubbed_the_answers_of_callbacks_are_those_of_stand_ins(project, capsys):
    assert main(["import", "history.json", "--stubbed", "--output", "scenarios/a.yaml"]) == 0
    text = Path("scenarios/a.yaml").read_text()
    assert "state: Ask\n" not in text.partition("answers:")[2].partition("tasks:")[0]
    gap = "event 13: its call failed, but a stand-in fails after submission"
    assert f"not known: {gap}" in text
    assert gap in capsys.readouterr().err
