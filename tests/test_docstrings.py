"""Docstrings begin with a verb or a noun."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("harness", "lambdas", "scenarios", "examples", "benchmarks")
CLAUSE = re.compile(r"(What|Whether|How|Why|Who|Which|Where|When|If)\b")


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """The docstrings of a file, also those that stand behind a constant or a field, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.lineno, node.value.value


def test_no_docstring_begins_like_a_question() -> None:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text.splitlines()[0]}"
        for path in files
        for line, text in docstrings(path)
        if CLAUSE.match(text.strip())
    ]
    assert len(files) > 300
    assert found == []
