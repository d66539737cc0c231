"""Intrinsic functions: their names, and the references in a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.cloudformation.faults import Key
from harness.json_types import Json, JsonObject

# In CloudFormation's order.
SUPPORTED: Final = (
    "Fn::Base64",
    "Fn::GetAtt",
    "Fn::GetAZs",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Split",
    "Fn::FindInMap",
    "Fn::Select",
    "Ref",
    "Fn::Equals",
    "Fn::If",
    "Fn::Not",
    "Condition",
    "Fn::And",
    "Fn::Or",
    "Fn::Contains",
    "Fn::EachMemberEquals",
    "Fn::EachMemberIn",
    "Fn::ValueOf",
    "Fn::ValueOfAll",
    "Fn::RefAll",
    "Fn::Sub",
    "Fn::Cidr",
    "Fn::GetStackOutput",
)
EXTENSIONS: Final = ("Fn::Length", "Fn::ToJsonString")
"""Functions that require `Transform: AWS::LanguageExtensions`. `Fn::ForEach` also requires it."""
FOR_EACH: Final = "Fn::ForEach::"
TRANSFORM: Final = "Fn::Transform"
PSEUDO_PARAMETERS: Final = (
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
)
VARIABLE: Final = re.compile(r"\$\{(!?)([^{}]*)\}")
"""A variable in Fn::Sub, or literal text if it starts with `!`."""


def function_of(value: Json) -> tuple[str, Json] | None:
    """Return the name and the argument if a value is a function call: `Ref`, `Condition` or `Fn::...`."""
    if isinstance(value, dict) and len(value) == 1:
        ((name, argument),) = value.items()
        if name.startswith("Fn::") or name == "Ref" or (name == "Condition" and isinstance(argument, str)):
            return name, argument
    return None


def attribute_of(argument: Json) -> tuple[str, Json] | None:
    """Return the resource and the attribute in Fn::GetAtt's argument, a list or a string with a dot."""
    if isinstance(argument, str) and "." in argument:
        resource, _, attribute = argument.partition(".")
        return resource, attribute
    if isinstance(argument, list) and len(argument) >= 2 and isinstance(argument[0], str):
        if all(isinstance(part, str) for part in argument[1:]):
            return argument[0], ".".join(str(part) for part in argument[1:])
        return argument[0], argument[1]
    return None


@dataclass(frozen=True)
class Reference:
    """A reference in a value to a resource, a parameter or a pseudo parameter.

    `function` is the function used: `Ref`, `Fn::GetAtt` or `Fn::Sub`. `attribute` is empty if there is none.
    `optional` is true in a branch of Fn::If.
    """

    name: str
    function: str
    keys: tuple[Key, ...]
    attribute: str = ""
    optional: bool = False


def references(value: Json, *keys: Key, optional: bool = False) -> Iterator[Reference]:
    """Return all references in a value. `keys` are the location of the value."""
    called = function_of(value)
    if called is not None:
        name, argument = called
        yield from _of_call(name, argument, keys, optional)
        optional = optional or name == "Fn::If"
        if isinstance(argument, str) or (name == "Fn::GetAtt" and attribute_of(argument) is not None):
            if isinstance(argument, list):
                yield from references(argument[1:], *keys, name, optional=optional)
            return
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from references(entry, *keys, key, optional=optional)
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from references(entry, *keys, number, optional=optional)


def _of_call(name: str, argument: Json, keys: tuple[Key, ...], optional: bool) -> Iterator[Reference]:
    if name == "Ref" and isinstance(argument, str):
        yield Reference(argument, name, keys, optional=optional)
    elif name == "Fn::GetAtt" and (found := attribute_of(argument)) is not None:
        attribute = found[1] if isinstance(found[1], str) else ""
        yield Reference(found[0], name, keys, attribute, optional)
    elif name == "Fn::Sub":
        for variable in sub_variables(argument):
            resource, _, attribute = variable.partition(".")
            yield Reference(resource, name, keys, attribute, optional)


def sub_variables(argument: Json) -> tuple[str, ...]:
    """Return the variables in Fn::Sub's argument that its own map does not define."""
    text, own = sub_parts(argument)
    return tuple(
        name.strip() for literal, name in VARIABLE.findall(text) if not literal and name.strip() not in own
    )


def sub_parts(argument: Json) -> tuple[str, JsonObject]:
    """Return the string and the map in Fn::Sub's argument. The string is empty if the argument is neither a
    string nor a pair.
    """
    if isinstance(argument, list) and len(argument) == 2:
        text, own = argument
        return (text if isinstance(text, str) else ""), (own if isinstance(own, dict) else {})
    return (argument if isinstance(argument, str) else ""), {}


def calls(value: Json, keys: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str, Json]]:
    """Return each `Fn::...` in a value: the keys of its location, its name and its argument."""
    if isinstance(value, dict):
        for key, entry in value.items():
            if key.startswith("Fn::"):
                yield (*keys, key), key, entry
            yield from calls(entry, (*keys, key))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from calls(entry, (*keys, number))
