"""The tests that not every Python plays.

Those of `SAME` take long and do not depend on the Python: only the oldest plays them. Of the others, a Python
that has one before it and one after it plays those of `DEPENDS`: the rest is our own code over libraries, and
a library or a module of the standard library that changed is seen by the Python before or by the one after.

The scenarios and the examples are played on each, after the tests: by the plugin, on the embedded engine,
with functions that declare that Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

MARK: Final = "same_on_each_python"
DEPENDS_MARK: Final = "depends_on_python"
HERE: Final = Path(__file__).parent
_COMMANDS: Final = "signals, files and the screen; test_cli_commands.py and test_cli_processes.py are on each"
_SERVICES: Final = "answers of services over HTTP; the scenarios ask these services on each"
_STACKS: Final = "stacks that are updated, and go back"
_VERDICTS: Final = "verdicts on a workflow; the scenarios are judged on each"
SAME: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cli/test_cli_code_coverage.py": "coverage of code; its tracers are in functions, on each",
        "cli/test_cli_cut_short.py": _COMMANDS,
        "cli/test_cli_gate.py": _COMMANDS,
        "cli/test_cli_keep.py": _COMMANDS,
        "cli/test_cli_lint.py": _COMMANDS,
        "cli/test_cli_not_served.py": _COMMANDS,
        "cli/test_cli_secrets.py": _COMMANDS,
        "cli/test_cli_side_by_side.py": _COMMANDS,
        "cli/test_cli_up.py": _COMMANDS,
        "cli/test_cli_up_ends.py": _COMMANDS,
        "end_to_end/test_calls.py": _VERDICTS,
        "end_to_end/test_faults.py": "the kinds of faults are in functions/faults, on each",
        "end_to_end/test_permission_findings.py": _VERDICTS,
        "end_to_end/test_plain_definitions.py": _VERDICTS,
        "end_to_end/test_planted_defects.py": "findings of the gate about what changed, which is data",
        "end_to_end/test_sabotage.py": _VERDICTS,
        "end_to_end/test_express_machines.py": _VERDICTS,
        "end_to_end/test_unanswered_token.py": _VERDICTS,
        "engine/test_engine_endpoint.py": _SERVICES,
        "engine/test_engine_endpoint_signed.py": _SERVICES,
        "engine/test_moto_doors.py": _SERVICES,
        "engine/test_moto_key_store.py": _SERVICES,
        "engine/test_moto_listing.py": _SERVICES,
        "engine/test_moto_place.py": _SERVICES,
        "engine/test_moto_refused.py": _SERVICES,
        "engine/test_moto_schedules.py": _SERVICES,
        "engine/test_stack_changes.py": _STACKS,
        "engine/test_stacks_going_back.py": _STACKS,
        "engine/test_stacks_in_place.py": _STACKS,
        "examples": "the examples themselves are played on each",
        "coverage": "states that histories reach, and lines that would reach others",
        "fuzz/test_fuzz_requests.py": _SERVICES,
        "fuzz/test_fuzz_templates.py": "the deployer's answers to templates, which are data",
        "gate": "templates and definitions held against each other, which are data",
        "lint": "findings of cfn-lint and their wording",
        "plugin": "pytest's ways in small projects; the plugin plays the scenarios on each",
        "projects": "forms of templates, and mistakes in them; forms of code are in end_to_end, on each",
        "real_clients": "other programs: the AWS CLI and its like",
        "report/test_printed_nowhere_raw.py": "texts on the screen and in files",
        "stack/test_stack_installing.py": "what is installed is for the Python that a function declares",
        "test_no_real_aws.py": _COMMANDS,
        "test_run_several_stacks.py": _VERDICTS,
        "test_run_state_machines.py": _VERDICTS,
    }
)
_HOOKS: Final = "hooks into threads, frames, imports, sockets and time of the Python that a function runs on"
_ENGINE: Final = "functions in processes of their own, their threads and their time, in an engine"
_PROCESSES: Final = "processes, signals and what argparse prints"
_CODE: Final = "code of functions that is read, installed or imported for a Python"
DEPENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cli/test_cli_commands.py": _PROCESSES,
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


def is_same(path: Path) -> bool:
    """Tell whether only the oldest Python plays a file of tests."""
    return _is_in(SAME, path)


def depends(path: Path) -> bool:
    """Tell whether each Python plays a file of tests, also one between others."""
    return _is_in(DEPENDS, path) and not is_same(path)


def _is_in(table: Mapping[str, str], path: Path) -> bool:
    """Tell whether a file of tests is in a table, or its folder is."""
    if not path.is_relative_to(HERE):
        return False
    inside = path.relative_to(HERE)
    return inside.parts[0] in table or inside.as_posix() in table
