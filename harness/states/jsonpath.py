"""JSONPath as AWS evaluates it (Jayway's dialect): compiled once, applied often.

Definite paths give one value or raise; indefinite ones (wildcards, slices, filters, `..`) give a list, which
is empty when nothing is there (recorded on AWS: `$.no.such[*]` gives `[]`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from .errors import RESULT_PATH_MATCH_FAILURE, QueryError
from .json_value import Value, to_text
from .jsonpath_filter import MISSING, compile_filter

# What a step selects from a node; the second argument is the document's root, for filters.
Children = Callable[[Value, Value], Iterator[Value]]

_NAME: Final = re.compile(r"[^.\[\]()\s,'\"?@]+")
_SLICE: Final = re.compile(r"\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?")
_FUNCTIONS: Final[dict[str, Callable[[Value], Value]]] = {
    "length": len,
    "min": min,
    "max": max,
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
}


class InvalidPath(ValueError):
    """A text is not a JSONPath.

    Attributes:
        location: where in the template it stands, e.g. `/a/b.$`; empty for a single path.
    """

    def __init__(self, message: str, location: str = "") -> None:
        super().__init__(message)
        self.location = location


class Step:
    """One step of a path.

    Attributes:
        key: the name or index of a definite step, None for an indefinite one.
        children: what the step selects from a node.
        text: the step in Jayway's bracket notation.
    """

    __slots__ = ("children", "key", "text")

    def __init__(self, text: str, children: Children, key: str | int | None = None) -> None:
        self.text = text
        self.children = children
        self.key = key


class JsonPath:
    """A compiled path.

    Attributes:
        text: the path as written.
        root: `$` for the input, `$$` for the context object, else the name of a variable.
        definite: whether it selects exactly one value.
    """

    __slots__ = ("_function", "definite", "keys", "root", "steps", "text")

    def __init__(self, text: str) -> None:
        """Raises InvalidPath when the text is not a path."""
        self.text: Final = text
        self.root, rest = _split_root(text)
        self._function: Callable[[Value], Value] | None = None
        steps: list[Step] = []
        position = 0
        while position < len(rest):
            call = re.compile(r"\.(\w+)\(\)$").match(rest, position)
            if call and call[1] in _FUNCTIONS:
                self._function = _FUNCTIONS[call[1]]
                break
            step, position = _parse_step(rest, position, text)
            steps.append(step)
        self.steps: Final = tuple(steps)
        self.keys: Final = tuple(step.key for step in steps if step.key is not None)
        self.definite: Final = len(self.keys) == len(steps)

    @property
    def is_reference(self) -> bool:
        """Whether it is a Reference Path: one that identifies a single node."""
        return self.definite and self._function is None

    def find(self, document: Value) -> Value:
        """The value that the path selects.

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

    def _one(self, document: Value) -> Value:
        node = document
        last = len(self.steps) - 1
        for position, key in enumerate(self.keys):
            if isinstance(key, str):
                if isinstance(node, dict) and key in node:
                    node = node[key]
                    continue
            elif isinstance(node, list) and -len(node) <= key < len(node):
                node = node[key]
                continue
            if position == last or isinstance(key, int):
                raise QueryError(f"No results for path: {self}")
            before = "$" + "".join(step.text for step in self.steps[: position + 1])
            raise QueryError(f"Missing property in path {before}")
        return node

    def _many(self, document: Value) -> list[Value]:
        nodes = [document]
        for step in self.steps:
            nodes = [child for node in nodes for child in step.children(node, document)]
        return nodes

    def __str__(self) -> str:
        return "$" + "".join(step.text for step in self.steps)


def _finder(text: str) -> Callable[[Value], Value]:
    path = JsonPath(text)

    def find(document: Value) -> Value:
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


def _parse_step(rest: str, position: int, text: str) -> tuple[Step, int]:
    if rest.startswith("..", position):
        # What follows is an ordinary step: `..[0]` as it stands, `..name` and `..*` with their dot.
        inner, end = _parse_step(rest, position + (2 if rest.startswith("..[", position) else 1), text)
        return _recursive(inner), end
    if rest[position] == ".":
        if rest.startswith(".*", position):
            return Step("[*]", lambda node, _: _elements(node)), position + 2
        name = _NAME.match(rest, position + 1)
        if not name:
            raise InvalidPath(f"'{text}' has an empty step")
        return _property(name[0]), name.end()
    if rest[position] != "[":
        raise InvalidPath(f"'{text}' cannot be read from '{rest[position:]}' on")
    end = _closing_bracket(rest, position, text)
    return _bracket(rest[position + 1 : end].strip(), text), end + 1


def _closing_bracket(rest: str, position: int, text: str) -> int:
    depth, quote = 0, ""
    index = position
    while index < len(rest):
        character = rest[index]
        if quote:
            if character == "\\":
                index += 1
            elif character == quote:
                quote = ""
        elif character in "'\"":
            quote = character
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if not depth:
                return index
        index += 1
    raise InvalidPath(f"'{text}' has no closing bracket")


def _bracket(content: str, text: str) -> Step:
    if content == "*":
        return Step("[*]", lambda node, _: _elements(node))
    if content.startswith("?"):
        accept = compile_filter(content[1:].strip(), _finder)
        return Step(
            f"[{content}]",
            lambda node, root: (item for item in _elements(node) if accept(item, root)),
        )
    if content[:1] in ("'", '"'):
        names = [name[1:-1].replace("\\'", "'").replace('\\"', '"') for name in _quoted(content, text)]
        return _property(names[0]) if len(names) == 1 else _several(names)
    if re.fullmatch(r"-?\d+", content):
        return _index(int(content))
    if re.fullmatch(r"(-?\d+\s*,\s*)+-?\d+", content):
        return _several([int(part) for part in content.split(",")])
    bounds = _SLICE.fullmatch(content)
    if bounds:
        window = slice(*(int(bound) if bound else None for bound in bounds.groups()))
        return Step(f"[{content}]", lambda node, _: iter(node[window] if isinstance(node, list) else ()))
    raise InvalidPath(f"'{text}' has a bracket that cannot be read: [{content}]")


def _quoted(content: str, text: str) -> list[str]:
    names: list[str] = re.findall(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", content)
    if re.sub(r"\s", "", ",".join(names)) != re.sub(r"\s", "", content):
        raise InvalidPath(f"'{text}' has a bracket that cannot be read: [{content}]")
    return names


def _property(name: str) -> Step:
    def children(node: Value, _root: Value) -> Iterator[Value]:
        if isinstance(node, dict) and name in node:
            yield node[name]

    return Step(f"['{name}']", children, name)


def _index(index: int) -> Step:
    def children(node: Value, _root: Value) -> Iterator[Value]:
        if isinstance(node, list) and -len(node) <= index < len(node):
            yield node[index]

    return Step(f"[{index}]", children, index)


def _several(keys: list[str] | list[int]) -> Step:
    steps = [_property(key) if isinstance(key, str) else _index(key) for key in keys]
    text = "[" + ",".join(step.text[1:-1] for step in steps) + "]"
    return Step(text, lambda node, root: (child for step in steps for child in step.children(node, root)))


def _recursive(step: Step) -> Step:
    def children(node: Value, root: Value) -> Iterator[Value]:
        yield from step.children(node, root)
        for element in _elements(node):
            yield from children(element, root)

    return Step(f"..{step.text}", children)


def _elements(node: Value) -> Iterator[Value]:
    if isinstance(node, dict):
        return iter(node.values())
    return iter(node if isinstance(node, list) else ())


def place(document: Value, path: JsonPath, value: Value) -> Value:
    """A copy of the document with the value at the reference path; what is shared is not copied.

    Raises:
        QueryError: States.ResultPathMatchFailure, the path crosses something that is not an object or array.
    """
    return _place(document, path.keys, value, path)


def _place(node: Value, keys: tuple[str | int, ...], value: Value, path: JsonPath) -> Value:
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
