"""Finds Python interpreters on this machine, and creates the runtimes in which functions run."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.engine.base import EngineError
from harness.functions.host.pythons import INSTALLABLE, OWN, STAMP, PythonRuntime, requirements

if TYPE_CHECKING:
    from harness.engine.downloads import Told

Say = Callable[[str], object]

_UV_PYTHONS = "uv/python"  # relative to XDG_DATA_HOME: https://docs.astral.sh/uv/reference/storage/


def pythons(version: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield candidates for this Python version by file name: on PATH, in pyenv and from uv.

    Starts nothing.
    """
    name = f"python{version}"
    for command in (name, "python3"):
        found = shutil.which(command, path=environ.get("PATH"))
        if found and name in (command, Path(found).resolve().name):
            yield found
    home = Path(environ.get("HOME") or Path.home())
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    uv = Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / _UV_PYTHONS)
    folders = (pyenv.glob(f"versions/{version}*"), uv.glob(f"cpython-{version}.*"))
    for folder in (found for each in folders for found in sorted(each, reverse=True)):
        if (python := folder / "bin" / "python").exists():
            yield str(python)


def find_python(version: str, environ: Mapping[str, str]) -> str | None:
    """Find a working Python with this version by starting each candidate. Return None if not found."""
    # The file name of a plain `python3` does not contain the version.
    plain = shutil.which("python3", path=environ.get("PATH"))
    for candidate in (*pythons(version, environ), *([plain] if plain else [])):
        try:
            answer = subprocess.run(
                [candidate, "-I", "-c", "import sys, venv, ensurepip; print(*sys.version_info[:2], sep='.')"],
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if answer.returncode == 0 and answer.stdout.strip() == version:
            return candidate
    return None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process is creating or removing this environment."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{folder}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run(command: Sequence[str], hear: Callable[[str], object] | None = None) -> None:
    """Run a command that creates part of an environment. `hear` is called with each line of output.

    Raises:
        EngineError: the command failed. The message gives the end of its output.
    """
    if hear is None:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        code, said = done.returncode, done.stderr or done.stdout
    else:
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as started:
            last: deque[str] = deque(maxlen=60)
            for line in started.stdout or ():
                last.append(line)
                hear(line)
        code, said = started.returncode, "".join(last)
    if code:
        raise EngineError(f"{' '.join(command[:6])} ... failed:\n{said[-3000:]}")


def pip_options(told: Told | None) -> Sequence[str]:
    """Return the options for pip. Its progress is printed only if a caller reads it."""
    options = ("--disable-pip-version-check", "--no-input")
    return ("--progress-bar", "off", *options) if told else ("--quiet", *options)


def install(runtime: PythonRuntime, say: Say, told: Told | None = None) -> None:
    """Create a runtime, unless it exists. A runtime that is only partly installed is never used.

    `told` is called with short messages about the download progress.

    Raises:
        EngineError: this Python version is not installed, or pip could not install the packages.
    """
    if runtime.version == OWN:
        say(f"python{OWN} is the harness's own Python: no installation is needed")
        return
    if runtime.version not in INSTALLABLE:
        raise EngineError(
            f"functions cannot run on python{runtime.version} on this machine; "
            f"versions that can be installed: {', '.join(f'python{version}' for version in INSTALLABLE)}"
        )
    with alone(runtime.folder):
        if runtime.installed:
            say(f"python{runtime.version} is installed in {runtime.folder}")
        else:
            _make(runtime, say, told)


def uninstall(runtime: PythonRuntime) -> bool:
    """Remove a runtime. Return whether it existed."""
    if not runtime.folder.exists():
        return False
    with alone(runtime.folder):
        shutil.rmtree(runtime.folder, ignore_errors=True)
    return True


def state(runtime: PythonRuntime) -> tuple[bool, str, str]:
    """Return whether functions can run on this version, followed by the reason and the remedy.

    Starts nothing.
    """
    command = f"harness engines install python{runtime.version}"
    if runtime.version == OWN:
        return True, "the harness's own Python", ""
    if runtime.installed:
        return True, f"in {runtime.folder}", ""
    if next(pythons(runtime.version, os.environ), None) is None:
        return False, "not found on PATH, in pyenv or in uv", f"install one, then: {command}"
    return (
        False,
        "installed by a different version of the harness" if runtime.folder.exists() else "not installed",
        command,
    )


def _make(runtime: PythonRuntime, say: Say, told: Told | None) -> None:
    version = runtime.version
    interpreter = find_python(version, os.environ)
    if interpreter is None:
        raise EngineError(
            f"Python {version} with venv not found on PATH, in pyenv or in uv; install it "
            f"(pyenv install {version}, uv python install {version}, or your system's package), and try again"
        )
    say(f"creating {runtime.folder} with {interpreter} ...")
    shutil.rmtree(runtime.folder, ignore_errors=True)
    run([interpreter, "-I", "-m", "venv", str(runtime.folder)])
    say(f"installing the packages in Lambda's runtime: {len(requirements())} packages ...")
    from harness.engine.downloads import Downloads  # noqa: PLC0415  (start-up)

    hear = Downloads(len(requirements()), told).hear if told else None
    try:
        run([str(runtime.python), "-I", "-m", "pip", "install", *pip_options(told), *requirements()], hear)
    except EngineError as error:
        raise EngineError(
            f"pip could not install python{version}'s packages: it needs the package index or a mirror; "
            f"go online, or set a mirror (PIP_INDEX_URL, PIP_FIND_LINKS), and try again\n{error}"
        ) from None
    stamp = runtime.folder / STAMP
    partial = stamp.with_suffix(".partial")
    partial.write_text(json.dumps(list(requirements())), encoding="utf-8")
    partial.rename(stamp)  # the runtime is complete only now
