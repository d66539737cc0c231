"""The rules of a parameter as AWS's API model has them, and AWS's words for what breaks one.

>>> Field("name", most=2).problems("abc", "name")
["Value 'abc' at 'name' failed to satisfy constraint: Member must have length less than or equal to 2"]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.json_types import Json


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, a member of a structure, or the item of a list.

    Attributes:
        least: with `most`, the bounds of a number, else of the length of a text or a list.
        sensitive: AWS does not repeat the value in its answer.
        members: those of a structure.
        item: the rules of a list's items.
        shape: AWS's name of a structure; shown where a list of such structures is refused as a whole.
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
        """Give the first rule, of this parameter or inside of it, whose value is of another type."""
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
        """Say what is wrong with a value of the right type.

        Args:
            path: the place of the value, e.g. `tags.1.member.key`.
        """
        if value is None:
            return [f"Value null at '{path}' {_FAILED}: Member must not be null"] if self.required else []
        begin = "Value at" if self.sensitive else f"Value '{self._shown(value)}' at"
        found = [f"{begin} '{path}' {_FAILED}: {constraint}" for constraint in self._broken(value)]
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
            found += self._bounds(len(value), "have length")
        elif isinstance(value, int | float):
            found += self._bounds(value, "have value")
        if isinstance(value, str):
            if self.one_of and value not in self.one_of:
                found.append(f"Member must satisfy enum value set: [{', '.join(self.one_of)}]")
            if self.pattern and not re.fullmatch(self.pattern, value):
                found.append(f"Member must satisfy regular expression pattern: {self.pattern}")
        return found

    def _bounds(self, size: float, relation: str) -> list[str]:
        if self.most is not None and size > self.most:
            return [f"Member must {relation} less than or equal to {self.most}"]
        if self.least is not None and size < self.least:
            return [f"Member must {relation} greater than or equal to {self.least}"]
        return []

    def _shown(self, value: Json) -> str:
        if isinstance(value, list):
            item = self.item
            return f"[{', '.join(str(each) if item is None else item._shown(each) for each in value)}]"
        if isinstance(value, dict):
            return f"{self.shape}({', '.join(f'{name}={each}' for name, each in value.items())})"
        return str(value)


_FAILED = "failed to satisfy constraint"
