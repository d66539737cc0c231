"""Replacement of `os` functions, including in modules that were loaded earlier."""

from __future__ import annotations

import os
import posix
import sys
from collections.abc import Callable, Mapping
from typing import Any

Function = Callable[..., Any]


def replace_in_os(made: Mapping[str, Function]) -> dict[Function, Function]:
    """Install functions in `os`; return the replacement for each original."""
    replaced = {}
    for name, replacement in made.items():
        real = getattr(os, name)
        replaced[real] = replacement
        for abilities in (
            os.supports_dir_fd,
            os.supports_fd,
            os.supports_follow_symlinks,
            os.supports_effective_ids,
        ):
            if real in abilities:
                abilities.add(replacement)
        setattr(os, name, replacement)
        setattr(posix, name, replacement)
    return replaced


def replace_where_held(replaced: Mapping[Function, Function]) -> None:
    """Replace references to the originals in modules that were loaded earlier."""
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        if names is None or module.__name__.startswith(__name__.rpartition(".")[0]):
            continue
        for name, value in list(names.items()):
            try:
                replacement = replaced.get(value)
            except TypeError:  # the value is not hashable
                continue
            if replacement is not None:
                names[name] = replacement
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ("glob", "pathlib"):  # its classes have references, too
            for kind in [each for each in vars(module).values() if isinstance(each, type)]:
                _replace_in_class(kind, replaced)


def _replace_in_class(kind: type, replaced: Mapping[Function, Function]) -> None:
    for name, value in list(vars(kind).items()):
        function = getattr(value, "__func__", value)
        if callable(function) and function in replaced:
            setattr(kind, name, staticmethod(replaced[function]))
