"""The tests that run on each Python version.

All tests run on the oldest Python. Only the tests in `DEPENDS` run on the others: the rest is our own code on
top of libraries. On each Python, the scenarios and the examples run after the tests, with functions that
declare that Python. They show when it, or a library on it, behaves differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

MARK: Final = "depends_on_python"
HERE: Final = Path(__file__).parent
_HOOKS: Final = "hooks into threads, frames, imports, sockets and time of the Python that a function runs on"
_ENGINE: Final = "functions in processes of their own, their threads and their time, in an engine"
_PROCESSES: Final = "processes, signals and what argparse prints"
_CODE: Final = "code of functions that is read, installed or imported for a Python"
DEPENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cli/test_cli_bundle.py": _PROCESSES,
        "cli/test_cli_commands.py": _PROCESSES,
        "cli/test_cli_debugging.py": _PROCESSES,
        "cli/test_cli_processes.py": _PROCESSES,
        "end_to_end/test_built_functions.py": _CODE,
        "end_to_end/test_forms_of_code.py": _CODE,
        "end_to_end/test_hosts.py": _HOOKS,
        "end_to_end/test_runtimes.py": _CODE,
        "engine/test_engine_child.py": _PROCESSES,
        "engine/test_engine_processes.py": _PROCESSES,
        "engine/test_isolation.py": _ENGINE,
        "engine/test_moto_environments.py": _ENGINE,
        "engine/test_moto_function_threads.py": _ENGINE,
        "engine/test_moto_functions.py": _ENGINE,
        "engine/test_moto_virtual_time.py": _ENGINE,
        "functions": _HOOKS,
        "lambdas": "the functions themselves",
        "scenario": "pydantic reads annotations as the Python has them",
        "stack/test_handlers.py": _CODE,
        "stack/test_packaging.py": _CODE,
        "stack/test_stack_python_library.py": _CODE,
        "stack/test_stack_requirements.py": _CODE,
        "stack/test_stack_runtimes.py": _CODE,
        "states": "the interpreter's greenlets, numbers, dates and texts",
        "test_bounds.py": "limits of the recursion, which each Python counts in its own way",
        "test_pythons.py": "the table itself",
        "test_testing.py": "what tests of functions import",
        "test_workers.py": _PROCESSES,
    }
)


def depends(path: Path) -> bool:
    """Return whether a test file runs on each Python: the file or its folder is in the table."""
    if not path.is_relative_to(HERE):
        return False
    inside = path.relative_to(HERE)
    return inside.parts[0] in DEPENDS or inside.as_posix() in DEPENDS
