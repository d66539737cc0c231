"""Updates under way: what does not fit together is found at the events where it matters, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from update_projects import Change, Copy, swept

from harness.pytest_plugin import harness_session

CREATING = "run-1 3 LambdaFunctionScheduled (CreateStateMachine)"
POLLING = "run-1 8 LambdaFunctionScheduled (DescribeExecution)"
WAITING = "run-1 14 WaitStateEntered (Wait)"
DELETING = "run-1 24 LambdaFunctionScheduled (DeleteStateMachine)"
LISTING = " 10 LambdaFunctionScheduled (ListObject1)"
PUTTING = " 20 LambdaFunctionScheduled (PutDynamoDB1)"
COMPOSING = " 29 LambdaFunctionScheduled (CreateMessage)"
POLLING_THEN_BACK = f"{POLLING}, back at {WAITING}"


def a_field_between_functions_is_renamed(new: Copy) -> None:
    new.code("create_state_machine", '"execution_arn": started_arn', '"report_arn": started_arn')
    new.definition('"execution_arn.$": "$.execution_arn"', '"report_arn.$": "$.report_arn"')
    new.code("describe_execution", "    execution_arn: str,\n    shards", "    report_arn: str,\n    shards")
    new.code(
        "describe_execution",
        "    execution = sfn.describe_execution(executionArn=execution_arn)\n    status",
        "    execution_arn = report_arn\n"
        "    execution = sfn.describe_execution(executionArn=execution_arn)\n    status",
    )


def a_field_with_a_default_is_renamed(new: Copy) -> None:
    new.code("list_objects", '"extensions": {e: list', '"by_extension": {e: list')
    new.code("rows", 'counted.get("extensions", {})', 'counted.get("by_extension", {})')


def a_variable_becomes_a_part_of_the_event(new: Copy) -> None:
    new.code("definition", '"counted.$": "$"}', '"counted.$": "$", "retention_days": 90}')
    new.code("put_dynamodb", 'int(environment["ROW_RETENTION_DAYS"])', "0")
    new.code("put_dynamodb", "settings.retention_days * DAY_S", 'event["retention_days"] * DAY_S')
    new.template(
        new.block("PutDynamoDBFunction"),
        new.block("PutDynamoDBFunction").replace("          ROW_RETENTION_DAYS: !Ref RowRetentionDays\n", ""),
    )


def a_function_needs_a_new_variable(new: Copy) -> None:
    block = new.block("PutDynamoDBFunction")
    new.template(block, block.replace("          TABLE_NAME", "          STAGE: test\n          TABLE_NAME"))
    new.code("put_dynamodb", "    settings = Settings", '    os.environ["STAGE"]\n    settings = Settings')


def the_key_of_rows_changes(new: Copy) -> None:
    new.code("rows", 'f"{bucket}/{name}"', 'f"v2/{bucket}/{name}"')
    new.code(
        "create_message", '"bucket_extension > :key", KEPT', '"begins_with(bucket_extension, :key)", "v2/"'
    )
    new.edit("scenarios/rows.py", "key.partition", 'key.removeprefix("v2/").partition')


def a_role_may_do_less(new: Copy) -> None:
    another_function_deletes(new)
    new.template("                  - !GetAtt DeleteStateMachineFunction.Arn\n", "")


def another_function_deletes(new: Copy) -> None:
    block = new.block("DeleteStateMachineFunction")
    other = block.replace("DeleteStateMachineFunction", "RemoveMachineFunction").replace(
        "-delete-state-machine", "-remove-machine"
    )
    new.template(block, f"{block}\n{other}")
    arn = "DeleteStateMachineFunctionArn: !GetAtt DeleteStateMachineFunction.Arn"
    new.template(arn, arn.replace("DeleteStateMachineFunction.Arn", "RemoveMachineFunction.Arn"))
    allowed = "                  - !GetAtt DeleteStateMachineFunction.Arn\n"
    new.template(allowed, allowed + allowed.replace("DeleteStateMachine", "RemoveMachine"))


def a_function_is_removed(new: Copy) -> None:
    a_role_may_do_less(new)
    new.template(new.block("DeleteStateMachineFunction") + "\n", "")


def the_answer_of_a_poll_changes(new: Copy) -> None:
    new.code(
        "describe_execution", '        return {"status": "RUNNING"}', '        return {"status": "WORKING"}'
    )
    new.definition('"StringEquals": "RUNNING"', '"StringEquals": "WORKING"')


def a_payload_has_a_version(new: Copy) -> None:
    new.code(
        "definition", '"state.$": "$$.State",', '"state.$": "$$.State",\n                    "version": 2,'
    )
    new.code(
        "list_objects",
        '    run_id, bucket = event["run_id"], event["bucket"]',
        '    assert event["version"] == 2\n    run_id, bucket = event["run_id"], event["bucket"]',
    )


def what_a_made_machine_reads_is_renamed(new: Copy) -> None:
    new.code(
        "create_message", '{"subject": message.subject, "message"', '{"title": message.subject, "message"'
    )
    new.code("definition", '"Subject.$": "$.subject"', '"Subject.$": "$.title"')


def the_table_is_replaced(new: Copy) -> None:
    new.template("UsageTable", "ReportTable", everywhere=True)


def the_role_of_the_machine_is_replaced(new: Copy) -> None:
    new.template("OrchestratorRole", "MachineRole", everywhere=True)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("change", "point", "said"),
    [
        (a_field_between_functions_is_renamed, POLLING, "run-1 ended FAILED"),
        (a_field_between_functions_is_renamed, CREATING, "run-1 ended FAILED"),
        (a_field_with_a_default_is_renamed, PUTTING, "aggregates"),
        (a_variable_becomes_a_part_of_the_event, PUTTING, "PutDynamoDBFunction raised KeyError"),
        (the_key_of_rows_changes, COMPOSING, "2 buckets not read"),
        (a_role_may_do_less, DELETING, "may not lambda:InvokeFunction"),
        (a_function_is_removed, DELETING, "ended FAILED"),
        (the_answer_of_a_poll_changes, POLLING, "run-1 ended FAILED"),
        (a_payload_has_a_version, LISTING, "ListObjectsFunction raised"),
        (what_a_made_machine_reads_is_renamed, COMPOSING, "run-1 ended FAILED"),
        (the_table_is_replaced, COMPOSING, "2 buckets not read"),
        (the_role_of_the_machine_is_replaced, DELETING, "which the update has deleted"),
    ],
)
def test_what_does_not_fit_together_is_found(
    change: Change, point: str, said: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found = swept(harness_session(request.config), tmp_path, change, point)
    updated = next(v for v in found.verdicts if v.trial.back is None and point in v.trial.label)
    assert updated.outcome == "violation"
    assert any(said in text for text in updated.violations), updated.violations


@pytest.mark.thorough
def test_code_that_comes_before_its_variable_is_found(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    session = harness_session(request.config)
    found = swept(session, tmp_path, a_function_needs_a_new_variable, PUTTING)
    outcomes = {
        (v.trial.held, v.trial.back is not None): v for v in found.verdicts if PUTTING in v.trial.at.label
    }
    first = outcomes["settings", False]
    assert "PutDynamoDBFunction raised KeyError: 'STAGE'" in first.violations[0]
    assert not any(verdict.violations for key, verdict in outcomes.items() if key[0] != "settings")
    assert len(outcomes) == 4


def a_comment_is_written(new: Copy) -> None:
    new.code("put_dynamodb", "DAY_S = 86_400\n", "DAY_S = 86_400  # seconds\n")


def an_answer_has_one_member_more(new: Copy) -> None:
    new.code(
        "create_state_machine",
        '        "shards": shards,\n',
        '        "shards": shards,\n        "made": 1,\n',
    )


def a_function_has_more_memory_and_a_variable_with_a_default(new: Copy) -> None:
    block = new.block("CreateMessageFunction")
    changed = block.replace("MemorySize: 512", "MemorySize: 1024")
    new.template(
        block, changed.replace("          TABLE_NAME", "          GREETING: hello\n          TABLE_NAME")
    )
    new.code(
        "create_message",
        "    settings = Settings",
        '    os.environ.get("GREETING", "")\n    settings = Settings',
    )


def a_state_tries_once_more(new: Copy) -> None:
    new.definition('"MaxAttempts": 6', '"MaxAttempts": 7', everywhere=True)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("change", "point"),
    [
        (a_comment_is_written, PUTTING),
        (an_answer_has_one_member_more, POLLING_THEN_BACK),
        (a_function_has_more_memory_and_a_variable_with_a_default, COMPOSING),
        (a_state_tries_once_more, POLLING),
        (another_function_deletes, DELETING),
    ],
)
def test_what_fits_together_is_no_finding(
    change: Change, point: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found = swept(harness_session(request.config), tmp_path, change, point)
    assert found.verdicts
    assert not found.violations, found.explanation


@pytest.mark.thorough
def test_an_unchanged_project_has_nothing_to_update(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found = swept(harness_session(request.config), tmp_path, lambda _: None, "")
    assert found.is_same
    assert found.verdicts == ()
