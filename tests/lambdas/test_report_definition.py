import json
from dataclasses import replace
from typing import Any

import pytest
from parts import PARTS
from statelint.linter import Linter

from usage_report.definition import (
    lead_definition,
    report_definition,
    shard_definition,
    shard_of,
)


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


def test_a_shard_has_the_branches_and_nothing_else() -> None:
    states = json.loads(shard_definition(buckets(10)[7:], 7, PARTS))["States"]
    assert list(states) == ["Parallel"]
    one = machine(10)["States"]["Parallel"]["Branches"]
    assert states["Parallel"]["Branches"] == one[7:]


@pytest.mark.parametrize(("shards", "lanes"), [(1, 1), (2, 1), (7, 3), (500, 40), (2, 40)])
def test_a_lead_runs_each_shard_once(shards: int, lanes: int) -> None:
    arns = [f"arn:aws:states:eu-central-1:123456789012:stateMachine:r_{n}" for n in range(1, shards + 1)]
    definition = json.loads(lead_definition(arns, "run-1", replace(PARTS, lanes=lanes)))
    assert Linter.validate(definition) == []
    branches = definition["States"]["Parallel"]["Branches"]
    assert len(branches) == min(shards, lanes)
    run = []
    for branch in branches:
        name: str | None = branch["StartAt"]
        while name is not None:
            run.append(branch["States"][name]["Parameters"]["StateMachineArn"])
            name = branch["States"][name].get("Next")
    assert sorted(run) == sorted(arns)
    names = [name for branch in branches for name in branch["States"]]
    assert len(names) == len(set(names)) == 5 * shards
    assert {shard_of(name) for name in names} == set(range(1, shards + 1))


def test_the_message_of_shards_is_asked_for_without_names() -> None:
    states = json.loads(lead_definition(["arn:1"], "run-1", PARTS))["States"]
    assert "buckets" not in states["CreateMessage"]["Parameters"]


def test_a_shard_that_failed_is_not_started_again() -> None:
    [lane] = json.loads(lead_definition(["arn:1"], "run-1", PARTS))["States"]["Parallel"]["Branches"]
    [retry] = lane["States"]["Shard1"]["Retry"]
    assert not {"States.TaskFailed", "States.ALL", "States.Timeout"} & set(retry["ErrorEquals"])
