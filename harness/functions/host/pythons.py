"""The Pythons that functions run on: the one that runs us, and those that were made ready.

A runtime, made by `harness engines install python3.13`, is a virtual environment in the
user's cache, made with an interpreter of this machine. It has what Lambda's own runtime brings along, in the
versions that the harness itself has.
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
"""The distributions of a runtime: those of Lambda's own, and what a virtual clock needs."""

INSTALLABLE = ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
"""The versions of Python that functions can run on, if the machine has them."""

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The version of the Python that runs us."""

STAMP = "installed.json"
"""The file that says that a runtime is whole, and of what it is made."""

_RUNTIME = re.compile(r"python(3\.\d+)")


def version_of(runtime: str) -> str:
    """Give the Python version that a function's `Runtime` names; "" when it is no Python.

    >>> version_of("python3.13")
    '3.13'
    """
    found = _RUNTIME.fullmatch(runtime)
    return found[1] if found else ""


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder in which the user's environments are kept."""
    base = environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "stepfunctions-harness"


@functools.cache
def requirements() -> tuple[str, ...]:
    """Give pip's requirements: the harness's own versions, or the newest before them that a Python takes.

    Fewer where our own Python lacks some, as in LocalStack's: then no runtime is of our versions.
    """
    found = {name: _version(name) for name in PACKAGES}
    return tuple(f"{name}<={version}" for name, version in found.items() if version)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


class PythonRuntime:
    """The runtime of one version of Python, such as `3.13`, made ready or not."""

    def __init__(self, version: str, cache: Path | None = None) -> None:
        self.version = version
        self.folder = (cache or cache_folder(os.environ)) / f"python{version}"
        self.python = self.folder / "bin" / "python"
        self.site_packages = self.folder / "lib" / f"python{version}" / "site-packages"

    @property
    def installed(self) -> bool:
        """True when it is whole, of the harness's versions, and its interpreter is still there."""
        try:
            stamped = json.loads((self.folder / STAMP).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return stamped == list(requirements()) and self.python.exists()


def runs_on(runtime: str) -> str:
    """Give the version of Python that functions of a `Runtime` run on here: the declared one, or OWN."""
    version = version_of(runtime)
    return version if version and version != OWN and PythonRuntime(version).installed else OWN
