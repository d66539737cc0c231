"""Calls with task tokens: SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat."""

from __future__ import annotations

from harness.json_faults import json_fault
from harness.quotas import STATES_PAYLOAD_BYTES
from harness.states import Completion, Simulation
from harness.states.payload import read_json, utf8_length
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.parameters import Parameters


class TaskAnswers:
    """A simulation's issued tokens.

    Attributes:
        given_out: all of them, with the ARN of their execution or activity.
    """

    def __init__(self, simulation: Simulation) -> None:
        self.given_out: dict[str, str] = {}
        self._tokens = simulation.tokens
        simulation.activities.on_taken = lambda task: self.note(task.token, task.arn)

    def note(self, token: str, arn: str) -> None:
        """Record that a task in this execution or activity received this token."""
        self.given_out[token] = arn

    def succeed(self, given: Parameters) -> None:
        """End a task with an output.

        Raises:
            ApiError: InvalidToken, TaskTimedOut, InvalidOutput.
        """
        completion = self._completion(given["taskToken"])
        output = given["output"]
        if utf8_length(output) > STATES_PAYLOAD_BYTES:
            raise ApiError("InvalidOutput", f"Invalid Output: more than {STATES_PAYLOAD_BYTES} bytes")
        try:
            value = read_json(output)
        except ValueError:
            raise ApiError("InvalidOutput", f"Invalid Output: '{json_fault(output)}'") from None
        completion.succeed(value)

    def fail(self, given: Parameters) -> None:
        """End a task with an error. Raises ApiError: InvalidToken, TaskTimedOut."""
        self._completion(given["taskToken"]).fail(given.get("error"), given.get("cause"))

    def keep_alive(self, given: Parameters) -> None:
        """Send a heartbeat for a task. Raises ApiError: InvalidToken, TaskTimedOut."""
        self._completion(given["taskToken"]).heartbeat()

    def _completion(self, token: str) -> Completion:
        if token not in self.given_out:
            raise ApiError("InvalidToken", "Invalid Token: 'Invalid token'")
        found = self._tokens.find(token)
        if found is None or found.over:
            raise ApiError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        return found
