"""The functions that can end a JSONPath, such as `.length()`, with Jayway's behaviour."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from harness.json_types import Json, is_number

from ...errors import QueryError
from ...payload import read_json, to_text
from .search import Search
from .steps import CompilePath, InvalidPath, Step

Function: TypeAlias = Callable[[Json, Sequence[Json]], Json]
"""Takes a node and the arguments. Raises ValueError if there is no result."""


def _unknown(_node: Json, _arguments: Sequence[Json]) -> Json:
    raise ValueError("there is no such function")


def _length(node: Json, arguments: Sequence[Json]) -> Json:
    counted = arguments[0] if arguments else node
    return len(counted) if isinstance(counted, list | dict) else None


def _keys(node: Json, _arguments: Sequence[Json]) -> Json:
    return list(node) if isinstance(node, dict) else None


def _item(node: Json, index: int) -> Json:
    # Jayway skips the first item when it counts from the end.
    if not isinstance(node, list) or not -len(node) < index < len(node):
        raise ValueError("there is no such item")
    return node[index]


def _index(node: Json, arguments: Sequence[Json]) -> Json:
    indices = [argument for argument in arguments if is_number(argument)]
    if not indices:
        raise ValueError("no index")
    return _item(node, int(indices[0]))


def _append(node: Json, arguments: Sequence[Json]) -> Json:
    return [*node, *arguments] if isinstance(node, list) else node


def _concat(node: Json, arguments: Sequence[Json]) -> Json:
    texts = [item for item in node if isinstance(item, str)] if isinstance(node, list) else []
    for argument in arguments:
        items = argument if isinstance(argument, list) else [argument]
        texts += [item if isinstance(item, str) else to_text(item) for item in items if item is not None]
    return "".join(texts)


def _aggregate(combine: Callable[[list[float]], float]) -> Function:
    """Return a function that combines numbers into one. If there are no numbers, it has no result, and AWS
    reports that the path was not found.

    Source: "sum() function returns error about not finding path",
    https://repost.aws/questions/QUYiQKP0XfThWEc_ahsMnLOA
    """

    def aggregate(node: Json, arguments: Sequence[Json]) -> Json:
        if not arguments:
            raise ValueError("no argument")
        values = [node, *arguments]
        items = [item for value in values if isinstance(value, list) for item in value]
        numbers = [float(item) for item in (*items, *arguments) if is_number(item)]
        if not numbers:
            raise ValueError("no number")
        return float(combine(numbers))

    return aggregate


FUNCTIONS: Final[Mapping[str, Function]] = {
    "length": _length,
    "size": _length,
    "keys": _keys,
    "first": lambda node, _arguments: _item(node, 0),
    "last": lambda node, _arguments: _item(node, -1),
    "index": _index,
    "append": _append,
    "concat": _concat,
    "sum": _aggregate(sum),
    "min": _aggregate(min),
    "max": _aggregate(max),
    "avg": _aggregate(statistics.fmean),
    "stddev": _aggregate(statistics.pstdev),
}


def call_step(name: str, arguments: str, compile_path: CompilePath) -> Step:
    """Return a function call. An unknown function fails when it is called.

    Raises:
        InvalidPath: an argument is invalid.
    """
    function = FUNCTIONS.get(name, _unknown)
    texts = [text.strip() for text in _split(arguments)]
    if function is _length and texts[0].startswith(("$", "@")):
        texts = [f"{texts[0]}[*]"]  # counts the children of the values that the path selects
    values = [_argument(text, compile_path) for text in texts]

    def children(node: Json, search: Search) -> list[Json]:
        found = [value(node, search) for value in values if value is not None]
        try:
            return [function(node, found)]
        except (ValueError, OverflowError):
            raise QueryError(f"The function {name}() has no result here") from None

    return Step(f".{name}()", children, is_call=True)


def _split(arguments: str) -> list[str]:
    """Split at commas outside brackets and double quotes."""
    parts, depth, quoted = [""], 0, False
    for character in arguments:
        if character == '"':
            quoted = not quoted
        depth += (character in "([{") - (character in ")]}")
        if character == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _argument(text: str, compile_path: CompilePath) -> Callable[[Json, Search], Json] | None:
    """Compile an argument: a path, or JSON. Like Jayway, ignore any other argument."""
    if text.startswith(("$", "@")):
        path = compile_path("$" + text[1:])
        return lambda _node, search: path.find_in(search.root, search)
    if text[:1] not in tuple('{"-0123456789') or not text:
        return None
    try:
        value = read_json(text)
    except ValueError:
        raise InvalidPath(f"the argument {text} is not JSON") from None
    return lambda _node, _search: value
