"""The base classes for stack resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.utilities.utils import get_partition

from harness.json_types import Json, JsonObject


class CannotMake(Exception):
    """A resource that cannot be created, or a missing stack dependency. The message gives the reason.

    `part` is the partly created resource, which must be deleted.
    """

    def __init__(self, message: str, part: Resource | None = None) -> None:
        super().__init__(message)
        self.message, self.part = message, part


class NotMadeHere(CannotMake):
    """A resource that AWS would create but the engine cannot. A stand-in replaces it."""


@dataclass(frozen=True)
class Wanted:
    """A resource that a stack requests: `Wanted("live", "AWS::Lambda::Alias", {...}, ...)`.

    `name` comes from the template, or is generated as CloudFormation would generate it. The intrinsic
    functions in `properties` are resolved. `tags` are the stack's tags and CloudFormation's own.
    """

    name: str
    type: str
    properties: JsonObject
    logical_id: str
    stack_id: str
    account_id: str
    region: str
    tags: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """Return a string property or the default."""
        value = self.properties.get(name)
        return default if value is None else str(value)

    def texts(self, name: str) -> list[str]:
        """Return a property that is a list of strings, or an empty list if it is missing."""
        value = self.properties.get(name)
        return [str(each) for each in value] if isinstance(value, list) else []

    def objects(self, name: str) -> list[JsonObject]:
        """Return a property that is a list of objects, or an empty list if it is missing."""
        value = self.properties.get(name)
        return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []

    def is_set(self, name: str, default: bool = False) -> bool:
        """Return a boolean property or the default."""
        return self.text(name, str(default)).lower() == "true"

    def own_tags(self) -> dict[str, str]:
        """Return the tags in the Tags property."""
        return {str(tag["Key"]): str(tag.get("Value", "")) for tag in self.objects("Tags")}

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN in the stack's account and region."""
        return f"arn:{get_partition(self.region)}:{service}:{self.region}:{self.account_id}:{resource}"


class Resource:
    """A resource in a stack. Each type is a subclass that defines `TYPE` and `make`.

    `physical_resource_id` is the value that Ref returns. `attributes` are the values that Fn::GetAtt
    returns.
    """

    TYPE: ClassVar[str] = ""
    NAME: ClassVar[str] = ""
    """The property that holds the resource's name. Empty if CloudFormation always generates the name."""
    UNIQUE: ClassVar[bool] = True
    """True if two resources cannot have the same name."""
    ATTRIBUTES: ClassVar[tuple[str, ...]] = ()
    physical_resource_id: str
    stays = False
    """True if no workflow depends on the resource and the engine could not apply a change to it."""

    def __init__(self, physical_id: str, attributes: Mapping[str, Json] | None = None) -> None:
        self.physical_resource_id = physical_id
        self.attributes = attributes or {}

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the resource. Raises CannotMake or an error of the service."""
        raise NotImplementedError

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the resource that `make` created."""

    def change(self, wanted: Wanted) -> Self:
        """Update the resource to the wanted state. Its name does not change.

        The result may be a different resource with a different physical ID. The stack then deletes this one
        at the end.
        """
        self.delete(wanted.account_id, wanted.region)
        return self.make(wanted)

    def get_cfn_attribute(self, attribute: str) -> Json:
        """Return the value of Fn::GetAtt. Raises UnformattedGetAttTemplateException if there is none."""
        if attribute not in self.attributes:
            raise UnformattedGetAttTemplateException
        return self.attributes[attribute]

    @property
    def model(self) -> Any:
        """The service's object, or the resource itself if it has none."""
        return self
