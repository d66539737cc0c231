"""Attributes and names that moto's own resources lack for Fn::GetAtt and Ref.

Patched: `get_cfn_attribute` and `has_cfn_attr` of the classes in `_ATTRIBUTES`, and `physical_resource_id` of
those in `_NAMES`, which have none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from moto.awslambda.models import EventSourceMapping
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.events.models import Archive, EventBus
from moto.iam.models import ManagedPolicy
from moto.kms.models import Key
from moto.sns.models import Topic
from moto.sqs.models import Queue
from moto.ssm.models import Parameter

Read: TypeAlias = "Callable[[Any], object]"

_ATTRIBUTES: Final[dict[type, dict[str, Read]]] = {
    EventBus: {"Name": lambda bus: bus.name},
    EventSourceMapping: {"Id": lambda mapping: mapping.uuid, "EventSourceMappingArn": lambda m: m.arn},
    Key: {"KeyId": lambda key: key.id},
    ManagedPolicy: {"PolicyArn": lambda policy: policy.arn},
    Parameter: {"Type": lambda parameter: parameter.parameter_type, "Value": lambda p: p.value},
    Queue: {"QueueUrl": lambda queue: queue.physical_resource_id},
    Topic: {"TopicArn": lambda topic: topic.arn},
}
_NAMES: Final[dict[type, Read]] = {Archive: lambda archive: archive.name, EventBus: lambda bus: bus.name}


def install() -> None:
    """Patch moto in this process."""
    for kind, more in _ATTRIBUTES.items():
        _add(kind, more)
    for kind, read in _NAMES.items():
        named: Any = kind
        named.physical_resource_id = property(read)


def _add(kind: Any, more: Mapping[str, Read]) -> None:
    """Let a class of moto have more attributes."""
    get = getattr(kind, "get_cfn_attribute", None)
    has = kind.has_cfn_attr if get else lambda _: False

    def get_cfn_attribute(self: Any, attribute: str) -> object:
        if attribute in more:
            return more[attribute](self)
        if get is None:
            raise UnformattedGetAttTemplateException
        found: object = get(self, attribute)
        return found

    kind.get_cfn_attribute = get_cfn_attribute
    kind.has_cfn_attr = staticmethod(lambda attribute: attribute in more or has(attribute))
