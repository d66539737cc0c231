"""The Pythons that functions run on: the harness's own, and the installed runtimes.

A runtime is installed with `harness engines install python3.13`. It is a virtual environment in the user's
cache, created with an interpreter on this machine. It contains the packages in Lambda's own runtime, in the
versions that the harness itself uses.
"""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "awslambdaric",
    "boto3",
    "botocore",
    "jmespath",
    "python-dateutil",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot-restore-py",
    "time-machine",
    "urllib3",
)
"""A runtime's distributions: those in Lambda's own runtime, and those for the virtual clock."""

INSTALLABLE = ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
"""The Python versions that functions can run on, if installed."""

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The version of the harness's own Python."""

STAMP = "installed.json"
"""The file that marks a runtime as complete, and lists its distributions."""

_RUNTIME = re.compile(r"python(3\.\d+)")


def version_of(runtime: str) -> str:
    """Return the Python version in a function's `Runtime`, or "" when it is not a Python runtime.

    >>> version_of("python3.13")
    '3.13'
    """
    found = _RUNTIME.fullmatch(runtime)
    return found[1] if found else ""


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder that contains the user's environments."""
    base = environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "stepfunctions-harness"


@functools.cache
def requirements() -> tuple[str, ...]:
    """Return pip's requirements: the harness's own versions, or the newest that a Python supports.

    In a Python that lacks some of these packages, as in LocalStack, the list is shorter, and no runtime
    matches it.
    """
    found = {name: _version(name) for name in PACKAGES}
    return tuple(f"{name}<={version}" for name, version in found.items() if version)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


class PythonRuntime:
    """The runtime for a Python version, such as `3.13`, installed or not."""

    def __init__(self, version: str, cache: Path | None = None) -> None:
        self.version = version
        self.folder = (cache or cache_folder(os.environ)) / f"python{version}"
        self.python = self.folder / "bin" / "python"
        self.site_packages = self.folder / "lib" / f"python{version}" / "site-packages"

    @property
    def installed(self) -> bool:
        """Return whether the runtime is complete, has the harness's versions, and its interpreter still
        exists.
        """
        try:
            stamped = json.loads((self.folder / STAMP).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return stamped == list(requirements()) and self.python.exists()


def runs_on(runtime: str) -> str:
    """Return the Python version that functions with this `Runtime` run on: the declared version, or OWN."""
    version = version_of(runtime)
    return version if version and version != OWN and PythonRuntime(version).installed else OWN
