"""Commands that run one of our modules in a separate Python interpreter."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

StartMethod = Literal["fork", "spawn"]
"""The methods for starting an environment: a fork of the supervisor, or a fresh interpreter."""

# The first entry of the path is the working directory, because the interpreter is not isolated.
_BOOT = (
    "import sys; sys.path[:1] = []; sys.path.append(sys.argv[1]); "
    "from {module} import main; main(sys.argv[1])"
)
_HASH_SEEDS = 1 << 32


def python_command(module: str, *arguments: str, python: str = sys.executable) -> list[str]:
    """Return the command that calls `main(root)` of one of our modules in a fresh interpreter, `python`.

    That interpreter sees only the standard library: no site-packages, not even the user's. It is not isolated
    (`-I`), because it would then ignore `hash_variables`. Callers pass no other PYTHON* variables to it.
    `root`, the folder of our package, is the last entry of its path; `main` removes it before a function's
    code runs.
    """
    root = Path(__file__).parents[len(__name__.split(".")) - 1]
    flags = ["-s", "-S", "-X", "utf8"]
    return [python, *flags, "-c", _BOOT.format(module=module), str(root), *arguments]


def hash_variables(world: int) -> dict[str, str]:
    """Return the variables for a Python that orders its sets as in this world.

    The seed is never 0, which would be visible in `sys.flags.hash_randomization`.
    """
    return {"PYTHONHASHSEED": str(1 + world % (_HASH_SEEDS - 1))}
