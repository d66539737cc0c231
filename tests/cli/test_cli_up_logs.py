"""Function output on the screen of `harness up`."""

from __future__ import annotations

import json

from minimal_project import PYPROJECT, write
from test_cli_up import up

from harness.beginning.example import FILES
from harness.cli.logs import log_of_one
from harness.functions.shared.model import FunctionError, Invocation


def test_the_log_of_an_invocation_is_told_when_it_has_ended(tmp_path):
    scenario = "title: a\nexpect: {execution: {status: SUCCEEDED}}\n"
    write(tmp_path, {**FILES, "pyproject.toml": PYPROJECT, "scenarios/a.yaml": scenario})
    with up(tmp_path, "scenarios/a.yaml") as (client, screen):
        states = client("stepfunctions")
        (machine,) = states.list_state_machines()["stateMachines"]
        states.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps({"name": "Ada"}))
        lines = iter(screen)
        first = next(line for line in lines if " in state Greet: " in line)
        assert first.startswith("# 2")
        assert next(lines) == "# | greeting Ada\n"


def test_a_failure_is_named_and_lines_of_the_runtime_are_left_out():
    log = "START RequestId: 1\nfirst\rsecond\nEND RequestId: 1\n"
    error = FunctionError("Oops", "no")
    seen = Invocation("1", "shop-Charge", "{}", "{}", error, log, 1_735_689_600.1, 2.04)
    assert list(log_of_one(seen)) == [
        "# 2025-01-01T00:00:00.100Z shop-Charge: 2.0 s, Oops",
        "# | first",
        "# | second",
    ]
