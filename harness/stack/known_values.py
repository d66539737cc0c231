"""Template values that are known before the deployment, from the template's parameters and their defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.json_types import Json, JsonObject, as_dict

_REFERENCE = re.compile(r"\$\{([^!}][^}]*)\}")


class KnownValues:
    """Evaluates strings and conditions in a template. The result is None if it depends on more than
    parameters.
    """

    def __init__(self, template: JsonObject, parameters: Mapping[str, str]) -> None:
        self._parameters = dict(parameters)
        for name, declared in as_dict(template.get("Parameters")).items():
            default = as_dict(declared).get("Default")
            if isinstance(default, str):
                self._parameters.setdefault(name, default)
        self._mappings = as_dict(template.get("Mappings"))
        self._conditions = as_dict(template.get("Conditions"))

    def text(self, value: Json) -> str | None:
        """Evaluate a string: a literal, a parameter, or the result of functions."""
        if isinstance(value, str):
            return value
        name, argument = _function(value)
        if name == "Ref":
            return self._parameters.get(str(argument))
        if name == "Fn::Sub" and isinstance(argument, str):
            found = [self._parameters.get(reference) for reference in _REFERENCE.findall(argument)]
            return None if None in found else _REFERENCE.sub(lambda m: self._parameters[m[1]], argument)
        if name == "Fn::FindInMap" and isinstance(argument, list) and len(argument) == 3:
            return self._find(*(self.text(part) for part in argument))
        if name == "Fn::If" and isinstance(argument, list) and len(argument) == 3:
            holds = self.condition({"Condition": argument[0]})
            return None if holds is None else self.text(argument[1 if holds else 2])
        return None

    def may_be_made(self, resource: JsonObject) -> bool:
        """Return whether a resource may be created: its condition is not known to be false."""
        condition = resource.get("Condition")
        return condition is None or self.condition({"Condition": condition}) is not False

    def condition(self, value: Json) -> bool | None:
        """Evaluate a condition. `{"Condition": "IsProd"}` refers to the declared one."""
        name, argument = _function(value)
        if name == "Condition":
            declared = self._conditions.get(str(argument))
            return None if declared is None else self.condition(declared)
        parts = argument if isinstance(argument, list) else [argument]
        if name == "Fn::Equals" and len(parts) == 2:
            left, right = (self.text(part) for part in parts)
            return None if left is None or right is None else left == right
        found = [self.condition(part) for part in parts]
        if name == "Fn::Not":
            return None if found[0] is None else not found[0]
        if name in ("Fn::And", "Fn::Or"):
            decides = name == "Fn::Or"
            if decides in found:
                return decides
            return None if None in found else not decides
        return None

    def _find(self, *keys: str | None) -> str | None:
        value: Json = self._mappings
        for key in keys:
            value = as_dict(value).get(key) if key is not None else None
        return value if isinstance(value, str) else None


def _function(value: Json) -> tuple[str, Json]:
    """Split `{"Ref": "X"}` into name and argument. The name is empty for any other value."""
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(value.items()))
    return "", None
