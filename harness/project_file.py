"""Imports Python files that a project specifies in its settings, by path. Their errors count as settings
errors.
"""

from __future__ import annotations

import ast
import importlib
import sys
import traceback
import zlib
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from harness.files import is_file
from harness.settings import SettingsError


def project_module(path: Path, setting: str) -> ModuleType:
    """Import the module at the path in a setting, such as `invariants`. It is imported once.

    It belongs to a package for its folder, so it can import other files in that folder:
    `from .rows import rows_of`.

    Raises:
        SettingsError: the file does not exist, or importing it raises an exception.
    """
    if not is_file(path):
        raise SettingsError(
            f"{path}: [tool.harness] {setting} names a Python file that does not exist; correct the path"
        )
    if path.suffix != ".py":
        raise SettingsError(f"{path}: [tool.harness] {setting} must name a Python file (.py)")
    importlib.invalidate_caches()
    try:
        return importlib.import_module(f"{_package(path.parent)}.{path.stem}")
    except (Exception, SystemExit) as error:
        raise SettingsError(
            f"{raised_at(error, path)}; [tool.harness] {setting} names this file: correct it"
        ) from error


def raised_at(error: BaseException, path: Path) -> str:
    """Return the exception as one line, with its location: `x.py:3: NameError: name 'y' is not defined`.

    The location is the last one in a file in the folder of `path`. Default: `path` itself.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}:{error.offset}: {type(error).__name__}: {error.msg}"
    text = f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if Path(frame.filename).is_relative_to(path.parent)]
    return f"{mine[-1].filename}:{mine[-1].lineno}: {text}" if mine else f"{path}: {text}"


def line_of(path: Path, name: str, index: int | None = None) -> str:
    """Return `path:line` for a module's variable or an element of its tuple; only the path if it is not
    found.
    """
    with suppress(OSError, SyntaxError):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if not any(isinstance(target, ast.Name) and target.id == name for target in targets):
                continue
            value = getattr(node, "value", None)
            if index is not None and isinstance(value, ast.Tuple) and index < len(value.elts):
                return f"{path}:{value.elts[index].lineno}"
            return f"{path}:{node.lineno}"
    return str(path)


def _package(folder: Path) -> str:
    """Return the name of a package whose modules are the files in a folder."""
    name = f"harness_project_{zlib.crc32(str(folder.resolve()).encode()):08x}"
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules.setdefault(name, package)
    return name
