"""The tests that take long and do not depend on the Python: only the oldest plays them.

What is not named here is played on each Python. So are the scenarios and the examples, after the tests:
by the plugin, on the embedded engine, with functions that declare that Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

MARK: Final = "same_on_each_python"
HERE: Final = Path(__file__).parent
_COMMANDS: Final = "signals, files and the screen; test_cli_commands.py and test_cli_processes.py are on each"
_SERVICES: Final = "answers of services over HTTP; the scenarios ask these services on each"
_STACKS: Final = "stacks that are updated, and go back"
_VERDICTS: Final = "verdicts on a workflow; the scenarios are judged on each"
SAME: Final[Mapping[str, str]] = MappingProxyType(
    {
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


def is_same(path: Path) -> bool:
    """Tell whether a file of tests is in the table, or its folder is."""
    if not path.is_relative_to(HERE):
        return False
    inside = path.relative_to(HERE)
    return inside.parts[0] in SAME or inside.as_posix() in SAME
