"""The common part of the resources of stacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.utilities.utils import get_partition

from harness.json_types import Json, JsonObject


class CannotMake(Exception):
    """A resource cannot be made, or a stack needs what is not there; the message says why.

    `part` is what was made of it, and is to be deleted.
    """

    def __init__(self, message: str, part: Resource | None = None) -> None:
        super().__init__(message)
        self.message, self.part = message, part


class NotMadeHere(CannotMake):
    """A resource cannot be made here, though AWS would make it: something else stands for it."""


@dataclass(frozen=True)
class Wanted:
    """A resource that a stack wants made: `Wanted("live", "AWS::Lambda::Alias", {...}, ...)`.

    `name` is that of the template, or one that CloudFormation makes up; `properties` have their functions
    worked out. `tags` are those of the stack, and CloudFormation's own.
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
        """A property that is a text, or the default."""
        value = self.properties.get(name)
        return default if value is None else str(value)

    def texts(self, name: str) -> list[str]:
        """A property that is a list of texts; none where it is missing."""
        value = self.properties.get(name)
        return [str(each) for each in value] if isinstance(value, list) else []

    def objects(self, name: str) -> list[JsonObject]:
        """A property that is a list of objects; none where it is missing."""
        value = self.properties.get(name)
        return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []

    def is_set(self, name: str, default: bool = False) -> bool:
        """A property that is a boolean, or the default."""
        return self.text(name, str(default)).lower() == "true"

    def own_tags(self) -> dict[str, str]:
        """The tags of the property Tags."""
        return {str(tag["Key"]): str(tag.get("Value", "")) for tag in self.objects("Tags")}

    def arn(self, service: str, resource: str) -> str:
        """An ARN in the stack's account and region."""
        return f"arn:{get_partition(self.region)}:{service}:{self.region}:{self.account_id}:{resource}"


class Resource:
    """A resource of a stack; a type is a subclass with `TYPE` and `make`.

    `physical_resource_id` is the value of Ref, `attributes` those of Fn::GetAtt.
    """

    TYPE: ClassVar[str] = ""
    NAME: ClassVar[str] = ""
    """The property with its name; empty where CloudFormation makes one up."""
    UNIQUE: ClassVar[bool] = True
    """No two resources have the same name."""
    ATTRIBUTES: ClassVar[tuple[str, ...]] = ()
    physical_resource_id: str
    stays = False
    """A change that the engine could not make, of a resource that no workflow is proved with."""

    def __init__(self, physical_id: str, attributes: Mapping[str, Json] | None = None) -> None:
        self.physical_resource_id = physical_id
        self.attributes = attributes or {}

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Make it. Raises CannotMake or an error of the service."""
        raise NotImplementedError

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete what `make` made."""

    def change(self, wanted: Wanted) -> Self:
        """Make it as it is wanted now, under the name that it has.

        Another one, with another physical id, may stand for it: then the stack deletes this one at its end.
        """
        self.delete(wanted.account_id, wanted.region)
        return self.make(wanted)

    def get_cfn_attribute(self, attribute: str) -> Json:
        """Return the value of Fn::GetAtt. Raises UnformattedGetAttTemplateException when there is none."""
        if attribute not in self.attributes:
            raise UnformattedGetAttTemplateException
        return self.attributes[attribute]

    @property
    def model(self) -> Any:
        """The object of the service; the resource itself where it has none."""
        return self
