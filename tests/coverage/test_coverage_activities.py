"""Failures of activity tasks in coverage."""

from __future__ import annotations

import pytest

from harness.coverage.failures import Failures, History, taker
from harness.observe.tasks import track
from harness.testing import a_history, an_execution

LIMITS = {"TimeoutSeconds": 60, "HeartbeatSeconds": 10}


def failures(taken_at_s: float, ended_at_s: float, ended: str, error: str) -> Failures:
    history = a_history()
    history.enters("Sign")
    history.event("ActivityScheduled", resource="arn:aws:states:us-east-1:123456789012:activity:sign")
    history.event("ActivityStarted", at_s=taken_at_s)
    history.event(ended, at_s=ended_at_s, error=error)
    seen = an_execution("FAILED", history=history)
    (visit,) = track(seen).root.visits
    return History.of(seen).failures(visit, LIMITS)


def test_what_a_worker_fails_with_ends_the_visit() -> None:
    assert failures(900, 901, "ActivityFailed", "Refused") == Failures([], "Refused", [])


@pytest.mark.parametrize(("after_s", "limit"), [(60, "timeout"), (10, "heartbeat")])
def test_limits_count_from_when_the_worker_has_the_task(after_s: float, limit: str) -> None:
    found = failures(900, 900 + after_s, "ActivityTimedOut", "States.Timeout")
    known_as = {"timeout": "States.Timeout", "heartbeat": "States.HeartbeatTimeout"}
    assert (found.ended_by, found.timeouts) == (known_as[limit], [limit])
    assert taker([{"ErrorEquals": ["States.Timeout"]}], found.ended_by) == (0, "States.Timeout")
    retried = taker([{"ErrorEquals": ["States.HeartbeatTimeout"]}], found.ended_by)
    assert retried == ((0, "States.HeartbeatTimeout") if limit == "heartbeat" else None)
