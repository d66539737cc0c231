"""`harness compare`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from harness.compare.known import read_known
from harness.compare.run import compare, normalized_results
from harness.compare.show import show_details, show_table, write_json
from harness.engine.base import Engine
from harness.exit_codes import FAILED, PASSED
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.settings import Settings


def compare_engines(
    scenarios: Sequence[Scenario],
    engines: Mapping[str, Callable[[], Engine]],
    settings_of: Callable[[Path], Settings],
    json_file: Path | None,
) -> int:
    """Run every scenario on every engine and show where they differ; gives the exit code.

    That is 1 for a difference that is not known, and that of a result where something broke down.
    """
    code = PASSED

    def tell(result: Result) -> None:
        nonlocal code
        code = max(code, result.exit_code if result.broke else PASSED)
        print(f"{result.engine}: {result.scenario.path.name}: {result.outcome}", file=sys.stderr, flush=True)

    files = {settings_of(scenario.path).known_differences for scenario in scenarios}
    known = {file: read_known(file) for file in files}
    seen = normalized_results(scenarios, engines, settings_of, on_result=tell)
    found = compare(seen, lambda path: known[settings_of(path).known_differences])
    console = Console(soft_wrap=True)
    console.print()
    show_table(console, seen, found)
    show_details(console, seen, found)
    if json_file is not None:
        write_json(json_file, seen, found)
    return max(code, FAILED if any(not difference.reasons for difference in found) else PASSED)
