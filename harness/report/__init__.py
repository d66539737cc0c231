"""Reports: results in, text for people and files for machines out.

`explain` finds in an observation what went wrong, `failure` lays one failure out as lines, and the reporters
show it: `terminal` on the screen, the others each in a file. A new format is a file here with a subclass of
`FileReport`, a line below, and an option of the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from harness.report.base import FileReport, Reporter
from harness.report.failure import failure_text
from harness.report.iam import IamReport
from harness.report.json_report import JsonReport
from harness.report.junit import JUnitReport
from harness.report.terminal import TerminalReport, console_for
from harness.scenario.model import Scenario

FORMATS: tuple[type[FileReport], ...] = (JsonReport, JUnitReport)

__all__ = ["FORMATS", "FileReport", "Reporter", "failure_text", "reporters"]


def reporters(
    stream: TextIO,
    *,
    verbose: bool = False,
    json_file: Path | None = None,
    junit_file: Path | None = None,
    iam_template_of: Callable[[Scenario], Path] | None = None,
) -> tuple[Reporter, ...]:
    """The terminal's reporter on `stream`, and one for each file that is asked for.

    With `iam_template_of`, which gives the template of a scenario, also the report of unused permissions.
    """
    files = {JsonReport.name: json_file, JUnitReport.name: junit_file}
    wanted = [report(path) for report in FORMATS if (path := files[report.name]) is not None]
    terminal = TerminalReport(console_for(stream), verbose=verbose)
    if iam_template_of is None:
        return (terminal, *wanted)
    iam = IamReport(console_for(stream), iam_template_of)
    for report in wanted:
        if isinstance(report, JsonReport):
            report.iam = iam
    return (terminal, iam, *wanted)
