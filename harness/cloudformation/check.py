"""Finds what CloudFormation refuses in a template by looking at the template alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.cloudformation.faults import Fault, Key
from harness.cloudformation.functions import (
    EXTENSIONS,
    FOR_EACH,
    PSEUDO_PARAMETERS,
    SUPPORTED,
    TRANSFORM,
    Reference,
    function_of,
    references,
    sub_variables,
)
from harness.cloudformation.order import depends_on
from harness.json_types import Json, JsonObject

SAM: Final = "AWS::Serverless-2016-10-31"
LANGUAGE_EXTENSIONS: Final = "AWS::LanguageExtensions"
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
)
# Sections in which CloudFormation evaluates functions.
_EVALUATED: Final = ("Conditions", "Outputs", "Resources", "Rules")


def transforms_of(template: JsonObject) -> tuple[str, ...]:
    """The names under Transform."""
    named = template.get("Transform", [])
    return tuple(
        str(each.get("Name") if isinstance(each, dict) else each)
        for each in (named if isinstance(named, list) else [named])
    )


def transform_faults(template: JsonObject) -> Iterator[Fault]:
    """Transforms that are not served here; a template with one is not to be looked into further."""
    for name in transforms_of(template):
        if name == SAM:
            yield Fault(
                ("Transform",),
                f"Transform: {name} (SAM) is not served here",
                "translate the template with aws-sam-translator (`pip install aws-sam-translator`, "
                "`samtranslator.translator.transform.transform`), with local paths in CodeUri and DefinitionUri "
                "put back under Code and DefinitionS3Location, and name the result as the template",
            )
        elif name != LANGUAGE_EXTENSIONS:
            yield Fault(
                ("Transform",),
                f"Transform: {name}, a macro, is not served here",
                "name the template that the macro makes "
                "(`aws cloudformation get-template --template-stage Processed`)",
            )
    for keys, name, argument in _functions(template, ()):
        if name == TRANSFORM and (not keys or keys[0] != "Metadata"):
            macro = argument.get("Name") if isinstance(argument, dict) else argument
            yield Fault(
                keys, f"Fn::Transform of {macro} is not served here", "write out what the macro makes"
            )


def null_faults(value: Json, *keys: Key) -> Iterator[Fault]:
    """Each null in a template: CloudFormation takes none."""
    if value is None:
        path = "".join(f"/{key}" for key in keys)
        yield Fault(
            keys,
            f"[{path}] 'null' values are not allowed in templates",
            "give it a value, or remove the key; in a state machine, write the definition as DefinitionString or "
            "in a file of DefinitionS3Location, which keep null",
        )
    for key, entry in value.items() if isinstance(value, dict) else ():
        yield from null_faults(entry, *keys, key)
    for number, entry in enumerate(value) if isinstance(value, list) else ():
        yield from null_faults(entry, *keys, number)


def structure_faults(template: JsonObject) -> Iterator[Fault]:
    """Sections and resources that are not formed as CloudFormation wants them."""
    unknown = [name for name in template if name not in SECTIONS]
    if unknown:
        yield Fault((unknown[0],), f"Invalid template property or properties [{', '.join(unknown)}]")
    for name in ("Conditions", "Mappings", "Outputs", "Parameters", "Resources"):
        if not isinstance(template.get(name, {}), dict):
            yield Fault((name,), f"Template format error: {name} must be an object")
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        yield Fault(
            (),
            "Template format error: At least one Resources member must be defined.",
        )
        return
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
                f"Template format error: Output {name} is malformed: every Outputs member must contain a Value object",
            )


def _resource_faults(name: str, resource: Json) -> Iterator[Fault]:
    keys = ("Resources", name)
    if name.startswith(FOR_EACH):
        yield Fault(
            keys,
            f"Template error: {name} needs `Transform: {LANGUAGE_EXTENSIONS}`",
            "add that to the template",
        )
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


def function_faults(template: JsonObject) -> Iterator[Fault]:
    """Calls of functions that there are not."""
    extended = LANGUAGE_EXTENSIONS in transforms_of(template)
    for section in _EVALUATED:
        for keys, name, _ in _functions(template.get(section, {}), (section,)):
            if name in SUPPORTED or (extended and (name in EXTENSIONS or name.startswith(FOR_EACH))):
                continue
            remedy = (
                f"add `Transform: {LANGUAGE_EXTENSIONS}` to the template"
                if name in EXTENSIONS or name.startswith(FOR_EACH)
                else ""
            )
            known = ", ".join(SUPPORTED)
            yield Fault(
                keys,
                f"Template error: Encountered unsupported function: {name} Supported functions are: [{known}]",
                remedy,
            )


def _functions(value: Json, keys: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str, Json]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            if key.startswith("Fn::"):
                yield (*keys, key), key, entry
            yield from _functions(entry, (*keys, key))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _functions(entry, (*keys, number))


def reference_faults(template: JsonObject) -> Iterator[Fault]:
    """References to what the template does not declare, after loops were written out."""
    for section in ("Resources", "Outputs"):
        entries = template.get(section, {})
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if not isinstance(entry, dict):
                continue
            part = "Properties" if section == "Resources" else "Value"
            found = references(entry.get(part, {}), section, name, part)
            yield from _unresolved(found, template, section)
            yield from _condition_faults(entry, (section, name), template)
            if section == "Resources":
                yield from _depends_on_faults(name, entry, template)


def _named(template: JsonObject, section: str) -> JsonObject:
    found = template.get(section, {})
    return found if isinstance(found, dict) else {}


def _unresolved(found: Iterator[Reference], template: JsonObject, section: str) -> Iterator[Fault]:
    resources, parameters = _named(template, "Resources"), _named(template, "Parameters")
    for each in found:
        if each.function == "Fn::GetAtt" and each.name not in resources:
            message = f"Template error: instance of Fn::GetAtt references undefined resource {each.name}"
        elif each.function == "Fn::Sub" and each.attribute and each.name not in resources:
            variable = f"{each.name}.{each.attribute}"
            message = f"Template error: instance of Fn::Sub references invalid resource attribute {variable}"
        elif each.name in resources or each.name in parameters or each.name in PSEUDO_PARAMETERS:
            continue
        else:
            message = (
                f"Template format error: Unresolved resource dependencies [{each.name}] in the {section} block "
                "of the template"
            )
        yield Fault(each.keys, message)


def _depends_on_faults(name: str, resource: JsonObject, template: JsonObject) -> Iterator[Fault]:
    for needed in depends_on(resource):
        if needed not in _named(template, "Resources"):
            yield Fault(
                ("Resources", name, "DependsOn"),
                f"Template format error: Unresolved resource dependencies [{needed}] in the Resources block of "
                "the template",
            )


def _condition_faults(entry: JsonObject, keys: tuple[Key, ...], template: JsonObject) -> Iterator[Fault]:
    conditions = _named(template, "Conditions")
    named = [((*keys, "Condition"), entry["Condition"])] if "Condition" in entry else []
    for place, name, argument in _functions(entry, keys):
        if name == "Fn::If" and isinstance(argument, list) and argument:
            named.append((place, argument[0]))
    for place, condition in named:
        if not isinstance(condition, str) or condition not in conditions:
            yield Fault(
                place,
                f"Template format error: Unresolved condition dependency {condition} in the {keys[0]} block of "
                "the template",
            )


def mapping_faults(template: JsonObject) -> Iterator[Fault]:
    """Lookups in mappings that the template does not have."""
    mappings = _named(template, "Mappings")
    for section in _EVALUATED:
        for keys, name, argument in _functions(template.get(section, {}), (section,)):
            if name == "Fn::FindInMap" and isinstance(argument, list) and len(argument) == 3:
                mapping = argument[0]
                if isinstance(mapping, str) and mapping not in mappings:
                    yield Fault(
                        keys,
                        f"Template error: Mapping named '{mapping}' is not present in the 'Mappings' section of "
                        "template.",
                    )


def bad_variables(template: JsonObject) -> Iterator[Fault]:
    """Variables of Fn::Sub that are no names."""
    for section in ("Outputs", "Resources"):
        for keys, name, argument in _functions(template.get(section, {}), (section,)):
            for variable in sub_variables(argument) if name == "Fn::Sub" else ():
                if not variable.replace("_", "").replace(".", "").replace(":", "").isalnum():
                    yield Fault(
                        keys,
                        "Template error: variable names in Fn::Sub syntax must contain only alphanumeric "
                        f"characters, underscores, periods, and colons; seen {variable!r}",
                        "write `${!Name}` for a text that stays `${Name}`",
                    )


def condition_section_faults(template: JsonObject) -> Iterator[Fault]:
    """What conditions refer to and may not, or is not there."""
    conditions, parameters = _named(template, "Conditions"), _named(template, "Parameters")
    for name, condition in conditions.items():
        for each in references(condition, "Conditions", name):
            if each.name not in parameters and each.name not in PSEUDO_PARAMETERS:
                yield Fault(
                    each.keys,
                    f"Template format error: Unresolved dependencies [{each.name}]. Cannot reference resources "
                    "in the Conditions block of the template",
                )
        for keys, named in _conditions_in(condition, ("Conditions", name)):
            if named not in conditions:
                yield Fault(
                    keys,
                    f"Template format error: Unresolved condition dependency {named} in the Conditions block of "
                    "the template",
                )


def _conditions_in(value: Json, keys: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str]]:
    called = function_of(value)
    if called is not None and called[0] == "Condition":
        yield keys, str(called[1])
    for key, entry in value.items() if isinstance(value, dict) else ():
        yield from _conditions_in(entry, (*keys, key))
    for number, entry in enumerate(value) if isinstance(value, list) else ():
        yield from _conditions_in(entry, (*keys, number))
