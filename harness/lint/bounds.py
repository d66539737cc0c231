"""Limits in botocore's models. If they are wider than cfn-lint's, AWS accepts the value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import unescape
from typing import Final

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from harness.lint.model import Finding, Key
from harness.service_names import boto3_name

PROPERTY_RULES: Final = frozenset({"E3030", "E3031", "E3032", "E3033", "E3034"})
"""The rules that use the schemas of resource types. Other rules use schemas by cfn-lint's authors."""

_OPERATIONS: Final = ("Create{}", "Put{}", "Run{}s", "Register{}")
_MEASURES: Final = ("maximum", "minimum", "maxLength", "minLength", "maxItems", "minItems")
_OWN: Final = re.compile(r"maximum of (\d+)")
_STATED: Final = re.compile(r"maximum (?:allowed )?value is ([\d,]+)")


def widened(finding: Finding, resource_type: str, value: object) -> Finding | None:
    """Return a finding with botocore's limit if it is wider. Return None for a value within the limit.

    `resource_type` and `value` belong to the entry with the finding. Return the finding unchanged if botocore
    does not have the property, or has no such limit for it.
    """
    if finding.keyword not in (*_MEASURES, "enum"):
        return finding
    keys = [key for key in finding.path[3:] if not str(key).startswith(("Fn::", "Ref"))]
    if (found := _member(resource_type, keys)) is None:
        return finding
    shape, documentation = found
    if finding.keyword == "enum":
        return None if isinstance(value, str) and value in getattr(shape, "enum", ()) else finding
    measure = _measure(finding, value)
    if finding.keyword.startswith("min"):
        least = shape.metadata.get("min")
        return None if least is not None and measure is not None and measure >= least else finding
    limit = shape.metadata.get("max")
    if finding.rule not in PROPERTY_RULES and (stated := _STATED.search(unescape(documentation))):
        # The model's limit is for a special case, such as functions with a capacity provider.
        limit = int(stated[1].replace(",", ""))
    if limit is None or measure is None:
        return finding
    if measure <= limit:
        return None
    own = _OWN.search(finding.message)
    if own is None or float(own[1]) >= limit:
        return finding
    return finding._replace(message=finding.message.replace(own[0], f"maximum of {limit}"))


def _measure(finding: Finding, value: object) -> float | None:
    """Return the number in the finding: the number in its message, or the length of the value."""
    if finding.keyword in ("maximum", "minimum"):
        number = re.match(r"-?\d+(\.\d+)?", finding.message)
        return float(number[0]) if number else None
    return len(value) if isinstance(value, str | list) else None


def _member(resource_type: str, path: Sequence[Key]) -> tuple[Shape, str] | None:
    """Return the shape of a property in the request that creates the resource, and its documentation."""
    provider, _, rest = resource_type.partition("::")
    service, _, resource = rest.partition("::")
    model = _model(boto3_name(service.lower())) if provider == "AWS" else None
    if model is None or not path:
        return None
    for operation in _OPERATIONS:
        if (name := operation.format(resource)) in model.operation_names:
            return _inside(model.operation_model(name).input_shape, resource, path)
    return None


def _inside(shape: Shape | None, resource: str, path: Sequence[Key]) -> tuple[Shape, str] | None:
    documentation = ""
    for number, key in enumerate(path):
        if isinstance(shape, StructureShape) and isinstance(key, str):
            wanted = {key.lower(), *([] if number else _other_names(key.lower(), resource.lower()))}
            shape = next((member for name, member in shape.members.items() if name.lower() in wanted), None)
            documentation = shape.documentation if shape is not None else ""
        elif isinstance(shape, ListShape) and isinstance(key, int):
            shape = shape.member
        elif isinstance(shape, MapShape):
            shape = shape.value
        else:
            return None
    return (shape, documentation) if shape is not None else None


def _other_names(name: str, resource: str) -> Iterator[str]:
    """Yield `name` for `StateMachineName`, and vice versa."""
    if name.startswith(resource):
        yield name.removeprefix(resource)
    elif name == "name":
        yield resource + name


@lru_cache(maxsize=8)
def _model(service: str) -> ServiceModel | None:
    try:
        return ServiceModel(Loader().load_service_model(service, "service-2"), service)
    except UnknownServiceError:
        return None
