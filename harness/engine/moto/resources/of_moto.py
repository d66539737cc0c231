"""Resources that moto's own classes create, with extended support for Ref and Fn::GetAtt."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, ClassVar, Final, Self, TypeAlias

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.ec2.models import ec2_backends
from moto.ec2.models.core import TaggedEC2Resource

from harness.engine.moto.resources.model import CannotMake, Resource, Wanted
from harness.engine.moto.resources.not_served import stand_in_of
from harness.engine.moto.resources.unserved_types import PROVED
from harness.json_types import Json

Read: TypeAlias = "Callable[[Any], object]"

MORE_ATTRIBUTES: Final[dict[str, Mapping[str, Read]]] = {
    "AWS::Events::EventBus": {"Name": lambda bus: bus.name},
    "AWS::Lambda::EventSourceMapping": {
        "Id": lambda mapping: mapping.uuid,
        "EventSourceMappingArn": lambda mapping: mapping.arn,
    },
    "AWS::KMS::Key": {"KeyId": lambda key: key.id},
    "AWS::IAM::ManagedPolicy": {
        "AttachmentCount": lambda policy: policy.attachment_count,
        "CreateDate": lambda policy: policy.created_iso_8601,
        "DefaultVersionId": lambda policy: policy.default_version_id,
        "IsAttachable": lambda _: True,
        "PermissionsBoundaryUsageCount": lambda _: 0,
        "PolicyArn": lambda policy: policy.arn,
        "PolicyId": lambda policy: policy.id,
        "UpdateDate": lambda policy: policy.updated_iso_8601,
    },
    "AWS::Events::Rule": {"RuleName": lambda rule: rule.name},
    "AWS::SSM::Parameter": {"Type": lambda each: each.parameter_type, "Value": lambda each: each.value},
    "AWS::SQS::Queue": {"QueueUrl": lambda queue: queue.physical_resource_id},
    "AWS::SNS::Topic": {"TopicArn": lambda topic: topic.arn},
}
_IDS: Final[dict[str, Read]] = {
    "AWS::Events::Archive": lambda archive: archive.name,
    "AWS::Events::EventBus": lambda bus: bus.name,
}
"""Ref values for types where moto's class returns no value or a wrong one."""


class OfMoto(Resource):
    """A resource created by one of moto's classes."""

    MODEL: ClassVar[Any]

    def __init__(self, model: Any, wanted: Wanted) -> None:
        self.wanted = wanted
        self._model = model
        read = _IDS.get(wanted.type)
        found = read(model) if read else getattr(model, "physical_resource_id", None)
        super().__init__(str(found or getattr(model, "name", None) or wanted.name))

    @property
    def model(self) -> Any:
        """The moto object."""
        return self._model

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the resource with moto's class."""
        known = {"LogicalId": wanted.logical_id, "StackId": wanted.stack_id, "ResourceType": wanted.type}
        model = cls.MODEL.create_from_cloudformation_json(
            wanted.name, cls._declared(wanted), wanted.account_id, wanted.region, **known
        )
        if isinstance(model, TaggedEC2Resource):
            tags = {**wanted.tags, "aws:cloudformation:logical-id": wanted.logical_id}
            made: Any = model
            ec2_backends[wanted.account_id][wanted.region].create_tags([made.physical_resource_id], tags)
        return cls(model, wanted)

    def change(self, wanted: Wanted) -> Self:
        """Update the resource with moto's class. Raises CannotMake if moto does not support that."""
        if hasattr(self.MODEL.update_from_cloudformation_json, "__isabstractmethod__"):
            raise CannotMake("the engine cannot change it; delete the stack and create it again")
        declared = self._declared(wanted)
        if replaces := getattr(self.MODEL, "is_replacement_update", None):
            properties: dict[str, Any] = declared["Properties"]
            for name in [each for each in properties if replaces({each: properties[each]})]:
                del properties[name]  # the stack has already decided that the resource is not replaced
        model = self.MODEL.update_from_cloudformation_json(
            original_resource=self._model,
            new_resource_name=wanted.name,
            cloudformation_json=declared,
            account_id=wanted.account_id,
            region_name=wanted.region,
        )
        return type(self)(model if hasattr(model, "get_cfn_attribute") else self._model, wanted)

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the resource with moto's class. If moto cannot delete the type, the record remains."""
        if hasattr(self._model, "delete"):
            # a `delete` with other parameters has a different purpose
            with suppress(TypeError, AttributeError):
                self._model.delete(account_id, region_name)
                return
        if not hasattr(self.MODEL.delete_from_cloudformation_json, "__isabstractmethod__"):
            declared = self._declared(self.wanted)
            self.MODEL.delete_from_cloudformation_json(
                self.physical_resource_id, declared, account_id, region_name
            )

    def get_cfn_attribute(self, attribute: str) -> Json:
        """Return moto's value or the value from this module."""
        more = MORE_ATTRIBUTES.get(self.wanted.type, {})
        if attribute in more:
            found: Any = more[attribute](self._model)
            return found  # type: ignore[no-any-return]
        try:
            found = self._model.get_cfn_attribute(attribute)
        except (
            AttributeError,
            KeyError,
            NotImplementedError,
            TypeError,
            UnformattedGetAttTemplateException,
        ):
            found = None
        if found is None and not self.wanted.type.startswith(PROVED):
            return stand_in_of(self.wanted.type)(self.wanted).get_cfn_attribute(attribute)
        if found is None:
            raise UnformattedGetAttTemplateException
        return found  # type: ignore[no-any-return]

    @classmethod
    def has_attribute(cls, attribute: str) -> bool:
        """Return whether moto's class has an attribute."""
        try:
            return bool(cls.MODEL.has_cfn_attr(attribute))
        except NotImplementedError:
            return False

    @staticmethod
    def _declared(wanted: Wanted) -> dict[str, Any]:
        """Return a copy of the resource as declared in a template, because moto's classes change it."""
        return {"Type": wanted.type, "Properties": copy.deepcopy(wanted.properties)}


def is_of_moto(kind: str) -> bool:
    """Return whether moto has a class for a type."""
    return kind in parsing.get_model_map()


@cache
def of_moto(kind: str) -> type[OfMoto]:
    """Return the class for resources of a type that moto creates."""
    model = parsing.get_model_map()[kind]
    return type("OfMoto", (OfMoto,), {"TYPE": kind, "NAME": model.cloudformation_name_type(), "MODEL": model})
