"""JSONPath as AWS evaluates it (Jayway's dialect): compiled once, applied often.

Definite paths give one value or raise; indefinite ones (wildcards, slices, filters, `..`) give a list, which
is empty when nothing is there (recorded on AWS: `$.no.such[*]` gives `[]`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from harness.json_types import Json

from ..errors import RESULT_PATH_MATCH_FAILURE, IndexBeyondArray, QueryError
from ..payload import to_text
from .jsonpath_filter import MISSING
from .jsonpath_steps import InvalidPath, Step, parse_step

_CALL: Final = re.compile(r"\.(\w+)\(\)$")


def _length(value: Json) -> int:
    if not isinstance(value, list | dict):
        raise TypeError("only arrays and objects have a length")
    return len(value)


def _no_number(_: Json) -> Json:
    """Refuse as AWS does, where Jayway's `sum`, `min` and the like do not take numbers for numbers.

    Source: "sum() function returns error about not finding path", https://repost.aws/questions/QUYiQKP0XfThWEc_ahsMnLOA
    """
    raise TypeError("AWS finds no number here")


_FUNCTIONS: Final[dict[str, Callable[[Json], Json]]] = {
    "length": _length,
    "size": _length,
    "keys": lambda value: list(value.keys()) if isinstance(value, dict) else _no_number(value),
    **dict.fromkeys(("min", "max", "sum", "avg", "stddev"), _no_number),
}


class JsonPath:
    """A compiled path.

    Attributes:
        text: the path as written.
        root: `$` for the input, `$$` for the context object, else the name of a variable.
        definite: true when it selects exactly one value.
    """

    __slots__ = ("_function", "_picked", "definite", "keys", "root", "steps", "text")

    def __init__(self, text: str) -> None:
        """Raises InvalidPath when the text is not a path."""
        self.text: Final = text
        self.root, rest = _split_root(text.rstrip(" "))  # as Jayway does
        self._function: Callable[[Json], Json] | None = None
        steps: list[Step] = []
        position = 0
        while position < len(rest):
            call = _CALL.match(rest, position)
            if call and call[1] in _FUNCTIONS:
                self._function = _FUNCTIONS[call[1]]
                break
            step, position = parse_step(rest, position, text, _finder)
            steps.append(step)
        self.steps: Final = tuple(steps)
        self.keys: Final = tuple(step.key for step in steps if step.key is not None)
        self._picked: Final = steps[-1].names if steps else ()
        self.definite: Final = len(self.keys) + bool(self._picked) == len(steps)

    @property
    def is_reference(self) -> bool:
        """True of a Reference Path: one that identifies a single node."""
        return self.definite and self._function is None and not self._picked

    def find(self, document: Json) -> Json:
        """Give the value that the path selects.

        Raises:
            QueryError: a definite path that leads nowhere, in Jayway's words.
        """
        found = self._one(document) if self.definite else self._many(document)
        if self._function is None:
            return found
        try:
            return self._function(found)
        except (TypeError, ValueError, ZeroDivisionError):
            raise QueryError(f"No results for path: {self}") from None

    def _one(self, document: Json) -> Json:
        node = document
        last = len(self.steps) - 1
        for position, key in enumerate(self.keys):
            if isinstance(key, str):
                if isinstance(node, dict) and key in node:
                    node = node[key]
                    continue
            elif isinstance(node, list):
                if -len(node) <= key < len(node):
                    node = node[key]
                    continue
                raise IndexBeyondArray(f"No results for path: {self}")
            else:
                raise QueryError(
                    f"Filter: [{key}] can only be applied to arrays. Current context is: {to_text(node)}"
                )
            if position == last:
                raise QueryError(f"No results for path: {self}")
            before = "$" + "".join(step.text for step in self.steps[: position + 1])
            raise QueryError(f"Missing property in path {before}")
        if self._picked:
            if not isinstance(node, dict):
                raise QueryError(f"No results for path: {self}")
            return _pick(node, self._picked)
        return node

    def _many(self, document: Json) -> list[Json]:
        nodes = [document]
        for step in self.steps[:-1] if self._picked else self.steps:
            nodes = [child for node in nodes for child in step.children(node, document)]
        return [_pick(n, self._picked) for n in nodes if isinstance(n, dict)] if self._picked else nodes

    def __str__(self) -> str:
        return "$" + "".join(step.text for step in self.steps)


def _pick(node: dict[str, Json], names: tuple[str, ...]) -> Json:
    return {name: node[name] for name in names if name in node}


def _finder(text: str) -> Callable[[Json], object]:
    path = JsonPath(text)

    def find(document: Json) -> object:
        try:
            return path.find(document)
        except QueryError:
            return MISSING

    return find


def _split_root(text: str) -> tuple[str, str]:
    if text.startswith("$$"):
        return "$$", text[2:]
    variable = re.compile(r"\$([^\W\d]\w*)").match(text)
    if variable:
        return variable[1], text[variable.end() :]
    if text.startswith("$"):
        return "$", text[1:]
    raise InvalidPath(f"'{text}' does not start with $")


def place(document: Json, path: JsonPath, value: Json) -> Json:
    """Copy the document with the value at the reference path; what is shared is not copied.

    Raises:
        QueryError: States.ResultPathMatchFailure, the path crosses something that is not an object or array.
    """
    return _place(document, path.keys, value, path)


def _place(node: Json, keys: tuple[str | int, ...], value: Json, path: JsonPath) -> Json:
    if not keys:
        return value
    key, rest = keys[0], keys[1:]
    if isinstance(key, str) and isinstance(node, dict):
        return {**node, key: _place(node.get(key, {}), rest, value, path)}
    if isinstance(key, int) and isinstance(node, list) and 0 <= key < len(node):
        return [*node[:key], _place(node[key], rest, value, path), *node[key + 1 :]]
    raise QueryError(
        f"Unable to apply ReferencePath {path.text} to input {to_text(node)}", RESULT_PATH_MATCH_FAILURE
    )
