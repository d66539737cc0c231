"""The steps of a JSONPath in Jayway's dialect, each a selection from a node."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from harness.json_types import Json

from .jsonpath_filter import Find, compile_filter

# What a step selects from a node; the second argument is the document's root, for filters.
Children = Callable[[Json, Json], Iterator[Json]]

_NAME: Final = re.compile(r"[^.\[\]()\s,]+")
# From and to; a step is read and ignored, as Jayway does.
_SLICE: Final = re.compile(r"\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*-?\d*\s*)?")


class InvalidPath(ValueError):
    """A text is not a JSONPath.

    Attributes:
        location: where in the template it stands, e.g. `/a/b.$`; empty for a single path.
        said: true when the message says all, and not only why a text is no path.
    """

    def __init__(self, message: str, location: str = "", *, said: bool = False) -> None:
        super().__init__(message)
        self.location = location
        self.said = said


class Step:
    """One step of a path.

    Attributes:
        key: the name or index of a definite step, None for an indefinite one.
        names: of several properties, e.g. `['a','b']`; as the last step they are one object.
        children: what the step selects from a node.
        text: the step in Jayway's bracket notation.
    """

    __slots__ = ("children", "key", "names", "text")

    def __init__(
        self, text: str, children: Children, key: str | int | None = None, names: tuple[str, ...] = ()
    ) -> None:
        self.text = text
        self.children = children
        self.key = key
        self.names = names


def parse_step(rest: str, position: int, text: str, find: Find) -> tuple[Step, int]:
    """Read the step at a position of the path `text` without its root, and where the next one begins.

    Args:
        find: compiles the paths in filters.

    Raises:
        InvalidPath: there is no step.
    """
    if rest.startswith("..", position):
        # What follows is an ordinary step: `..[0]` as it stands, `..name` and `..*` with their dot.
        inner, end = parse_step(rest, position + (2 if rest.startswith("..[", position) else 1), text, find)
        return _recursive(inner), end
    if rest[position] == ".":
        if rest.startswith(".*", position):
            return Step("[*]", lambda node, _: _elements(node)), position + 2
        if rest.startswith(".[", position):  # Jayway goes on with any step after a dot
            return parse_step(rest, position + 1, text, find)
        name = _NAME.match(rest, position + 1)
        if not name:
            raise InvalidPath(f"'{text}' has an empty step")
        return _property(name[0]), name.end()
    if rest[position] != "[":
        raise InvalidPath(f"'{text}' cannot be read from '{rest[position:]}' on")
    end = _closing_bracket(rest, position, text)
    return _bracket(rest[position + 1 : end].strip(), text, find), end + 1


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


def _bracket(content: str, text: str, find: Find) -> Step:
    if content == "*":
        return Step("[*]", lambda node, _: _elements(node))
    if content.startswith("?"):
        return _filter(content, text, find)
    if content[:1] in ("'", '"'):
        names = [name[1:-1].replace("\\'", "'").replace('\\"', '"') for name in _quoted(content, text)]
        return _property(names[0]) if len(names) == 1 else _several(names)
    if re.fullmatch(r"-?\d+", content):
        return _index(int(content))
    if re.fullmatch(r"(-?\d+\s*,\s*)+-?\d+", content):
        return _several([int(part) for part in content.split(",")])
    bounds = _SLICE.fullmatch(content)
    if bounds and any(bounds.groups()):
        start, end = (int(bound) if bound else None for bound in bounds.groups())
        return Step(f"[{content}]", lambda node, _: _slice(node, start, end))
    raise InvalidPath(f"'{text}' has a bracket that cannot be read: [{content}]")


def _filter(content: str, text: str, find: Find) -> Step:
    """Make a filter: it picks items of an array; of an object, it accepts the object itself or nothing."""
    try:
        accept = compile_filter(content[1:].strip(), find)
    except (ValueError, re.error) as error:
        raise InvalidPath(f"'{text}' has a filter that cannot be read: {error}") from None

    def children(node: Json, root: Json) -> Iterator[Json]:
        candidates = node if isinstance(node, list) else [node] if isinstance(node, dict) else []
        return (item for item in candidates if accept(item, root))

    return Step(f"[{content}]", children)


def _slice(node: Json, start: int | None, end: int | None) -> Iterator[Json]:
    """Slice as Jayway does: a negative end counts from the end only when there is no start."""
    if not isinstance(node, list):
        return
    length = len(node)
    if start is None:
        end = end or 0
        yield from node[: end if end >= 0 else max(length + end, 0)]
    elif end is None:
        yield from node[start if start >= 0 else max(length + start, 0) :]
    else:
        for index in range(start, min(length, end)):
            if -length <= index < length:
                yield node[index]


def _quoted(content: str, text: str) -> list[str]:
    names: list[str] = re.findall(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", content)
    if re.sub(r"\s", "", ",".join(names)) != re.sub(r"\s", "", content):
        raise InvalidPath(f"'{text}' has a bracket that cannot be read: [{content}]")
    return names


def _property(name: str) -> Step:
    def children(node: Json, _root: Json) -> Iterator[Json]:
        if isinstance(node, dict) and name in node:
            yield node[name]

    return Step(f"['{name}']", children, name)


def _index(index: int) -> Step:
    def children(node: Json, _root: Json) -> Iterator[Json]:
        if isinstance(node, list) and -len(node) <= index < len(node):
            yield node[index]

    return Step(f"[{index}]", children, index)


def _several(keys: list[str] | list[int]) -> Step:
    steps = [_property(key) if isinstance(key, str) else _index(key) for key in keys]
    text = "[" + ",".join(step.text[1:-1] for step in steps) + "]"
    names = tuple(key for key in keys if isinstance(key, str))
    return Step(
        text, lambda node, root: (child for step in steps for child in step.children(node, root)), names=names
    )


def _recursive(step: Step) -> Step:
    def children(node: Json, root: Json) -> Iterator[Json]:
        yield from step.children(node, root)
        for element in _elements(node):
            yield from children(element, root)

    return Step(f"..{step.text}", children)


def _elements(node: Json) -> Iterator[Json]:
    if isinstance(node, dict):
        return iter(node.values())
    return iter(node if isinstance(node, list) else ())
