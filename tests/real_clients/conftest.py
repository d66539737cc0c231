"""Command-line clients, pointed at an emulator only by their environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from harness.engine.base import scrubbed_environment

Shell = Callable[[str, Mapping[str, str]], str]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Run a command line in an empty folder with these variables. Return its standard output."""

    def run(line: str, env: Mapping[str, str]) -> str:
        scripts = Path(sys.executable).parent
        done = subprocess.run(
            line,
            shell=True,
            cwd=tmp_path,
            env={
                **scrubbed_environment(os.environ),
                **env,
                "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
                "AWS_PAGER": "",
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    return run
