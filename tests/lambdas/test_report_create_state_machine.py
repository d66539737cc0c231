import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from usage_report import aws, create_state_machine
from usage_report.create_state_machine import Settings, bucket_names, own_tags, start_execution
from usage_report.errors import (
    BadInput,
    ExecutionNotStarted,
    MachinesNotMade,
    RoleNotReady,
    TooManyBuckets,
    Transient,
)
from usage_report.machines import Maker, make_sharded
from usage_report.manifest import Manifest

STATES = "arn:aws:states:eu-central-1:123456789012"
ENVIRONMENT = {
    "MACHINE_ARN_PREFIX": f"{STATES}:stateMachine:usage-51af3dc0-report-",
    "REPORT_ROLE_ARN": "arn:aws:iam::123456789012:role/usage-ReportRole",
    "INCLUDE_PATTERNS": "",
    "EXCLUDE_PATTERNS": "*-logs",
    "LIST_OBJECTS_ARN": "arn:aws:lambda:eu-central-1:123456789012:function:usage-list-objects",
    "PUT_DYNAMODB_ARN": "arn:aws:lambda:eu-central-1:123456789012:function:usage-put-dynamodb",
    "CREATE_MESSAGE_ARN": "arn:aws:lambda:eu-central-1:123456789012:function:usage-create-message",
    "TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:usage-ReportTopic",
    "TABLE_NAME": "usage-UsageTable",
    "ROW_RETENTION_DAYS": "90",
    "BUCKETS_PER_MACHINE": "1000",
    "MACHINES_AT_ONCE": "1",
    "LISTING_CONCURRENCY": "",
    "MACHINE_LOG_LEVEL": "OFF",
    "MACHINE_LOG_GROUP_ARN": "",
    "MACHINE_TRACING": "false",
    "POLL_INTERVAL_SECONDS": "30",
    "REPORT_TIME_LIMIT_SECONDS": "21600",
}
SETTINGS = Settings.read(ENVIRONMENT)
MACHINE = f"{STATES}:stateMachine:usage-51af3dc0-report-run-1"
EXECUTION = f"{STATES}:execution:usage-51af3dc0-report-run-1:run-1"
CREATED = {"stateMachineArn": MACHINE, "creationDate": 0}
STARTED = {"executionArn": EXECUTION, "startDate": 0}
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:usage-create-state-machine"
START = {"stateMachineArn": MACHINE, "name": "run-1", "input": '{"run_id": "run-1"}'}


class Context:
    invoked_function_arn = f"{FUNCTION}:live"


def maker(sfn: Any, run_id: str = "run-1", **tags: str) -> Maker:
    return Maker(sfn, SETTINGS.frame(run_id, tags), run_id, sleep=lambda _: None)


def test_all_pages_of_buckets_are_read(stubbed: Any) -> None:
    s3, answers = stubbed("s3")
    first = {"Buckets": [{"Name": "a"}], "ContinuationToken": "t"}
    answers.add_response("list_buckets", first, {"MaxBuckets": 1_000})
    second = {"MaxBuckets": 1_000, "ContinuationToken": "t"}
    answers.add_response("list_buckets", {"Buckets": [{"Name": "b"}]}, second)
    assert list(bucket_names(s3)) == ["a", "b"]


def test_a_retried_call_sends_the_same_and_finds_the_same(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    sent: list[bytes] = []
    sfn.meta.events.register_first("before-call.*.*", lambda params, **_: sent.append(params["body"]))
    for _ in range(2):
        answers.add_response("create_state_machine", CREATED)
        answers.add_response("start_execution", STARTED, START)
        assert maker(sfn).make(MACHINE, "{}") is False
        assert start_execution(sfn, MACHINE, "run-1") == EXECUTION
    assert len(sent) == 4
    assert sent[:2] == sent[2:]


def test_what_an_earlier_try_made_of_other_buckets_is_adopted(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    answers.add_client_error("create_state_machine", "StateMachineAlreadyExists", "other definition", 400)
    answers.add_client_error("start_execution", "ExecutionAlreadyExists", "it has ended", 400)
    assert maker(sfn).make(MACHINE, "{}") is True
    assert start_execution(sfn, MACHINE, "run-1") == EXECUTION


def test_two_runs_have_machines_of_their_own() -> None:
    machines = {SETTINGS.frame(run_id, {}).machine_arn for run_id in ("run-1", "run-2")}
    assert machines == {MACHINE, MACHINE.replace("run-1", "run-2")}


def test_a_role_that_cannot_be_assumed_yet_is_told_from_a_missing_permission(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    not_yet = (
        "Neither the global service principal states.amazonaws.com, nor the regional one is authorized "
        "to assume the provided role."
    )
    answers.add_client_error("create_state_machine", "AccessDeniedException", not_yet, 400)
    with pytest.raises(RoleNotReady, match="usage-ReportRole: Neither the global"):
        maker(sfn).make(MACHINE, "{}")
    never = "User: x is not authorized to perform: iam:PassRole"
    answers.add_client_error("create_state_machine", "AccessDeniedException", never, 400)
    with pytest.raises(ClientError, match="PassRole"):
        maker(sfn).make(MACHINE, "{}")


def test_a_machine_that_cannot_be_started_is_named(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    answers.add_client_error("start_execution", "AccessDeniedException", "no", 400)
    with pytest.raises(ExecutionNotStarted, match=f"^{MACHINE} was created, but not started: .*no"):
        start_execution(sfn, MACHINE, "run-1")


def test_a_machine_that_is_not_there_yet_is_left_to_the_retry(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    answers.add_client_error("start_execution", "StateMachineDoesNotExist", "not yet", 400)
    with pytest.raises(sfn.exceptions.StateMachineDoesNotExist) as raised:
        start_execution(sfn, MACHINE, "run-1")
    assert type(raised.value).__name__ == "StateMachineDoesNotExist"  # what the state machine retries
    answers.add_client_error("start_execution", "ThrottlingException", "later", 400)
    with pytest.raises(Transient), aws.transient_errors():
        start_execution(sfn, MACHINE, "run-1")


@pytest.mark.parametrize(("interval", "limit"), [("30", 21_600), ("1", 2_500)])
def test_the_time_limit_leaves_the_orchestrator_below_its_history_limit(interval: str, limit: int) -> None:
    parts = Settings.read({**ENVIRONMENT, "POLL_INTERVAL_SECONDS": interval}).parts
    assert parts.time_limit_s == limit
    assert limit / int(interval) * 9 < 25_000


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch, stubbed: Any) -> Any:
    clients = {service: stubbed(service) for service in ("s3", "stepfunctions", "lambda", "dynamodb")}
    monkeypatch.setattr(aws, "client", lambda service: clients[service][0])
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return clients


def test_the_handler_makes_and_starts_the_machine_of_the_selected_buckets(deployed: Any) -> None:
    tags = {"team": "storage", "aws:cloudformation:stack-name": "usage"}
    deployed["lambda"][1].add_response("list_tags", {"Tags": tags}, {"Resource": FUNCTION})
    listed = {"Buckets": [{"Name": name} for name in ("photos", "web-logs", "attic")]}
    deployed["s3"][1].add_response("list_buckets", listed)
    sfn, answers = deployed["stepfunctions"]
    sent: list[Any] = []
    sfn.meta.events.register_first(
        "before-call.*.*", lambda params, **_: sent.append(json.loads(params["body"]))
    )
    answers.add_response("create_state_machine", CREATED)
    answers.add_response("start_execution", STARTED, START)
    made = create_state_machine.handler({"run_id": "run-1", "attempt": 0, "input": {}}, Context())
    assert made == {
        "state_machine_arn": MACHINE,
        "execution_arn": EXECUTION,
        "shards": 0,
        "machines": MACHINE,
        "deletion": f"aws stepfunctions delete-state-machine --state-machine-arn {MACHINE}",
    }
    assert sent[0]["tags"] == [{"key": "team", "value": "storage"}]
    states = json.loads(sent[0]["definition"])["States"]
    parameters = states["CreateMessage"]["Parameters"]
    assert parameters["buckets"] == ["attic", "photos"]
    assert parameters["selected"] == {"include": "", "exclude": "*-logs", "account_buckets": 3}


@pytest.mark.usefixtures("deployed")
def test_bad_input_is_refused_before_any_call() -> None:
    with pytest.raises(BadInput):
        create_state_machine.handler({"run_id": "run-1", "attempt": 0, "input": {"includes": []}}, Context())


def test_too_many_buckets_are_refused_before_anything_is_made(deployed: Any) -> None:
    deployed["lambda"][1].add_response("list_tags", {"Tags": {}})
    listed = {"Buckets": [{"Name": f"bucket-{n:06}"} for n in range(600_000)]}
    deployed["s3"][1].add_response("list_buckets", listed)
    with pytest.raises(TooManyBuckets, match=r"600,000 buckets .* 500,000 of them would fit"):
        create_state_machine.handler({"run_id": "run-1", "attempt": 0, "input": {}}, Context())


def test_a_later_try_works_on_the_manifest_of_an_earlier_one(deployed: Any) -> None:
    deployed["lambda"][1].add_response("list_tags", {"Tags": {}})
    items = [
        {
            "bucket_extension": {"S": "#buckets"},
            "digest": {"S": "d"},
            "bucket_count": {"N": "2"},
            "selected": {"S": '{"include": "earlier"}'},
        },
        {"bucket_extension": {"S": "#buckets/d/0"}, "names": {"S": "attic photos"}},
        {"bucket_extension": {"S": "#buckets/e/0"}, "names": {"S": "another try"}},
    ]
    deployed["dynamodb"][1].add_response("query", {"Items": items})
    sfn, answers = deployed["stepfunctions"]
    sent: list[Any] = []
    sfn.meta.events.register_first(
        "before-call.*.*", lambda params, **_: sent.append(json.loads(params["body"]))
    )
    answers.add_response("create_state_machine", CREATED)
    answers.add_response("create_state_machine", CREATED)
    answers.add_response("start_execution", STARTED, START)
    made = create_state_machine.handler({"run_id": "run-1", "attempt": 1, "input": {}}, Context())
    assert made["shards"] == 1
    name = MACHINE.rpartition(":")[2]
    assert [body["name"] for body in sent] == [name, f"{name}_1", "run-1"]
    lead = json.loads(sent[0]["definition"])["States"]
    assert lead["CreateMessage"]["Parameters"]["selected"] == {"include": "earlier"}


@pytest.mark.parametrize("is_for_shards", [False, True])
def test_a_machine_that_another_try_has_made_meanwhile_has_its_shards(
    deployed: Any, is_for_shards: bool
) -> None:
    deployed["lambda"][1].add_response("list_tags", {"Tags": {}})
    deployed["s3"][1].add_response("list_buckets", {"Buckets": [{"Name": "attic"}]})
    head = {"digest": {"S": "d"}, "bucket_count": {"N": "2"}, "selected": {"S": "{}"}}
    items = [
        {"bucket_extension": {"S": "#buckets"}, **head},
        {"bucket_extension": {"S": "#buckets/d/0"}, "names": {"S": "attic photos"}},
    ]
    deployed["dynamodb"][1].add_response("query", {"Items": items if is_for_shards else []})
    answers = deployed["stepfunctions"][1]
    answers.add_client_error("create_state_machine", "StateMachineAlreadyExists", "other", 400)
    if is_for_shards:
        answers.add_client_error("create_state_machine", "StateMachineAlreadyExists", "other", 400)
        answers.add_response("create_state_machine", CREATED)
    answers.add_response("start_execution", STARTED, START)
    made = create_state_machine.handler({"run_id": "run-1", "attempt": 0, "input": {}}, Context())
    assert made["shards"] == int(is_for_shards)


def test_one_machine_for_all_that_an_earlier_try_has_made_is_adopted(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    answers.add_client_error("create_state_machine", "StateMachineAlreadyExists", "other definition", 400)
    kept = Manifest(["a", "b"], False, {})
    assert make_sharded(maker(sfn), kept, SETTINGS.parts) == 0


def test_shards_of_an_earlier_try_are_adopted(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    for _ in range(2):
        answers.add_client_error("create_state_machine", "StateMachineAlreadyExists", "other", 400)
    assert make_sharded(maker(sfn), Manifest(["a", "b"], True, {}), SETTINGS.parts) == 1


def test_a_shard_is_made_when_aws_lets_it_be_made(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    answers.add_response("create_state_machine", CREATED)
    for _ in range(5):
        answers.add_client_error("create_state_machine", "ThrottlingException", "Rate exceeded", 400)
    answers.add_response("create_state_machine", CREATED)
    assert make_sharded(maker(sfn), Manifest(["a", "b"], False, {}), SETTINGS.parts) == 1


@pytest.mark.parametrize(
    ("errors", "raised"),
    [
        (
            [("AccessDeniedException", "not authorized to perform: states:CreateStateMachine")],
            MachinesNotMade,
        ),
        ([("AccessDeniedException", "not authorized to assume the provided role.")] * 6, Transient),
        ([("ThrottlingException", "Rate exceeded")] * 6, Transient),
    ],
)
def test_machines_that_were_made_without_the_next_one_are_named(
    stubbed: Any, errors: list[tuple[str, str]], raised: type[Exception]
) -> None:
    sfn, answers = stubbed("stepfunctions")
    answers.add_response("create_state_machine", CREATED)
    for code, message in errors:
        answers.add_client_error("create_state_machine", code, message, 400)
    with pytest.raises(
        raised, match=rf"^1 of 2 machines were created, .*: {MACHINE}\. .* delete-state-machine"
    ):
        make_sharded(maker(sfn), Manifest(["a", "b"], False, {}), SETTINGS.parts)


def test_machines_have_the_tags_logs_and_traces_of_the_stack() -> None:
    group = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/vendedlogs/states/usage:*"
    logging = {"MACHINE_LOG_LEVEL": "ERROR", "MACHINE_LOG_GROUP_ARN": group, "MACHINE_TRACING": "true"}
    frame = Settings.read({**ENVIRONMENT, **logging}).frame("run-1", {"team": "storage"})
    assert frame.request(MACHINE, "{}") == {
        "name": "usage-51af3dc0-report-run-1",
        "definition": "{}",
        "roleArn": ENVIRONMENT["REPORT_ROLE_ARN"],
        "tags": [{"key": "team", "value": "storage"}],
        "loggingConfiguration": {
            "level": "ERROR",
            "includeExecutionData": False,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}],
        },
        "tracingConfiguration": {"enabled": True},
    }
    assert set(SETTINGS.frame("run-1", {}).request(MACHINE, "{}")) == {"name", "definition", "roleArn"}


def test_tags_of_aws_are_left_to_aws(stubbed: Any) -> None:
    functions, answers = stubbed("lambda")
    tags = {"team": "storage", "aws:cloudformation:stack-name": "usage", "awsome": "yes"}
    answers.add_response("list_tags", {"Tags": tags}, {"Resource": FUNCTION})
    assert own_tags(functions, f"{FUNCTION}:7") == {"awsome": "yes", "team": "storage"}
