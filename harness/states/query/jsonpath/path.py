"""JSONPath as AWS evaluates it (Jayway's dialect): compiled once, applied often.

Definite paths return one value or raise. Indefinite paths (wildcards, slices, filters, `..`) return a list,
which is empty if nothing matches (recorded on AWS: `$.no.such[*]` gives `[]`).
"""

from __future__ import annotations

import re
from typing import Final

from harness.json_types import Json

from ...errors import RESULT_PATH_MATCH_FAILURE, IndexBeyondArray, QueryError
from ...payload import to_text
from .reader import PathReader
from .search import Search, TooCostly
from .steps import InvalidPath

_VARIABLE: Final = re.compile(r"\$([^\W\d]\w*)")


class JsonPath:
    """A compiled path.

    Attributes:
        text: the path as written.
        root: `$` for the input, `$$` for the context object, otherwise the name of a variable.
        definite: true if it selects exactly one value.
        is_reference: true for a Reference Path, which only identifies a single node.
    """

    __slots__ = ("_picked", "_single", "definite", "is_reference", "keys", "root", "steps", "text")

    def __init__(self, text: str) -> None:
        """Compile the path. Raises InvalidPath if the text is not a path."""
        self.text: Final = text
        self.root, rest = _split_root(text.rstrip(" "))  # like Jayway
        if rest.endswith("."):
            raise InvalidPath(f"'{text}' ends with a dot")
        reader = PathReader(rest, text, JsonPath)
        self.steps: Final = reader.steps()
        self.keys: Final = tuple(step.key for step in self.steps if step.key is not None)
        self._picked: Final = self.steps[-1].names if self.steps else ()
        self._single: Final = len(self.keys) + bool(self._picked) == len(self.steps)
        self.definite: Final = self._single or all(
            step.key is not None or step.is_call for step in self.steps
        )
        self.is_reference: Final = reader.is_plain and self._single and not self._picked

    def find(self, document: Json) -> Json:
        """Return the selected value.

        Raises:
            QueryError: a definite path has no result. The message uses Jayway's words.
        """
        return self._one(document) if self._single else self.find_in(document, Search(document))

    def find_in(self, document: Json, search: Search, *, strict: bool = False) -> Json:
        """Evaluate the path as part of an ongoing search, e.g. starting from an item that a filter tests.

        Args:
            strict: require every object to have the properties that the path names.
        """
        if self._single:
            return self._one(document)
        found = self._many(document, search, strict=strict)
        if not self.definite:
            return found
        if not found:
            raise QueryError(f"No results for path: {self}")
        return found[-1]

    def leads_somewhere(self, document: Json, search: Search) -> bool:
        """Return whether a filter that consists of only this path accepts the document.

        An indefinite path accepts the document even if it selects no values, unless a property in the path is
        missing.
        """
        try:
            self.find_in(document, search, strict=True)
        except TooCostly:
            raise
        except QueryError:
            return False
        return True

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
                beyond = IndexBeyondArray if position == len(self.steps) - 1 else QueryError
                raise beyond(f"No results for path: {self}")
            else:
                self.steps[position].check(node)
            if position == last:
                raise QueryError(f"No results for path: {self}")
            before = "$" + "".join(step.text for step in self.steps[: position + 1])
            raise QueryError(f"Missing property in path {before}")
        if self._picked:
            if not isinstance(node, dict):
                raise QueryError(f"No results for path: {self}")
            return _pick(node, self._picked)
        return node

    def _many(self, document: Json, search: Search, *, strict: bool) -> list[Json]:
        nodes = [document]
        single = True  # true while the path leads to a single node
        for step in self.steps[:-1] if self._picked else self.steps:
            if single and nodes:
                step.check(nodes[0])
            single = single and (step.key is not None or step.is_call)
            found: list[Json] = []
            for node in nodes:
                before = len(found)
                found += step.children(node, search)
                search.spend(1 + len(found) - before)
                if strict and step.misses(node):
                    raise QueryError(f"Missing property in path {self}")
            nodes = found
        return [_pick(n, self._picked) for n in nodes if isinstance(n, dict)] if self._picked else nodes

    def __str__(self) -> str:
        return "$" + "".join(step.text for step in self.steps)


def _pick(node: dict[str, Json], names: tuple[str, ...]) -> Json:
    return {name: node[name] for name in names if name in node}


def _split_root(text: str) -> tuple[str, str]:
    if text.startswith("$$"):
        return "$$", text[2:]
    variable = _VARIABLE.match(text)
    if variable:
        return variable[1], text[variable.end() :]
    if text.startswith("$"):
        return "$", text[1:]
    raise InvalidPath(f"'{text}' does not start with $")


def place(document: Json, path: JsonPath, value: Json) -> Json:
    """Return a copy of the document with the value at the reference path. Unchanged parts are not copied.

    Raises:
        QueryError: States.ResultPathMatchFailure: the path crosses a value that is not an object or array.
    """
    above: list[Json] = []
    node = document
    for key in path.keys:
        above.append(node)
        if isinstance(key, str) and isinstance(node, dict):
            node = node.get(key, {})
        elif isinstance(key, int) and isinstance(node, list) and 0 <= key < len(node):
            node = node[key]
        else:
            raise QueryError(
                f"Unable to apply ReferencePath {path.text} to input {to_text(node)}",
                RESULT_PATH_MATCH_FAILURE,
            )
    for key, container in zip(path.keys[::-1], above[::-1], strict=True):
        if isinstance(container, dict):
            value = {**container, str(key): value}
        elif isinstance(container, list):
            value = [*container[: int(key)], value, *container[int(key) + 1 :]]
    return value
