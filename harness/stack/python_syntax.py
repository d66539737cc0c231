"""Syntax that not every version of Python has."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from typing import NamedTuple

_F_STRINGS = 12  # https://peps.python.org/pep-0701/


class Newer(NamedTuple):
    """Something in a source that a version of Python does not take; line and column count from 1."""

    line: int
    column: int
    what: str


def newer(source: bytes, tree: ast.Module, minor: int) -> Newer | None:
    """Find the first thing that Python 3.`minor` does not take in a source that this Python takes."""
    try:
        ast.parse(source, feature_version=(3, minor))
    except SyntaxError as error:
        return Newer(error.lineno or 1, error.offset or 1, error.msg or "invalid syntax")
    found = [*_unpacked_subscripts(tree, minor), *_unions(tree, minor), *_f_strings(source, minor)]
    return min(found, default=None)


def _unpacked_subscripts(tree: ast.Module, minor: int) -> Iterator[Newer]:
    """Find `x[*y]` and `*args: *T`: https://peps.python.org/pep-0646/"""
    if minor >= 11:
        return
    for node in ast.walk(tree):
        inner: list[ast.expr] = []
        if isinstance(node, ast.Subscript):
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        elif isinstance(node, ast.arg) and node.annotation is not None:
            inner = [node.annotation]
        for each in inner:
            if isinstance(each, ast.Starred):
                what = "Unpacking in subscripts and annotations is only supported in Python 3.11 and greater"
                yield Newer(each.lineno, each.col_offset + 1, what)


def _unions(tree: ast.Module, minor: int) -> Iterator[Newer]:
    """Find `int | None` in annotations that are evaluated: https://peps.python.org/pep-0604/"""
    later = any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )
    if minor >= 10 or later:
        return
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        for annotation in (node.returns, *(argument.annotation for argument in arguments)):
            if annotation is not None and _is_union(annotation):
                what = "Types that are joined with | are only supported in Python 3.10 and greater"
                yield Newer(annotation.lineno, annotation.col_offset + 1, what)


def _is_union(node: ast.expr) -> bool:
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)):
        return False
    known = {"bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple"}
    sides = (node.left, node.right)
    names = [side.id if isinstance(side, ast.Name) else None for side in sides]
    nothing = [isinstance(side, ast.Constant) and side.value is None for side in sides]
    return any(map(_is_union, sides)) or all(
        name in known or none for name, none in zip(names, nothing, strict=True)
    )


def _f_strings(source: bytes, minor: int) -> Iterator[Newer]:
    """Find quotes, backslashes and comments inside the braces of f-strings; this Python has to know them."""
    if minor >= _F_STRINGS or sys.version_info < (3, _F_STRINGS):
        return
    start, end = (getattr(tokenize, f"FSTRING_{part}") for part in ("START", "END"))
    quotes: list[str] = []
    what = "Quotes, backslashes and comments in f-strings are only supported in Python 3.12 and greater"
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        line, column = token.start
        if quotes and token.type in (start, tokenize.STRING):
            if any(quote in token.string for quote in (*quotes, "\\")):
                yield Newer(line, column + 1, what)
        elif quotes and token.type == tokenize.COMMENT:
            yield Newer(line, column + 1, what)
        if token.type == start:
            quotes.append(token.string.lstrip("rRfF"))
        elif token.type == end:
            quotes.pop()
