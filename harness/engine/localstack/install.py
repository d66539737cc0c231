"""The managed virtual environment in which LocalStack runs without Docker.

It is in the user's cache. It contains exactly the packages from a lock file in `locks/` (with
hashes) and the harness's plugin. It is recreated when the lock file changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.engine.base import EngineError
from harness.engine.localstack.sources import HERE, copy_plugin, fingerprint
from harness.engine.pythons import Say, alone, find_python, pip_options, run
from harness.functions.host.pythons import cache_folder

if TYPE_CHECKING:
    from harness.engine.downloads import Downloads, Told

VERSIONS = ("2026.3.0", "4.14.0")
"""Versions of localstack-core that have a lock file. The first is the default."""
PYTHON = "3.13"


class Environment:
    """The virtual environment for one version of LocalStack."""

    def __init__(self, version: str, cache: Path | None = None):
        if version not in VERSIONS:
            raise EngineError(f"LocalStack {version} has no lock file; known versions: {', '.join(VERSIONS)}")
        self.version = version
        self.folder = (cache or cache_folder(os.environ)) / f"localstack-{version}"
        self.python = self.folder / "bin" / "python"
        self._lock = HERE / "locks" / f"{version}.txt"
        self._stamp = self.folder / "installed.json"

    @property
    def installed(self) -> bool:
        """True if LocalStack is installed as specified in the lock file."""
        return self._stamped().get("lock") == self._lock_hash()

    def install(self, say: Say, told: Told | None = None) -> None:
        """Install the locked packages and the plugin. Does nothing if both are up to date.

        `told` is called with phrases about the download progress.

        Raises EngineError if Python 3.13 is not found or pip fails.
        """
        with alone(self.folder):
            if self.installed:
                say(f"LocalStack {self.version} is installed in {self.folder}")
            else:
                self._make(say, told)
        self.refresh_plugin(say)

    def refresh_plugin(self, say: Say) -> None:
        """Install the plugin, unless the installed copy matches the sources. Raises EngineError."""
        if self._stamped().get("plugin") == fingerprint():
            return
        with alone(self.folder):
            if self._stamped().get("plugin") != fingerprint():
                say("installing the plugin ...")
                self._install_plugin()

    def _install_plugin(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            # --no-build-isolation: setuptools is in the lock file.
            self._pip(
                "--no-deps", "--no-build-isolation", "--force-reinstall", str(copy_plugin(Path(folder)))
            )
        self._write_stamp(plugin=fingerprint())

    def uninstall(self) -> bool:
        """Remove the environment. Return whether it existed."""
        there = self.folder.exists()
        shutil.rmtree(self.folder, ignore_errors=True)
        return there

    def _make(self, say: Say, told: Told | None) -> None:
        python = find_python(PYTHON, os.environ)
        if python is None:
            raise EngineError(NO_PYTHON)
        count = sum("==" in line for line in self._lock.read_text().splitlines() if line[:1].isalnum())
        say(f"creating {self.folder} with {python} ...")
        self.uninstall()
        run([python, "-I", "-m", "venv", str(self.folder)])
        say(f"installing LocalStack {self.version}: {count} packages, each checked by its hash ...")
        from harness.engine.downloads import Downloads  # noqa: PLC0415  (start-up)

        self._pip("--require-hashes", "-r", str(self._lock), downloads=told and Downloads(count, told))
        self._write_stamp(lock=self._lock_hash())

    def _pip(self, *arguments: str, downloads: Downloads | None = None) -> None:
        told, hear = (downloads.told, downloads.hear) if downloads else (None, None)
        run([str(self.python), "-P", "-m", "pip", "install", *pip_options(told), *arguments], hear)

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


NO_PYTHON = (
    "LocalStack needs Python 3.13, which was not found on PATH, in pyenv or in uv; "
    "install it (pyenv install 3.13, or your system's python3.13 and python3.13-venv)"
)
