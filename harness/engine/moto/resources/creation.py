"""The way of moto's CloudFormation to the resources here, and the reasons of what is not served.

Patched in moto.cloudformation:
- `parsing.resource_class_from_type` and `resource_name_property_from_type`, which find the class of a type.
- `parsing.parse_and_create_resource` and `parse_and_update_resource`: the resource gets its reasons there.
- `ResourceMap.load` and `update`, which take any type, and `delete`, which keeps to no order.

A stack goes on when a resource is not served. That one's status is CREATE_FAILED, with the reason; a resource
with properties that have no effect is CREATE_COMPLETE, with the reasons.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, Final

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import Stack, cloudformation_backends

from harness.engine.moto.cloudformation import ResourceFailed
from harness.engine.moto.resources import attributes, aws_types, keys, listing, messages, tables
from harness.engine.moto.resources.effects import may_lack_effect, without_effect
from harness.engine.moto.resources.not_served import NotServed, stand_in_of
from harness.engine.moto.resources.registry import RESOURCES
from harness.engine.moto.resources.unserved_types import EXPRESS, is_withdrawn, meaning, meaning_of_record
from harness.reasons import Reason

_BY_TYPE: Final = {resource.TYPE: resource for resource in RESOURCES}
_CUSTOM: Final = _BY_TYPE["AWS::CloudFormation::CustomResource"]
_PROVED: Final = (
    "AWS::CloudFormation::",
    "AWS::DynamoDB::",
    "AWS::Events::",
    "AWS::IAM::",
    "AWS::KMS::",
    "AWS::Kinesis::",
    "AWS::Lambda::",
    "AWS::Logs::",
    "AWS::S3::",
    "AWS::SNS::",
    "AWS::SQS::",
    "AWS::SSM::Parameter",
    "AWS::SecretsManager::",
    "AWS::StepFunctions::",
    "Custom::",
)
"""Types that workflows are proved with: what fails here is taken for what AWS would refuse."""


def install() -> None:
    """Patch moto in this process."""
    attributes.install()
    keys.install()
    messages.install()
    tables.install()
    patched: Any = parsing
    own_class, own_name = patched.resource_class_from_type, patched.resource_name_property_from_type

    def class_of(kind: str) -> Any:
        if kind.startswith("Custom::"):
            return _CUSTOM
        made_here = _BY_TYPE.get(kind)
        if made_here is not None:
            return made_here
        by_moto = kind in parsing.get_model_map() and not is_withdrawn(kind)
        return own_class(kind) if by_moto else stand_in_of(kind)

    def name_property_of(kind: str) -> str | None:
        found = class_of(kind)
        name: str | None = found.NAME if hasattr(found, "NAME") else own_name(kind)
        return name

    patched.resource_class_from_type, patched.resource_name_property_from_type = class_of, name_property_of
    for name in ("parse_and_create_resource", "parse_and_update_resource"):
        setattr(patched, name, _with_reasons(getattr(patched, name)))
    _check_types()
    listing.install()


def _with_reasons(make: Any) -> Any:
    @functools.wraps(make)
    def make_with_reasons(
        logical_id: str, declared: dict[str, Any], resources: Any, account_id: str, region_name: str
    ) -> Any:
        kind = declared["Type"]
        try:
            if _is_express(declared, resources):
                made = _stand_in(logical_id, declared, resources, EXPRESS)
            else:
                made = make(logical_id, declared, resources, account_id, region_name)
        except ResourceFailed as failed:
            why = failed.message.removeprefix(f"{logical_id} ({kind}): ")
            if kind.startswith(_PROVED) or why == failed.message:
                raise
            why = f"it is not created: the engine cannot make one with these properties ({why})"
            made = _stand_in(logical_id, declared, resources, why)
        if made is not None:
            if not hasattr(made, "physical_resource_id"):  # as moto's of IoT
                made.physical_resource_id = str(getattr(made, "name", logical_id))
            stack = cloudformation_backends[account_id][region_name].stacks.get(resources.stack_id)
            listing.tell(made, list(_reasons(kind, declared, made, resources)), stack)
        return made

    return make_with_reasons


def _is_express(declared: dict[str, Any], resources: Any) -> bool:
    """Tell whether a resource is an Express machine, and not one that its condition leaves out."""
    properties = declared.get("Properties") or {}
    if declared["Type"] != "AWS::StepFunctions::StateMachine" or "StateMachineType" not in properties:
        return False
    condition = declared.get("Condition")
    if condition and not resources.lazy_condition_map[condition]:
        return False
    return bool(parsing.clean_json(properties["StateMachineType"], resources) == "EXPRESS")


def _stand_in(logical_id: str, declared: dict[str, Any], resources: Any, why: str) -> NotServed:
    """Stand in for a resource of a type that is made, but cannot be made like this."""
    _, worked_out, name = parsing.parse_resource_and_generate_name(logical_id, declared, resources)
    made = stand_in_of(declared["Type"]).create_from_cloudformation_json(
        name,
        worked_out,
        resources._account_id,
        resources._region_name,
        ResourceType=declared["Type"],
        LogicalId=logical_id,
        StackId=resources.stack_id,
    )
    made.reason = why
    made.logical_resource_id, made.cf_resource_type = logical_id, declared["Type"]
    return made


def _reasons(kind: str, declared: dict[str, Any], made: Any, resources: Any) -> Iterator[Reason]:
    if isinstance(made, NotServed):
        yield Reason(made.reason or meaning(kind))
        return
    if record := meaning_of_record(kind):
        yield Reason(record)
    if isinstance(made, Stack):
        for resource in made.stack_resources:
            for each in listing.reasons_of(resource):
                yield each._replace(part=".".join(filter(None, (_logical_id(resource), each.part))))
    if may_lack_effect(kind):
        for path, text in without_effect(kind, parsing.clean_json(declared.get("Properties", {}), resources)):
            yield Reason(text, path)


def _logical_id(resource: Any) -> str:
    return str(resource.logical_resource_id)


def _check_types() -> None:
    patched: Any = parsing.ResourceMap
    load, update = patched.load, patched.update

    @functools.wraps(load)
    def load_checked(self: Any) -> None:
        _refuse_unknown(self._template)
        load(self)

    @functools.wraps(update)
    def update_checked(self: Any, template: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        _refuse_unknown(template)
        update(self, template, *args, **kwargs)

    patched.load, patched.update, patched.delete = load_checked, update_checked, _delete_backwards


def _delete_backwards(self: Any) -> None:
    """Delete the resources of a stack, each before what it was made from."""
    failed: Exception | None = None
    for name, made in reversed(list(self._parsed_resources.items())):
        declared = self._resource_json_map.get(name)
        if declared is None or made is None or declared.get("DeletionPolicy", "").startswith("Retain"):
            continue
        try:
            self._delete_resource(made, declared)
            del self._parsed_resources[name]
        except Exception as error:
            failed = error
    if failed is not None:
        raise failed


def _refuse_unknown(template: dict[str, Any]) -> None:
    """Refuse types that CloudFormation does not have, as it does."""
    declared = template.get("Resources") or {}
    kinds = {str(each.get("Type")) for each in declared.values() if isinstance(each, dict)}
    unknown = sorted(kind for kind in kinds if not _is_type(kind))
    if unknown:
        remedy = ""
        if any(kind.startswith("AWS::Serverless::") for kind in unknown):
            remedy = "; the transform of AWS::Serverless is not applied here: deploy what it gives"
        raise ValidationError(
            message=f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]{remedy}"
        )


def _is_type(kind: str) -> bool:
    return (
        kind.startswith("Custom::")
        or kind in _BY_TYPE
        or kind in parsing.get_model_map()
        or aws_types.is_known(kind)
    )
