"""State machine versions and aliases: publish, route, list and delete them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.json_types import JsonObject
from harness.stepfunctions.arns import Caller, check_kind, unqualified
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.machine import Alias, StateMachine, Version
from harness.stepfunctions.machines import Machines, refuse_deleting
from harness.stepfunctions.parameters import Parameters

INITIAL = "INITIAL"
"""The name of a machine's initial revision."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions and aliases of the machines. Every method can raise an ApiError.

    Attributes:
        now: returns the time, in seconds since 1970.
    """

    machines: Machines
    now: Callable[[], float]

    def publish(self, caller: Caller, given: Parameters) -> Version:
        """Publish a machine's current revision. A second call returns the same version."""
        machine = self.machines.find(caller, given["stateMachineArn"])
        refuse_deleting(machine)
        wanted, current = given.get("revisionId"), machine.revision.id or INITIAL
        if wanted not in (None, current):
            raise ApiError(
                "ConflictException",
                f"Failed to publish the State Machine version for revision {wanted}. The current State "
                f"Machine revision is {current}.",
            )
        # As documented, a different description does not create a new version with this call.
        # UpdateStateMachine creates one.
        return machine.published() or machine.publish(self.now(), given.get("description") or "")

    def of(self, caller: Caller, given: Parameters) -> list[Version]:
        """List a machine's versions, newest first."""
        return [*self.machines.find(caller, given["stateMachineArn"]).versions.values()][::-1]

    def delete(self, caller: Caller, given: Parameters) -> None:
        """Delete a version that no alias uses. A version that does not exist is not an error."""
        arn = given["stateMachineVersionArn"]
        machine = self._owner(caller, arn)
        if machine is None:
            return
        names = [alias.name for alias in machine.aliases.values() if arn in alias.routing]
        if names:
            raise ApiError(
                "ConflictException",
                "Version to be deleted must not be referenced by an alias. Current list of aliases "
                f"referencing this version: [{', '.join(names)}]",
            )
        machine.versions.pop(arn, None)

    def create_alias(self, caller: Caller, given: Parameters) -> Alias:
        """Create an alias, or return the existing alias for an identical request."""
        name, description = given["name"], given.get("description") or ""
        machine, routing = self._routed(caller, given["routingConfiguration"])
        refuse_deleting(machine)
        arn = f"{machine.arn}:{name}"
        existing = machine.aliases.get(arn)
        if existing is None:
            moment = self.now()
            existing = machine.aliases[arn] = Alias(arn, name, routing, moment, moment, description)
        elif (existing.routing, existing.description) != (routing, description):
            raise ApiError(
                "ConflictException",
                "Failed to create alias because an alias with the same name and a different routing "
                "configuration already exists.",
            )
        return existing

    def update_alias(self, caller: Caller, given: Parameters) -> Alias:
        """Change the versions or the description of an alias."""
        routes = given.get("routingConfiguration")
        if routes is None and given.get("description") is None:
            raise _invalid(
                "Either the description or the routing configuration of the alias must be specified"
            )
        alias = self.alias(caller, given["stateMachineAliasArn"])
        if routes is not None:
            machine, routing = self._routed(caller, routes)
            if machine.arn != unqualified(alias.arn):
                raise _not_found()
            alias.routing = routing
        if given.get("description") is not None:
            alias.description = given["description"]
        alias.updated_at = self.now()
        return alias

    def alias(self, caller: Caller, arn: str) -> Alias:
        """Find an alias by its ARN."""
        machine = self._owner(caller, arn)
        alias = machine.aliases.get(arn) if machine else None
        if alias is None:
            raise _not_found()
        return alias

    def aliases(self, caller: Caller, arn: str) -> list[Alias]:
        """List a machine's aliases, or those that use a version, oldest first."""
        target = self.machines.target(caller, arn)
        every = target.machine.aliases.values()
        return [alias for alias in every if target.version is None or target.version.arn in alias.routing]

    def delete_alias(self, caller: Caller, given: Parameters) -> None:
        """Delete an alias. An alias that does not exist is not an error."""
        arn = given["stateMachineAliasArn"]
        machine = self._owner(caller, arn)
        if machine is not None:
            machine.aliases.pop(arn, None)

    def _owner(self, caller: Caller, arn: str) -> StateMachine | None:
        check_kind(arn, "stateMachine")
        return self.machines.owned(caller, unqualified(arn))

    def _routed(self, caller: Caller, routes: list[JsonObject]) -> tuple[StateMachine, dict[str, int]]:
        arns = [str(route["stateMachineVersionArn"]) for route in routes]
        shown = f"Received: [{', '.join(arns)}]"
        if not all(arn.rpartition(":")[2].isdigit() and unqualified(arn) != arn for arn in arns):
            raise _invalid(f"Routing configuration must contain state machine version ARNs. {shown}")
        weights = [int(str(route["weight"])) for route in routes]
        routing = dict(zip(arns, weights, strict=True))
        if len(routing) < len(arns):
            raise _invalid(f"Routing configuration must contain distinct state machine version ARNs. {shown}")
        if sum(weights) != 100:
            raise _invalid(f"Sum of routing configuration weights must equal 100. Received: {weights}")
        if len({unqualified(arn) for arn in arns}) > 1:
            raise _invalid(
                f"Both stateMachineVersionArn values must belong to the same state machine. {shown}"
            )
        machine = self._owner(caller, arns[0])
        if machine is None or not routing.keys() <= machine.versions.keys():
            raise _not_found()
        return machine, routing


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message)


def _not_found() -> ApiError:
    return ApiError("ResourceNotFound", "Request references a resource that does not exist.")
