"""Finds functions and references that CloudFormation rejects, based on the template alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.cloudformation.faults import Fault, Key
from harness.cloudformation.functions import (
    EXTENSIONS,
    FOR_EACH,
    PSEUDO_PARAMETERS,
    SUPPORTED,
    Reference,
    calls,
    function_of,
    references,
    sub_variables,
)
from harness.cloudformation.known import SELECT
from harness.cloudformation.order import depends_on
from harness.cloudformation.text import is_scalar, text_of
from harness.cloudformation.transforms import LANGUAGE_EXTENSIONS, transforms_of
from harness.json_types import Json, JsonObject

# Sections in which CloudFormation evaluates functions.
_EVALUATED: Final = ("Conditions", "Outputs", "Resources", "Rules")


def form_faults(template: JsonObject) -> Iterator[Fault]:
    """Find malformed function calls."""
    for section in _EVALUATED:
        computed = LANGUAGE_EXTENSIONS in transforms_of(template)
        yield from _form_faults(template.get(section, {}), (section,), computed)


def _form_faults(value: Json, keys: tuple[Key, ...], computed: bool) -> Iterator[Fault]:
    """Find malformed function calls in a value. With `computed`, the argument of Ref may be a function."""
    if isinstance(value, dict):
        if list(value) == ["Ref"] and not (
            isinstance(value["Ref"], str) or (computed and function_of(value["Ref"]))
        ):
            yield Fault(keys, "Template error: every Ref object must have a single String value.")
        called = [key for key in value if key.startswith("Fn::") and not key.startswith(FOR_EACH)]
        if called and len(value) > 1:
            others = ", ".join(key for key in value if key != called[0])
            yield Fault(
                (*keys, called[0]),
                f"Template error: {called[0]} must be the only key of its object; other keys: {others}",
            )
    for key, entry in value.items() if isinstance(value, dict) else ():
        yield from _form_faults(entry, (*keys, key), computed)
    for number, entry in enumerate(value) if isinstance(value, list) else ():
        yield from _form_faults(entry, (*keys, number), computed)


def selection_faults(template: JsonObject) -> Iterator[Fault]:
    """Find calls to Fn::Select with an index outside its literal list."""
    for section in _EVALUATED:
        for keys, name, argument in calls(template.get(section, {}), (section,)):
            parts = argument if name == "Fn::Select" and isinstance(argument, list) else []
            index, values = parts if len(parts) == 2 else (None, None)
            if isinstance(values, list) and is_scalar(index):
                number = text_of(index)
                if not number.isdecimal() or int(number) >= len(values):
                    yield Fault(keys, SELECT)


def function_faults(template: JsonObject) -> Iterator[Fault]:
    """Find calls to functions that do not exist."""
    extended = LANGUAGE_EXTENSIONS in transforms_of(template)
    for section in _EVALUATED:
        for keys, name, _ in calls(template.get(section, {}), (section,)):
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
                f"Template error: Encountered unsupported function: {name} Supported functions are: "
                f"[{known}]",
                remedy,
            )


def reference_faults(template: JsonObject) -> Iterator[Fault]:
    """Find references to names that the template does not declare, after expanding loops."""
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
                f"Template format error: Unresolved resource dependencies [{each.name}] in the "
                f"{section} block "
                "of the template"
            )
        yield Fault(each.keys, message)


def _depends_on_faults(name: str, resource: JsonObject, template: JsonObject) -> Iterator[Fault]:
    for needed in depends_on(resource):
        if needed not in _named(template, "Resources"):
            yield Fault(
                ("Resources", name, "DependsOn"),
                f"Template format error: Unresolved resource dependencies [{needed}] in the Resources "
                "block of "
                "the template",
            )


def _condition_faults(entry: JsonObject, keys: tuple[Key, ...], template: JsonObject) -> Iterator[Fault]:
    conditions = _named(template, "Conditions")
    named = [((*keys, "Condition"), entry["Condition"])] if "Condition" in entry else []
    for place, name, argument in calls(entry, keys):
        if name == "Fn::If" and isinstance(argument, list) and argument:
            named.append((place, argument[0]))
    for place, condition in named:
        if not isinstance(condition, str) or condition not in conditions:
            if place == (*keys, "Condition"):
                message = f"Template format error: Unresolved condition dependency {condition}"
                yield Fault(place, f"{message} in the {keys[0]} block of the template")
            else:
                message = f"Template error: unresolved condition dependency {condition} in Fn::If"
                yield Fault(place, message)


def mapping_faults(template: JsonObject) -> Iterator[Fault]:
    """Find lookups in mappings that the template does not declare."""
    mappings = _named(template, "Mappings")
    for section in _EVALUATED:
        for keys, name, argument in calls(template.get(section, {}), (section,)):
            if name == "Fn::FindInMap" and isinstance(argument, list) and len(argument) == 3:
                mapping = argument[0]
                if isinstance(mapping, str) and mapping not in mappings:
                    message = f"Template error: Mapping named '{mapping}' is not present in the"
                    yield Fault(keys, f"{message} 'Mappings' section of template.")


def bad_variables(template: JsonObject) -> Iterator[Fault]:
    """Find invalid variable names in Fn::Sub."""
    for section in ("Outputs", "Resources"):
        for keys, name, argument in calls(template.get(section, {}), (section,)):
            for variable in sub_variables(argument) if name == "Fn::Sub" else ():
                if not variable.replace("_", "").replace(".", "").replace(":", "").isalnum():
                    yield Fault(
                        keys,
                        "Template error: variable names in Fn::Sub syntax must contain only alphanumeric "
                        f"characters, underscores, periods, and colons; seen {variable!r}",
                        "write `${!Name}` for the literal text `${Name}`",
                    )


def condition_section_faults(template: JsonObject) -> Iterator[Fault]:
    """Find references in conditions to resources or undeclared names."""
    conditions, parameters = _named(template, "Conditions"), _named(template, "Parameters")
    for name, condition in conditions.items():
        for each in references(condition, "Conditions", name):
            if each.name not in parameters and each.name not in PSEUDO_PARAMETERS:
                yield Fault(
                    each.keys,
                    f"Template format error: Unresolved dependencies [{each.name}]. Cannot reference "
                    "resources "
                    "in the Conditions block of the template",
                )
        for keys, named in _conditions_in(condition, ("Conditions", name)):
            if named not in conditions:
                yield Fault(
                    keys,
                    f"Template format error: Unresolved condition dependency {named} in the "
                    "Conditions block of "
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
