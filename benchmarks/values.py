"""Generates JSON values that have a value at each location that is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

TEXT = "\0text"
"""The token for the content of a JSON text."""
PLAIN = 9
"""The rank of a read without information about its value."""
UNKNOWN = "1"


class Need(NamedTuple):
    """A location in a value that is read, with a possible value, as JSON. The lowest rank wins."""

    tokens: tuple[str | int, ...]
    value: str = ""
    rank: int = PLAIN


Needs = frozenset[Need]


@dataclass
class _Place:
    within: dict[str | int, _Place] = field(default_factory=dict)
    value: Any = None
    rank: int = PLAIN + 100

    def put(self, need: Need) -> None:
        place = self
        for token in need.tokens:
            place = place.within.setdefault(token, _Place())
        if need.value and need.rank < place.rank:
            place.value, place.rank = json.loads(need.value), need.rank

    def made(self, unknown: Any) -> Any:
        if TEXT in self.within:
            return json.dumps(self.within[TEXT].made(unknown))
        names = {key: place for key, place in self.within.items() if isinstance(key, str)}
        numbers = {key: place for key, place in self.within.items() if isinstance(key, int)}
        if names and not isinstance(self.value, list):
            given = self.value if isinstance(self.value, dict) else {}
            return {**given, **{key: place.made(unknown) for key, place in names.items()}}
        if numbers:
            usual = numbers.get(0) or next(iter(numbers.values()))
            least = len(self.value) if isinstance(self.value, list) else 1
            return [numbers.get(n, usual).made(unknown) for n in range(max(max(numbers) + 1, least))]
        return unknown if self.value is None else self.value


def value_with(needs: Iterable[Need], unknown: Any = UNKNOWN) -> Any:
    """Return a value that has everything needed, or an object if nothing is needed."""
    place = _Place()
    for need in sorted(needs, key=lambda need: (need.rank, str(need))):
        place.put(need)
    return place.made(unknown) if place.within or place.value is not None else {}


def below(needs: Iterable[Need], *tokens: str | int) -> Needs:
    """Return the needs of the value at a location."""
    number = len(tokens)
    return frozenset(
        each._replace(tokens=each.tokens[number:]) for each in needs if each.tokens[:number] == tokens
    )


def beside(needs: Iterable[Need], *tokens: str | int) -> Needs:
    """Return the needs, except for the value at a location."""
    return frozenset(each for each in needs if each.tokens[: len(tokens)] != tokens)


def later(needs: Iterable[Need]) -> Needs:
    """Return the needs of names, with the rank of a fallback."""
    named = (
        each for each in needs if each.tokens and isinstance(each.tokens[0], str) and each.tokens[0] != TEXT
    )
    return frozenset(each._replace(rank=each.rank + 30) for each in named)


def at(needs: Iterable[Need], *tokens: str | int) -> Needs:
    """Return the needs, moved to a location in a larger value."""
    return frozenset(each._replace(tokens=(*tokens, *each.tokens)) for each in needs)


def parameter_value(
    name: str, entry: Any, number: int, parts: Mapping[str, int] = MappingProxyType({})
) -> str:
    """Return a value for a parameter without a default, the `number`-th of its template.

    `parts` are the separators at which the template splits it, with the number of parts that it uses.
    """
    if allowed := entry.get("AllowedValues"):
        return str(allowed[0])
    kind = str(entry.get("Type"))
    if kind in ("Number", "List<Number>"):
        return str(entry.get("MinValue", 1))
    if "::" in kind:
        return {"AWS::EC2::VPC::Id": "vpc-12345678", "List<AWS::EC2::Subnet::Id>": "subnet-1,subnet-2"}.get(
            kind, "example"
        )
    if parts:
        return _of_parts(parts)
    text = "somebody@example.com" if "mail" in name.lower() else f"example{number}"
    tries = (text, "123456789012", f"Examp1e{number}")
    return next((each for each in tries if re.fullmatch(entry.get("AllowedPattern", ".*"), each)), text)


def parts_of(template: Any) -> dict[str, dict[str, int]]:
    """Return the parameters that a template splits: the separators, and the number of used parts."""
    found: dict[str, dict[str, int]] = {}
    for index, separator, text in _splits(template):
        for name in _references(text):
            known = found.setdefault(name, {})
            known[separator] = max(known.get(separator, 0), index + 1)
    return found


def _splits(value: Any) -> Iterator[tuple[int, str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from _splits(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _splits(each)
        match value.get("Fn::Select"):
            case [index, {"Fn::Split": [str(separator), text]}] if str(index).isdigit():
                yield int(index), separator, text


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    elif isinstance(value, dict):
        yield from (each for key, each in value.items() if key == "Ref" and isinstance(each, str))
        for each in value.values():
            yield from _references(each)


def _of_parts(parts: Mapping[str, int]) -> str:
    """Return a string with the given number of parts per separator: `a.a.a:a/a` for all three
    separators.
    """
    text = "example"
    for separator in sorted(parts, key=".:/".find):
        text = separator.join([text] + ["example"] * (parts[separator] - 1))
    return text
