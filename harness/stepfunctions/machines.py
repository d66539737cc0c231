"""State machines of all accounts and regions: making, changing, deleting, tagging them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from harness.json_types import Json, JsonObject
from harness.states import InvalidDefinition, parse
from harness.states.asl import Machine
from harness.states.parse.integrations import Integrations
from harness.stepfunctions.arns import Caller, check_kind, check_name, check_role
from harness.stepfunctions.by_arn import ByArn
from harness.stepfunctions.errors import ApiError, validation_error
from harness.stepfunctions.parameters import Parameters

DELETING_S: Final = 23.0  # as measured by others; AWS says only that deletion is asynchronous
_CONFIGURATIONS: Final = ("loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")


@dataclass(slots=True)
class StateMachine:
    """A state machine as it stands.

    Attributes:
        configuration: logging, tracing and encryption as given; kept, and without effect.
        deleted_at: when it was deleted, on the clock; it is then DELETING for a while.
        busy: whether an execution of it is running, which holds it in DELETING.
    """

    arn: str
    name: str
    role_arn: str
    machine: Machine
    created_at: float
    updated_at: float
    revision_id: str | None = None
    configuration: JsonObject = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    deleted_at: float | None = None
    busy: Callable[[], bool] = lambda: False

    @property
    def status(self) -> str:
        """AWS's word for its status."""
        return "ACTIVE" if self.deleted_at is None else "DELETING"


class Machines:
    """The machines by ARN.

    Args:
        now: the time.
        new_id: gives a new UUID.
        visible_after_s: for how long what was made just now is not seen yet by other calls.
        integrations: what the Resource of a Task may name.
    """

    def __init__(
        self,
        now: Callable[[], float],
        new_id: Callable[[], str],
        visible_after_s: float,
        integrations: Integrations,
    ) -> None:
        self._integrations = integrations
        self._now = now
        self._new_id = new_id
        self._by_arn = ByArn[StateMachine](
            now, visible_after_s, lambda machine: machine.created_at, self._is_gone
        )

    def create(self, caller: Caller, given: Parameters) -> StateMachine:
        """Make a machine, or find the one that the same request has made before.

        AWS compares name, definition and configuration; it ignores another role or other tags:
        https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html

        Raises:
            ApiError: the request is refused.
        """
        name, role_arn = given["name"], given["roleArn"]
        check_name(name)
        check_role(role_arn)
        express = given.get("type") == "EXPRESS"
        _refuse_versions(given)
        machine = parsed(given["definition"], self._integrations, express=express)
        if express:
            raise ApiError("StateMachineTypeNotSupported", "Express state machines are not served here")
        tags = read_tags(given.get("tags") or [])
        arn = caller.arn("stateMachine", name)
        configuration = {key: given[key] for key in _CONFIGURATIONS if key in given}
        _refuse_logging_nowhere(configuration)
        existing = self._by_arn.existing(arn)
        if existing is not None:
            _refuse_deleting(existing)
            if (existing.machine.text, existing.configuration) != (machine.text, configuration):
                raise ApiError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
            return existing
        moment = self._now()
        made = StateMachine(
            arn, name, role_arn, machine, moment, moment, configuration=configuration, tags=tags
        )
        self._by_arn.add(arn, made)
        return made

    def update(self, caller: Caller, given: Parameters) -> StateMachine:
        """Change a machine; executions that are running keep the old definition.

        Raises:
            ApiError: the request is refused.
        """
        found = self.find(caller, given["stateMachineArn"])
        _refuse_deleting(found)
        if not any(given.get(key) for key in ("definition", "roleArn", *_CONFIGURATIONS)):
            raise ApiError(
                "MissingRequiredParameter",
                "Either the definition, the role ARN, the LoggingConfiguration, the TracingConfiguration, "
                "or the EncryptionConfiguration must be specified",
            )
        _refuse_versions(given)
        if given.get("roleArn"):
            check_role(given["roleArn"])
        definition = given.get("definition")
        machine = parsed(definition, self._integrations) if definition else found.machine
        _refuse_logging_nowhere(given)
        found.machine = machine
        found.role_arn = given.get("roleArn") or found.role_arn
        found.configuration |= {key: given[key] for key in _CONFIGURATIONS if key in given}
        found.updated_at = self._now()
        found.revision_id = self._new_id()
        return found

    def delete(self, caller: Caller, arn: str) -> StateMachine | None:
        """Begin to delete a machine; one that is not there is no error.

        Raises:
            ApiError: InvalidArn.
        """
        check_kind(arn, "stateMachine")
        found = self._by_arn.owned(caller, arn)
        if found is not None and found.deleted_at is None:
            found.deleted_at = self._now()
        return found

    def find(self, caller: Caller, arn: str) -> StateMachine:
        """Find a machine, also one that is being deleted.

        Raises:
            ApiError: InvalidArn, StateMachineDoesNotExist.
        """
        check_kind(arn, "stateMachine")
        found = self._by_arn.visible(caller, arn)
        if found is None:
            raise ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return found

    def find_startable(self, caller: Caller, arn: str) -> StateMachine:
        """Find a machine that may start executions.

        Raises:
            ApiError: InvalidArn, StateMachineDoesNotExist, StateMachineDeleting.
        """
        found = self.find(caller, arn)
        _refuse_deleting(found)
        return found

    def of(self, caller: Caller) -> list[StateMachine]:
        """List the machines of an account and region that are not being deleted, by name."""
        mine = (m for m in self._by_arn.all_visible() if caller.owns(m.arn) and m.deleted_at is None)
        return sorted(mine, key=lambda machine: machine.name)

    def tagged(self, caller: Caller, arn: str) -> StateMachine:
        """Find the machine whose tags a request is about.

        Raises:
            ApiError: InvalidArn, ResourceNotFound.
        """
        check_kind(arn, "stateMachine", "activity")
        found = self._by_arn.owned(caller, arn)
        if found is None:
            raise ApiError("ResourceNotFound", f"Resource not found: '{arn}'")
        return found

    def _is_gone(self, machine: StateMachine) -> bool:
        deleted_at = machine.deleted_at
        return deleted_at is not None and self._now() >= deleted_at + DELETING_S and not machine.busy()


def parsed(definition: str, integrations: Integrations, *, express: bool = False) -> Machine:
    """Parse a definition.

    Args:
        express: whether it is that of an Express machine.

    Raises:
        ApiError: InvalidDefinition.
    """
    try:
        return parse(definition, integrations, express=express)
    except InvalidDefinition as error:
        raise ApiError("InvalidDefinition", str(error)) from None


def read_tags(given: list[Json]) -> dict[str, str]:
    """Read the tags of a request.

    Raises:
        ApiError: ValidationException, TooManyTags.
    """
    tags: dict[str, str] = {}
    for number, tag in enumerate(given, start=1):
        key, value = (tag.get("key"), tag.get("value", "")) if isinstance(tag, dict) else (None, None)
        if not isinstance(key, str) or not 0 < len(key) <= 128:
            raise validation_error(
                f"Value at 'tags.{number}.member.key' failed to satisfy constraint: "
                "Member must have length between 1 and 128"
            )
        if not isinstance(value, str) or len(value) > 256:
            raise validation_error(
                f"Value at 'tags.{number}.member.value' failed to satisfy constraint: "
                "Member must have length less than or equal to 256"
            )
        tags[key] = value
    check_tag_count(tags)
    return tags


def check_tag_count(tags: dict[str, str]) -> None:
    """Refuse more tags than AWS's 50.

    Raises:
        ApiError: TooManyTags.
    """
    if len(tags) > 50:
        raise ApiError("TooManyTags", "The resource has more than 50 tags")


def _refuse_deleting(machine: StateMachine) -> None:
    if machine.deleted_at is not None:
        raise ApiError("StateMachineDeleting", f"State Machine is being deleted: '{machine.arn}'")


def _refuse_logging_nowhere(given: Parameters) -> None:
    """Refuse a level of logging without a log group.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_LoggingConfiguration.html
    """
    logging = given.get("loggingConfiguration") or {}
    if logging.get("level", "OFF") != "OFF" and len(logging.get("destinations") or []) != 1:
        raise ApiError(
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        )


def _refuse_versions(given: Parameters) -> None:
    if given.get("publish"):
        raise ApiError("ValidationException", "Versions of state machines are not served here")
    if given.get("versionDescription"):
        raise ApiError("ValidationException", "Version description can only be set when publish is true")
