"""The programs that install Python packages: uv if it is available, otherwise pip."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from harness.functions.host.pythons import OWN, PythonRuntime

PYPI: Final = "PyPI (or the index that you configured)"
VARIABLES: Final = {"uv": "UV_DEFAULT_INDEX, UV_FIND_LINKS", "pip": "PIP_INDEX_URL, PIP_FIND_LINKS"}
"""Environment variables that set a different package source, by tool."""
_PIP_QUIET: Final = ("--disable-pip-version-check", "--no-input", "--no-compile", "--no-warn-conflicts")


class InstallError(Exception):
    """The requirements could not be installed. `remedy` says how to fix this."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy: Final = remedy


@dataclass(frozen=True)
class Tool:
    """A program that installs wheels.

    Attributes:
        options: select the Python version.
        source: the package source.
    """

    name: str
    command: tuple[str, ...]
    options: tuple[str, ...]
    source: str

    @classmethod
    def found(cls, wanted: str) -> Tool:
        """Return the tool for a Python version: uv, from PATH or from the harness's environment. Without uv,
        pip from that Python, from the harness's environment, or from PATH.

        Raises:
            InstallError: none is available.
        """
        beside = str(Path(sys.executable).parent)
        uv = shutil.which("uv") or shutil.which("uv", path=beside)
        if uv:
            python = ("--python", sys.executable, "--python-version", wanted)
            source = _source("UV_INDEX_URL", "UV_DEFAULT_INDEX", links="UV_FIND_LINKS", offline="UV_OFFLINE")
            return cls("uv", (uv,), python, source)
        source = _source("PIP_INDEX_URL", links="PIP_FIND_LINKS", offline="PIP_NO_INDEX")
        runtime = PythonRuntime(wanted)
        if wanted != OWN and runtime.installed:
            return cls("pip", (str(runtime.python), "-I", "-m", "pip"), (), source)
        version = () if wanted == OWN else ("--python-version", wanted)
        if _has_pip():
            return cls("pip", (sys.executable, "-m", "pip"), version, source)
        pip = shutil.which("pip") or shutil.which("pip3")
        if pip is None:
            raise InstallError(
                "installing the requirements needs uv or pip, and neither is available",
                "install one of them (python -m pip install uv)",
            )
        return cls("pip", (pip,), ("--python-version", wanted), source)

    def install(self, folder: Path, options: Iterable[str]) -> list[str]:
        """Return the command that installs wheels into a folder."""
        quiet = ("--no-progress",) if self.name == "uv" else (*_PIP_QUIET, "--progress-bar", "off")
        wheels = ("--only-binary", ":all:", "--target", str(folder))
        return [*self.command, *self._pip, "install", *quiet, *wheels, *self.options, *options]

    @property
    def _pip(self) -> tuple[str, ...]:
        return ("pip",) if self.name == "uv" else ()


def _has_pip() -> bool:
    """Return whether the harness's Python has pip. A file `pip.py` on the path does not count."""
    try:
        metadata.version("pip")
    except metadata.PackageNotFoundError:
        return False
    return True


def _source(*indexes: str, links: str, offline: str) -> str:
    """Return the package source of a tool, from its environment variables."""
    index = next((os.environ[name] for name in indexes if os.environ.get(name)), PYPI)
    found = [without_password(index)] if not os.environ.get(offline) else []
    if folder := os.environ.get(links):
        found.append(folder)
    return " and ".join(found) or "its cache"


def without_password(url: str) -> str:
    """Return a URL, or a string that contains one, without the user information."""
    return re.sub(r"//[^/@]*@", "//", url)
