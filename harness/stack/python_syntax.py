"""Finds syntax that only some versions of Python support."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_Found = tuple[int, int, int, str]  # first minor version, line, column, name


class Newer(NamedTuple):
    """Syntax in source code that a Python version does not support. Line and column count from 1."""

    line: int
    column: int
    what: str


_STATEMENTS: Mapping[str, tuple[int, str]] = {
    "Match": (10, "Pattern matching is"),
    "TryStar": (11, "except* is"),
    "TypeAlias": (12, "The type statement is"),
    "TemplateStr": (14, "t-strings are"),
}
"""Kinds of nodes, with the minor version that added each, and the name to use in messages."""


def newer(source: bytes, tree: ast.Module, minor: int) -> Newer | None:
    """Find the first syntax in source code that this Python supports and Python 3.`minor` does not."""
    places = (_statements(tree), _unpacked(tree), _unions(tree), _f_strings(source) if minor < 12 else ())
    found = [
        Newer(line, column, f"{what} only supported in Python 3.{since} and greater")
        for since, line, column, what in (each for place in places for each in place)
        if minor < since
    ]
    if found:
        return min(found)
    try:
        ast.parse(source, feature_version=(3, minor))
    except SyntaxError as error:
        # Syntax that the tree does not show. The error's location is where it ends.
        return Newer(error.lineno or 1, error.offset or 1, error.msg or "invalid syntax")
    return None


def _statements(tree: ast.Module) -> Iterator[_Found]:
    for node in ast.walk(tree):
        if known := _STATEMENTS.get(type(node).__name__):
            yield known[0], *_place(node), known[1]
        for parameter in getattr(node, "type_params", ()):  # https://peps.python.org/pep-0695/
            yield 12, *_place(parameter), "Type parameters are"
            if getattr(parameter, "default_value", None) is not None:  # https://peps.python.org/pep-0696/
                yield 13, *_place(parameter), "Defaults of type parameters are"


def _unpacked(tree: ast.Module) -> Iterator[_Found]:
    """Find `x[*y]` and `*args: *T`: https://peps.python.org/pep-0646/"""
    for node in ast.walk(tree):
        inner: list[ast.expr] = []
        if isinstance(node, ast.Subscript):
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        elif isinstance(node, ast.arg) and node.annotation is not None:
            inner = [node.annotation]
        for each in inner:
            if isinstance(each, ast.Starred):
                yield 11, *_place(each), "Unpacking in subscripts and annotations is"


def _unions(tree: ast.Module) -> Iterator[_Found]:
    """Find `int | None` in annotations that are evaluated: https://peps.python.org/pep-0604/"""
    futures = (node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__")
    if any(alias.name == "annotations" for node in futures for alias in node.names):
        return
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        for annotation in (node.returns, *(argument.annotation for argument in arguments)):
            if annotation is not None and _is_union(annotation):
                yield 10, *_place(annotation), "Types that are joined with | are"


def _is_union(node: ast.expr) -> bool:
    """Return whether it definitely joins built-in types. Objects from a function's own modules may support
    `|`.
    """
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)):
        return False
    return any(map(_is_union, (node.left, node.right))) or all(map(_is_type, (node.left, node.right)))


def _is_type(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return _is_type(node.value)
    if isinstance(node, ast.Name):
        return node.id in {"bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple"}
    return isinstance(node, ast.Constant) and node.value is None


def _f_strings(source: bytes) -> Iterator[_Found]:
    """Find quotes, backslashes and comments inside braces in f-strings. Requires a Python that supports
    them.
    """
    if sys.version_info < (3, 12):
        return
    start, end = (getattr(tokenize, f"FSTRING_{part}") for part in ("START", "END"))
    quotes: list[str] = []
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        inner = token.type in (start, tokenize.STRING) and any(q in token.string for q in (*quotes, "\\"))
        if quotes and (inner or token.type == tokenize.COMMENT):
            line, column = token.start
            yield 12, line, column + 1, "Quotes, backslashes and comments in f-strings are"
        if token.type == start:
            quotes.append(token.string.lstrip("rRfF"))
        elif token.type == end:
            quotes.pop()


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
