"""Runs of a test in Python: they are started, answered while they wait, and judged at their end."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from harness.hidden import without_secrets
from harness.pytest_plugin.answering import OutsideTask, why_none
from harness.pytest_plugin.as_scenario import Begun, failure, result_of, scenario_of
from harness.pytest_plugin.code_covering import record_lines
from harness.pytest_plugin.covering import record
from harness.pytest_plugin.state import explained, harness_session, own_path
from harness.pytest_plugin.told import tell
from harness.settings import SettingsError

if TYPE_CHECKING:
    from harness.expect.model import Mismatch
    from harness.observe.inbox import Inbox
    from harness.observe.model import Execution, Observation
    from harness.report.model import Result
    from harness.session import Session
    from harness.stack.model import Stack


class RunResult:
    """A run that has ended: what it left, and what AWS would have refused of it.

    A test fails at its end when a run has mismatches and the test has not read `mismatches` of a run that
    has them: to read the attribute is to judge them in the test.
    """

    def __init__(self, result: Result, observation: Observation):
        self.observation = observation
        self.result = result
        self.was_read = False

    @property
    def execution(self) -> Execution:
        """The execution that was started."""
        return self.observation.runs[-1].execution

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """Calls that lack a permission, and sizes beyond a limit of AWS. Reading it counts as judging."""
        self.was_read = True
        return self.result.mismatches


class StartedRun:
    """A run that was started and goes on only while the test waits: in its methods, and in `harness_run`'s.

        run = harness_run.start({"order": 1})
        run.wait_for_token("Ask").succeed({"approved": True})
        assert run.wait().execution.status == "SUCCEEDED"

    A test that does not wait for the end of a run fails, as nobody has judged it.
    """

    def __init__(self, item: pytest.Item, session: Session, begun: Begun) -> None:
        self._item = item
        self._session = session
        self._begun = begun
        self._tasks: list[OutsideTask] = []
        self._result: RunResult | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self._begun.scenario.runs[0].name

    @property
    def execution_arn(self) -> str:
        """The ARN of its execution."""
        return self._begun.execution_arn

    @property
    def judged(self) -> bool:
        """True once the test has waited for its end."""
        return self._result is not None

    def wait_for_token(self, state: str = "", *, worker: str = "test") -> OutsideTask:
        """Let time pass until a task of a state waits for somebody outside, and give it to the test.

        It is one of the run, or of an execution that it started, in the order in which they wait; each is
        given once. The test fails when none comes, with what happened instead.

        Args:
            state: the name of the state; without it, whichever waits first.
            worker: the name with which the test takes the task of an activity. Another worker that has
                polled for it gets it first, as on AWS.
        """
        __tracebackhide__ = True
        limit_s = self._begun.scenario.runs[0].timeout_s
        with explained():
            from harness.engine.base import Capability  # noqa: PLC0415
            from harness.quotas import STATES_NAME_LENGTH  # noqa: PLC0415

            if not 1 <= len(worker) <= STATES_NAME_LENGTH:
                raise SettingsError(
                    f"wait_for_token: worker {worker!r} cannot be; write 1 to {STATES_NAME_LENGTH} characters"
                )
            engine = self._session.engine
            lacks = Capability.ANSWERS not in engine.capabilities
            seen = [task.token for task in self._tasks]
            awaited = None if lacks else engine.next_task(self.execution_arn, state, seen, worker, limit_s)
        if lacks:
            pytest.skip(f"{engine.name} cannot {Capability.ANSWERS}")
        if awaited is None:
            self.wait()  # the engine broke down, and its end says why
            pytest.fail(f"run {self.name} ended while the test waited for a task", pytrace=False)
        if awaited.task is None:
            pytest.fail(without_secrets(why_none(self.name, state, awaited, self._tasks, limit_s)))
        self._tasks.append(OutsideTask(awaited.task, self._session))
        return self._tasks[-1]

    def wait(self) -> RunResult:
        """Let time pass until it has ended; gives what `harness_run` gives.

        The test fails when it does not end in time, or can never end.
        """
        __tracebackhide__ = True
        if self._result is None:
            self._result = self._ended()
        return self._result

    def _ended(self) -> RunResult:
        __tracebackhide__ = True
        begun = self._begun
        with explained():
            judged = self._session.judge(begun.scenario, begun.stack, begun.inbox, begun=begun.execution_arn)
            result = result_of(self._item, self._session, begun, judged)
            record(self._item.config, judged.observation, self._item.path)
            record_lines(self._item.config, result.observation)
            tell(self._item, result)
            text = failure(result) if judged.reason else ""
        if text:
            pytest.fail(without_secrets(text), pytrace=False)
        run = RunResult(result, judged.observation)
        self._item.stash.setdefault(RUNS, []).append(run)
        return run


RUNS = pytest.StashKey[list[RunResult]]()
STARTED = pytest.StashKey[list[StartedRun]]()


class Runner:
    """Starts the state machine of a deployed stack and waits for its end.

        result = harness_run({"exclude": []})
        result = harness_run({"order": 1}, name="first", timeout_s=10, stack=payments)

    `start` takes the same and does not wait: see `StartedRun`. From the first use of this fixture on the
    virtual clock moves only in calls that wait: `harness_run(...)`, `sleep`, those of a run that was started,
    and calls of clients that last themselves.

    Without `stack` it is that of the fixture `harness_stack`. `timeout_s` is real time. Without `name` the
    runs of a test are called run-1, run-2, ...
    """

    def __init__(self, request: pytest.FixtureRequest):
        self._request = request
        self._session = harness_session(request.config)
        self._session.engine.step()
        self._inboxes: dict[str, Inbox] = {}
        self._names: set[str] = set()

    def __call__(
        self,
        input: object = None,
        *,
        name: str | None = None,
        timeout_s: float = 60,
        stack: Stack | None = None,
    ) -> RunResult:
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
            from harness.observe.inbox import Inbox  # noqa: PLC0415

            scenario = scenario_of(node, {} if input is None else input, self._name(name), timeout_s)
            # Subscribed once: the messages of a second run come after those of the first.
            if stack.name not in self._inboxes:
                self._inboxes[stack.name] = Inbox.open(self._session.clients, stack)
            begin_s = time.monotonic()
            arn = self._session.begin(scenario, stack)
        begun = Begun(scenario, stack, self._inboxes[stack.name], arn, begin_s)
        run = StartedRun(node, self._session, begun)
        node.stash.setdefault(STARTED, []).append(run)
        return run

    def sleep(self, for_: str | float | timedelta) -> None:
        """Let time pass on the clock: `"10 min"` as in scenarios, or seconds.

        What is due at its end has begun. The test fails when the time is none.
        """
        __tracebackhide__ = True
        with explained():
            self._session.engine.clock.sleep(_seconds(for_))

    def _name(self, name: str | None) -> str:
        """The name of a run, which no run of this test has had."""
        if name is None:
            name = next(free for n in count(1) if (free := f"run-{n}") not in self._names)
        elif name in self._names:
            raise SettingsError(
                f"harness_run: a run of this test is already called {name!r}; choose another name, or leave "
                "it out"
            )
        self._names.add(name)
        return name


def unjudged(item: pytest.Item) -> str:
    """The explanation of what a test has left of its runs; "" for nothing.

    That is a run whose end it has not waited for, or mismatches that it has not read.
    """
    left = [run.name for run in item.stash.get(STARTED, []) if not run.judged]
    if left:
        return f"run {left[0]} was started, and the test has not waited for its end: call wait() of it"
    runs = item.stash.get(RUNS, [])
    known = {mismatch for run in runs if run.was_read for mismatch in run.result.mismatches}
    unread = [run.result for run in runs if not run.was_read and set(run.result.mismatches) - known]
    if not unread:
        return ""
    with own_path():
        text = without_secrets(failure(unread[-1]))
        return f"{text}\n\n(read `mismatches` of the result to judge them in the test)"


def _seconds(value: str | float | timedelta) -> float:
    """The seconds of a time. Raises SettingsError for one that is none."""
    from harness.scenario import units  # noqa: PLC0415  (when it is used)
    from harness.scenario.position import RefusedError  # noqa: PLC0415

    if isinstance(value, timedelta):
        value = value.total_seconds()
    try:
        return units.seconds(value if isinstance(value, str) else f"{float(value):f} s")
    except (RefusedError, TypeError, ValueError) as error:
        raise SettingsError(f"harness_run.sleep: {error}") from None
