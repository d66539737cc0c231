"""The folder /opt of a function with layers: paths below it lead to where their content is on this machine.

Nothing is written to this machine's own /opt. What Python code opens, looks at and lists is redirected:
`open`, and the functions of `os` below, on which `pathlib`, `shutil`, `glob` and `os.path` are built. Other
programs, and libraries that open files themselves, see the machine's /opt; PATH leads to the commands in the
layers' `bin`.
"""

from __future__ import annotations

import builtins
import functools
import io
import os
from collections.abc import Callable
from typing import Any

ROOT = "/opt"

_REDIRECTED = ("access", "listdir", "lstat", "open", "readlink", "scandir", "stat")


def import_paths(layers: str, version: str) -> list[str]:
    """Give the folders of layers from which Python of this version imports, in Lambda's order."""
    if not layers:
        return []
    return [f"{layers}/python/lib/python{version}/site-packages", f"{layers}/python"]


def install(layers: str) -> None:
    """Let /opt be `layers` for this process."""
    opened = _redirecting(io.open, layers)
    for module in (builtins, io):
        module.open = opened  # type: ignore[attr-defined]
    for name in _REDIRECTED:
        real = getattr(os, name)
        replacement = _redirecting(real, layers)
        for abilities in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
            if real in abilities:
                abilities.add(replacement)
        setattr(os, name, replacement)


def _redirecting(real: Callable[..., Any], layers: str) -> Callable[..., Any]:
    @functools.wraps(real)
    def redirecting(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], (str, os.PathLike)):
            path = os.fspath(args[0])
            if isinstance(path, str) and (path == ROOT or path.startswith(f"{ROOT}/")):
                return real(layers + path[len(ROOT) :], *args[1:], **kwargs)
        return real(*args, **kwargs)

    return redirecting
