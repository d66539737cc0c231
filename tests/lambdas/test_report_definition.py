import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statelint.linter import Linter

from usage_report.definition import (
    MAX_REQUEST_BYTES,
    Parts,
    check_fits,
    creation_request,
    fits,
    report_definition,
    request_bytes,
)
from usage_report.errors import TooManyBuckets
from usage_report.names import execution_arn, machine_name

FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:s3-usage-report-"
PARTS = Parts(
    f"{FUNCTION}list-objects",
    f"{FUNCTION}put-dynamodb",
    f"{FUNCTION}create-message",
    "arn:aws:sns:eu-central-1:123456789012:s3-usage-report-ReportTopic-ABCDEFGHIJKL",
    "aws",
    21_600,
)
NAME = machine_name("s3-usage-report-report-", "0b7c9b1c-6a51-4f0e-8f3a-0123456789ab")
ROLE = "arn:aws:iam::123456789012:role/s3-usage-report-ReportRole-ABCDEFGHIJKL"


def buckets(count: int, characters: int = 25) -> list[str]:
    return [f"{n:05}".rjust(characters, "b") for n in range(count)]


def machine(count: int) -> dict[str, Any]:
    return dict(json.loads(report_definition(buckets(count), PARTS)))


@pytest.mark.parametrize("count", [0, 1, 2, 40, 1000])
def test_the_report_machine_is_valid_asl(count: int) -> None:
    assert Linter.validate(machine(count)) == []


@pytest.mark.parametrize("count", [1, 2, 40])
def test_all_state_names_are_unique(count: int) -> None:
    definition = machine(count)
    branches = definition["States"]["Parallel"]["Branches"]
    names = [*definition["States"], *(name for branch in branches for name in branch["States"])]
    assert len(names) == len(set(names)) == 4 + 3 * count


def test_without_buckets_there_is_no_parallel_because_aws_refuses_empty_branches() -> None:
    states = machine(0)["States"]
    assert list(states) == ["Pass", "CreateMessage", "Publish"]
    assert states["Pass"]["Next"] == "CreateMessage"


def test_one_bad_bucket_costs_its_branch_and_not_the_report() -> None:
    [branch] = machine(1)["States"]["Parallel"]["Branches"]
    catches = {name: state.get("Catch") for name, state in branch["States"].items()}
    assert catches == {
        "ListObject0": [{"ErrorEquals": ["States.ALL"], "Next": "PutDynamoDB0"}],
        "PutDynamoDB0": [{"ErrorEquals": ["States.ALL"], "Next": "Lost0"}],
        "Lost0": None,
    }


def test_tasks_are_retried_with_backoff_and_jitter() -> None:
    states = machine(1)["States"]
    tasks = [states["CreateMessage"], states["Publish"]]
    tasks += [s for s in states["Parallel"]["Branches"][0]["States"].values() if s["Type"] == "Task"]
    assert len(tasks) == 4
    for task in tasks:
        retry = task["Retry"][-1]
        assert retry.get("JitterStrategy") == "FULL" or task["Resource"] == PARTS.put_dynamodb_arn
        assert retry.get("BackoffRate", 2.0) > 1
        assert {"States.TaskFailed", "States.ALL", "Lambda.TooManyRequestsException"} & set(
            retry["ErrorEquals"]
        )


def test_a_report_that_may_have_been_sent_is_not_sent_again() -> None:
    unanswered, refused = machine(1)["States"]["Publish"]["Retry"]
    assert unanswered == {"ErrorEquals": ["SNS.SdkClientException"], "MaxAttempts": 0}
    assert refused["ErrorEquals"] == ["States.TaskFailed"]


def test_the_message_is_asked_for_all_buckets_by_name() -> None:
    assert machine(3)["States"]["CreateMessage"]["Parameters"]["buckets"] == buckets(3)


def test_the_same_run_gives_the_same_text() -> None:
    assert report_definition(buckets(40), PARTS) == report_definition(buckets(40), PARTS)


def test_a_thousand_buckets_fit_into_one_request() -> None:
    request = creation_request(NAME, ROLE, report_definition(buckets(1_000), PARTS))
    assert request_bytes(request) <= MAX_REQUEST_BYTES
    check_fits(buckets(1_000), NAME, ROLE, PARTS)


def test_the_size_is_what_goes_over_the_wire(stubbed: Any) -> None:
    sfn, answers = stubbed("stepfunctions")
    sent: list[bytes] = []
    sfn.meta.events.register_first("before-call.*.*", lambda params, **_: sent.append(params["body"]))
    answers.add_response("create_state_machine", {"stateMachineArn": "a", "creationDate": 0})
    request = creation_request(NAME, ROLE, report_definition(buckets(3), PARTS))
    sfn.create_state_machine(**request)
    assert [len(body) for body in sent] == [request_bytes(request)]


@pytest.mark.parametrize("characters", [5, 25, 63])
def test_too_many_buckets_are_refused_with_the_exact_limit(characters: int) -> None:
    names = buckets(3_000, characters)
    with pytest.raises(TooManyBuckets, match=r"^3,000 buckets are more .* would fit\. .*include") as refusal:
        check_fits(names, NAME, ROLE, PARTS)
    limit = int(str(refusal.value).split("of these, ")[1].split(" ")[0].replace(",", ""))
    assert fits(names[:limit], NAME, ROLE, PARTS)
    assert not fits(names[: limit + 1], NAME, ROLE, PARTS)


def test_the_history_limits_the_buckets_where_the_request_does_not() -> None:
    short = Parts("a:b:c", "a:b:c", "a:b:c", "a:b:c", "b", 60)
    with pytest.raises(TooManyBuckets, match="of these, 1,135 would fit"):
        check_fits([str(n) for n in range(2_498)], "n", "r", short)


@given(st.text(min_size=1, max_size=80))
def test_machine_names_are_legal_and_follow_from_the_run_id(run_id: str) -> None:
    name = machine_name("usage-report-", run_id)
    assert 1 <= len(name) <= 80
    assert name.startswith("usage-report-")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    assert name == machine_name("usage-report-", run_id)


@given(st.lists(st.text(max_size=80), min_size=2, max_size=5, unique=True))
def test_two_runs_never_share_a_machine(run_ids: list[str]) -> None:
    assert len({machine_name("usage-report-" * 3, run_id) for run_id in run_ids}) == len(run_ids)


def test_names_stay_readable_where_they_can() -> None:
    assert machine_name("usage-report-", "run-1") == "usage-report-run-1"
    arn = "arn:aws:states:eu-central-1:123456789012:stateMachine:usage-report-run-1"
    assert execution_arn(arn, "run-1") == (
        "arn:aws:states:eu-central-1:123456789012:execution:usage-report-run-1:run-1"
    )
