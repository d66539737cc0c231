"""Answers from a function in the project, imported by file path."""

from __future__ import annotations

import importlib.util
import json
import sys
import traceback
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.json_types import Json
from harness.task_error import TaskError


class Unusable(Exception):
    """The file or its function cannot be used. The message gives the position and the reason."""


def load(path: str, name: str) -> Callable[[Any], Any]:
    """Return a function from a file. The file is imported again, so that no state is left from earlier calls.

    The module belongs to a package for its folder, so that it can import the files next to it.

    Raises:
        Unusable: the file cannot be imported, or has no such function.
    """
    file = Path(path)
    package = f"harness_answers_{zlib.crc32(str(file.parent.resolve()).encode()):08x}"
    for known in [module for module in sys.modules if f"{module}.".startswith(f"{package}.")]:
        del sys.modules[known]
    parent = ModuleType(package)
    parent.__path__ = [str(file.parent)]
    sys.modules[package] = parent
    spec = importlib.util.spec_from_file_location(f"{package}.{file.stem}", file)
    if spec is None or spec.loader is None:
        raise Unusable(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise Unusable(raised_at(error, file)) from None
    found = getattr(module, name, None)
    if not callable(found):
        raise Unusable(f"{path} has no function {name}")
    function: Callable[[Any], Any] = found
    return function


def ask(function: Callable[[Any], Any], given: Json, path: str) -> Json:
    """Call a function with a copy of the task's input. Return its result as JSON.

    Raises:
        TaskError: the function raised it.
        Unusable: the function raised another exception, or its result is not JSON.
    """
    try:
        return json.loads(json.dumps(function(json.loads(json.dumps(given))), allow_nan=False))  # type: ignore[no-any-return]
    except TaskError:
        raise
    except (Exception, SystemExit) as error:
        raise Unusable(raised_at(error, Path(path))) from None


def raised_at(error: BaseException, file: Path) -> str:
    """Return the exception on one line, with its innermost position in the file's folder: `x.py:3: NameError:
    ...`.
    """
    text = f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if Path(frame.filename).is_relative_to(file.parent)]
    return f"{mine[-1].filename}:{mine[-1].lineno}: {text}" if mine else f"{file}: {text}"
