"""The variables that a path, an intrinsic function or a JSONata expression reads.

Strings are scanned, not parsed, because they come from a definition that was already parsed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from .jsonata.tokens import FUNCTION, in_context, tokens

_PATH_PARTS: Final = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\$+([^\W\d]\w*)?""", re.DOTALL)


def variables_of_path(text: str) -> set[str]:
    """Return the variables that a JSONPath or an intrinsic function call reads.

    >>> sorted(variables_of_path("States.Format('{} $no', $who.name, $$.State.Name, $.x)"))
    ['who']
    """
    return {m[1] for m in _PATH_PARTS.finditer(text) if m[1] and not m[0].startswith("$$")}


@dataclass(slots=True)
class _Block:
    """The names that an expression binds within a pair of brackets.

    Attributes:
        closing: the bracket that ends it.
        waiting: the names whose values are being computed. A function inside such a value can already refer
            to them.
    """

    closing: str
    is_function: bool = False
    bound: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)

    def sees(self, name: str, *, inside_function: bool) -> bool:
        return name in self.bound or (inside_function and name in self.waiting)


def variables_of_jsonata(text: str) -> set[str]:
    """Return the variables that an expression reads but does not bind, including built-in functions.

    >>> sorted(variables_of_jsonata("($a := $b; $map($c, function($v) { $v + $a }))"))
    ['b', 'c', 'map']
    """
    found: set[str] = set()
    blocks = [_Block("")]
    parameters: set[str] | None = None  # the parameters of a function whose body has not begun
    for before, word, after in in_context([*tokens(text)]):
        name = word.text.lstrip("$") if word.kind == "variable" else ""
        if word.text in FUNCTION and after.text == "(":
            parameters = set()
        elif name and before.text in ("@", "#"):
            blocks[-1].bound.add(name)
        elif name and parameters is not None:
            parameters.add(name)
        elif name and after.text == ":=":
            blocks[-1].waiting.add(name)
        elif name and not _bound(name, blocks):
            found.add(name)
        elif word.text == "{" and parameters is not None:
            blocks.append(_Block("}", is_function=True, bound=parameters))
            parameters = None
        elif word.kind == "operator" and parameters is None:
            _step(word.text, blocks)
    return found


def _bound(name: str, blocks: list[_Block]) -> bool:
    inside_function = False
    for block in reversed(blocks):
        if block.sees(name, inside_function=inside_function):
            return True
        inside_function = inside_function or block.is_function
    return False


def _step(sign: str, blocks: list[_Block]) -> None:
    if sign in ("(", "[", "{"):
        blocks.append(_Block({"(": ")", "[": "]", "{": "}"}[sign]))
    elif sign == blocks[-1].closing:
        blocks.pop()
    elif sign == ";":
        blocks[-1].bound |= blocks[-1].waiting
        blocks[-1].waiting.clear()
