"""Runs of a test in Python: they are judged at its end."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from harness.hidden import without_secrets
from harness.pytest_plugin.code_covering import record_lines
from harness.pytest_plugin.covering import record
from harness.pytest_plugin.state import explained, harness_session, own_path, shown
from harness.pytest_plugin.told import tell

if TYPE_CHECKING:
    from harness.report.model import Result as Judged
    from harness.stack.model import Stack
    from harness.workflow.as_scenario import Caller
    from harness.workflow.result import Result
    from harness.workflow.runs import Runs
    from harness.workflow.started import StartedRun

STARTED = pytest.StashKey["list[StartedRun]"]()


class Runner:
    """Starts the state machine of a deployed stack and waits for its end.

        result = harness_run({"exclude": []})
        result = harness_run({"order": 1}, name="first", timeout_s=10, stack=payments)

    `start` takes the same and does not wait: see `StartedRun`. From the first use of this fixture on the
    virtual clock moves only in calls that wait: `harness_run(...)`, `sleep`, those of a run that was started,
    and calls of clients that last themselves.

    Without `stack` it is that of the fixture `harness_stack`. `timeout_s` is real time. Without `name` the
    runs of a test are called run-1, run-2, ... A test fails at its end when a run has mismatches and the test
    has not read `mismatches` of a run that has them: to read the attribute is to judge them in the test.
    """

    def __init__(self, request: pytest.FixtureRequest):
        self._request = request
        with explained():
            from harness.workflow.runs import Runs  # noqa: PLC0415  (when it is used)

            self._runs: Runs = Runs(harness_session(request.config))

    def __call__(
        self,
        input: object = None,
        *,
        name: str | None = None,
        timeout_s: float = 60,
        stack: Stack | None = None,
    ) -> Result:
        """Run it; the test fails when the run cannot be started, or does not end in time."""
        __tracebackhide__ = True
        return self.start(input, name=name, timeout_s=timeout_s, stack=stack).wait()

    def start(
        self,
        input: object = None,
        *,
        name: str | None = None,
        timeout_s: float = 60,
        stack: Stack | None = None,
    ) -> StartedRun:
        """Start it; it goes on only while the test waits. The test fails when it cannot be started."""
        __tracebackhide__ = True
        node = self._request.node
        if stack is None:
            stack = self._request.getfixturevalue("harness_stack")
        with explained():
            run = self._runs.start(_caller(node), stack, input, name, timeout_s)
        node.stash.setdefault(STARTED, []).append(run)
        return run

    def sleep(self, for_: str | float | timedelta) -> None:
        """Let time pass on the clock: `"10 min"` as in scenarios, or seconds.

        What is due at its end has begun. The test fails when the time is none.
        """
        __tracebackhide__ = True
        with explained():
            self._runs.sleep(for_)


def _caller(item: pytest.Item) -> Caller:
    """A test as reports name it."""
    from harness.workflow.as_scenario import Caller  # noqa: PLC0415  (when it is used)

    _, _, inside = item.nodeid.partition("::")
    # pytest's own id is relative to its root, this to the working directory.
    command = f"pytest {shlex.quote(f'{shown(item.path)}::{inside}')}"

    def ended(result: Judged) -> None:
        __tracebackhide__ = True
        record(item.config, result.observation, item.path)
        record_lines(item.config, result.observation)
        tell(item, result)
        if result.outcome == "error":
            from harness.report.failure import failure_text  # noqa: PLC0415  (failures only)

            pytest.fail(without_secrets(failure_text(result)), pytrace=False)

    return Caller(shown(item.path), (item.location[1] or 0) + 1, item.name, command, explained, ended)


def unjudged(item: pytest.Item) -> str:
    """The explanation of what a test has left of its runs; "" for nothing.

    That is a run whose end it has not waited for, or mismatches that it has not read.
    """
    runs = item.stash.get(STARTED, [])
    left = [run.name for run in runs if not run.judged]
    if left:
        return f"run {left[0]} was started, and the test has not waited for its end: call wait() of it"
    if not runs:
        return ""
    with own_path():
        from harness.workflow.result import unread  # noqa: PLC0415  (when it is used)

        result = unread([run.wait() for run in runs])
        if result is None:
            return ""
        return f"{result.explanation}\n\n(read `mismatches` of the result to judge them in the test)"
