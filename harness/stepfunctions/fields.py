"""The rules for a parameter in AWS's API model, and AWS's messages for violations.

>>> Field("name", most=2).problems("abc", "name")
["Value 'abc' at 'name' failed to satisfy constraint: Member must have length less than or equal to 2"]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.constraints import (
    NOT_NULL,
    at_least,
    at_most,
    java_text,
    matching,
    one_of,
    secret_violation,
    violation,
)
from harness.json_types import Json


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, a structure member, or a list item.

    Attributes:
        least: together with `most`, the bounds of a number, or the length limits of a string or a list.
        sensitive: AWS does not include the value in its error messages.
        members: the members of a structure.
        item: the rules for the items of a list.
        shape: AWS's name for a structure; shown when a list of such structures is rejected as a whole.
    """

    name: str
    type: type = str
    required: bool = False
    least: int | None = None
    most: int | None = None
    one_of: tuple[str, ...] = ()
    pattern: str = ""
    sensitive: bool = False
    members: tuple[Field, ...] = ()
    item: Field | None = None
    shape: str = ""

    def mistyped(self, value: Json) -> Field | None:
        """Return the first rule, for this parameter or its members, whose value has the wrong type."""
        if value is None:
            return None
        if not isinstance(value, self.type) or (self.type is int and isinstance(value, bool)):
            return self
        if isinstance(value, dict):
            inner = (member.mistyped(value.get(member.name)) for member in self.members)
        elif isinstance(value, list) and self.item is not None:
            inner = (self.item.mistyped(item) for item in value)
        else:
            return None
        return next((found for found in inner if found is not None), None)

    def problems(self, value: Json, path: str) -> list[str]:
        """Return the problems in a value that has the right type.

        Args:
            path: the position of the value, e.g. `tags.1.member.key`.
        """
        if value is None:
            return [violation(path, NOT_NULL)] if self.required else []
        found = [
            secret_violation(path, constraint)
            if self.sensitive
            else violation(path, constraint, self._shown(value))
            for constraint in self._broken(value)
        ]
        if isinstance(value, dict):
            for member in self.members:
                found += member.problems(value.get(member.name), f"{path}.{member.name}")
        elif isinstance(value, list) and self.item is not None:
            for number, item in enumerate(value, start=1):
                found += self.item.problems(item, f"{path}.{number}.member")
        return found

    def _broken(self, value: Json) -> list[str]:
        found: list[str] = []
        if isinstance(value, str | list):
            found += self._bounds(len(value), "length")
        elif isinstance(value, int | float):
            found += self._bounds(value, "value")
        if isinstance(value, str):
            if self.one_of and value not in self.one_of:
                found.append(one_of(self.one_of))
            if self.pattern and not re.fullmatch(self.pattern, value):
                found.append(matching(self.pattern))
        return found

    def _bounds(self, size: float, measure: str) -> list[str]:
        if self.most is not None and size > self.most:
            return [at_most(measure, self.most)]
        if self.least is not None and size < self.least:
            return [at_least(measure, self.least)]
        return []

    def _shown(self, value: Json) -> str:
        item = self.item
        return java_text(value, lambda _: "" if item is None else item.shape)
