"""Runs started by a Python test. They are checked when the test ends."""

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
    """Start a deployed stack's state machine and wait for the execution to end.

        result = harness_run({"exclude": []})
        result = harness_run({"order": 1}, name="first", timeout_s=10, stack=payments)

    `start` takes the same arguments and does not wait; see `StartedRun`. After the first use of this fixture,
    the virtual clock advances only in calls that wait: `harness_run(...)`, `sleep`, the methods of a started
    run, and client calls that take time themselves.

    `stack` defaults to the stack from the fixture `harness_stack`. `timeout_s` is real time. Without `name`,
    the runs in a test are called run-1, run-2, ... A test fails when it ends if a run has mismatches and the
    test has not read its `mismatches` attribute. A test that reads the attribute is expected to check it.
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
        """Run the state machine. The test fails if the run cannot be started, or does not finish in time."""
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
        """Start the state machine. The run continues only while the test waits. The test fails if it cannot
        be started.
        """
        __tracebackhide__ = True
        node = self._request.node
        if stack is None:
            stack = self._request.getfixturevalue("harness_stack")
        with explained():
            run = self._runs.start(_caller(node), stack, input, name, timeout_s)
        node.stash.setdefault(STARTED, []).append(run)
        return run

    def sleep(self, for_: str | float | timedelta) -> None:
        """Advance the clock: `"10 min"` as in scenarios, or a number of seconds.

        When this method returns, everything scheduled up to that time has started. The test fails if the time
        is invalid.
        """
        __tracebackhide__ = True
        with explained():
            self._runs.sleep(for_)


def _caller(item: pytest.Item) -> Caller:
    """Return a test's name for reports."""
    from harness.workflow.as_scenario import Caller  # noqa: PLC0415  (when it is used)

    _, _, inside = item.nodeid.partition("::")
    # pytest's ID is relative to pytest's root directory; this one is relative to the working directory.
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
    """Return an explanation of a test's unhandled runs; "" if there are none.

    A run is unhandled if the test did not wait for it, or did not read its mismatches.
    """
    runs = item.stash.get(STARTED, [])
    left = [run.name for run in runs if not run.judged]
    if left:
        return f"run {left[0]} was started, but the test has not waited for its end: call its wait() method"
    if not runs:
        return ""
    with own_path():
        from harness.workflow.result import unread  # noqa: PLC0415  (when it is used)

        result = unread([run.wait() for run in runs])
        if result is None:
            return ""
        return (
            f"{result.explanation}\n\n(to check the mismatches in the test, read the result's `mismatches`)"
        )
