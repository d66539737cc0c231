"""Reads the steps of a JSONPath like Jayway's compiler, including how it handles blanks and trailing text."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final

from .names import end_of_bracket, end_of_quoted, unescape
from .steps import (
    Accepts,
    CompilePath,
    InvalidPath,
    Step,
    filter_step,
    index_step,
    indices_step,
    names_step,
    property_step,
    scan_filter_step,
    scan_names_step,
    scan_step,
    slice_step,
    wildcard_step,
)

_NAME: Final = re.compile(r"[^.\[( ]*")
_FROM_THE_END: Final = re.compile(r"\(\s*@\.(?:length|size\(\))\s*-\s*(\d+)\s*\)")
_MOST_NESTED: Final = 60  # maximum depth of nested brackets, because each level uses some of Python's stack
_FIRST, _LAST = -(2**31), 2**31 - 1  # Java's int
_NOT_IN_REFERENCES: Final = re.compile(r"[@,:?*()\[\]]")


def _depth(text: str) -> int:
    return max(accumulate((each in "([") - (each in ")]") for each in text), default=0) if "(" in text else 0


class PathReader:
    """Parser for one path without its root.

    Attributes:
        is_plain: false if a part of the path is not allowed in a Reference Path.
    """

    def __init__(self, rest: str, text: str, compile_path: CompilePath) -> None:
        """Create a parser. `compile_path` compiles the paths (`$...`) in filters and arguments."""
        self._rest: Final = rest
        self._text: Final = text
        self._compile_path: Final = compile_path
        self._position = 0
        self.is_plain = True
        if _depth(rest) > _MOST_NESTED:
            raise InvalidPath(f"'{text}' has more than {_MOST_NESTED} nested brackets")

    def steps(self) -> tuple[Step, ...]:
        """Read all steps. Raises InvalidPath if the text is not a path."""
        if self._rest[:1] not in ("", ".", "["):
            raise self._invalid()
        steps: list[Step] = []
        while self._position < len(self._rest):
            if steps and self._is_left_over(steps[-1]):
                self.is_plain = False
                break
            steps.append(self._step())
        is_turned = bool(steps) and steps[-1].is_call and self._rest.startswith("..")
        return tuple(steps[-1:] if is_turned else steps)

    def _is_left_over(self, last: Step) -> bool:
        """Return whether one character is left after a bracket or wildcard. Jayway ignores it."""
        is_last = self._position == len(self._rest) - 1 and self._rest[self._position] not in ".["
        return is_last and not (last.is_call or self._rest[self._position] == " ")

    def _invalid(self) -> InvalidPath:
        return InvalidPath(f"'{self._text}' is invalid from '{self._rest[self._position :]}' on")

    def _at(self, *texts: str) -> bool:
        return self._rest.startswith(texts, self._position)

    def _step(self) -> Step:
        scan = self._at("..")
        self._position += 2 if scan else 1 if self._at(".") else 0
        if self._at("[?") or re.match(r"\[ *\?", self._rest[self._position :]):
            accepts = self._filter()
            return scan_filter_step(accepts) if scan else filter_step(accepts)
        if self._at("["):
            step = self._bracket()
        elif self._at("*"):
            self._position += 1
            step = wildcard_step()
        else:
            step = self._name()
        if not scan:
            return step
        return scan_names_step(step.names) if step.names and self._is_at_end else scan_step(step)

    @property
    def _is_at_end(self) -> bool:
        return self._position >= len(self._rest)

    def _name(self) -> Step:
        match = _NAME.match(self._rest, self._position)
        name = match[0] if match else ""
        end = self._position + len(name)
        following = self._rest[end : end + 1]
        if following == "(":
            return self._call(name, end)
        if not name or following == " ":
            raise InvalidPath(f"'{self._text}' has an empty step or a blank outside brackets")
        self._position = end
        self.is_plain = self.is_plain and not _NOT_IN_REFERENCES.search(name)
        return property_step(name)

    def _call(self, name: str, opening: int) -> Step:
        from .functions import call_step  # noqa: PLC0415 - few paths have one

        closing = end_of_bracket(self._rest, opening, skipped='"')
        arguments = self._rest[opening + 1 : closing]
        if self._rest.startswith(".."):
            # Jayway turns `$..path.function()` into `$.function($..path)`.
            arguments = "$" + self._rest[: self._rest.rindex(".", 0, opening)]
        self._position = closing + 1
        self.is_plain = False
        if not self._is_at_end:
            raise self._invalid()
        return call_step(name, arguments, self._compile_path)

    def _filter(self) -> Accepts:
        from .filter import compile_filter  # noqa: PLC0415 - few paths have one

        opening = re.compile(r"\[ *\? *(?=\()").match(self._rest, self._position)
        if not opening:
            raise self._invalid()
        end = end_of_bracket(self._rest, opening.end(), skipped="'\"/")
        closing = re.compile(" *]").match(self._rest, end + 1)
        if not closing:
            raise InvalidPath(f"'{self._text}' has a filter without a closing bracket")
        self._position = closing.end()
        return compile_filter(self._rest[opening.end() : end + 1], self._compile_path)

    def _bracket(self) -> Step:
        content = self._rest[self._position + 1 :].lstrip(" ")
        if content[:1] in ("'", '"'):
            return self._properties(content[0])
        end = self._rest.find("]", self._position)
        if end < 0:
            raise InvalidPath(f"'{self._text}' has no closing bracket")
        content = self._rest[self._position + 1 : end].strip(" ")
        self._position = end + 1
        from_the_end = _FROM_THE_END.fullmatch(content)
        if from_the_end:
            self.is_plain = False
            return index_step(-self._number(from_the_end[1], content))
        if content == "*":
            return wildcard_step()
        if ":" in content:
            return self._slice(content)
        indices = tuple(self._number(part, content) for part in content.split(","))
        return index_step(indices[0]) if len(indices) == 1 else indices_step(indices)

    def _slice(self, content: str) -> Step:
        bounds = [self._number(part, content) if part.strip(" ") else None for part in content.split(":")[:2]]
        if bounds == [None, None] or re.search(r"[^\d:\- ]", content):
            raise self._unreadable(content)
        return slice_step(f"[{content}]", bounds[0], bounds[1])

    def _number(self, text: str, content: str) -> int:
        digits = text.strip(" ")
        if not re.fullmatch(r"-?\d{1,10}", digits, re.ASCII) or not _FIRST <= int(digits) <= _LAST:
            raise self._unreadable(content)
        return int(digits)

    def _unreadable(self, content: str) -> InvalidPath:
        return InvalidPath(f"'{self._text}' has an invalid bracket: [{content}]")

    def _properties(self, quote: str) -> Step:
        names: list[str] = []
        position = self._position
        while True:
            position = self._skip_blanks(position + 1)
            if self._rest[position : position + 1] != quote:
                raise self._invalid()
            end = end_of_quoted(self._rest, position)
            names.append(unescape(self._rest[position + 1 : end], kept='"' if quote == "'" else ""))
            position = self._skip_blanks(end + 1)
            following = self._rest[position : position + 1]
            if following == "]":
                break
            if following != ",":
                raise self._invalid()
        self._position = position + 1
        return property_step(names[0]) if len(names) == 1 else names_step(tuple(names))

    def _skip_blanks(self, position: int) -> int:
        while self._rest[position : position + 1] == " ":
            position += 1
        return position
