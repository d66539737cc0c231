"""Commands that run a module of ours in a Python interpreter of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

StartMethod = Literal["fork", "spawn"]
"""The ways to start an environment: a fork of the supervisor, or a fresh interpreter."""

_BOOT = "import sys; sys.path.append(sys.argv[1]); from {module} import main; main(sys.argv[1])"


def python_command(module: str, *arguments: str, python: str = sys.executable) -> list[str]:
    """The command that calls `main(root)` of one of our modules in a fresh interpreter, `python`.

    That interpreter sees the standard library only: no site-packages, no PYTHON* variables. `root`, the
    folder that holds our package, is the last entry of its path; `main` removes it before a function's code
    runs.
    """
    root = Path(__file__).parents[len(__name__.split(".")) - 1]
    flags = ["-I", "-S", "-X", "utf8"]
    return [python, *flags, "-c", _BOOT.format(module=module), str(root), *arguments]
