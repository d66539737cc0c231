"""Versions and aliases of state machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias
from weakref import WeakKeyDictionary

from harness.engine.moto.resources.model import CannotMake, Resource, Wanted
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.errors import ApiError

if TYPE_CHECKING:
    from harness.engine.moto.stepfunctions import StateMachines

Call: TypeAlias = Callable[[str, Caller, dict[str, Any]], Mapping[str, Any]]
"""Calls an operation of Step Functions' API: name, caller, parameters -> answer."""


class MachinePart(Resource):
    """A part of a state machine, made through the API."""

    ATTRIBUTES = ("Arn",)
    call: ClassVar[Call]

    @classmethod
    def ask(cls, operation: str, wanted: Wanted, **given: Any) -> Mapping[str, Any]:
        """Call an operation; parameters that are None are left out. Raises CannotMake."""
        parameters = {name: value for name, value in given.items() if value is not None}
        try:
            return MachinePart.call(operation, Caller(wanted.account_id, wanted.region), parameters)
        except ApiError as error:
            raise CannotMake(error.message) from error

    @classmethod
    def of(cls, arn: str) -> Self:
        """Give the part that has this ARN."""
        return cls(arn, {"Arn": arn})


class MachineVersion(MachinePart):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachineversion.html."""

    TYPE = "AWS::StepFunctions::StateMachineVersion"
    replaced: ClassVar[Callable[[], set[str]]]
    """Gives the versions to delete as soon as no alias refers to them; a reset forgets them."""

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Publish the current revision."""
        made = cls.ask(
            "PublishStateMachineVersion",
            wanted,
            stateMachineArn=wanted.text("StateMachineArn"),
            revisionId=wanted.properties.get("StateMachineRevisionId"),
            description=wanted.properties.get("Description"),
        )
        return cls.of(str(made["stateMachineVersionArn"]))

    def change(self, wanted: Wanted) -> Self:
        """Publish another version; the old one is deleted when no alias refers to it."""
        made = self.make(wanted)
        if made.physical_resource_id != self.physical_resource_id:
            self.delete(wanted.account_id, wanted.region)
        return made

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the version, now or when no alias has it: CloudFormation deletes at the end of an update."""
        MachineVersion.replaced().add(self.physical_resource_id)
        drop_replaced(Caller(account_id, region_name))


class MachineAlias(MachinePart):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachinealias.html."""

    TYPE = "AWS::StepFunctions::StateMachineAlias"
    NAME = "Name"

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Make the alias."""
        given = {"description": wanted.properties.get("Description"), "routingConfiguration": _routes(wanted)}
        made = cls.ask("CreateStateMachineAlias", wanted, name=wanted.name, **given)
        return cls.of(str(made["stateMachineAliasArn"]))

    def change(self, wanted: Wanted) -> Self:
        """Give the alias its versions and description; one of another name replaces it."""
        if self.physical_resource_id.rpartition(":")[2] != wanted.text("Name", wanted.name):
            self.delete(wanted.account_id, wanted.region)
            return self.make(wanted)
        given = {"description": wanted.text("Description"), "routingConfiguration": _routes(wanted)}
        self.ask("UpdateStateMachineAlias", wanted, stateMachineAliasArn=self.physical_resource_id, **given)
        drop_replaced(Caller(wanted.account_id, wanted.region))
        return self

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the alias."""
        caller = Caller(account_id, region_name)
        MachinePart.call(
            "DeleteStateMachineAlias", caller, {"stateMachineAliasArn": self.physical_resource_id}
        )


def connect(machines: StateMachines) -> None:
    """Let the resources ask the API of these machines, which a reset replaces."""
    replaced: WeakKeyDictionary[object, set[str]] = WeakKeyDictionary()

    def call(operation: str, caller: Caller, given: dict[str, Any]) -> Mapping[str, Any]:
        return machines.api.call(operation, caller, given)

    MachinePart.call = call
    MachineVersion.replaced = lambda: replaced.setdefault(machines.api, set())


def drop_replaced(caller: Caller) -> None:
    """Delete versions that no stack needs, as soon as no alias refers to them."""
    replaced = MachineVersion.replaced()
    for arn in sorted(replaced):
        try:
            MachinePart.call("DeleteStateMachineVersion", caller, {"stateMachineVersionArn": arn})
        except ApiError:
            continue
        replaced.discard(arn)


def _routes(wanted: Wanted) -> list[dict[str, Any]]:
    """The routing of an alias; a gradual deployment counts as completed."""
    preference = wanted.properties.get("DeploymentPreference")
    if isinstance(preference, dict):
        return [{"stateMachineVersionArn": str(preference.get("StateMachineVersionArn")), "weight": 100}]
    routes = wanted.properties.get("RoutingConfiguration")
    given = [each for each in routes if isinstance(each, dict)] if isinstance(routes, list) else []
    return [
        {
            "stateMachineVersionArn": str(each.get("StateMachineVersionArn")),
            "weight": int(str(each.get("Weight", 0))),
        }
        for each in given
    ]
