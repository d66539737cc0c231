"""The reporters of one command."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from harness.report import FORMATS, Format
from harness.report.base import Context, FileReport, Reporter
from harness.report.iam import IamReport
from harness.report.terminal import TerminalReport, console_for


def reporters(
    stream: TextIO,
    *,
    verbose: bool = False,
    files: Mapping[str, Path | None],
    iam: bool = False,
    durations: int | None = None,
) -> tuple[TerminalReport, *tuple[Reporter, ...]]:
    """Return the terminal reporter for `stream`, and the file reporters by format name.

    With `iam`, also return the report of unused permissions. `durations` is the number of slowest scenarios
    to show; 0 shows all.
    """
    unused = IamReport(console_for(stream)) if iam else None
    context = Context(unused)
    wanted = [
        _reporter(each)(path, context) for each in FORMATS if (path := files.get(each.name)) is not None
    ]
    terminal = TerminalReport(console_for(stream), verbose=verbose, durations=durations)
    others: list[Reporter] = [*([unused] if unused else []), *wanted]
    return terminal, *others


def _reporter(wanted: Format) -> type[FileReport]:
    module, _, name = wanted.reporter.rpartition(".")
    reporter: type[FileReport] = getattr(importlib.import_module(module), name)
    return reporter
