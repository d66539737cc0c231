"""Commands that run a module of ours in a Python interpreter of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

StartMethod = Literal["fork", "spawn"]
"""The ways to start an environment: a fork of the supervisor, or a fresh interpreter."""

# The first entry of the path is the working directory, as the interpreter is not isolated.
_BOOT = (
    "import sys; sys.path[:1] = []; sys.path.append(sys.argv[1]); "
    "from {module} import main; main(sys.argv[1])"
)
_HASH_SEEDS = 1 << 32


def python_command(module: str, *arguments: str, python: str = sys.executable) -> list[str]:
    """The command that calls `main(root)` of one of our modules in a fresh interpreter, `python`.

    That interpreter sees the standard library only: no site-packages, not even the user's. It is not isolated
    (`-I`), as it would ignore `hash_variables` then: whoever starts it gives it no other PYTHON* variables.
    `root`, the folder that holds our package, is the last entry of its path; `main` removes it before a
    function's code runs.
    """
    root = Path(__file__).parents[len(__name__.split(".")) - 1]
    flags = ["-s", "-S", "-X", "utf8"]
    return [python, *flags, "-c", _BOOT.format(module=module), str(root), *arguments]


def hash_variables(world: int) -> dict[str, str]:
    """The variables for a Python in which sets have the order that they have in this world.

    The seed is never 0, which would show in `sys.flags.hash_randomization`.
    """
    return {"PYTHONHASHSEED": str(1 + world % (_HASH_SEEDS - 1))}
