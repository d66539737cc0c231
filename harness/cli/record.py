"""`harness record`: write scenario expectations from actual runs."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from harness.cli import stopping
from harness.exit_codes import FAILED, PASSED
from harness.expect.project import expectations_of
from harness.files import read_text
from harness.lint.scenarios import check_first
from harness.printable import one_line, say
from harness.projects import Projects
from harness.recording import NotRecorded, Wanted, recorded
from harness.recording.editing import NotEdited, with_entry
from harness.recording.plays import check_engine, plays_of, sessions_of
from harness.report.layout import shown_path
from harness.scenario import syntax
from harness.scenario.discover import discover
from harness.scenario.load import parse
from harness.scenario.model import Scenario
from harness.scenario.wording import nearest
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.settings_reading import options_in
from harness.writing import NotWritten, rewrite


def record(arguments: argparse.Namespace) -> int:
    """Record scenarios. Return 1 if AWS would reject any part of them.

    Raises:
        SettingsError: a scenario cannot be recorded.
    """
    projects = Projects(dict(os.environ), options_in(arguments))
    wanted = Wanted(tuple(arguments.only), arguments.update)
    return record_files(arguments.paths, projects, wanted, write=not arguments.diff)


def record_files(paths: Sequence[Path], projects: Projects, wanted: Wanted, *, write: bool) -> int:
    """Record the scenarios in files and folders; see `record`."""
    found = discover(paths)
    engines = projects.engine(found.files)
    check_engine(engines)
    drafts = [_draft(path, projects.of(path), wanted) for path in found.files]
    check_first([each.scenario for each in drafts], projects.of)
    code = PASSED
    with ExitStack() as stack:
        sessions = [stack.enter_context(each) for each in sessions_of(engines)]
        for each in drafts:
            stopping.check()
            settings = projects.of(each.path)
            code = max(code, _record(each, settings, sessions, wanted, write=write))
    return code


class _Draft(NamedTuple):
    """A file, its text, and a valid version of the text. A minimal `expect` is added if necessary."""

    path: Path
    text: str
    whole: str
    scenario: Scenario


def _draft(path: Path, settings: Settings, wanted: Wanted) -> _Draft:
    """Return the file to record.

    Raises:
        ScenarioError: the scenario is invalid, apart from its `expect`.
        SettingsError: the scenario uses the real clock, or an expectation is unknown.
    """
    expectations = expectations_of(settings)
    known = [each.key for each in expectations]
    if unknown := [key for key in wanted.only if key not in known]:
        raise SettingsError(f"--only {unknown[0]}: unknown expectation; {nearest(unknown[0], known)}")
    text = _text(path)
    whole = _with_expect(text, path)
    scenario = parse(whole, expectations, path)
    if scenario.clock == "real":
        raise SettingsError(
            f"{path}: runs on the real clock are never identical; write the expectations by hand"
        )
    return _Draft(path, text, whole, scenario)


def _record(
    draft: _Draft, settings: Settings, sessions: Sequence[Session], wanted: Wanted, *, write: bool
) -> int:
    path, text = draft.path, draft.text
    try:
        plays = plays_of(draft.whole, draft.scenario, settings, sessions)
        observations = [each.observation for each in plays if each.observation is not None]
        made = recorded(text, draft.scenario, observations, wanted)
    except NotRecorded as error:
        raise SettingsError(str(error)) from error
    except NotEdited as error:
        raise SettingsError(f"{path}: {error}; write it by hand") from error
    if not made.written:
        why = "all expectations hold" if wanted.update else "nothing to add"
        say(f"{one_line(shown_path(path))}: {why}")
        return PASSED
    _show(path, text, made.text)
    if write:
        try:
            rewrite(path, made.text)
        except NotWritten as error:
            raise SettingsError(str(error)) from error
    said = "recorded" if write else "would be recorded"
    say(f"{one_line(shown_path(path))}: {said}: {one_line(', '.join(made.written))}")
    known = {each.key for each in draft.scenario.expectations}
    others = [each for each in plays[0].mismatches if each.expectation not in known]
    for each in others:
        place = f"{shown_path(each.where.path)}:{each.where.line}:{each.where.column}"
        say(one_line(f"{place}: {each.summary}"), file=sys.stderr)
    return FAILED if others else PASSED


def _text(path: Path) -> str:
    try:
        return read_text(path, "utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({error}); correct it") from error


def _with_expect(text: str, path: Path) -> str:
    """Return the text with an expectation that is always met, if it has none."""
    data = syntax.read(text, path).data
    if isinstance(data, dict) and not data.get("expect"):
        return with_entry(text, path, ("expect",), {"polls": {"min": 0}})
    return text


def _show(path: Path, before: str, after: str) -> None:
    name = shown_path(path)
    lines: Sequence[str] = list(
        difflib.unified_diff(before.splitlines(), after.splitlines(), str(name), str(name), lineterm="")
    )
    say(*lines)
