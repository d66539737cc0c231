from hypothesis import example, given
from hypothesis import strategies as st

from usage_report.names import (
    MOST_SHARDS,
    deletion_command,
    execution_arn,
    machine_arns,
    machine_name,
    machines_in_words,
)

PREFIX = "usage-51af3dc0-report-"
ARN = "arn:aws:states:eu-central-1:123456789012:stateMachine:usage-51af3dc0-report-run-1"
LEGAL = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@given(st.text(min_size=1, max_size=80))
def test_machine_names_are_legal_and_follow_from_the_run_id(run_id: str) -> None:
    name = machine_name(PREFIX, run_id)
    *_, last = machine_arns(name, MOST_SHARDS)
    assert 1 <= len(last) <= 80
    assert name.startswith(PREFIX)
    assert set(last) <= LEGAL
    assert name == machine_name(PREFIX, run_id)


@given(st.lists(st.text(max_size=80), min_size=2, max_size=5, unique=True))
@example(["run", "run_1", "run_1_1", "run_12"])
def test_two_runs_never_share_a_machine(run_ids: list[str]) -> None:
    arns = [arn for run_id in run_ids for arn in machine_arns(machine_name(PREFIX, run_id), 12)]
    assert len(set(arns)) == len(arns)


def test_names_stay_readable_where_they_can() -> None:
    assert machine_name(PREFIX, "run-1") == "usage-51af3dc0-report-run-1"
    uuid = "0b7c9b1c-6a51-4f0e-8f3a-0123456789ab"
    assert machine_name(PREFIX, uuid) == PREFIX + uuid
    assert execution_arn(ARN, "run-1") == (
        "arn:aws:states:eu-central-1:123456789012:execution:usage-51af3dc0-report-run-1:run-1"
    )


def test_all_machines_are_named_and_deleted_in_one_line() -> None:
    delete = "aws stepfunctions delete-state-machine --state-machine-arn"
    assert (machines_in_words(ARN, 0), deletion_command(ARN, 0)) == (ARN, f"{delete} {ARN}")
    assert machines_in_words(ARN, 1) == f"{ARN} and {ARN}_1"
    assert machines_in_words(ARN, 2) == f"{ARN}, {ARN}_1 and {ARN}_2"
    assert machines_in_words(ARN, 106) == f"{ARN} and {ARN}_1 to {ARN}_106"
    assert deletion_command(ARN, 106) == f"for m in {ARN} {ARN}_{{1..106}}; do {delete} $m; done"
