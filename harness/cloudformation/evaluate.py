"""Evaluates the functions in template values.

A value that depends on a resource is open until that resource is created. Evaluating it earlier keeps the
function call and evaluates everything else in the value. A later evaluation completes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from harness.cloudformation import known
from harness.cloudformation.faults import Key, TemplateRefused, refuse
from harness.cloudformation.functions import VARIABLE, attribute_of, function_of, sub_parts
from harness.cloudformation.text import is_scalar, text_of
from harness.json_types import Json, JsonObject

NO_VALUE: Final[JsonObject] = {"Ref": "AWS::NoValue"}
"""The value of `Ref: AWS::NoValue`. A property with this value is left out."""


class Open(Exception):
    """A value is not known yet. The message says what it depends on."""


class Names(Protocol):
    """Values of names. The methods raise Open for a value that is not known yet, and TemplateRefused."""

    def ref(self, name: str) -> Json:
        """Return the value of a parameter, a pseudo parameter or a resource."""
        ...

    def attribute(self, resource: str, attribute: str) -> Json:
        """Return the value of Fn::GetAtt."""
        ...

    def condition(self, name: str) -> bool:
        """Return the value of a condition."""
        ...

    def mapping(self, name: str) -> Mapping[str, Json] | None:
        """Return a mapping in the template. None if it does not exist."""
        ...

    def export(self, name: str) -> Json:
        """Return the value that another stack exports."""
        ...

    def stack_output(self, stack: str, output: str, region: str, role: str) -> Json:
        """Return the value of an output in another stack. The Region and the role's ARN may be empty."""
        ...

    def zones(self, region: str) -> Sequence[str]:
        """Return the Availability Zones in a Region. Default: the stack's Region."""
        ...


def is_open(value: Json) -> bool:
    """Return whether an evaluated value still contains a function call."""
    called = function_of(value)
    if called is not None and called[0] != "Condition":
        return True
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(is_open(part) for part in parts)


class Evaluator:
    """Evaluates values using the names of one stack."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._functions: Mapping[str, Callable[[Json], Json]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Sub": self._sub,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Join": self._of_known("Fn::Join", known.join),
            "Fn::Split": self._of_known("Fn::Split", known.split),
            "Fn::Select": self._of_known("Fn::Select", known.select),
            "Fn::Base64": self._of_known("Fn::Base64", known.base_64),
            "Fn::Cidr": self._of_known("Fn::Cidr", known.cidr),
            "Fn::Length": self._of_known("Fn::Length", known.length),
            "Fn::ToJsonString": self._of_known("Fn::ToJsonString", known.to_json),
            "Fn::GetAZs": self._of_known("Fn::GetAZs", self._zones),
            "Fn::ImportValue": self._of_known("Fn::ImportValue", self._import),
            "Fn::GetStackOutput": self._of_known("Fn::GetStackOutput", self._stack_output),
        }

    def value(self, value: Json) -> Json:
        """Return a value with its functions evaluated, or NO_VALUE if it is left out.

        Raises TemplateRefused.
        """
        called = function_of(value)
        if called is not None and called[0] in self._functions:
            name, argument = called
            try:
                return self._functions[name](argument)
            except Open:
                return {name: argument}
        if called is not None and called[0].startswith("Fn::"):
            raise refuse(f"Template error: {called[0]} is not allowed as a value")
        if isinstance(value, dict):
            entries = ((key, self._entry(key, entry)) for key, entry in value.items())
            return {key: entry for key, entry in entries if entry != NO_VALUE}
        if isinstance(value, list):
            made = (self._entry(number, entry) for number, entry in enumerate(value))
            return [entry for entry in made if entry != NO_VALUE]
        return value

    def _entry(self, key: Key, value: Json) -> Json:
        try:
            return self.value(value)
        except TemplateRefused as error:
            raise error.inside(key) from None

    def condition(self, value: Json) -> bool:
        """Return the value of a condition expression. Raises TemplateRefused."""
        called = function_of(value)
        if isinstance(value, bool):
            return value
        if called is None:
            raise refuse(f"Template format error: Conditions can only be boolean operations: {value!r}")
        name, argument = called
        if name == "Condition":
            return self._names.condition(str(argument))
        parts = argument if isinstance(argument, list) else [argument]
        if name == "Fn::Equals" and len(parts) == 2:
            left, right = (self.value(part) for part in parts)
            if any(is_open(side) and side != NO_VALUE for side in (left, right)):
                raise Open(
                    "Template format error: Unresolved dependencies in the Conditions block of the template"
                )
            return _comparable(left) == _comparable(right)
        if name == "Fn::Not" and len(parts) == 1:
            return not self.condition(parts[0])
        if name in ("Fn::And", "Fn::Or") and 2 <= len(parts) <= 10:
            held = [self.condition(part) for part in parts]
            return all(held) if name == "Fn::And" else any(held)
        wanted = {"Fn::Equals": "two values", "Fn::Not": "one condition"}.get(name, "two to ten conditions")
        if name in ("Fn::Equals", "Fn::Not", "Fn::And", "Fn::Or"):
            raise refuse(f"Template error: every {name} object requires a list of {wanted}.")
        raise refuse(
            "Template format error: Conditions can only be boolean operations on parameters and "
            "other conditions"
        )

    def _ref(self, argument: Json) -> Json:
        name = self.value(argument)
        if not isinstance(name, str):
            raise Open
        try:
            return NO_VALUE if name == "AWS::NoValue" else self._names.ref(name)
        except Open:
            return {"Ref": name}

    def _get_att(self, argument: Json) -> Json:
        if isinstance(argument, list) and argument and not isinstance(argument[0], str):
            argument = [self.value(argument[0]), *argument[1:]]
        found = attribute_of(argument)
        if found is None:
            raise refuse(
                "Template error: every Fn::GetAtt object requires two non-empty parameters, the "
                "resource name "
                "and the resource attribute"
            )
        attribute = self.value(found[1])
        if not isinstance(attribute, str):
            raise Open
        try:
            return self._names.attribute(found[0], attribute)
        except Open:
            return {"Fn::GetAtt": [found[0], attribute]}

    def _if(self, argument: Json) -> Json:
        if not isinstance(argument, list) or len(argument) != 3:
            raise refuse("Template error: Fn::If requires a list argument with three arguments")
        return self.value(argument[1 if self._names.condition(str(argument[0])) else 2])

    def _find_in_map(self, argument: Json) -> Json:
        parts = argument if isinstance(argument, list) else []
        if len(parts) not in (3, 4):
            raise refuse(
                "Template error: every Fn::FindInMap object requires three parameters, the map name, map key "
                "and the attribute for return value"
            )
        keys = [self.value(part) for part in parts[:3]]
        if any(is_open(key) for key in keys):
            raise Open
        name, first, second = (text_of(key) if is_scalar(key) else str(key) for key in keys)
        default = parts[3] if len(parts) == 4 else None
        otherwise = isinstance(default, dict) and "DefaultValue" in default
        mapping = self._names.mapping(name)
        if mapping is None and not otherwise:
            raise refuse(
                f"Template error: Mapping named '{name}' is not present in the 'Mappings' section of "
                "template."
            )
        found = (mapping or {}).get(first)
        if isinstance(found, dict) and second in found:
            return self.value(found[second])
        if isinstance(default, dict) and otherwise:
            return self.value(default["DefaultValue"])
        raise refuse(f"Template error: Unable to get mapping for {name}::{first}::{second}")

    def _sub(self, argument: Json) -> Json:
        text, own = sub_parts(argument)
        if not isinstance(argument, str) and not (isinstance(argument, list) and len(argument) == 2):
            raise refuse(
                "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. "
                "Specify a string as first argument, and an optional second argument to specify a mapping of "
                "values to replace in the string"
            )
        parts: list[Json] = []
        end = 0
        for match in VARIABLE.finditer(text):
            parts.append(text[end : match.start()])
            end = match.end()
            literal, name = match.groups()
            parts.append(f"${{{name}}}" if literal else self._variable(name.strip(), own))
        parts.append(text[end:])
        return self.value({"Fn::Join": ["", [part for part in parts if part != ""]]})

    def _variable(self, name: str, own: JsonObject) -> Json:
        if name in own:
            found = self.value(own[name])
        else:
            resource, _, attribute = name.partition(".")
            found = self.value({"Fn::GetAtt": [resource, attribute]} if attribute else {"Ref": name})
        if found == NO_VALUE:
            return ""
        if not is_scalar(found) and not is_open(found):
            raise refuse(
                f"Template error: variable {name} in Fn::Sub expression does not resolve to a string"
            )
        return found

    def _of_known(self, name: str, function: Callable[[Json], Json]) -> Callable[[Json], Json]:
        """Evaluate a function that requires its whole argument. The call is kept while the argument
        is open.
        """

        def call(argument: Json) -> Json:
            known = self.value(argument)
            return {name: known} if is_open(known) else function(known)

        return call

    def _zones(self, argument: Json) -> Json:
        return list(self._names.zones(argument if isinstance(argument, str) else ""))

    def _import(self, argument: Json) -> Json:
        try:
            return self._names.export(known.text(argument, "Fn::ImportValue"))
        except Open:
            return {"Fn::ImportValue": argument}

    def _stack_output(self, argument: Json) -> Json:
        given = argument if isinstance(argument, dict) else {}
        odd = [key for key in given if key not in ("StackName", "OutputName", "Region", "RoleArn")]
        if odd or not {"StackName", "OutputName"} <= given.keys():
            raise refuse(
                "Template error: every Fn::GetStackOutput object requires StackName and OutputName, and may "
                "have Region and RoleArn" + (f"; seen {', '.join(odd)}" if odd else "")
            )
        named = [given.get(key, "") for key in ("StackName", "OutputName", "Region", "RoleArn")]
        try:
            return self._names.stack_output(*(known.text(each, "Fn::GetStackOutput") for each in named))
        except Open:
            return {"Fn::GetStackOutput": argument}


def _comparable(value: Json) -> str:
    return text_of(value) if is_scalar(value) else json.dumps(value)
