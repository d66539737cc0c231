"""Transforms in a template, supported and unsupported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.cloudformation.faults import Fault
from harness.cloudformation.functions import TRANSFORM, calls
from harness.cloudformation.sam import SAM
from harness.json_types import JsonObject

LANGUAGE_EXTENSIONS: Final = "AWS::LanguageExtensions"


def transforms_of(template: JsonObject) -> tuple[str, ...]:
    """Return the names under Transform."""
    named = template.get("Transform", [])
    return tuple(
        str(each.get("Name") if isinstance(each, dict) else each)
        for each in (named if isinstance(named, list) else [named])
    )


def transform_faults(template: JsonObject) -> Iterator[Fault]:
    """Find transforms that are not supported. A template with one cannot be checked further."""
    for name in transforms_of(template):
        if name not in (SAM, LANGUAGE_EXTENSIONS):
            yield Fault(
                ("Transform",),
                f"Transform: {name} is a macro, which is not supported",
                "use the template that the macro generates "
                "(`aws cloudformation get-template --template-stage Processed`)",
            )
    for name, entry in resources.items() if isinstance(resources := template.get("Resources"), dict) else ():
        if isinstance(entry, dict) and str(entry.get("Type")).endswith("::MODULE"):
            yield Fault(
                ("Resources", name, "Type"),
                f"{name} ({entry['Type']}) is a module, which is not supported",
                "replace it with the resources that the module creates",
            )
    for keys, name, argument in calls(template, ()):
        if name == TRANSFORM and (not keys or keys[0] != "Metadata"):
            macro = argument.get("Name") if isinstance(argument, dict) else argument
            yield Fault(
                keys,
                f"Fn::Transform of {macro} is not served here",
                "replace it with the output of the macro",
            )
