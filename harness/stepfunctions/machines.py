"""State machines in all accounts and Regions: create, change, delete and find them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from harness.states import InvalidDefinition, parse
from harness.states.asl import Machine
from harness.states.parse.integrations import Integrations
from harness.states.randomness import Randomness
from harness.stepfunctions.arns import Caller, check_kind, check_name, check_role, unqualified
from harness.stepfunctions.by_arn import ByArn
from harness.stepfunctions.configuration import DEFAULTS, LogGroupExists, configuration_of
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.machine import Alias, Revision, StateMachine, Target
from harness.stepfunctions.parameters import Parameters
from harness.stepfunctions.tags import read_tags

DELETING_S: Final = 23.0  # as observed by third parties; AWS documents only that deletion is asynchronous


class Machines:
    """The machines, by ARN.

    Args:
        now: returns the time.
        visible_after_s: the time after which a new machine is visible to other calls.
        integrations: the integrations that a Task's Resource can refer to.
        log_group_exists: returns whether a log group for executions exists.
        seed: the seed for revision IDs and for choosing between an alias's versions.
    """

    def __init__(
        self,
        now: Callable[[], float],
        visible_after_s: float,
        integrations: Integrations,
        log_group_exists: LogGroupExists,
        seed: int = 0,
    ) -> None:
        self._integrations = integrations
        self._now = now
        self._log_group_exists = log_group_exists
        self._new_id = Randomness(f"revisions:{seed}" if seed else "revisions").uuid
        self._routes = Randomness(f"routes:{seed}" if seed else "routes")
        self._by_arn = ByArn[StateMachine](
            now, visible_after_s, lambda machine: machine.created_at, self._is_gone
        )

    def create(self, caller: Caller, given: Parameters) -> StateMachine:
        """Create a machine, or return the existing machine for an identical request.

        AWS compares the name, definition, type, configuration, and whether to publish a version. It ignores a
        different role or different tags:
        https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html

        Raises:
            ApiError: the request is rejected.
        """
        name, role_arn = given["name"], given["roleArn"]
        check_name(name)
        check_role(role_arn)
        version = _version_wanted(given)
        express = given.get("type") == "EXPRESS"
        machine = parsed(given["definition"], self._integrations, express=express)
        tags = read_tags(given.get("tags") or [])
        arn = caller.arn("stateMachine", name)
        configuration = DEFAULTS | configuration_of(given, caller, self._log_group_exists)
        existing = self._by_arn.existing(arn)
        if existing is not None:
            refuse_deleting(existing)
            same = Revision(machine, existing.revision.role_arn, configuration, 0.0)
            if not existing.revision.same_as(same) or (
                existing.created_with,
                existing.express,
            ) != (version, express):
                raise ApiError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
            return existing
        moment = self._now()
        revision = Revision(machine, role_arn, configuration, moment)
        made = StateMachine(arn, name, moment, revision, version, tags, express=express)
        self._by_arn.add(arn, made)
        if version[0]:
            made.publish(moment, version[1])
        return made

    def update(self, caller: Caller, given: Parameters) -> StateMachine:
        """Change a machine. Running executions keep the old definition.

        A request that changes nothing does not create a new revision.

        Raises:
            ApiError: the request is rejected.
        """
        found = self.find(caller, given["stateMachineArn"])
        refuse_deleting(found)
        if not any(given.get(key) is not None for key in ("definition", "roleArn", *DEFAULTS)):
            raise ApiError(
                "MissingRequiredParameter",
                "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration "
                "must be specified",
            )
        publish, description = _version_wanted(given)
        if given.get("roleArn"):
            check_role(given["roleArn"])
        old = found.revision
        definition = given.get("definition")
        new = replace(
            old,
            machine=parsed(definition, self._integrations, express=found.express)
            if definition
            else old.machine,
            role_arn=given.get("roleArn") or old.role_arn,
            configuration=old.configuration | configuration_of(given, caller, self._log_group_exists),
        )
        if not new.same_as(old):
            found.revision = replace(new, id=self._new_id(), updated_at=self._now())
        if publish:
            found.publish(self._now(), description)
        return found

    def delete(self, caller: Caller, arn: str) -> StateMachine | None:
        """Start deleting a machine. A machine that does not exist is not an error.

        Raises:
            ApiError: InvalidArn, ValidationException.
        """
        check_kind(arn, "stateMachine")
        if unqualified(arn) != arn:
            # https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
            raise ApiError("ValidationException", f"A qualified state machine ARN cannot be deleted: '{arn}'")
        found = self._by_arn.owned(caller, arn)
        if found is not None and found.deleted_at is None:
            found.deleted_at = self._now()
        return found

    def find(self, caller: Caller, arn: str) -> StateMachine:
        """Find a machine by its unqualified ARN, even if it is being deleted.

        Raises:
            ApiError: InvalidArn, StateMachineDoesNotExist.
        """
        check_kind(arn, "stateMachine")
        found = self._by_arn.visible(caller, arn)
        if found is None:
            raise _unknown(arn)
        return found

    def target(self, caller: Caller, arn: str) -> Target:
        """Find an ARN's target. An alias selects one of its versions by weight.

        Raises:
            ApiError: InvalidArn, StateMachineDoesNotExist.
        """
        check_kind(arn, "stateMachine")
        machine = self._by_arn.visible(caller, unqualified(arn))
        if machine is None:
            raise _unknown(arn)
        if arn == machine.arn:
            return Target(machine)
        alias = machine.aliases.get(arn)
        version = machine.versions.get(self._route(alias) if alias else arn)
        if version is None:
            raise _unknown(arn)
        return Target(machine, version, alias)

    def startable(self, caller: Caller, arn: str) -> Target:
        """Find the target of StartExecution.

        Raises:
            ApiError: InvalidArn, StateMachineDoesNotExist, StateMachineDeleting.
        """
        found = self.target(caller, arn)
        refuse_deleting(found.machine)
        return found

    def startable_at_once(self, caller: Caller, arn: str) -> Target:
        """Find the target of StartSyncExecution.

        Raises:
            ApiError: the errors from `startable`, or StateMachineTypeNotSupported.
        """
        found = self.startable(caller, arn)
        if not found.machine.express:
            raise unsupported_type()
        return found

    def owned(self, caller: Caller, arn: str) -> StateMachine | None:
        """Return the machine with this ARN, visible or not, if it belongs to the caller."""
        return self._by_arn.owned(caller, arn)

    def of(self, caller: Caller) -> list[StateMachine]:
        """List the machines in an account and Region that are not being deleted, sorted by name."""
        mine = (m for m in self._by_arn.all_visible() if caller.owns(m.arn) and m.deleted_at is None)
        return sorted(mine, key=lambda machine: machine.name)

    def definitions(self) -> list[Machine]:
        """List the current definitions of all machines that exist."""
        return [machine.machine for machine in self._by_arn]

    def tagged(self, caller: Caller, arn: str) -> StateMachine:
        """Find the machine for a tagging request.

        Raises:
            ApiError: ResourceNotFound.
        """
        found = self._by_arn.owned(caller, arn)
        if found is None:
            raise ApiError("ResourceNotFound", f"Resource not found: '{arn}'")
        return found

    def _route(self, alias: Alias) -> str:
        if len(alias.routing) == 1:
            return next(iter(alias.routing))
        (first, weight), (second, _) = alias.routing.items()
        return first if self._routes.integer(0, 100) < weight else second

    def _is_gone(self, machine: StateMachine) -> bool:
        deleted_at = machine.deleted_at
        return deleted_at is not None and self._now() >= deleted_at + DELETING_S and not machine.busy()


def parsed(definition: str, integrations: Integrations, *, express: bool = False) -> Machine:
    """Parse a definition.

    Args:
        express: true for an Express machine's definition.

    Raises:
        ApiError: InvalidDefinition.
    """
    try:
        return parse(definition, integrations, express=express)
    except InvalidDefinition as error:
        raise ApiError("InvalidDefinition", str(error)) from None


def refuse_deleting(machine: StateMachine) -> None:
    """Reject a machine that is being deleted.

    Raises:
        ApiError: StateMachineDeleting.
    """
    if machine.deleted_at is not None:
        raise ApiError("StateMachineDeleting", f"State Machine is being deleted: '{machine.arn}'")


def unsupported_type() -> ApiError:
    """Return the error for an operation that is supported only by the other machine type."""
    return ApiError(
        "StateMachineTypeNotSupported", "This operation is not supported by this type of state machine"
    )


def _unknown(arn: str) -> ApiError:
    return ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def _version_wanted(given: Parameters) -> tuple[bool, str]:
    publish, description = bool(given.get("publish")), given.get("versionDescription") or ""
    if description and not publish:
        raise ApiError("ValidationException", "Version description can only be set when publish is true")
    return publish, description
