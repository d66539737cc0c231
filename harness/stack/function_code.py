"""Function code that is guaranteed to be loaded: the handler's module and its imports.

The check covers a function's own modules, and in them only statements that run on every import. It excludes
function bodies and anything below `if`, `try` or `with`, and packages from `pip install --target`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from harness.files import is_file, is_folder
from harness.functions.host.pythons import OWN
from harness.scenario.position import Position, Problem
from harness.stack.python_library import lacks
from harness.stack.python_syntax import Newer, newer

_BACKPORTS = ("{}", "standard-{}", "legacy-{}", "{}-lts", "{}-next")
"""Distributions that provide modules removed from the standard library: standard-imghdr, audioop-lts."""
OWN_MINOR = int(OWN.partition(".")[2])


class Import(NamedTuple):
    """An import of a module, or of a name from it. Line and column count from 1."""

    module: str
    name: str
    line: int
    column: int


@dataclass
class Code:
    """A function's code: a folder, or files by name, with the location of the source text."""

    root: Path
    files: Mapping[str, bytes] | None = None
    inline: Position | None = None
    _vendored: frozenset[str] | None = field(default=None, init=False)

    def find(self, module: str) -> tuple[str, bytes] | None:
        """Find a module. Return its file name and its source."""
        base = module.replace(".", "/")
        for name in (f"{base}/__init__.py", f"{base}.py"):
            if (source := self._read(name)) is not None:
                return name, source
        return None

    def has(self, top: str) -> bool:
        """Return whether a module or package with this name exists, in any form."""
        if self.files is not None:
            return any(name.partition("/")[0].partition(".")[0] == top for name in self.files)
        return any(True for _ in self.root.glob(f"{top}.*")) or is_folder(self.root / top)

    def is_vendored(self, top: str) -> bool:
        """Return whether it is a package that pip installed in the folder."""
        if self.files is not None:
            return False
        if self._vendored is None:
            records = (
                record.read_text(encoding="utf-8", errors="replace")
                for record in self.root.glob("*.dist-info/RECORD")
            )
            lines = (line for record in records for line in record.splitlines())
            self._vendored = frozenset(line.partition("/")[0].partition(".")[0] for line in lines)
        return top in self._vendored

    def position(self, name: str, line: int, column: int) -> tuple[Position, str]:
        """Return the location of a line, and a prefix for the message, because inline code has no file."""
        if self.inline:
            return self.inline, f"{name}:{line}:{column}: "
        return Position(self.root / name, line, column), ""

    def _read(self, name: str) -> bytes | None:
        if self.files is not None:
            return self.files.get(name)
        path = self.root / name
        return path.read_bytes() if is_file(path) else None


def code_problems(
    function: str,
    code: Code,
    handler: str,
    declared: str,
    *,
    on_own: bool,
    elsewhere: bool,
    required: Collection[str] = (),
) -> Iterator[Problem]:
    """Find function code that cannot work on the declared Python version or, with `on_own`, on the harness's.

    `declared` is a version such as `3.13`. With `elsewhere`, modules may also come from unknown layers.
    `required` are the distributions that are installed for it. Some restore modules that Python has removed.
    """
    minor = int(declared.partition(".")[2])
    ready = f"`harness engines install python{declared}` makes it run on the same version as on AWS"
    entry = handler.rpartition(".")[0].replace("/", ".")
    queue, seen = [entry], set[str]()
    while queue:
        module = queue.pop(0)
        if module in seen or not (found := code.find(module)):
            continue
        seen.add(module)
        name, source = found
        says = f"{function} declares python{declared}"
        package = module if name.endswith("/__init__.py") else module.rpartition(".")[0]
        looked_at = _look_at(source, package, minor)
        if error := looked_at.error:
            if on_own and minor > OWN_MINOR:
                where, before = code.position(name, error.line, error.column)
                message = (
                    f"{before}{says}, but would run on the harness's Python {OWN}, which reports: "
                    f"{error.what}"
                )
                yield Problem(where, message, ready)
            return
        if wrong := looked_at.newer:
            where, before = code.position(name, wrong.line, wrong.column)
            yield Problem(where, f"{before}{says}: {wrong.what}", _remedy(declared))
        for each in looked_at.imports:
            top = each.module.partition(".")[0]
            if code.has(top):
                if not code.is_vendored(top):
                    queue += _to_load(each)
                continue
            if elsewhere or any(form.format(top) in required for form in _BACKPORTS):
                continue
            where, before = code.position(name, each.line, each.column)
            if reason := lacks(minor, top, each.name):
                yield Problem(where, f"{before}{says}: {reason}", _remedy(declared))
            elif on_own and (reason := lacks(OWN_MINOR, top, each.name)):
                message = f"{before}{says}, but would run on the harness's Python {OWN}: {reason}"
                yield Problem(where, message, ready)


class _LookedAt(NamedTuple):
    """Return a module's imports and its error: from the harness's Python, or syntax that is too new for
    the declared one.
    """

    error: Newer | None
    newer: Newer | None
    imports: tuple[Import, ...]


@lru_cache(maxsize=512)
def _look_at(source: bytes, package: str, minor: int) -> _LookedAt:
    """Check a module once. Functions share modules, and scenarios share functions."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return _LookedAt(Newer(error.lineno or 1, error.offset or 1, error.msg), None, ())
    except (MemoryError, RecursionError):
        return _LookedAt(Newer(1, 1, "it is nested too deeply"), None, ())
    except ValueError as error:  # null bytes
        return _LookedAt(Newer(1, 1, str(error)), None, ())
    # A newer Python accepts everything that the harness's Python accepts.
    wrong = newer(source, tree, minor) if minor < OWN_MINOR else None
    return _LookedAt(None, wrong, tuple(_imports(tree, package)))


def _remedy(declared: str) -> str:
    return f"change the code, or the Runtime; AWS runs it on Python {declared}"


def _to_load(each: Import) -> list[str]:
    """The modules that an import loads: its parent packages, and names that may be modules in a package."""
    parts = each.module.split(".")
    modules = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
    return [*modules, f"{each.module}.{each.name}"] if each.name else modules


def _imports(tree: ast.Module, package: str) -> Iterator[Import]:
    """Find the imports that run whenever a module is loaded."""
    for node in tree.body:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, "", line, column)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                base = ".".join(filter(None, (*parents[: len(parents) - node.level + 1], base)))
            for alias in node.names:
                if base:
                    yield Import(base, alias.name, line, column)
