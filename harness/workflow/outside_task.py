"""Tasks that code answers in the role of an external caller: the holder of a task token, or a worker."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.json_types import Json
    from harness.session import Session
    from harness.stepfunctions.awaited_task import AwaitedTask
    from harness.stepfunctions.waiting_task import WaitingTask


class OutsideTask:
    """A task that waits for a callback, which the test sends.

        task = run.wait_for_token("Ask")
        task.succeed({"approved": True})

    An activity task is already taken, as if by a worker with GetActivityTask. An answer takes effect at the
    current moment on the clock. The execution continues during the next call that waits. If AWS would reject
    the answer, botocore's error with AWS's message is raised. For a task that has ended, the error is
    TaskTimedOut.

    Attributes:
        state: the name of its state.
        input: the input of its state.
        parameters: the parameters of its call; for an activity, the input that the worker gets.
        token: its task token.
        execution_arn: the ARN of its execution, which may have been started by the run.
    """

    def __init__(self, task: WaitingTask, session: Session) -> None:
        self.state = task.state
        self.input: Json = task.input
        self.parameters: Json = task.parameters
        self.token = task.token
        self.execution_arn = task.execution_arn
        self._session = session
        self._sent = ""

    def __repr__(self) -> str:
        return f"<task of state {self.state} in execution {self.execution_arn.rpartition(':')[2]}>"

    @property
    def answered(self) -> bool:
        """True after the task was answered through this object."""
        return bool(self._sent)

    def succeed(self, output: object = None) -> None:
        """End the task with an output, any JSON value, like SendTaskSuccess."""
        __tracebackhide__ = True
        self._send("succeed", "send_task_success", output=json.dumps(output, ensure_ascii=False))

    def fail(self, error: str | None = None, cause: str | None = None) -> None:
        """Make the task fail, like SendTaskFailure."""
        __tracebackhide__ = True
        given = {"error": error, "cause": cause}
        self._send(
            "fail", "send_task_failure", **{key: text for key, text in given.items() if text is not None}
        )

    def heartbeat(self) -> None:
        """Keep the task alive, like SendTaskHeartbeat."""
        __tracebackhide__ = True
        self._send("", "send_task_heartbeat")

    def _send(self, answer: str, operation: str, **more: str) -> None:
        __tracebackhide__ = True
        from botocore.exceptions import ClientError  # noqa: PLC0415  (when it is used)

        try:
            getattr(self._session.clients.stepfunctions, operation)(taskToken=self.token, **more)
        except ClientError as error:
            if error.response["Error"]["Code"] == "TaskTimedOut":
                error.add_note(f"the task of state {self.state} is over: {self._over()}")
            raise error.with_traceback(None) from None
        self._sent = answer or self._sent

    def _over(self) -> str:
        if self._sent:
            return f"it was already answered with {self._sent}()"
        return {
            "timed out": "it had timed out",
            "aborted": "its execution, or the branch that contains it, had ended",
        }.get(self._session.engine.token_end(self.token), "a different caller had answered it")


def why_none(
    run: str, state: str, awaited: AwaitedTask, given: Sequence[OutsideTask], timeout_s: float
) -> str:
    """Return the reason why no task was found.

    Args:
        state: the name of the state, or "" for any state.
        given: the run's tasks that were already returned.
    """
    from harness.scenario.wording import nearest  # noqa: PLC0415  (failures only)
    from harness.stepfunctions.answer import WAITS  # noqa: PLC0415

    before = sum(task.state == state for task in given)
    never = f"run {run} never waited in state {state}" if state else f"run {run} does not wait for a callback"
    if before:
        never = f"run {run} did not wait again in state {state} after task number {before}"
    waiting = sorted(name for name, what in awaited.states.items() if what == WAITS)
    what = awaited.states.get(state, WAITS)
    if state and state not in awaited.states:
        return f"{never}: no state machine has such a state; {nearest(state, waiting, 'states that wait')}"
    if what != WAITS:
        return f"{never}: this state ({what}) does not wait; {nearest('', waiting, 'states that wait')}"
    return f"{never}: {_instead(awaited, given, timeout_s)}"


def _instead(awaited: AwaitedTask, given: Sequence[OutsideTask], timeout_s: float) -> str:
    path = ", ".join(awaited.entered) or "no state"
    if awaited.status != "RUNNING":
        said = f" ({awaited.error}{': ' if awaited.cause else ''}{awaited.cause})" if awaited.error else ""
        return f"it ended with status {awaited.status}{said}, after {path}"
    if not awaited.standstill:
        return f"no task began to wait within {timeout_s:g} s of real time; set a longer timeout_s"
    still = ", ".join(dict.fromkeys(task.state for task in given if not task.answered))
    own = f"; the task of {still} was already returned: answer it" if still else ""
    return f"{awaited.standstill}{own}; it has entered {path}"
