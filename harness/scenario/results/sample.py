"""Create valid task results from AWS API models: lines to paste, and stand-ins for projects."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from harness.json_types import Json, JsonObject
from harness.scenario.aws_names import Shape
from harness.scenario.results.models import ResultModel
from harness.service_names import capitalized

_MOST_DEPTH: Final = 4
# Final job states from which a workflow continues. The first one that exists in the API is used.
_GOOD: Final = ("SUCCEEDED", "SUCCESS", "SUCCESSFUL", "COMPLETED", "COMPLETE", "ACTIVE", "AVAILABLE", "READY")
# Strings that AWS's models do not describe: container task states, and a time.
_TIME: Final = "2026-01-01T00:00:00Z"
_TEXTS: Final[Mapping[str, str]] = {
    "Expires": _TIME,
    "desiredStatus": "STOPPED",
    "lastStatus": "STOPPED",
}
_NUMBER: Final = "NumberAttributeValue"
"""The shape for DynamoDB numbers, which are strings."""
_SIMPLE: Final[Mapping[str, Json]] = {
    "blob": "",
    "boolean": False,
    "character": "a",
    "double": 0.0,
    "float": 0.0,
    "integer": 0,
    "long": 0,
    "timestamp": _TIME,
}
_BODIES: Final[Mapping[str, Json]] = {"Body": {}, "Payload": {}, "Input": {}, "Output": {}}


def sample(model: ResultModel | None, wanted: Collection[str] | None = None) -> Json:
    """Return a possible AWS result.

    Args:
        wanted: member names, as in Step Functions. The result contains only these, the required members, and
            their parents. None: all members, up to a few levels deep.
    """
    if model is None:
        return {}
    if model.shape is None:
        return {}
    made = _Sample(None if wanted is None else frozenset(wanted)).structure(model.shape, ())
    made |= {key: _BODIES.get(key, {}) for key in model.json if key in made}
    return made


def sample_value(shape: Shape, name: str = "") -> Json:
    """Return a value for a shape, with its required members. `name` is the member or parameter that contains
    it.
    """
    return _Sample(frozenset()).value(shape, (), name)


class _Sample:
    def __init__(self, wanted: frozenset[str] | None) -> None:
        self._wanted = wanted

    def structure(self, shape: Shape, within: tuple[str, ...]) -> JsonObject:
        """Return a structure with all required members and the requested optional ones."""
        members = shape.members
        if shape.described.get("union"):
            plain = [name for name, member in members.items() if member.kind not in ("structure", "list")]
            chosen = next(iter(plain), next(iter(members), ""))
            members = {name: member for name, member in members.items() if name == chosen}
        made: JsonObject = {}
        for name, member in members.items():
            needed = name in shape.required or bool(shape.described.get("union"))
            if not needed and (member.described.get("eventstream") or shape.name in within):
                continue
            if needed or self._is_wanted(capitalized(name), member, (*within, shape.name)):
                made[capitalized(name)] = self.value(member, (*within, shape.name), name)
        return made

    def value(self, shape: Shape, within: tuple[str, ...], name: str = "") -> Json:
        """Return a value for a shape. `name` is the member that contains it."""
        if shape.is_json:
            return {}
        if shape.kind == "structure":
            return self.structure(shape, within)
        if shape.kind == "list":
            return self._list(shape, within)
        if shape.kind == "map":
            least = int(shape.described.get("min", 0))
            keys = shape.key.words[:least] or [_text(shape.key, f"key{n}") for n in range(least)]
            return {key: self.value(shape.inner, within) for key in keys}
        if shape.kind == "string":
            return _text(shape, name)
        value = _SIMPLE[shape.kind]
        if isinstance(value, str):
            return value if shape.kind == "timestamp" else _long_enough(shape, value)
        if isinstance(value, bool):
            return value
        assert isinstance(value, int | float)
        number = max(value, shape.described.get("min", value))
        return type(value)(min(number, shape.described.get("max", number)))

    def _list(self, shape: Shape, within: tuple[str, ...]) -> list[Json]:
        least = int(shape.described.get("min", 0))
        deep = shape.inner.name in within or len(within) >= _MOST_DEPTH
        return [self.value(shape.inner, within) for _ in range(max(least, 0 if deep else 1))]

    def _is_wanted(self, name: str, shape: Shape, within: tuple[str, ...]) -> bool:
        if self._wanted is None:
            return len(within) <= _MOST_DEPTH
        if name in self._wanted:
            return True
        return len(within) < _MOST_DEPTH and self._leads(shape, within)

    def _leads(self, shape: Shape, within: tuple[str, ...]) -> bool:
        """Return whether a value contains a requested member."""
        if shape.kind == "list":
            return self._leads(shape.inner, within)
        if shape.kind != "structure" or shape.name in within:
            return False
        deeper = (*within, shape.name)
        return any(self._is_wanted(capitalized(name), inner, deeper) for name, inner in shape.members.items())


def _text(shape: Shape, name: str) -> str:
    if shape.words:
        words = {word.upper(): word for word in reversed(shape.words)}
        return next((words[good] for good in _GOOD if good in words), shape.words[0])
    if shape.name == _NUMBER:
        return "0"
    if name in _TEXTS:
        return _TEXTS[name]
    least = int(shape.described.get("min", 0))
    pattern = str(shape.described.get("pattern", ""))
    plain = name or "text"
    tries = (plain, plain.lower(), f"{plain}-1", "arn:aws:example:us-east-1:123456789012:example/1", "1" * 12)
    fitting = next((each for each in tries if _fits(pattern, each) and len(each) >= least), plain)
    return _long_enough(shape, fitting)


def _fits(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None if pattern else True
    except re.error:  # not all Java patterns are valid in Python
        return True


def _long_enough(shape: Shape, text: str) -> str:
    most = shape.described.get("max")
    long = text.ljust(int(shape.described.get("min", 0)), "1")
    return long if most is None else long[: int(most)]
