"""`harness lint`: check definitions and templates without running scenarios or starting an engine."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from harness.exit_codes import FAILED, PASSED
from harness.files import is_folder
from harness.gate.finding import Finding, Rule
from harness.gate.formats.github import commands
from harness.gate.formats.sarif import sarif
from harness.gate.judged import Judged
from harness.gate.root import root_of
from harness.lint.diagnostic import Diagnostic
from harness.lint.templates import check_path
from harness.printable import one_line, printable_json, say
from harness.projects import Projects
from harness.report import STDOUT
from harness.scenario.position import Position
from harness.settings import SettingsError

STDIN: Final = Path("<stdin>")
"""The path that stands for stdin."""


def lint(arguments: argparse.Namespace) -> int:
    """Check files. Return 1 if AWS would reject any of them."""
    projects = Projects(dict(os.environ), {})
    found: list[Diagnostic] = []
    wrong: list[str] = []
    if folders := [str(path) for path in arguments.paths if is_folder(path)]:
        raise SettingsError("\n".join(f"{each} is a folder; name files" for each in folders))
    with ExitStack() as ends:
        for path in arguments.paths:
            file = _of_stdin(ends) if path == STDOUT else path
            try:
                diagnostics = check_path(file, projects.of(path))
            except SettingsError as error:
                wrong.append(str(error))
                continue
            found += _called(diagnostics, file) if path == STDOUT else diagnostics
    _show(found, arguments.format, len(arguments.paths) - len(wrong))
    if wrong:
        raise SettingsError("\n".join(wrong))
    return FAILED if any(each.severity == "error" for each in found) else PASSED


def _of_stdin(ends: ExitStack) -> Path:
    """Copy stdin to a temporary file for the duration of the block."""
    folder = ends.enter_context(tempfile.TemporaryDirectory(prefix="harness-lint-"))
    path = Path(folder) / "stdin"
    path.write_bytes(sys.stdin.buffer.read())
    return path


def _called(found: Sequence[Diagnostic], file: Path) -> Iterator[Diagnostic]:
    for each in found:
        place = Position(STDIN, each.where.line, each.where.column)
        subject = each.subject.replace(file.name, str(STDIN), 1)
        yield replace(each, where=place, message=each.message.replace(str(file), str(STDIN)), subject=subject)


def _show(found: Sequence[Diagnostic], format_: str, files: int) -> None:
    if format_ == "json":
        text = json.dumps({"version": 1, "findings": [_entry(each) for each in found]}, indent=1)
        say(printable_json(text))
    elif format_ == "sarif":
        say(sarif(_judged(found), root_of(Path.cwd()), STDIN), end="")
    elif format_ == "github":
        for line in commands(_judged(found), root_of(Path.cwd())):
            say(one_line(line))
    else:
        for each in found:
            remedy = f"; {each.remedy}" if each.remedy else ""
            say(one_line(f"{each.where}: {each.severity}: {each.code}: {each.message}{remedy}"))
    number = Counter(each.severity for each in found)
    counted = ", ".join(f"{number[each]} {each}{'s' * (number[each] != 1)}" for each in ("error", "warning"))
    say(f"{counted} in {files} file{'s' * (files != 1)}", file=sys.stderr)


def _entry(each: Diagnostic) -> dict[str, Any]:
    return {
        "file": str(each.where.path),
        "line": each.where.line,
        "column": each.where.column,
        "severity": each.severity,
        "code": each.code,
        "message": each.message,
        "remedy": each.remedy,
        "subject": each.subject,
    }


def _judged(found: Sequence[Diagnostic]) -> list[Judged]:
    judged = []
    for each in found:
        rule = Rule(each.code, f"The check {each.code} by AWS or cfn-lint.", "0.1", each.severity)
        place = (each.where.path, each.where.line, each.where.column)
        finding = Finding(rule, each.subject or each.where.path.name, each.message, each.remedy, *place)
        judged.append(Judged(finding, each.severity, "lint"))
    return judged
