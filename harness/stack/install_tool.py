"""The programs that install Python's packages: uv where it is there, else pip."""

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

PYPI: Final = "PyPI (or the index of your configuration)"
VARIABLES: Final = {"uv": "UV_DEFAULT_INDEX, UV_FIND_LINKS", "pip": "PIP_INDEX_URL, PIP_FIND_LINKS"}
"""The variables that name another place to take packages from, by tool."""
_PIP_QUIET: Final = ("--disable-pip-version-check", "--no-input", "--no-compile", "--no-warn-conflicts")


class InstallError(Exception):
    """The requirements could not be installed; `remedy` says what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy: Final = remedy


@dataclass(frozen=True)
class Tool:
    """A program that installs wheels.

    Attributes:
        options: choose the Python.
        source: the place from which it takes packages.
    """

    name: str
    command: tuple[str, ...]
    options: tuple[str, ...]
    source: str

    @classmethod
    def found(cls, wanted: str) -> Tool:
        """The tool for a version of Python: uv on PATH or beside ours; that Python's pip, ours, PATH's.

        Raises:
            InstallError: there is none.
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
                "neither uv nor pip is there to install the requirements",
                "install one of them (python -m pip install uv)",
            )
        return cls("pip", (pip,), ("--python-version", wanted), source)

    def install(self, folder: Path, options: Iterable[str]) -> list[str]:
        """The command that installs wheels into a folder."""
        quiet = ("--no-progress",) if self.name == "uv" else (*_PIP_QUIET, "--progress-bar", "off")
        wheels = ("--only-binary", ":all:", "--target", str(folder))
        return [*self.command, *self._pip, "install", *quiet, *wheels, *self.options, *options]

    @property
    def _pip(self) -> tuple[str, ...]:
        return ("pip",) if self.name == "uv" else ()


def _has_pip() -> bool:
    """Tell whether our Python has pip; a file `pip.py` somewhere is none."""
    try:
        metadata.version("pip")
    except metadata.PackageNotFoundError:
        return False
    return True


def _source(*indexes: str, links: str, offline: str) -> str:
    """The place from which a tool takes packages, by its variables."""
    index = next((os.environ[name] for name in indexes if os.environ.get(name)), PYPI)
    found = [without_password(index)] if not os.environ.get(offline) else []
    if folder := os.environ.get(links):
        found.append(folder)
    return " and ".join(found) or "its cache"


def without_password(url: str) -> str:
    """A URL, or a text with one, without its user."""
    return re.sub(r"//[^/@]*@", "//", url)
