"""The variables that a path, an intrinsic function or a JSONata expression reads.

Texts are scanned, not parsed: they come from a definition that has been parsed already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_QUOTED: Final = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_PATH_PARTS: Final = re.compile(rf"{_QUOTED}|\$+([^\W\d]\w*)?", re.DOTALL)
_JSONATA_PARTS: Final = re.compile(
    rf"(?P<skipped>/\*.*?\*/|{_QUOTED}|`[^`]*`)"
    r"|(?P<binder>[@#]\s*\$\w+)|(?P<variable>\$\w+)|(?P<function>\b(?:function|λ)\s*\()"
    r"|(?P<word>[\w.]+)|(?P<binding>:=)|(?P<slash>/)|(?P<mark>\S)",
    re.DOTALL,
)
_REGEX: Final = re.compile(r"/(?:[^/\\]|\\.)+/[im]*", re.DOTALL)
_VALUE_ENDS: Final = frozenset(")]}")


def variables_of_path(text: str) -> set[str]:
    """Give the variables that a JSONPath, or a call of an intrinsic function, reads.

    >>> sorted(variables_of_path("States.Format('{} $no', $who.name, $$.State.Name, $.x)"))
    ['who']
    """
    return {m[1] for m in _PATH_PARTS.finditer(text) if m[1] and not m[0].startswith("$$")}


@dataclass(slots=True)
class _Block:
    """The names that an expression binds in a pair of brackets.

    Attributes:
        closing: the bracket that ends it.
        waiting: those whose value is being computed; a function in the value sees them already.
    """

    closing: str
    is_function: bool = False
    bound: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)

    def sees(self, name: str, *, inside_function: bool) -> bool:
        return name in self.bound or (inside_function and name in self.waiting)


def variables_of_jsonata(text: str) -> set[str]:
    """Give the variables that an expression reads and does not bind, functions of the language among them.

    >>> sorted(variables_of_jsonata("($a := $b; $map($c, function($v) { $v + $a }))"))
    ['b', 'c', 'map']
    """
    found: set[str] = set()
    blocks = [_Block("")]
    parameters: set[str] | None = None  # those of a function whose body has not begun
    tokens = list(_tokens(text))
    for (kind, sign), (following, _) in zip(tokens, [*tokens[1:], ("", "")], strict=True):
        if kind == "function":
            parameters = set()
        elif kind == "binder":
            blocks[-1].bound.add(sign.lstrip("@# ").removeprefix("$"))
        elif kind == "variable":
            name = sign.removeprefix("$")
            if parameters is not None:
                parameters.add(name)
            elif following == "binding":
                blocks[-1].waiting.add(name)
            elif not _bound(name, blocks):
                found.add(name)
        elif sign == "{" and parameters is not None:
            blocks.append(_Block("}", is_function=True, bound=parameters))
            parameters = None
        elif parameters is None:
            _step(sign, blocks)
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


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, after_value = 0, False
    while match := _JSONATA_PARTS.search(text, at):
        kind, token = str(match.lastgroup), match[0]
        at = match.end()
        if kind == "slash" and not after_value and (regex := _REGEX.match(text, match.start())):
            at = regex.end()
            kind = "skipped"
        if not token.startswith("/*"):
            after_value = kind in ("skipped", "variable", "word", "binder") or token in _VALUE_ENDS
        if kind != "skipped":
            yield kind, token
