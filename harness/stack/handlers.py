"""Finds the handler of a function for which only the code is specified."""

from __future__ import annotations

import ast
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from harness.files import is_folder, read_bytes

NAMES: Final = ("lambda_handler", "handler")
"""Common handler names, from the AWS console and the templates for SAM and the Serverless Framework."""
_NOT_PYTHON: Final = {
    ".js": "nodejs",
    ".mjs": "nodejs",
    ".cjs": "nodejs",
    ".ts": "nodejs",
    ".rb": "ruby",
    ".go": "go",
    ".java": "java",
    ".cs": "dotnet",
    ".rs": "provided",
}


class NoHandler(Exception):
    """The code does not have exactly one handler. `message` and `remedy` explain this."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message, self.remedy = message, remedy


def handler_of(code: Path) -> str:
    """Find the only handler in a folder, a Python file or a zip: `app.lambda_handler`.

    Only top-level modules are searched. A function with a common handler name takes precedence over a
    function with the parameters `event` and `context`.

    Raises:
        NoHandler: the code has no handler, or several.
        OSError: the code cannot be read.
    """
    code.stat()
    modules = _modules(code)
    trees = {name: tree for name, text in sorted(modules.items()) if (tree := _parsed(text)) is not None}
    for names in (_by_name, _by_parameters):
        found = [f"{module}.{name}" for module, tree in trees.items() for name in names(tree)]
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(found)
            raise NoHandler(
                f"{code} has several handlers: {listed}", f"choose one: {{code: ..., handler: {found[0]}}}"
            )
    raise NoHandler(*_none(code, modules))


def _modules(code: Path) -> Mapping[str, bytes]:
    """Return the top-level modules in the code, by name."""
    if is_folder(code):
        files = (each for each in code.iterdir() if each.suffix == ".py" and each.is_file())
        return {each.stem: read_bytes(each) for each in files if not _is_test(each.stem)}
    if zipfile.is_zipfile(code):
        with zipfile.ZipFile(code) as archive:
            names = [name for name in archive.namelist() if "/" not in name and name.endswith(".py")]
            return {name.removesuffix(".py"): archive.read(name) for name in names}
    return {code.stem: read_bytes(code)} if code.suffix == ".py" else {}


def _is_test(module: str) -> bool:
    return module.startswith("test_") or module.endswith("_test") or module == "conftest"


def _parsed(text: bytes) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # if it is the handler's module, the code check reports it


def _by_name(tree: ast.Module) -> Iterator[str]:
    for name in NAMES:
        if name in {bound for node in tree.body for bound in _bound(node)}:
            yield name


def _bound(node: ast.stmt) -> Iterable[str]:
    """Return the names that a statement binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    return []


def _by_parameters(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg.lstrip("_") for argument in node.args.args]
            if names == ["event", "context"]:
                yield node.name


def _none(code: Path, modules: Mapping[str, bytes]) -> tuple[str, str]:
    others = (each.suffix for each in code.iterdir()) if is_folder(code) else iter([code.suffix])
    if not modules:
        if runtime := next((_NOT_PYTHON[suffix] for suffix in others if suffix in _NOT_PYTHON), ""):
            return (
                f"{code} is code for {runtime}; only Python functions are supported",
                "for the scenarios, replace it with a Python function that returns the same results",
            )
        return f"{code} has no Python module at its top level", (
            "set the path to the folder with the handler's module"
        )
    usual = " or ".join(NAMES)
    return (
        f"{code} has no function {usual} in {', '.join(f'{name}.py' for name in sorted(modules))}",
        "set its handler: {code: ..., handler: MODULE.FUNCTION}",
    )
