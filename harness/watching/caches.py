"""Clears cached data about files that may have changed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_OURS: Final = "harness."
_PROJECTS: Final = "harness_project_"
"""The prefix of the names of packages that contain a project's own modules."""
_OF_AWS: Final = ("harness.engine.", "harness.permissions.", "harness.scenario.aws_names")
"""Modules that only cache packages' data about AWS."""
_OF_NO_CODE: Final = (
    *_OF_AWS,
    "harness.cloudformation.",
    "harness.expect.",
    "harness.lint.",
    "harness.observe.access",
    "harness.scenario.",
    "harness.stack.definition_",
    "harness.stack.stack_values",
    "harness.stack.template",
    "harness.stack.transformed",
    "harness.states.",
    "harness.watching.",
)
"""Modules that cache scenarios, templates and definitions, but not functions' code."""


def forget_code() -> None:
    """Clear the caches that may contain functions' code."""
    _forget(_OF_NO_CODE, projects=False)


def forget() -> None:
    """Unload a project's own modules, and clear the caches of the harness's functions."""
    _forget(_OF_AWS, projects=True)


def project_files() -> Iterator[Path]:
    """Return the files of a project's own imported modules."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.startswith(_PROJECTS) and isinstance(file, str):
            yield Path(os.path.abspath(file))


def _forget(kept: tuple[str, ...], *, projects: bool) -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith(_PROJECTS):
            if projects:
                del sys.modules[name]
        elif name.startswith(_OURS) and not name.startswith(kept):
            for each in list(vars(module).values()):
                if getattr(each, "__module__", "") == name and hasattr(each, "cache_clear"):
                    each.cache_clear()
