"""Updates during runs: incompatibilities are found at the relevant events, without false findings."""

from __future__ import annotations

from pathlib import Path

import pytest
from skews import (
    COMPOSING,
    CREATING,
    DELETING,
    POLLING,
    POLLING_THEN_BACK,
    PUTTING,
    a_field_between_functions_is_renamed,
    a_function_needs_a_new_variable,
    another_function_deletes,
)
from update_projects import Change, Copy, swept

from harness.pytest_plugin import harness_session


def the_table_is_replaced(new: Copy) -> None:
    new.template("UsageTable", "ReportTable", everywhere=True)


def the_role_of_the_machine_is_replaced(new: Copy) -> None:
    new.template("OrchestratorRole", "MachineRole", everywhere=True)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("change", "point", "said"),
    [
        (a_field_between_functions_is_renamed, CREATING, "run-1 ended FAILED"),
        (the_table_is_replaced, COMPOSING, "2 buckets not read"),
        (the_role_of_the_machine_is_replaced, DELETING, "the update deleted that role"),
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
