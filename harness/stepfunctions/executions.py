"""Executions of all accounts and regions: starting, finding, stopping them. They outlive their machines."""

from __future__ import annotations

import json
from typing import Final

from harness.quotas import STATES_PAYLOAD_BYTES
from harness.states import Execution, Identity, World
from harness.stepfunctions.arns import Caller, check_kind, check_name
from harness.stepfunctions.errors import ApiError, validation_error
from harness.stepfunctions.machines import StateMachine

# For how long a name is taken after its execution has closed, and for how long that one is known.
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
RETENTION_S: Final = 90 * 86_400.0


class Executions:
    """The executions by ARN, in the order in which they were started.

    Args:
        visible_after_s: for how long what was started just now is not seen yet by other calls.
    """

    def __init__(self, world: World, visible_after_s: float) -> None:
        self._world = world
        self._visible_after_s = visible_after_s
        self._by_arn: dict[str, Execution] = {}

    def start(self, machine: StateMachine, payload: str, name: str | None) -> Execution:
        """Start an execution, or find the one that the same request has started and that still runs.

        Raises:
            ApiError: the request is refused.
        """
        if name is not None:
            check_name(name)
        check_payload(payload)
        identity = Identity(machine.arn, machine.role_arn)
        if name is not None:
            existing = self._existing(identity.execution_arn(name))
            if existing is not None:
                if existing.running and existing.input.text == payload:
                    return existing
                raise ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{existing.arn}'")
        started = self._world.start(machine.machine, identity, payload, name=name)
        self._by_arn[started.arn] = started
        return started

    def find(self, caller: Caller, arn: str) -> Execution:
        """An execution.

        Raises:
            ApiError: InvalidArn, ExecutionDoesNotExist.
        """
        check_kind(arn, "execution")
        found = self._existing(arn) if caller.owns(arn) else None
        if found is None or not self._is_visible(found):
            raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return found

    def of(self, machine: StateMachine, status: str | None = None) -> list[Execution]:
        """The executions of a machine, the latest first."""
        found = [
            execution
            for execution in self._by_arn.values()
            if execution.identity.machine_arn == machine.arn
            and status in (None, execution.status.value)
            and self._is_visible(execution)
        ]
        return found[::-1]

    def running(self, machine: StateMachine) -> list[Execution]:
        """The executions of a machine that have not ended."""
        return [e for e in self._by_arn.values() if e.running and e.identity.machine_arn == machine.arn]

    def _existing(self, arn: str) -> Execution | None:
        found = self._by_arn.get(arn)
        if found is None or found.ended_at is None:
            return found
        if self._world.clock.now() < found.ended_at + RETENTION_S:
            return found
        del self._by_arn[arn]
        return None

    def _is_visible(self, execution: Execution) -> bool:
        return self._world.clock.now() >= execution.started_at + self._visible_after_s


def check_payload(payload: str) -> None:
    """Refuse what cannot be an execution's input.

    Raises:
        ApiError: ValidationException, InvalidExecutionInput.
    """
    if len(payload.encode("utf-8", "surrogatepass")) > STATES_PAYLOAD_BYTES:
        raise validation_error(
            "Value at 'input' failed to satisfy constraint: "
            f"Member must have length less than or equal to {STATES_PAYLOAD_BYTES}"
        )
    try:
        json.loads(payload)
    except ValueError as error:
        raise ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from None
