"""Installs the requirements for code, once for each set of requirements. The result is a zip in the user's
cache.

uv installs them if it is available, otherwise pip. Only wheels are used, so no package code runs.
Packages in Lambda's runtime are left out if the requirements accept the runtime's version.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from harness.functions.host.pythons import INSTALLABLE, OWN, PACKAGES, PythonRuntime, cache_folder
from harness.functions.host.zips import UNZIPPED_BYTES
from harness.stack.archive import zipped
from harness.stack.install_tool import VARIABLES, InstallError, Tool, without_password
from harness.stack.requirements import LOCK, Requirements, normalized

Notice = Callable[[str], object]
"""A function that shows a line to the user."""

_FORM: Final = "1"
"""Version of the cache format. Changes when the result for the same requirements changes."""
_OFFLINE: Final = re.compile(
    r"dns error|name resolution|Name or service not known|nodename nor servname|error sending request"
    r"|Failed to establish a new connection|NewConnectionError|Could not connect|ConnectTimeout"
    r"|Network connectivity is disabled|network was disabled|Connection refused|Network is unreachable"
)
_LAST_LINES: Final = 8
_BROUGHT_ALONG: Final = frozenset(map(normalized, PACKAGES)) - {"time-machine"}
"""The distributions in Lambda's runtime. Excludes the virtual clock's distribution, which is not for
functions.
"""
_ENVIRON: Final = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
"""Overrides for the user's pip variables that conflict with a target folder."""


@dataclass(frozen=True)
class Target:
    """The code that requirements are installed for.

    Attributes:
        subject: the function or layer name to show to the user.
        python: the version that the code runs on in the harness.
        declared: the version that it runs on in AWS.
        prefix: a folder in the zip.
    """

    subject: str
    python: str
    declared: str
    prefix: str = ""

    @property
    def where(self) -> str:
        """Return a phrase for the Python that the code runs on."""
        other = (
            f" (it declares {self.declared}, which is not installed)" if self.declared != self.python else ""
        )
        return f"Python {self.python}{other}"


def runtime_versions(python: str) -> Mapping[str, str]:
    """Return the versions of the packages that functions on this Python can always import, by normalized
    name.
    """
    if python == OWN:
        return _own_versions()
    runtime = PythonRuntime(python)
    if not runtime.installed:
        return {}
    installed = metadata.distributions(path=[str(runtime.site_packages)])
    versions = {normalized(each.name): each.version for each in installed}
    return {name: version for name, version in versions.items() if name in _BROUGHT_ALONG}


def is_installed(requirements: Requirements, target: Target) -> bool:
    """Return whether the zip is in the cache."""
    return _place(requirements, target).is_file()


def installed(requirements: Requirements, target: Target, notice: Notice) -> bytes:
    """Return a zip with the requirements. It comes from the cache if they were installed before.

    Raises:
        InstallError: the requirements could not be installed.
    """
    file = _place(requirements, target)
    if file.is_file():
        return file.read_bytes()
    try:
        return _install(requirements, target, notice, file)
    except OSError as error:
        message = f"{error.filename or file.parent}: {error.strerror}"
        raise InstallError(message, "requirements are installed into the user's cache") from error


def _install(requirements: Requirements, target: Target, notice: Notice, file: Path) -> bytes:
    from harness.engine.pythons import alone  # noqa: PLC0415  (start-up)

    with alone(file):
        if file.is_file():  # another process was first
            return file.read_bytes()
        tool = Tool.found(target.python)
        notice(
            f"{target.subject}: installing {_listed(requirements.names)} ({_shown(requirements.file)}) "
            f"from {tool.source} with {tool.name} for {target.where}, once"
        )
        with TemporaryDirectory(dir=file.parent, prefix=".new-") as place:
            folder = Path(place) / "new" / target.prefix
            folder.mkdir(parents=True)
            _Installation(requirements, target, tool, folder, Path(place)).run()
            content = zipped(Path(place) / "new")
            partial = Path(place) / "zip"
            partial.write_bytes(content)
            partial.rename(file)
    return content


def _place(requirements: Requirements, target: Target) -> Path:
    """Return the cache file for these requirements on this Python and machine."""
    known = (
        _FORM,
        requirements.file.name,
        requirements.text,
        target.python,
        target.prefix,
        sys.platform,
        platform.machine(),
        *(f"{name}=={version}" for name, version in sorted(runtime_versions(target.python).items())),
    )
    digest = hashlib.sha256("\0".join(known).encode("utf-8", "surrogatepass")).hexdigest()
    return cache_folder(os.environ) / "builds" / f"{digest[:40]}.zip"


@dataclass
class _Installation:
    """An installation into `folder`. Its temporary files are written to `place`."""

    requirements: Requirements
    target: Target
    tool: Tool
    folder: Path
    place: Path

    def run(self) -> None:
        """Install, and remove packages that are always available to functions. Raises InstallError."""
        wanted = self._wanted()
        versions = runtime_versions(self.target.python)
        constraints = self.place / "runtime.txt"
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()))
        # Packages that match the runtime's own versions need not be packaged. These versions may conflict
        # with the requirements.
        with_runtime = self.tool.install(self.folder, (*wanted, "--constraint", str(constraints)))
        done = self._run(with_runtime)
        if done.returncode:
            if _OFFLINE.search(done.stderr):
                raise self._error(done)
            _emptied(self.folder)
            self._checked(self.tool.install(self.folder, wanted))
        for left in ("bin", ".lock"):  # scripts, which SAM's builds do not contain, and uv's lock
            _remove(self.folder / left)
        for name, version in _distributions(self.folder):
            if versions.get(normalized(name)) == version:
                _remove_modules(self.folder, name)
        size = sum(each.stat().st_size for each in self.folder.rglob("*") if each.is_file())
        if size > UNZIPPED_BYTES:
            raise InstallError(
                f"{_shown(self.requirements.file)} installs {size} bytes with all dependencies; "
                f"Unzipped size must be smaller than {UNZIPPED_BYTES} bytes",
                "use fewer packages; the harness packages a function's code as a zip, and this is the "
                "maximum size that Lambda accepts",
            )

    def _wanted(self) -> tuple[str, ...]:
        """Return the options that specify the requirements. A lock file is exported first, as in SAM."""
        file = self.requirements.file.absolute()
        if file.suffix == ".txt":
            return "-r", str(file)
        named = self.place / "requirements.txt"
        if self.requirements.locked:
            if self.tool.name != "uv":
                raise InstallError(f"only uv can read {LOCK}", "install uv (python -m pip install uv)")
            without = ("--no-emit-project", "--no-hashes", "--no-default-groups", "--frozen")
            form = ("--format", "requirements.txt", "--output-file", str(named))
            python = ("--python", sys.executable)
            self._checked([*self.tool.command, "export", *form, *without, *python])
        elif self.tool.name == "uv" and file.name == "pyproject.toml":
            return "-r", str(file)
        else:
            named.write_text("".join(f"{line}\n" for line in self.requirements.lines))
        return "-r", str(named)

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        folder = self.requirements.file.parent  # relative paths in requirements start from this folder
        environ = {**os.environ, **_ENVIRON}
        return subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, cwd=folder, env=environ
        )

    def _checked(self, command: Sequence[str]) -> None:
        done = self._run(command)
        if done.returncode:
            raise self._error(done)

    def _error(self, done: subprocess.CompletedProcess[str]) -> InstallError:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        names, file = _listed(self.requirements.names), _shown(self.requirements.file)
        python = self.target.where
        end = "".join(f"\n  {line}" for line in said[-_LAST_LINES:])
        if _OFFLINE.search("\n".join(said)):
            return InstallError(
                f"{names} in {file} must be installed for {python}, and {self.tool.source} does not respond",
                f"go online once, or set a mirror or a folder of wheels ({VARIABLES[self.tool.name]}), and "
                f"try again; or vendor them: {_vendor(self.requirements)}{end}",
            )
        return InstallError(
            f"{self.tool.name} cannot install {names} from {file} for {python}",
            f"{self._remedy(file)}{end}",
        )

    def _remedy(self, file: str) -> str:
        declared = self.target.declared
        if declared == self.target.python:
            built = "must be built with `sam build`, whose output is then used"
            return f"correct {file}; only wheels are installed, so a package without wheels {built}"
        if declared in INSTALLABLE:
            return (
                f"run `harness engines install python{declared}` to install the declared Python, then try "
                "again"
            )
        return (
            f"the harness does not run Python {declared}: require versions that also have wheels for "
            "newer ones"
        )


def _vendor(requirements: Requirements) -> str:
    """Return the command that installs the packages into the folder itself."""
    file = requirements.file
    what = (
        f"-r {_shown(file)}"
        if file.suffix == ".txt"
        else " ".join(f"'{each}'" for each in requirements.names)
    )
    return f"pip install -t {_shown(file.parent)} {what}"


def _shown(path: Path) -> str:
    return os.path.relpath(path)


def _listed(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(without_password, names[:most])) + more or "nothing"


@functools.cache
def _own_versions() -> Mapping[str, str]:
    found = {name: _own_version(name) for name in _BROUGHT_ALONG}
    return {name: version for name, version in found.items() if version}


def _own_version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _distributions(folder: Path) -> Iterator[tuple[str, str]]:
    for each in metadata.distributions(path=[str(folder)]):
        yield each.name, each.version


def _remove_modules(folder: Path, name: str) -> None:
    """Remove the files of a distribution, but keep its metadata."""
    (found,) = metadata.distributions(name=name, path=[str(folder)])
    for file in found.files or ():
        if not file.parts[0].endswith(".dist-info"):
            with suppress(FileNotFoundError):
                (folder / file).unlink()
    for place, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):  # it is not empty
            Path(place).rmdir()


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
