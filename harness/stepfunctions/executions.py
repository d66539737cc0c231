"""Executions in all accounts and Regions: start, find and stop them. Executions remain after their machines
are deleted.
"""

from __future__ import annotations

from typing import Final

from harness.constraints import at_most, secret_violation
from harness.json_faults import json_fault
from harness.quotas import STATES_PAYLOAD_BYTES
from harness.states import Execution, Identity, Simulation
from harness.states.payload import read_json, utf8_length
from harness.stepfunctions import logs
from harness.stepfunctions.arns import Caller, check_kind, check_name
from harness.stepfunctions.by_arn import ByArn
from harness.stepfunctions.errors import ApiError, validation_error
from harness.stepfunctions.machine import Origin, StateMachine, Target

# The time for which a name stays reserved after its execution has ended. The execution itself is never
# removed. AWS removes it after that time, but in the harness a different execution can make the clock jump
# past that time. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
RETENTION_S: Final = 90 * 86_400.0


class Executions:
    """The executions by ARN, in start order.

    Args:
        visible_after_s: the time after which a new execution is visible to other calls.
        write_log: writes a log line.
    """

    def __init__(self, simulation: Simulation, visible_after_s: float, write_log: logs.Write) -> None:
        self._write_log = write_log
        self._simulation = simulation
        self._by_arn = ByArn[Execution](
            simulation.clock.now, visible_after_s, lambda execution: execution.started_at, lambda _: False
        )
        self._origins: dict[str, Origin] = {}
        self._express: dict[str, Execution] = {}

    def start(
        self, target: Target, payload: str, name: str | None, trace_header: str | None = None
    ) -> Execution:
        """Start an execution, or return the running execution that an identical request started.

        For an Express machine, each request starts a new execution, because several can have the same name.

        Raises:
            ApiError: the request is rejected.
        """
        if name is not None:
            check_name(name)
        check_payload(payload)
        revision = target.revision
        identity = Identity(target.machine.arn, revision.role_arn)
        if target.machine.express:
            started = self._simulation.start(revision.machine, identity, payload, name=name, express=True)
            self._express[started.arn] = started
            return self._followed(started, target.origin(trace_header))
        if name is not None:
            existing = self._by_arn.existing(identity.execution_arn(name))
            if existing is not None and not self._name_is_free(existing):
                if existing.running and existing.input.text == payload:
                    return existing
                raise ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{existing.arn}'")
        started = self._simulation.start(revision.machine, identity, payload, name=name)
        self._by_arn.add(started.arn, started)
        return self._followed(started, target.origin(trace_header))

    def _followed(self, execution: Execution, origin: Origin) -> Execution:
        """Store a new execution's origin, and start writing its log."""
        self._origins[execution.arn] = origin
        logging = origin.revision.configuration["loggingConfiguration"]
        assert isinstance(logging, dict)
        logs.follow(execution, logging, self._write_log)
        return execution

    def origin(self, execution: Execution) -> Origin:
        """Return the origin of an execution that is about to start. An item's execution has the origin of its
        Map's execution.
        """
        while execution.arn in self._simulation.items:
            _, execution = self._simulation.items[execution.arn]
        return self._origins[execution.arn]

    def of_map_run(self, caller: Caller, arn: str, status: str | None = None) -> list[Execution]:
        """List the executions for a Map Run's items, newest first.

        Raises:
            ApiError: ResourceNotFound.
        """
        items = self._simulation.map_runs.get(arn)
        if items is None or not caller.owns(arn):
            raise ApiError("ResourceNotFound", f"Resource not found: '{arn}'")
        return [each for each in items if status in (None, each.status.value)][::-1]

    def find(self, caller: Caller, arn: str) -> Execution:
        """Find an execution.

        Raises:
            ApiError: InvalidArn, ExecutionDoesNotExist.
        """
        check_kind(arn, "execution")
        found = self._by_arn.visible(caller, arn)
        if found is None and caller.owns(arn) and arn in self._simulation.items:
            found, _ = self._simulation.items[arn]
        if found is None:
            raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return found

    def express(self, arn: str) -> Execution | None:
        """Return the Express execution with this ARN, or None."""
        return self._express.get(arn)

    def known(self, caller: Caller, arn: str) -> Execution:
        """Find an execution, including Express executions, which the API does not show.

        Raises:
            ApiError: InvalidArn, ExecutionDoesNotExist.
        """
        return self._express.get(arn) or self.find(caller, arn)

    def of(self, target: Target, status: str | None = None) -> list[Execution]:
        """List a machine's executions, or those started by a version or an alias, newest first."""
        found = [
            execution
            for execution in self._by_arn.all_visible()
            if self._is_of(execution, target) and status in (None, execution.status.value)
        ]
        return found[::-1]

    def _is_of(self, execution: Execution, target: Target) -> bool:
        if execution.identity.machine_arn != target.machine.arn:
            return False
        if target.version is None:
            return True
        origin = self._origins[execution.arn]
        return target.arn in (origin.version_arn, origin.alias_arn)

    def running(self, machine: StateMachine) -> list[Execution]:
        """List a machine's running executions."""
        every = (*self._by_arn, *self._express.values())
        return [e for e in every if e.running and e.identity.machine_arn == machine.arn]

    def _name_is_free(self, execution: Execution) -> bool:
        ended_at = execution.ended_at
        return ended_at is not None and self._simulation.clock.now() >= ended_at + RETENTION_S


def check_payload(payload: str) -> None:
    """Reject invalid execution input.

    Raises:
        ApiError: ValidationException, InvalidExecutionInput.
    """
    if utf8_length(payload) > STATES_PAYLOAD_BYTES:
        raise validation_error(secret_violation("input", at_most("length", STATES_PAYLOAD_BYTES)))
    if not payload:
        raise _invalid_input("Invalid execution input.")
    try:
        read_json(payload)
    except ValueError:
        raise _invalid_input(json_fault(payload)) from None


def _invalid_input(why: str) -> ApiError:
    return ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{why}'")
