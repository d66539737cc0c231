"""Functions in processes with the privileges of a developer, a different user, or a container."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.functions.shared.seccomp import unavailable

HERE = Path(__file__).parent
NOBODY = [sys.executable, str(HERE / "nobody.py")]
Ends = dict[str, dict[str, Any]]
Probe = Callable[..., Ends]


@pytest.fixture(
    params=["template", *(pytest.param(way, marks=pytest.mark.thorough) for way in ("fork", "spawn"))]
)
def method(request: pytest.FixtureRequest) -> str:
    """The start method for environments."""
    way: str = request.param
    return way


@pytest.fixture(
    params=["as this user", pytest.param("as nobody", marks=pytest.mark.thorough), "without seccomp"]
)
def probe(request: pytest.FixtureRequest, method: str) -> Probe:
    """Run functions and return their results."""
    if request.param == "as nobody" and os.getuid() != 0:
        pytest.skip("only root can become another user")
    if request.param != "without seccomp" and (missing := unavailable()):
        pytest.skip(f"the guard does not work here: {missing}")
    first = {
        "as this user": [],
        "as nobody": NOBODY,
        "without seccomp": [sys.executable, str(HERE / "forbid.py")],
    }[request.param]

    def run(functions: dict[str, str], **more: Any) -> Ends:
        asked = json.dumps({"functions": functions, **more})
        command = [*first, sys.executable, str(HERE / "probes.py"), method, asked]
        ended = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=240,
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "HOME": "/"},
        )
        assert ended.returncode == 0, ended.stderr
        ends: Ends = json.loads(ended.stdout)
        return ends

    return run


@pytest.fixture
def is_guarded(request: pytest.FixtureRequest) -> bool:
    """Return whether programs started by functions are restricted."""
    return "without seccomp" not in request.node.name
