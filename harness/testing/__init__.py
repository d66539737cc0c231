"""Builders for testing your own invariants and expectations: executions, calls and observations.

Each builder returns a small value in the same format as the harness's observations, with defaults for all
values that a test does not specify. All builders share one clock. It starts at `START`, and every time is in
seconds after `START`.

    from harness.testing import a_call, a_history, an_execution, an_invocation, observed, played

    def charged_once(played):
        charges = [call for call in played.seen.calls if call.operation == "PutItem"]
        if len(charges) != 1:
            yield f"charged {len(charges)} times"

    def test_a_retry_does_not_charge_twice():
        history = (
            a_history()
            .enters("Charge")
            .schedules("shop-charge", '{"order": 7}')
            .fails("Lambda.ServiceException", at_s=1)
            .schedules("shop-charge", '{"order": 7}', at_s=2)
            .succeeds()
            .exits("Charge")
        )
        put = a_call("dynamodb:PutItem", TableName="Payments")
        seen = observed(
            an_execution("SUCCEEDED", history=history),
            invocations=[
                an_invocation("shop-charge", put, payload='{"order": 7}', at_s=0),
                an_invocation("shop-charge", put, payload='{"order": 7}', at_s=2),
            ],
        )
        assert list(charged_once(played(seen))) == ["charged 2 times"]
        assert [call.state for call in seen.calls if call.operation == "PutItem"] == ["Charge", "Charge"]
"""

from __future__ import annotations

from harness.testing.calls import a_call, a_seen_call, an_invocation
from harness.testing.clock import ACCOUNT_ID, REGION, START, arn, at
from harness.testing.histories import History, a_history, an_execution
from harness.testing.observations import a_message, observed, played

__all__ = (
    "ACCOUNT_ID",
    "REGION",
    "START",
    "History",
    "a_call",
    "a_history",
    "a_message",
    "a_seen_call",
    "an_execution",
    "an_invocation",
    "arn",
    "at",
    "observed",
    "played",
)
