"""The managed virtual environment in which LocalStack runs without Docker.

It lives in the user's cache, holds exactly what a lock in `locks/` names (with hashes) and our plugin, and is
made anew when the lock changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from harness.engine.base import EngineError
from harness.engine.localstack.sources import HERE, copy_plugin, fingerprint

VERSIONS = ("2026.3.0", "4.14.0")
"""The versions of localstack-core with a lock; the first is the default."""
PYTHON = (3, 13)
Say = Callable[[str], object]


class Environment:
    """The virtual environment of one version of LocalStack."""

    def __init__(self, version: str, cache: Path | None = None):
        if version not in VERSIONS:
            raise EngineError(f"there is no lock for LocalStack {version}; known: {', '.join(VERSIONS)}")
        self.version = version
        self.folder = (cache or cache_folder(os.environ)) / f"localstack-{version}"
        self.python = self.folder / "bin" / "python"
        self._lock = HERE / "locks" / f"{version}.txt"
        self._stamp = self.folder / "installed.json"

    @property
    def installed(self) -> bool:
        """True when LocalStack is there as the lock wants it."""
        return self._stamped().get("lock") == self._lock_hash()

    def install(self, say: Say) -> None:
        """Make it what the lock and the plugin's sources say; does nothing when it is that already.

        Raises EngineError when there is no Python 3.13, or pip fails.
        """
        with self._alone():
            if self.installed:
                say(f"LocalStack {self.version} is installed in {self.folder}")
            else:
                self._make(say)
        self.refresh_plugin(say)

    def refresh_plugin(self, say: Say) -> None:
        """Install our plugin, if it is not there as its sources are now. Raises EngineError."""
        if self._stamped().get("plugin") == fingerprint():
            return
        with self._alone():
            if self._stamped().get("plugin") != fingerprint():
                say("installing the plugin ...")
                self._install_plugin()

    def _install_plugin(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            # --no-build-isolation: setuptools is in the lock.
            self._pip(
                "--no-deps", "--no-build-isolation", "--force-reinstall", str(copy_plugin(Path(folder)))
            )
        self._write_stamp(plugin=fingerprint())

    def uninstall(self) -> bool:
        """Remove it; whether it was there."""
        there = self.folder.exists()
        shutil.rmtree(self.folder, ignore_errors=True)
        return there

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait until no other process changes the environment."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with Path(f"{self.folder}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _make(self, say: Say) -> None:
        python = find_python(os.environ)
        count = sum("==" in line for line in self._lock.read_text().splitlines() if line[:1].isalnum())
        say(f"making {self.folder} with {python} ...")
        self.uninstall()
        _run([python, "-I", "-m", "venv", str(self.folder)])
        say(f"installing LocalStack {self.version}: {count} packages, each checked by its hash ...")
        self._pip("--require-hashes", "-r", str(self._lock))
        self._write_stamp(lock=self._lock_hash())

    def _pip(self, *arguments: str) -> None:
        options = ("--quiet", "--disable-pip-version-check", "--no-input")
        _run([str(self.python), "-P", "-m", "pip", "install", *options, *arguments])

    def _lock_hash(self) -> str:
        return hashlib.sha256(self._lock.read_bytes()).hexdigest()

    def _stamped(self) -> dict[str, str]:
        try:
            stamped: dict[str, str] = json.loads(self._stamp.read_text())
        except (OSError, ValueError):
            return {}
        return stamped

    def _write_stamp(self, **values: str) -> None:
        self._stamp.write_text(json.dumps(self._stamped() | values))


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder in which the user's environments are kept."""
    base = environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "stepfunctions-harness"


NO_PYTHON = (
    "LocalStack needs Python 3.13, and there is none on PATH or in pyenv; "
    "install one (pyenv install 3.13, or your system's python3.13 and python3.13-venv)"
)


def find_python(environ: Mapping[str, str]) -> str:
    """Find a Python 3.13 that works, by starting each candidate. Raises EngineError when there is none."""
    # The version of a plain `python3` is not in its name.
    plain = shutil.which("python3", path=environ.get("PATH"))
    for candidate in (*pythons(environ), *([plain] if plain else [])):
        try:
            answer = subprocess.run(
                [candidate, "-I", "-c", "import sys, venv, ensurepip; print(*sys.version_info[:2])"],
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
        except OSError:
            continue
        if answer.returncode == 0 and answer.stdout.split() == [str(part) for part in PYTHON]:
            return candidate
    raise EngineError(NO_PYTHON)


def pythons(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield what is a Python 3.13 by its name, on PATH and in pyenv; starts nothing."""
    name = f"python{'.'.join(map(str, PYTHON))}"
    for command in (name, "python3"):
        found = shutil.which(command, path=environ.get("PATH"))
        if found and name in (command, Path(found).resolve().name):
            yield found
    pyenv = Path(environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for folder in sorted(pyenv.glob(f"versions/{name.removeprefix('python')}*"), reverse=True):
        if (python := folder / "bin" / "python").exists():
            yield str(python)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineError(f"{' '.join(command[:6])} ... failed:\n{(done.stderr or done.stdout)[-3000:]}")
