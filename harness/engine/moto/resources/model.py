"""The common part of the resources of stacks that are made here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.core.common_models import CloudFormationModel
from moto.utilities.utils import get_partition

from harness.json_types import Json, JsonObject


class CannotMake(Exception):
    """A resource cannot be made, or a stack needs what is not there; the message says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Wanted:
    """A resource that a stack wants made: `Wanted("live", "AWS::Lambda::Alias", {...}, ...)`.

    `name` is that of the template, or one that CloudFormation makes up; `properties` have their functions
    worked out.
    """

    name: str
    type: str
    properties: JsonObject
    logical_id: str
    stack_id: str
    account_id: str
    region: str

    def text(self, name: str, default: str = "") -> str:
        """A property that is a text, or the default."""
        value = self.properties.get(name)
        return default if value is None else str(value)

    def texts(self, name: str) -> list[str]:
        """A property that is a list of texts; none where it is missing."""
        value = self.properties.get(name)
        return [str(each) for each in value] if isinstance(value, list) else []

    def arn(self, service: str, resource: str) -> str:
        """An ARN in the stack's account and region."""
        return f"arn:{get_partition(self.region)}:{service}:{self.region}:{self.account_id}:{resource}"


class Resource(CloudFormationModel):
    """A resource of a stack; a type is a subclass with `TYPE` and `make`.

    `physical_id` is the value of Ref, `attributes` those of Fn::GetAtt.
    """

    TYPE: ClassVar[str] = ""
    NAME: ClassVar[str] = ""
    """The property with its name; empty where CloudFormation makes one up."""
    ATTRIBUTES: ClassVar[tuple[str, ...]] = ()
    logical_resource_id: str
    cf_resource_type: str

    def __init__(self, physical_id: str, attributes: Mapping[str, Json] | None = None) -> None:
        self.physical_resource_id = physical_id
        self.attributes = attributes or {}

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Make it. Raises CannotMake or an error of the service."""
        raise NotImplementedError

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete what `make` made; moto calls it by this name."""

    def change(self, wanted: Wanted) -> Self:
        """Make it as it is wanted now: a new one replaces it."""
        self.delete(wanted.account_id, wanted.region)
        return self.make(wanted)

    def get_cfn_attribute(self, attribute: str) -> Json:
        """Return the value of Fn::GetAtt."""
        if attribute not in self.attributes:
            raise UnformattedGetAttTemplateException
        return self.attributes[attribute]

    def is_created(self) -> bool:
        """Return True: nothing is made in the background."""
        return True

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether the type has an attribute."""
        return attr in cls.ATTRIBUTES

    @classmethod
    def cloudformation_type(cls) -> str:
        """The type's name."""
        return cls.TYPE

    @classmethod
    def cloudformation_name_type(cls) -> str:
        """The property with the name."""
        return cls.NAME

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **known: Any
    ) -> Self:
        """Make the resource that a template declares."""
        kind, logical_id, stack_id = (known[name] for name in ("ResourceType", "LogicalId", "StackId"))
        properties = cloudformation_json["Properties"]
        return cls.make(
            Wanted(resource_name, kind, properties, logical_id, stack_id, account_id, region_name)
        )

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> Self:
        """Change the resource to what the template declares now."""
        name = new_resource_name
        if cls.NAME not in cloudformation_json["Properties"]:
            name = getattr(original_resource, "name", name)
        wanted = Wanted(
            name,
            cloudformation_json["Type"],
            cloudformation_json["Properties"],
            original_resource.logical_resource_id,
            getattr(original_resource, "stack_id", ""),
            account_id,
            region_name,
        )
        changed: Self = original_resource.change(wanted)
        return changed
