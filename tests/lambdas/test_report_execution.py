"""describe-execution and delete-state-machine."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from usage_report import aws, delete_state_machine, describe_execution
from usage_report.definition import Parts, report_definition, shard_definition
from usage_report.delete_state_machine import delete_all
from usage_report.describe_execution import Settings, describe
from usage_report.errors import MachinesNotDeleted, ReportOverdue, Transient
from usage_report.names import deletion_command, machines_in_words
from usage_report.time_limit import TimeLimit

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:usage-report-run-1"
EXECUTION = "arn:aws:states:eu-central-1:123456789012:execution:usage-report-run-1:run-1"
PATIENCE_S = 22_200
SETTINGS = Settings("s3-usage", TimeLimit(21_600, PATIENCE_S))
IDS: dict[str, Any] = {
    "run_id": "run-1",
    "state_machine_arn": MACHINE,
    "execution_arn": EXECUTION,
    "shards": 0,
    "machines": MACHINE,
    "deletion": deletion_command(MACHINE, 0),
}
SHARDED = {
    **IDS,
    "shards": 2,
    "machines": machines_in_words(MACHINE, 2),
    "deletion": deletion_command(MACHINE, 2),
}


STARTED = datetime.now(UTC)


def execution(status: str, **failure: str) -> dict[str, Any]:
    return {
        "executionArn": EXECUTION,
        "stateMachineArn": MACHINE,
        "name": "run-1",
        "status": status,
        "startDate": STARTED,
        **failure,
    }


def event(number: int, previous: int, kind: str, state: str = "") -> dict[str, Any]:
    moved = "Exited" if kind.endswith("Exited") else "Entered"
    details = {f"state{moved}EventDetails": {"name": state}} if state else {}
    return {"id": number, "previousEventId": previous, "timestamp": 0, "type": kind, **details}


@pytest.mark.parametrize(
    ("status", "found"),
    [("RUNNING", "RUNNING"), ("PENDING_REDRIVE", "RUNNING"), ("SUCCEEDED", "SUCCEEDED")],
)
def test_a_report_that_runs_or_is_to_be_redriven_is_running(stubbed: Any, status: str, found: str) -> None:
    sfn, answers = stubbed("stepfunctions")
    answers.add_response("describe_execution", execution(status), {"executionArn": EXECUTION})
    assert describe(sfn, **IDS, settings=SETTINGS) == {"status": found}


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE"])
def test_nobody_waits_for_a_report_that_runs_beyond_its_time_limit(stubbed: Any, status: str) -> None:
    sfn, answers = stubbed("stepfunctions")
    long_ago = datetime.now(UTC) - timedelta(seconds=PATIENCE_S + 1)
    answers.add_response("describe_execution", {**execution(status), "startDate": long_ago})
    with pytest.raises(ReportOverdue, match=f"run-1 is {status} after [0-9]+ s, beyond its time limit"):
        describe(sfn, **IDS, settings=SETTINGS)


@pytest.mark.parametrize(
    ("interval", "limit", "found"),
    [
        ("30", "21600", TimeLimit(21_600, 22_200)),
        ("1", "21600", TimeLimit(2_500, 2_520)),  # as long as the orchestrator's history can hold its polls
    ],
)
def test_the_orchestrator_waits_a_few_polls_longer_than_a_report_may_take(
    interval: str, limit: str, found: TimeLimit
) -> None:
    environment = {"POLL_INTERVAL_SECONDS": interval, "REPORT_TIME_LIMIT_SECONDS": limit}
    assert TimeLimit.read(environment) == found


def test_a_failure_names_state_cause_machine_and_how_to_delete_it(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    cause = json.dumps({"errorMessage": "'subject'", "errorType": "KeyError", "stackTrace": []})
    answers.add_response("describe_execution", execution("FAILED", error="KeyError", cause=cause))
    history = [
        event(30, 28, "ExecutionFailed"),
        event(29, 5, "TaskStateEntered", "PutDynamoDB1"),
        event(28, 27, "LambdaFunctionFailed"),
        event(27, 26, "LambdaFunctionScheduled"),
        event(26, 25, "TaskStateEntered", "CreateMessage"),
    ]
    answers.add_response("get_execution_history", {"events": history})
    found = describe(sfn, **IDS, settings=SETTINGS)
    assert found["status"] == "FAILED"
    assert found["failure"].pop("message") == (
        "A run of the S3 usage report failed in account 123456789012.\n"
        "\n"
        "What failed: composing the message from the table's rows. No report was sent\n"
        "Cause: 'subject'\n"
        "Error: KeyError\n"
        "Failing state: CreateMessage (of the report machine)\n"
        f"Report machine: {MACHINE} was kept for you to look at. To delete it: "
        f"aws stepfunctions delete-state-machine --state-machine-arn {MACHINE}\n"
        "\n"
        "Account: 123456789012\n"
        "Region: eu-central-1\n"
        "Stack: s3-usage\n"
        f"Started: {STARTED:%Y-%m-%dT%H:%M:%SZ}\n"
        "Run id: run-1\n"
    )
    assert found["failure"] == {"state": "CreateMessage", "error": "KeyError", "cause": "'subject'"}


def test_a_report_that_sns_did_not_answer_may_have_been_sent(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    failed = execution("FAILED", error="SNS.SdkClientException", cause="Unable to execute HTTP request")
    answers.add_response("describe_execution", failed)
    answers.add_response("get_execution_history", {"events": [event(9, 0, "TaskStateEntered", "Publish")]})
    failure = describe(sfn, **IDS, settings=SETTINGS)["failure"]
    unknown = "Unable to execute HTTP request. SNS did not respond: the report may have been sent anyway"
    assert failure["cause"] == unknown
    assert unknown in failure["message"]


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        ("TIMED_OUT", "the report took longer than its time limit of 21,600 s. The stack's parameters "),
        ("ABORTED", "the report's execution was stopped"),
        ("FAILED", "the report's execution ended with status FAILED"),
    ],
)
def test_a_report_that_ends_without_error_and_cause_is_explained_too(
    stubbed: Any, status: str, cause: str
) -> None:
    sfn, answers = stubbed("stepfunctions")
    answers.add_response("describe_execution", execution(status))
    for _ in range(2):  # the end, then the whole history
        answers.add_response("get_execution_history", {"events": [event(9, 0, "ExecutionTimedOut")]})
    failure = describe(sfn, **IDS, settings=SETTINGS)["failure"]
    assert (failure["state"], failure["error"]) == ("(unknown)", status)
    assert failure["cause"].startswith(cause)
    assert "What failed: the report machine, in a state that is not in its history" in failure["message"]


def timed_out(
    sfn: Any, answers: Any, running: list[str], asked_last: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """The description of an execution that ended while states were running."""
    pages = [
        [event(2, 0, "ParallelStateEntered", "Buckets")]
        + [event(3 + n, 2, "TaskStateEntered", name) for n, name in enumerate(running)],
        [
            event(90, 2, "TaskStateEntered", "Done"),
            event(91, 90, "TaskStateExited", "Done"),
            event(92, 0, "ExecutionTimedOut"),
        ],
    ]
    answers.add_response("describe_execution", execution("TIMED_OUT"))
    answers.add_response("get_execution_history", {"events": pages[1][::-1]})
    answers.add_response("get_execution_history", {"events": pages[0], "nextToken": "more"})
    answers.add_response("get_execution_history", {"events": pages[1]})
    asked_last()
    return dict(describe(sfn, **IDS, settings=SETTINGS)["failure"])


@pytest.mark.parametrize(
    ("running", "told"),
    [(["Publish"], "Publish"), (["A", "B", "C", "D", "E"], "A, B, C and 2 more"), ([], "Buckets")],
)
def test_a_report_that_is_ended_from_outside_names_what_was_running(
    stubbed: Any, running: list[str], told: str
) -> None:
    assert timed_out(*stubbed("stepfunctions"), running)["state"] == told


PARTS = Parts("arn:list", "arn:put", "arn:message", "arn:topic", "aws", 21_600)
REPORT = {
    "stateMachineArn": MACHINE,
    "name": "usage-report-run-1",
    "roleArn": "arn:aws:iam::123456789012:role/r",
    "updateDate": 0,
    "definition": report_definition(["attic", "films", "music", "photos", "tapes"], PARTS),
}
SHARD = {**REPORT, "definition": shard_definition(["photos", "tapes"], 6, PARTS)}


@pytest.mark.parametrize(
    ("running", "told"),
    [
        (["ListObject3"], "listing the bucket photos"),
        (["PutDynamoDB0"], "writing the numbers of the bucket attic"),
        (
            ["ListObject0", "PutDynamoDB1", "ListObject2"],
            "listing the buckets attic, music, writing the numbers of the bucket films",
        ),
        ([f"ListObject{n}" for n in range(5)], "listing the buckets attic, films, music and 2 more"),
        (["ListObject7"], "state ListObject7 of the report machine"),
    ],
)
def test_a_failure_names_the_buckets_and_not_the_numbers_of_their_branches(
    stubbed: Any, running: list[str], told: str
) -> None:
    sfn, answers = stubbed("stepfunctions")

    def definition() -> None:
        asked = {"executionArn": EXECUTION}
        answers.add_response("describe_state_machine_for_execution", REPORT, asked)

    failure = timed_out(sfn, answers, running, definition)
    assert f"\nWhat failed: {told}. No report was sent\n" in failure["message"]


def test_a_failure_whose_buckets_nobody_may_know_is_told_all_the_same(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")

    def denied() -> None:
        answers.add_client_error("describe_state_machine_for_execution", "AccessDeniedException", "no", 400)

    failure = timed_out(sfn, answers, ["ListObject3"], denied)
    assert "\nWhat failed: state ListObject3 of the report machine. No report" in failure["message"]


def test_of_a_long_cause_the_mail_has_the_first_lines(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    cause = "\n".join(f"line {n}" for n in range(9))
    answers.add_response("describe_execution", execution("FAILED", error="E", cause=cause))
    answers.add_response("get_execution_history", {"events": [event(9, 0, "TaskStateEntered", "Publish")]})
    failure = describe(sfn, **IDS, settings=SETTINGS)["failure"]
    assert "\nCause: line 0\nline 1\nline 2\nline 3\nline 4...\nError: E\n" in failure["message"]
    assert failure["cause"] == cause


@pytest.mark.parametrize("name", ["ExecutionDoesNotExist", "StateMachineDoesNotExist"])
def test_an_execution_that_is_not_there_yet_is_raised_under_its_name(stubbed: Any, name: str) -> None:
    sfn, answers = stubbed("stepfunctions")
    answers.add_client_error("describe_execution", name, "not yet", 400)
    with pytest.raises(aws.ClientError) as raised:
        describe(sfn, **IDS, settings=SETTINGS)
    assert aws.error_code(raised.value) == name


def test_the_handlers_give_back_what_they_were_given(monkeypatch: pytest.MonkeyPatch, stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    monkeypatch.setattr(aws, "client", {"stepfunctions": sfn}.__getitem__)
    answers.add_response("describe_execution", execution("SUCCEEDED"))
    monkeypatch.setenv("POLL_INTERVAL_SECONDS", "30")
    monkeypatch.setenv("REPORT_TIME_LIMIT_SECONDS", "21600")
    monkeypatch.setenv("STACK_NAME", "s3-usage")
    assert describe_execution.handler(IDS, None) == {**IDS, "status": "SUCCEEDED"}
    gone = {"run_id": "run-1", "state_machine_arn": MACHINE, "shards": 0}
    for _ in range(2):  # AWS responds the same if it has already been deleted
        answers.add_response("delete_state_machine", {}, {"stateMachineArn": MACHINE})
        assert delete_state_machine.handler(gone, None) == gone


SHARD_2 = f"{EXECUTION.removesuffix(':run-1')}_2:run-1"


@pytest.mark.parametrize("state", ["Shard2", "FailedShard2"])
def test_the_failure_of_a_shard_is_told_as_it_ended(stubbed: Any, state: str) -> None:
    sfn, answers = stubbed("stepfunctions")
    error = "States.TaskFailed" if state == "Shard2" else "ShardFailed"
    answers.add_response("describe_execution", execution("FAILED", error=error, cause="{}"))
    answers.add_response("get_execution_history", {"events": [event(9, 0, "TaskStateEntered", state)]})
    inner = execution("FAILED", error="States.Runtime", cause="too many events")
    answers.add_response("describe_execution", inner, {"executionArn": SHARD_2})
    answers.add_response(
        "get_execution_history", {"events": [event(9, 0, "TaskStateEntered", "ListObject7")]}
    )
    answers.add_response("describe_state_machine_for_execution", SHARD, {"executionArn": SHARD_2})
    failure = describe(sfn, **SHARDED, settings=SETTINGS)["failure"]
    message = failure.pop("message")
    assert (
        "What failed: listing the bucket tapes. No report was sent\n"
        "Cause: too many events\n"
        "Error: States.Runtime\n"
        f"Failing state: ListObject7 (of {MACHINE}_2)\n"
        f"Report machine: {MACHINE}, {MACHINE}_1 and {MACHINE}_2 were kept for you to look at. "
        f"To delete them: for m in {MACHINE} {MACHINE}_{{1..2}}; "
        "do aws stepfunctions delete-state-machine --state-machine-arn $m; done\n"
    ) in message
    assert failure == {"state": "ListObject7", "error": "States.Runtime", "cause": "too many events"}


def test_a_shard_that_could_not_be_started_is_told_as_its_start_failed(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    refused = execution("FAILED", error="StepFunctions.InvalidArnException", cause="no")
    answers.add_response("describe_execution", refused)
    answers.add_response("get_execution_history", {"events": [event(9, 0, "TaskStateEntered", "Shard2")]})
    answers.add_client_error("describe_execution", "ExecutionDoesNotExist", "never", 400)
    failure = describe(sfn, **SHARDED, settings=SETTINGS)["failure"]
    assert (failure["state"], failure["error"], failure["cause"]) == (
        "Shard2",
        "StepFunctions.InvalidArnException",
        "no",
    )


@pytest.mark.parametrize("status", ["RUNNING", "ABORTED"])
def test_a_report_that_times_out_names_what_ran_in_its_shard(stubbed: Any, status: str) -> None:
    sfn, answers = stubbed("stepfunctions")
    running = [event(1, 0, "TaskStateEntered", "Shard2"), event(2, 0, "ExecutionTimedOut")]
    inner = [event(1, 0, "TaskStateEntered", "ListObject7"), event(2, 0, "ExecutionAborted")]
    answers.add_response("describe_execution", execution("TIMED_OUT"))
    answers.add_response("get_execution_history", {"events": running[::-1]})
    answers.add_response("get_execution_history", {"events": running})
    answers.add_response("describe_execution", execution(status), {"executionArn": SHARD_2})
    if status == "ABORTED":
        answers.add_response("get_execution_history", {"events": inner[::-1]})
    answers.add_response("get_execution_history", {"events": inner})
    answers.add_response("describe_state_machine_for_execution", SHARD, {"executionArn": SHARD_2})
    failure = describe(sfn, **SHARDED, settings=SETTINGS)["failure"]
    assert (failure["state"], failure["error"]) == ("ListObject7", "TIMED_OUT")
    assert f"ListObject7 (of {MACHINE}_2)" in failure["message"]
    assert "listing the bucket tapes" in failure["message"]


@pytest.mark.parametrize(
    ("code", "raised"), [("AccessDeniedException", MachinesNotDeleted), ("ThrottlingException", Transient)]
)
def test_of_several_machines_as_many_are_deleted_as_can_be(
    stubbed: Any, code: str, raised: type[Exception]
) -> None:
    sfn, answers = stubbed("stepfunctions")
    answers.add_response("delete_state_machine", {}, {"stateMachineArn": MACHINE})
    answers.add_client_error("delete_state_machine", code, "no", 400)
    answers.add_response("delete_state_machine", {}, {"stateMachineArn": f"{MACHINE}_2"})
    with pytest.raises(raised, match=f"^these machines were not deleted: {MACHINE}_1. AWS error: .*no"):
        delete_all(sfn, [MACHINE, f"{MACHINE}_1", f"{MACHINE}_2"])


def test_the_error_about_many_machines_that_are_left_is_no_longer_than_aws_lets_it_be(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    arns = [f"{MACHINE}-{'r' * 36}_{number}" for number in range(500)]
    for _ in arns:
        answers.add_client_error("delete_state_machine", "AccessDeniedException", "no", 400)
    with pytest.raises(MachinesNotDeleted, match=r"_98, .*_99 and 400 more\. AWS error: .*no") as raised:
        delete_all(sfn, arns)
    assert len(str(raised.value)) < 30_000


def test_all_machines_of_a_run_are_deleted(monkeypatch: pytest.MonkeyPatch, stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    monkeypatch.setattr(aws, "client", {"stepfunctions": sfn}.__getitem__)
    for arn in (MACHINE, f"{MACHINE}_1", f"{MACHINE}_2"):
        answers.add_response("delete_state_machine", {}, {"stateMachineArn": arn})
    event = {"run_id": "run-1", "state_machine_arn": MACHINE, "shards": 2}
    assert delete_state_machine.handler(event, None) == event
