"""Finds malformed sections, malformed resources, and nulls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.cloudformation.faults import Fault, Key
from harness.cloudformation.functions import FOR_EACH
from harness.cloudformation.transforms import LANGUAGE_EXTENSIONS, transforms_of
from harness.json_types import Json, JsonObject

SECTIONS: Final = (
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
)
ATTRIBUTES: Final = (
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
    "Version",
)
_NAME: Final = re.compile("[A-Za-z0-9]+")


def null_faults(value: Json, *keys: Key) -> Iterator[Fault]:
    """Find each null in a template. CloudFormation does not accept nulls."""
    if value is None:
        path = "".join(f"/{key}" for key in keys)
        yield Fault(
            keys,
            f"[{path}] 'null' values are not allowed in templates",
            "set a value, or remove the key; in a state machine, write the definition as "
            "DefinitionString or in a DefinitionS3Location file, both of which keep null",
        )
    for key, entry in value.items() if isinstance(value, dict) else ():
        yield from null_faults(entry, *keys, key)
    for number, entry in enumerate(value) if isinstance(value, list) else ():
        yield from null_faults(entry, *keys, number)


def structure_faults(template: JsonObject) -> Iterator[Fault]:
    """Find malformed sections and resources."""
    unknown = [name for name in template if name not in SECTIONS]
    if unknown:
        yield Fault((unknown[0],), f"Invalid template property or properties [{', '.join(unknown)}]")
    if not isinstance(template.get("Resources", {}), dict):
        yield Fault(("Resources",), "Template format error: Any Resources member must be an object.")
    for name in ("Conditions", "Mappings", "Outputs", "Parameters"):
        if not isinstance(template.get(name, {}), dict):
            yield Fault((name,), f"Template format error: {name} must be an object")
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        yield Fault(
            (),
            "Template format error: At least one Resources member must be defined.",
        )
        return
    parameters = template.get("Parameters")
    for name in parameters if isinstance(parameters, dict) else ():
        if not _NAME.fullmatch(name):
            yield Fault(
                ("Parameters", name), f"Template format error: Parameter name {name} is non alphanumeric."
            )
    loops = LANGUAGE_EXTENSIONS in transforms_of(template)
    for name, resource in resources.items():
        if not (loops and name.startswith(FOR_EACH)):
            yield from _resource_faults(name, resource)
    outputs = template.get("Outputs", {})
    for name, output in outputs.items() if isinstance(outputs, dict) else ():
        if loops and name.startswith(FOR_EACH):
            continue
        if not isinstance(output, dict) or "Value" not in output:
            yield Fault(
                ("Outputs", name),
                f"Template format error: Output {name} is malformed: every Outputs member must "
                "contain a Value object",
            )


def _resource_faults(name: str, resource: Json) -> Iterator[Fault]:
    keys = ("Resources", name)
    if name.startswith(FOR_EACH):
        yield Fault(
            keys,
            f"Template error: {name} needs `Transform: {LANGUAGE_EXTENSIONS}`",
            "add it to the template",
        )
    elif not _NAME.fullmatch(name):
        yield Fault(keys, f"Template format error: Resource name {name} is non alphanumeric.")
    elif not isinstance(resource, dict):
        yield Fault(keys, f"Template format error: [/Resources/{name}] resource definition is malformed")
    elif not isinstance(resource.get("Type"), str):
        yield Fault(
            keys,
            f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member.",
        )
    elif not isinstance(resource.get("Properties", {}), dict):
        yield Fault(
            (*keys, "Properties"),
            f"Template format error: [/Resources/{name}/Properties] Properties must be an object",
        )
    else:
        for key in resource:
            if key not in ATTRIBUTES:
                yield Fault((*keys, key), f"Invalid template resource property '{key}'")
