"""Makes JSON values in which all is that somebody reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

TEXT = "\0text"
"""The token for what is in a text of JSON."""
PLAIN = 9
"""The rank of a reading that says nothing of its value."""
UNKNOWN = "1"


class Need(NamedTuple):
    """A place that is read in a value, with what it may be, as JSON; of several the lowest rank counts."""

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
    """A value that has all that is needed; an object where nothing is."""
    place = _Place()
    for need in sorted(needs, key=lambda need: (need.rank, str(need))):
        place.put(need)
    return place.made(unknown) if place.within or place.value is not None else {}


def below(needs: Iterable[Need], *tokens: str | int) -> Needs:
    """The needs of the value at a place."""
    number = len(tokens)
    return frozenset(
        each._replace(tokens=each.tokens[number:]) for each in needs if each.tokens[:number] == tokens
    )


def beside(needs: Iterable[Need], *tokens: str | int) -> Needs:
    """The needs, but for the value at a place."""
    return frozenset(each for each in needs if each.tokens[: len(tokens)] != tokens)


def at(needs: Iterable[Need], *tokens: str | int) -> Needs:
    """The needs, as they are at a place of something larger."""
    return frozenset(each._replace(tokens=(*tokens, *each.tokens)) for each in needs)


def parameter_value(name: str, entry: Any, number: int) -> str:
    """A value for a parameter without a default, the `number`-th of its template."""
    if allowed := entry.get("AllowedValues"):
        return str(allowed[0])
    kind = str(entry.get("Type"))
    if kind in ("Number", "List<Number>"):
        return str(entry.get("MinValue", 1))
    if "::" in kind:
        return {"AWS::EC2::VPC::Id": "vpc-12345678", "List<AWS::EC2::Subnet::Id>": "subnet-1,subnet-2"}.get(
            kind, "example"
        )
    text = "somebody@example.com" if "mail" in name.lower() else f"example{number}"
    tries = (text, "123456789012", f"Examp1e{number}")
    return next((each for each in tries if re.fullmatch(entry.get("AllowedPattern", ".*"), each)), text)
