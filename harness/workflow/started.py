"""A started run. Its caller can answer its tasks while it waits."""

from __future__ import annotations

from harness.engine.base import Capability
from harness.errors import EngineLacksError, HarnessError
from harness.quotas import STATES_NAME_LENGTH
from harness.session import Session
from harness.settings import SettingsError
from harness.workflow.as_scenario import Begun, Caller, result_of
from harness.workflow.outside_task import OutsideTask, why_none
from harness.workflow.result import Result


class StartedRun:
    """A started run. It continues only while a caller waits: in its own methods, or for a different run.

        run = workflow.start({"order": 1})
        run.wait_for_token("Ask").succeed({"approved": True})
        assert run.wait().status == "SUCCEEDED"

    A test fails if it does not wait until the run ends, because the run was not evaluated.
    """

    def __init__(self, caller: Caller, session: Session, begun: Begun) -> None:
        self._caller = caller
        self._session = session
        self._begun = begun
        self._tasks: list[OutsideTask] = []
        self._result: Result | None = None

    def __repr__(self) -> str:
        return f"<run {self.name}>"

    @property
    def name(self) -> str:
        """The name of the run."""
        return self._begun.scenario.runs[0].name

    @property
    def execution_arn(self) -> str:
        """The ARN of its execution."""
        return self._begun.execution_arn

    @property
    def judged(self) -> bool:
        """True after `wait` has returned."""
        return self._result is not None

    def wait_for_token(self, state: str = "", *, worker: str = "test") -> OutsideTask:
        """Let time pass until a task in a state waits for a callback, and return the task.

        The task belongs to the run, or to an execution that it started. Tasks are returned in the order in
        which they begin to wait. Each task is returned once.

        Args:
            state: the name of the state. Default: any state; the first task is returned.
            worker: the name of the worker that takes an activity task. As on AWS, any other worker that
                already polls for the task gets it first.

        Raises:
            HarnessError: no task waits. The message gives the reason.
        """
        __tracebackhide__ = True
        with self._caller.guard():
            return self._awaited(state, worker)

    def wait(self) -> Result:
        """Let time pass until the run has ended, and return its result."""
        __tracebackhide__ = True
        if self._result is None:
            with self._caller.guard():
                begun = self._begun
                judged = self._session.judge(
                    begun.scenario, begun.stack, begun.inbox, begun=begun.execution_arn
                )
                result = result_of(self._caller, self._session, begun, judged)
                self._caller.ended(result)
                self._result = Result(result)
        return self._result

    def _awaited(self, state: str, worker: str) -> OutsideTask:
        if not 1 <= len(worker) <= STATES_NAME_LENGTH:
            raise SettingsError(
                f"wait_for_token: invalid worker name {worker!r}: use 1 to {STATES_NAME_LENGTH} characters"
            )
        limit_s = self._begun.scenario.runs[0].timeout_s
        engine = self._session.engine
        if Capability.ANSWERS not in engine.capabilities:
            raise EngineLacksError(f"{engine.name} cannot {Capability.ANSWERS}")
        seen = [task.token for task in self._tasks]
        awaited = engine.next_task(self.execution_arn, state, seen, worker, limit_s)
        if awaited is None:
            self.wait()  # the engine has crashed; the result gives the reason
            raise HarnessError(f"run {self.name} ended while a caller waited for a task")
        if awaited.task is None:
            raise HarnessError(why_none(self.name, state, awaited, self._tasks, limit_s))
        self._tasks.append(OutsideTask(awaited.task, self._session))
        return self._tasks[-1]
