"""The bytecode of a function's modules. Environments share it, because their folders are read-only."""

from __future__ import annotations

import importlib.machinery
import os
import sys
from importlib.util import cache_from_source
from typing import Any

from ...shared.sandbox_protocol import OPT, RUNTIME, TASK
from .roots import BYTECODE

_OWN = (f"{TASK}/", f"{OPT}/")
_SHARED = f"{RUNTIME}/"


def keep() -> None:
    """Store in BYTECODE the bytecode of the modules that are imported from /var/task and /opt.

    Modules in Lambda's runtime have their bytecode in BYTECODE only if this machine has none for them.
    """
    machinery: Any = sys.modules["_frozen_importlib_external"]
    real: Any = machinery.cache_from_source

    def cached(path: str, debug_override: Any = None, *, optimization: Any = None) -> str:
        beside: str = real(path, debug_override, optimization=optimization)
        if path.startswith(_OWN) or (path.startswith(_SHARED) and not os.path.exists(beside)):
            return f"{BYTECODE}{os.path.dirname(path)}/{os.path.basename(beside)}"
        return beside

    machinery.cache_from_source = cached
    machinery._get_cached = lambda filename: real(filename) if filename.endswith(".py") else None


def compile_package(folder: str) -> None:
    """Write the missing bytecode for a package's modules, without running them."""
    for entry in os.scandir(folder):
        if entry.name.endswith(".py") and not os.path.exists(cache_from_source(entry.path)):
            name = entry.name.removesuffix(".py")
            importlib.machinery.SourceFileLoader(name, entry.path).get_code(name)
