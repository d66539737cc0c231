"""The workflow with people and workers, step by step in Python."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from harness.pytest_plugin import Runner


def test_an_expense_is_approved_by_mail_and_paid(harness_run: Runner) -> None:
    """The task of an activity goes to a worker, as on AWS; in this test, the test itself is the worker."""
    run = harness_run.start({"amount": 120, "purpose": "chairs"})
    ask = run.wait_for_token("Ask")
    harness_run.sleep("60 h")  # until Monday: only this moves the clock
    ask.succeed({"by": "ada"})

    pay = run.wait_for_token("Pay", worker="till-1")
    assert pay.input == {"amount": 120, "purpose": "chairs", "approval": {"by": "ada"}}
    assert pay.parameters == {"amount": 120, "by": "ada"}  # the input of the worker
    for _ in range(10):
        harness_run.sleep("45 s")
        pay.heartbeat()
    pay.succeed({"paid": 120})

    result = run.wait()
    assert json.loads(result.execution.output or "") == {"paid": 120}
    (mail,) = result.observation.messages
    assert json.loads(mail.body)["token"] == ask.token


def test_who_answers_too_late_is_told(harness_run: Runner) -> None:
    """The token expires with the timeout, and AWS reports this."""
    run = harness_run.start({"amount": 120, "purpose": "chairs"})
    ask = run.wait_for_token("Ask")
    harness_run.sleep("73 h")
    with pytest.raises(ClientError, match="TaskTimedOut"):
        ask.succeed({"by": "ada"})
    assert run.wait().execution.error == "Expired"
