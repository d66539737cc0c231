"""Filter expressions of JSONPath, the part between `[?(` and `)]`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from harness.json_types import Json, is_number

Operand: TypeAlias = Callable[[Json, Json], object]
"""Gets the candidate node and the document's root; gives JSON, a pattern, or one of the two marks below."""
Find: TypeAlias = Callable[[str], Callable[[Json], object]]
"""Compiles a path to what finds its value, or `MISSING`."""
Relation: TypeAlias = Callable[[object, object], bool]

_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<regex>/(?:[^/\\]|\\.)*/i?)
  | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<path>[@$](?:\.{1,2}[^.\[\]()\s,'"!=<>&|]+|\[(?:'[^']*'|"[^"]*"|-?\d+|\*)\])*(?:\(\))?)
  | (?P<op>=~|==|!=|<=|>=|<|>|&&|\|\||!|\(|\)|\[|\]|,)
  | (?P<word>[A-Za-z_][\w.:-]*)
  )""",
    re.VERBOSE,
)
_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WORDS: Final = {"true": True, "false": False, "null": None}
MISSING: Final = object()
_FALSE: Final = object()  # what a comparison that does not hold gives
_COMPARISONS: Final = ("==", "!=", "<=", ">=", "<", ">", "=~", "in", "nin", "contains", "size", "empty")
_SETS: Final = ("subsetof", "anyof", "noneof")


def compile_filter(text: str, find: Find) -> Callable[[Json, Json], bool]:
    """Compile a filter to a predicate, e.g. `(@.status == 0 && @.name =~ /a.*/)`.

    Args:
        find: compiles the paths in it.

    Raises:
        ValueError: the text is not a filter.
    """
    parser = _Parser(text, find)
    operand = parser.either()
    parser.expect_end()
    return lambda node, root: _truth(operand(node, root))


def _truth(value: object) -> bool:
    """Tell if an operand by itself counts as true: a path does when it leads somewhere, also to false."""
    return value is not MISSING and value is not _FALSE


class _Parser:
    """Recursive descent over the tokens: either > both > negation > comparison > operand."""

    def __init__(self, text: str, find: Find) -> None:
        self._text = text
        self._find = find
        self._tokens: list[tuple[str, str]] = []
        position = 0
        while text[position:].strip():
            token = _TOKEN.match(text, position)
            if not token or token.lastgroup is None:
                raise ValueError(f"the filter cannot be read: {text}")
            self._tokens.append((token.lastgroup, token[token.lastgroup]))
            position = token.end()
        self._position = 0

    def _take(self, *values: str) -> str | None:
        if self._position < len(self._tokens) and self._tokens[self._position][1] in values:
            self._position += 1
            return self._tokens[self._position - 1][1]
        return None

    def expect_end(self) -> None:
        if self._position != len(self._tokens):
            raise ValueError(f"the filter cannot be read: {self._text}")

    def either(self) -> Operand:
        left = self._both()
        while self._take("||"):
            left = _logical(left, self._both(), lambda a, b: a or b)
        return left

    def _both(self) -> Operand:
        left = self._negation()
        while self._take("&&"):
            left = _logical(left, self._negation(), lambda a, b: a and b)
        return left

    def _negation(self) -> Operand:
        if self._take("!"):
            inner = self._negation()
            return lambda node, root: True if not _truth(inner(node, root)) else _FALSE
        if self._take("("):
            inner = self.either()
            if not self._take(")"):
                raise ValueError(f"the filter has no closing parenthesis: {self._text}")
            return inner
        return self._comparison()

    def _comparison(self) -> Operand:
        left = self._operand()
        sign = self._take(*_COMPARISONS, *_SETS)
        return _compare(left, sign, self._operand(bare=True)) if sign else left

    def _operand(self, *, bare: bool = False) -> Operand:
        """Read an operand; a `bare` one may be a text without quotes, as Jayway 2.0.0 takes it."""
        if self._position >= len(self._tokens):
            raise ValueError(f"the filter ends too early: {self._text}")
        kind, token = self._tokens[self._position]
        self._position += 1
        if kind == "path":
            return self._path(token)
        if token == "[":  # noqa: S105 - a bracket
            return self._list()
        if bare and kind == "word" and token not in _WORDS:
            return lambda _node, _root: token
        literal = _literal(kind, token, self._text)
        return lambda _node, _root: literal

    def _path(self, token: str) -> Operand:
        relative = token.startswith("@")
        find = self._find("$" + token[1:])
        return lambda node, root: find(node if relative else root)

    def _list(self) -> Operand:
        items = []
        while not self._take("]"):
            items.append(self._operand())
            self._take(",")
        return lambda node, root: [item(node, root) for item in items]


def _literal(kind: str, token: str, text: str) -> object:
    if kind == "string":
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    if kind == "regex":
        pattern, flags = (token[1:-2], re.IGNORECASE) if token.endswith("i") else (token[1:-1], 0)
        return re.compile(pattern, flags)
    if kind == "number":
        return float(token) if re.search(r"[.eE]", token) else int(token)
    if kind == "word" and token in _WORDS:
        return _WORDS[token]
    raise ValueError(f"the filter cannot be read at {token}: {text}")


def _logical(left: Operand, right: Operand, combine: Callable[[bool, bool], bool]) -> Operand:
    def evaluate(node: Json, root: Json) -> object:
        return True if combine(_truth(left(node, root)), _truth(right(node, root))) else _FALSE

    return evaluate


def _compare(left: Operand, sign: str, right: Operand) -> Operand:
    holds = _relation(sign)
    return lambda node, root: True if holds(left(node, root), right(node, root)) else _FALSE


def _relation(sign: str) -> Relation:
    return _ordered(_ORDER[sign]) if sign in _ORDER else _RELATIONS[sign]


def _ordered(compare: Callable[[Any, Any], bool]) -> Relation:
    return lambda a, b: _same_kind(a, b) and isinstance(a, int | float | str) and compare(a, b)


def _equal(a: object, b: object) -> bool:
    """Compare as Jayway does: a number equals the text of it."""
    if isinstance(a, str) and is_number(b):
        return _equal(b, a)
    if is_number(a) and isinstance(b, str):
        try:
            return bool(float(b) == a)
        except ValueError:
            return False
    return _same_kind(a, b) and bool(a == b)


def _same_kind(a: object, b: object) -> bool:
    return type(a) is type(b) or (is_number(a) and is_number(b))


def _among(a: object, b: object) -> bool:
    return isinstance(b, list) and any(_equal(a, item) for item in b)


def _contains(a: object, b: object) -> bool:
    return (isinstance(a, str) and isinstance(b, str) and b in a) or _among(b, a)


def _sized(a: object, b: object) -> bool:
    return isinstance(a, str | list) and len(a) == b


def _emptiness(a: object, b: object) -> bool:
    return isinstance(a, str | list | dict) and (not a) is b


def _matches(a: object, b: object) -> bool:
    return isinstance(a, str) and isinstance(b, re.Pattern) and b.fullmatch(a) is not None


_RELATIONS: Final[Mapping[str, Relation]] = {
    "==": _equal,
    "!=": lambda a, b: not _equal(a, b),
    "=~": _matches,
    "in": _among,
    "nin": lambda a, b: isinstance(b, list) and not _among(a, b),
    "contains": _contains,
    "size": _sized,
    "empty": _emptiness,
    "subsetof": lambda a, b: isinstance(a, list) and all(_among(item, b) for item in a),
    "anyof": lambda a, b: isinstance(a, list) and any(_among(item, b) for item in a),
    "noneof": lambda a, b: isinstance(a, list) and not any(_among(item, b) for item in a),
}
