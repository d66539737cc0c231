"""Stand-ins in a scenario file: their meaning, and the exact text of errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_samples import parse

from harness.scenario.position import ScenarioError
from harness.scenario.tasks import TaskSpec

OTHERWISE = "correct it, or write `validation: NONE` if AWS does return this"


def entry(text: str) -> TaskSpec:
    return parse(f"title: t\ntasks: [{{{text}}}]\nexpect: {{messages: []}}", Path("a.yaml")).tasks[0]


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        entry(text)
    return [str(problem).partition(": ")[2] for problem in error.value.problems]


def test_it_is_refused_at_its_place() -> None:
    with pytest.raises(ScenarioError) as error:
        entry("resource: ecs:runTask.sync, result: {LastStatu: STOPPED}")
    assert [str(problem.where) for problem in error.value.problems] == ["a.yaml:2:47"]


@pytest.mark.parametrize(
    ("text", "resource", "which", "number"),
    [
        ("resource: ecs:runTask.sync, result: {}", "ecs:runTask.sync", (1, None), 1),
        ('resource: "arn:aws:states:::glue:startJobRun", result: {}', "glue:startJobRun", (1, None), 1),
        ("resource: states:startExecution.sync:2, error: E", "states:startExecution.sync:2", (1, None), 1),
        ("state: A, nth: 2, error: E", "", (2, 2), 1),
        ("state: A, first: 3, error: E", "", (1, 3), 1),
        ("state: A, from: 3, error: E, cause: no, takes: 5 s", "", (3, None), 1),
        ("state: A, results: [{error: E, times: 2}, {result: 1}]", "", (1, 3), 2),
        ("function: Theirs, input: {contains: a}, python: 'a/b.py:run'", "", (1, None), 1),
    ],
)
def test_an_entry_says_which_tasks_it_answers(
    text: str, resource: str, which: tuple[int, int | None], number: int
) -> None:
    spec = entry(text)
    assert (spec.resource, spec.which, len(spec.answers)) == (resource, which, number)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("result: 1", ["the stand-in has no target; add state, resource or function"]),
        ("state: A", ["the stand-in has no result; add one of result, error, results, python, mock"]),
        (
            "state: A, result: 1, error: E",
            [
                "result and error cannot be combined in a stand-in; keep one of them, or write several in "
                "results"
            ],
        ),
        ("state: A, result: 1, cause: c", ["cause does not apply to result; use it with error"]),
        (
            "state: A, nth: 1, from: 2, result: 1",
            ["nth and from cannot be combined; keep one of them"],
        ),
        (
            "state: A, nth: 1, results: [{result: 1}]",
            ["results and nth cannot be combined; keep one of them"],
        ),
        (
            "state: A, iterations: {}, result: 1",
            ["no Map state is specified; write its name and the index: {Orders: 3}, or remove it"],
        ),
        ("state: A, results: []", ["results is empty; add results, or remove the key"]),
        ("state: A, results: [{}]", ["the answer has neither result nor error; specify one of them"]),
        (
            "state: A, takes: 1 s, results: [{result: 1}]",
            ["takes does not apply to results; write it in each of them"],
        ),
        (
            "function: F, params: {a: 1}, result: 1",
            ["a function has no params; use input, which is its event"],
        ),
        ("mock: m.json", ["test_case is missing for the mock file; add test_case"]),
        (
            "mock: m.json, test_case: A, state: B",
            ["state does not apply to mock; use only mock, test_case, state_machine"],
        ),
        (
            "state: B, test_case: A, result: 1",
            ["test_case has no effect without mock; remove it, or specify the file in mock"],
        ),
        (
            "resource: runTask, result: 1",
            [
                "invalid resource 'runTask'; write it as it appears in the state's Resource, for example "
                "ecs:runTask.sync or aws-sdk:s3:listObjectsV2"
            ],
        ),
        (
            "state: A, python: answers.txt",
            ["'answers.txt' is not a function in a Python file; write it as path/to/file.py:function"],
        ),
    ],
)
def test_what_does_not_fit_is_refused(text: str, found: list[str]) -> None:
    assert problems(text) == found


@pytest.mark.parametrize(
    ("resource", "result", "found"),
    [
        (
            "ecs:runTask.sync",
            "{LastStatu: STOPPED}",
            "the result of ecs:runTask.sync has no member 'LastStatu'; did you mean 'LastStatus'?",
        ),
        (
            "ecs:runTask.sync",
            '{Containers: [{ExitCode: "0"}]}',
            f"ExitCode must be a whole number in the result of ecs:runTask.sync, found '0'; {OTHERWISE}",
        ),
        (
            "glue:startJobRun.sync",
            "{JobRunState: SUCCEDED}",
            "JobRunState is never 'SUCCEDED'; did you mean 'SUCCEEDED'? known: ",
        ),
        (
            "bedrock:invokeModel",
            "{Body: {a: 1}}",
            "the result of bedrock:invokeModel lacks ContentType; add it, or write `validation: PRESENT`",
        ),
        (
            "aws-sdk:lambda:getFunction",
            "{Configuration: {MemorySize: 127}}",
            f"MemorySize has the value 127, but AWS requires at least 128; {OTHERWISE}",
        ),
        (
            "aws-sdk:kms:encrypt",
            '{CiphertextBlob: ""}',
            f"CiphertextBlob has the length 0, but AWS requires at least 1; {OTHERWISE}",
        ),
        (
            "events:putEvents",
            "{Entries: [{EventId: a}, {EventId: [a]}]}",
            f'EventId must be text in the result of events:putEvents, found ["a"]; {OTHERWISE}',
        ),
        ("sqs:sendMessage", "[]", f"the result of sqs:sendMessage must be a mapping, found []; {OTHERWISE}"),
        (
            "states:startExecution",
            "{executionArn: a, StartDate: b}",
            "the result of states:startExecution has no member 'executionArn'; did you mean 'ExecutionArn'? "
            "members: ExecutionArn, StartDate",
        ),
    ],
)
def test_a_result_that_aws_does_not_answer_is_refused(resource: str, result: str, found: str) -> None:
    said = problems(f"resource: {resource}, result: {result}")
    assert any(text.startswith(found) for text in said), said


@pytest.mark.parametrize(
    ("resource", "result"),
    [
        ("lambda:invoke", "{Payload: {any: [1]}, StatusCode: 200, SdkHttpMetadata: {HttpStatusCode: 200}}"),
        ("ecs:runTask.waitForTaskToken", "whatever"),
        ("bedrock:invokeModel", "{Body: {a: [1]}, ContentType: application/json}"),
        ("http:invoke", "{StatusCode: 200, ResponseBody: [1]}"),
        ("eks:runJob.sync", "[1]"),
        (
            "states:startExecution.sync:2",
            "{ExecutionArn: a, StateMachineArn: b, StartDate: 1, Status: FAILED, Output: {a: 1}}",
        ),
        ("aws-sdk:rds:describeDBClusters", "{DbClusters: [{DbClusterIdentifier: a}]}"),
        (
            "aws-sdk:bedrockruntime:converse",
            "{Output: {Message: {Role: user, Content: [{Text: a}]}}, StopReason: end_turn, "
            "Usage: {InputTokens: 1, OutputTokens: 1, TotalTokens: 2}, Metrics: {LatencyMs: 1}}",
        ),
        ("aws-sdk:sqs:deleteQueue", "{}"),
    ],
)
def test_a_result_of_awss_is_taken(resource: str, result: str) -> None:
    assert entry(f"resource: {resource}, result: {result}").resource == resource


@pytest.mark.parametrize(
    ("mode", "result", "refused"),
    [
        ("PRESENT", "{}", False),
        ("PRESENT", "{random: 1}", False),
        ("PRESENT", "{StartDate: true}", True),
        ("NONE", "{StartDate: true}", False),
        ("STRICT", "{}", True),
    ],
)
def test_the_modes_are_those_of_teststate(mode: str, result: str, refused: bool) -> None:
    text = f"resource: states:startExecution, validation: {mode}, result: {result}"
    assert bool(problems(text) if refused else not entry(text)) is refused
