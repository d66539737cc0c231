"""The classes for resource types, and checks for types that CloudFormation does not support."""

from __future__ import annotations

from typing import Any, Final

from harness.cloudformation.faults import Fault, raise_any, refuse
from harness.cloudformation.functions import references
from harness.engine.moto.resources import aws_types
from harness.engine.moto.resources.model import Resource
from harness.engine.moto.resources.not_served import NotServed, stand_in_of
from harness.engine.moto.resources.of_moto import MORE_ATTRIBUTES, OfMoto, is_of_moto, of_moto
from harness.engine.moto.resources.registry import CUSTOM, RESOURCES
from harness.engine.moto.resources.unserved_types import is_withdrawn
from harness.json_types import JsonObject

_ANY: Final = ("Custom::", "AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Stack")
_BY_TYPE: Final = {resource.TYPE: resource for resource in RESOURCES}


def register(resource: type[Resource]) -> None:
    """Register a class whose module imports this module."""
    _BY_TYPE[resource.TYPE] = resource


def class_of(kind: str) -> type[Resource]:
    """Return the class for a type: the harness's own, moto's, or a stand-in."""
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    if kind.startswith("Custom::"):
        return CUSTOM
    if is_of_moto(kind) and not is_withdrawn(kind):
        return of_moto(kind)
    return stand_in_of(kind)


def check_types(template: JsonObject) -> None:
    """Reject types that CloudFormation does not support, with its error message. Raises TemplateRefused."""
    declared: Any = template.get("Resources") or {}
    kinds = {str(each.get("Type")) for each in declared.values() if isinstance(each, dict)}
    unknown = sorted(kind for kind in kinds if not _is_type(kind))
    if unknown:
        sam = any(kind.startswith("AWS::Serverless::") for kind in unknown)
        remedy = (
            "the AWS::Serverless transform is not applied in this context: deploy the transformed template"
        )
        raise refuse(
            f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]",
            remedy=remedy if sam else "",
        )


def check_attributes(template: JsonObject) -> None:
    """Reject attributes that resource types do not have. Raises TemplateRefused, which lists all of them."""
    resources: Any = template.get("Resources") or {}
    raise_any(
        Fault(each.keys, _no_such(str(resources[each.name]["Type"]), each.attribute))
        for section in ("Resources", "Outputs")
        for each in references(template.get(section, {}), section)
        if each.attribute
        and each.name in resources
        and not has_attribute(str(resources[each.name]["Type"]), each.attribute)
    )


def has_attribute(kind: str, attribute: str) -> bool:
    """Return whether Fn::GetAtt supports an attribute of a type.

    True if the attributes are unknown.
    """
    made_by = class_of(kind)
    if kind.startswith(_ANY) or not aws_types.schema(kind) or attribute in made_by.ATTRIBUTES:
        return True
    known = aws_types.attributes(kind)
    if attribute in known or attribute.partition(".")[0] in known:
        return True
    if attribute in MORE_ATTRIBUTES.get(kind, ()):
        return True
    return issubclass(made_by, OfMoto | NotServed) and made_by.has_attribute(attribute)


def _no_such(kind: str, attribute: str) -> str:
    known = ", ".join(sorted(aws_types.read_only(kind)))
    short = kind.rpartition("::")[2]
    return (
        f"Template error: resource {short} does not support attribute type {attribute} in Fn::GetAtt"
        f"{f'; known: {known}' if known else ''}"
    )


def _is_type(kind: str) -> bool:
    return kind.startswith("Custom::") or kind in _BY_TYPE or is_of_moto(kind) or aws_types.is_known(kind)
