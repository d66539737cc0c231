"""State machines, versions and aliases, which are created through the Step Functions API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias
from weakref import WeakKeyDictionary

from harness.engine.moto.resources.definitions import configuration_of, definition_of
from harness.engine.moto.resources.model import CannotMake, Resource, Wanted
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.errors import ApiError

if TYPE_CHECKING:
    from harness.engine.moto.stepfunctions import StateMachines

Call: TypeAlias = Callable[[str, Caller, dict[str, Any]], Mapping[str, Any]]
"""Calls a Step Functions API operation: name, caller, parameters -> response."""


class MachinePart(Resource):
    """A state machine or a related resource, created through the API."""

    ATTRIBUTES: ClassVar[tuple[str, ...]] = ("Arn",)
    call: ClassVar[Call]

    @classmethod
    def ask(cls, operation: str, wanted: Wanted, **given: Any) -> Mapping[str, Any]:
        """Call an operation, omitting parameters that are None. Raises CannotMake."""
        parameters = {name: value for name, value in given.items() if value is not None}
        try:
            return MachinePart.call(operation, Caller(wanted.account_id, wanted.region), parameters)
        except ApiError as error:
            raise CannotMake(error.message) from error

    @classmethod
    def of(cls, arn: str) -> Self:
        """Return the resource with this ARN."""
        return cls(arn, {"Arn": arn})


class Machine(MachinePart):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html."""

    TYPE = "AWS::StepFunctions::StateMachine"
    NAME = "StateMachineName"
    ATTRIBUTES = ("Arn", "Name", "StateMachineRevisionId")

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the state machine."""
        made = cls.ask(
            "CreateStateMachine",
            wanted,
            name=wanted.name,
            tags=_tags(wanted),
            type=wanted.text("StateMachineType", "STANDARD"),
            **cls._settings(wanted),
        )
        return cls._described(wanted, str(made["stateMachineArn"]))

    def change(self, wanted: Wanted) -> Self:
        """Update the definition, role, configurations and tags of the state machine."""
        arn = self.physical_resource_id
        self.ask("UpdateStateMachine", wanted, stateMachineArn=arn, **self._settings(wanted))
        retag(wanted, arn)
        return self._described(wanted, arn)

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the state machine."""
        caller = Caller(account_id, region_name)
        MachinePart.call("DeleteStateMachine", caller, {"stateMachineArn": self.physical_resource_id})

    @staticmethod
    def _settings(wanted: Wanted) -> dict[str, Any]:
        properties: dict[str, Any] = dict(wanted.properties)
        caller = Caller(wanted.account_id, wanted.region)
        return {
            "definition": definition_of(properties, caller),
            "roleArn": properties["RoleArn"],
            **configuration_of(properties, caller),
        }

    @classmethod
    def _described(cls, wanted: Wanted, arn: str) -> Self:
        shown = cls.ask("DescribeStateMachine", wanted, stateMachineArn=arn)
        values = (arn, str(shown["name"]), str(shown.get("revisionId", "INITIAL")))
        return cls(arn, dict(zip(cls.ATTRIBUTES, values, strict=True)))


class MachineVersion(MachinePart):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachineversion.html."""

    TYPE = "AWS::StepFunctions::StateMachineVersion"
    replaced: ClassVar[Callable[[], set[str]]]
    """Returns the set of versions to delete once no alias refers to them.

    A reset empties the set.
    """

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
        """Publish a new version. The old version is deleted once no alias refers to it."""
        return self.make(wanted)

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the version now, or once no alias refers to it.

        CloudFormation deletes versions at the end of an update.
        """
        MachineVersion.replaced().add(self.physical_resource_id)
        drop_replaced(Caller(account_id, region_name))


class MachineAlias(MachinePart):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachinealias.html."""

    TYPE = "AWS::StepFunctions::StateMachineAlias"
    NAME = "Name"

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the alias."""
        given = {"description": wanted.properties.get("Description"), "routingConfiguration": _routes(wanted)}
        made = cls.ask("CreateStateMachineAlias", wanted, name=wanted.name, **given)
        return cls.of(str(made["stateMachineAliasArn"]))

    def change(self, wanted: Wanted) -> Self:
        """Update the routing and description of the alias."""
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


class Activity(MachinePart):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-activity.html."""

    TYPE = "AWS::StepFunctions::Activity"
    NAME = "Name"
    ATTRIBUTES = ("Arn", "Name")

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the activity."""
        asked = wanted.properties.get("EncryptionConfiguration")
        encryption = None
        if isinstance(asked, dict):
            encryption = {name[0].lower() + name[1:]: value for name, value in asked.items()}
        made = cls.ask(
            "CreateActivity",
            wanted,
            name=wanted.name,
            tags=_tags(wanted),
            encryptionConfiguration=encryption,
        )
        arn = str(made["activityArn"])
        return cls(arn, {"Arn": arn, "Name": wanted.name})

    def change(self, wanted: Wanted) -> Self:
        """Update the tags of the activity."""
        retag(wanted, self.physical_resource_id)
        return self

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the activity."""
        caller = Caller(account_id, region_name)
        MachinePart.call("DeleteActivity", caller, {"activityArn": self.physical_resource_id})


def connect(machines: StateMachines) -> None:
    """Connect the resources to the API for these state machines. A reset replaces the API."""
    replaced: WeakKeyDictionary[object, set[str]] = WeakKeyDictionary()

    def call(operation: str, caller: Caller, given: dict[str, Any]) -> Mapping[str, Any]:
        return machines.api.call(operation, caller, given)

    MachinePart.call = call
    MachineVersion.replaced = lambda: replaced.setdefault(machines.api, set())


def drop_replaced(caller: Caller) -> None:
    """Delete the versions that no stack needs any longer and that no alias refers to."""
    replaced = MachineVersion.replaced()
    for arn in sorted(replaced):
        try:
            MachinePart.call("DeleteStateMachineVersion", caller, {"stateMachineVersionArn": arn})
        except ApiError:
            continue
        replaced.discard(arn)


def retag(wanted: Wanted, arn: str) -> None:
    """Update the tags of a state machine or an activity. Raises CannotMake."""
    old = MachinePart.ask("ListTagsForResource", wanted, resourceArn=arn)["tags"]
    MachinePart.ask("UntagResource", wanted, resourceArn=arn, tagKeys=[tag["key"] for tag in old])
    MachinePart.ask("TagResource", wanted, resourceArn=arn, tags=_tags(wanted))


def _tags(wanted: Wanted) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in wanted.own_tags().items()]


def _routes(wanted: Wanted) -> list[dict[str, Any]]:
    """Return the routing of an alias. A gradual deployment is treated as completed."""
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
