"""Forgets what this process has kept of files that may have changed."""

from __future__ import annotations

import sys
from typing import Final

_OURS: Final = "harness."
_PROJECTS: Final = "harness_project_"
"""The beginning of the names of packages with a project's own modules."""
_OF_AWS: Final = ("harness.engine.", "harness.permissions.", "harness.scenario.aws_names")
"""Modules that keep what packages say of AWS only."""


def forget() -> None:
    """Forget a project's own modules, and empty the caches of the harness's functions."""
    for name, module in list(sys.modules.items()):
        if name.startswith(_PROJECTS):
            del sys.modules[name]
        elif name.startswith(_OURS) and not name.startswith(_OF_AWS):
            for each in list(vars(module).values()):
                if getattr(each, "__module__", "") == name and hasattr(each, "cache_clear"):
                    each.cache_clear()
