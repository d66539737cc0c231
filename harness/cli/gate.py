"""`harness gate`: check whether this commit can replace the currently deployed one."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TextIO

from harness.acceptance import Acceptance, like
from harness.cli import stopping
from harness.cli.commands import how_to_begin
from harness.cli.playing import OneByOne, Playing, SideBySide
from harness.engine import engine_of, kind_of
from harness.exit_codes import PASSED, WRONG
from harness.gate.accepting import baseline, read_baseline
from harness.gate.base import Base, BaseError, checked_out
from harness.gate.budget import Budget
from harness.gate.deployed import definitions_of_base, definitions_of_head
from harness.gate.formats.github import command
from harness.gate.formats.json_file import as_json
from harness.gate.formats.junit import junit
from harness.gate.formats.markdown import markdown
from harness.gate.formats.sarif import sarif
from harness.gate.graph import graphs
from harness.gate.judged import Judge, Judged
from harness.gate.part import Context
from harness.gate.parts import LAST, PARTS, rules
from harness.gate.root import root_of
from harness.gate.running import Gate, run_parts
from harness.gate.screen import finding_lines, summary_lines
from harness.gate.summary import Summary
from harness.gate.worktree import worktree
from harness.gate_settings import LISTS, seconds_of
from harness.printable import one_line, say
from harness.projects import Projects
from harness.report import STDOUT
from harness.report.base import written
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.settings import Settings, SettingsError
from harness.settings_reading import options_in
from harness.stack.template import TemplateError
from harness.stack.template import written as written_template
from harness.stack.template_choice import check_templates

FILES: Final = ("markdown", "sarif", "junit", "json")
"""Options that specify a report file."""


def gate(arguments: argparse.Namespace) -> int:
    """Run all parts of the gate. Return 1 if any finding is a failure, 2 if files, arguments or the base are
    invalid.
    """
    projects = Projects(dict(os.environ), options_in(arguments))
    if not arguments.paths and (start := how_to_begin(projects)):
        raise SettingsError(start)
    settings = projects.engine(arguments.paths)
    kind_of(settings.engine)
    budget = _budget(arguments.budget, settings)
    accepted = _accepted(settings)
    judge = Judge(settings.gate, accepted)
    _check_rules(settings, accepted)
    with ExitStack() as ends:
        context = Context(
            settings,
            projects.of,
            judge,
            budget,
            lambda scenarios: _play(projects, scenarios, arguments.n),
            tuple(arguments.paths),
            arguments.n,
            _base(arguments, settings, ends),
            _template(arguments.base_template),
        )
        return _run(context, arguments, _about(context, arguments))


def _run(context: Context, arguments: argparse.Namespace, about: str) -> int:
    screen = _Screen(sys.stderr if _is_stdout(arguments) else sys.stdout, root_of(context.project))
    told, stopped = Gate(), ""
    try:
        run_parts(PARTS, context, told, screen.begin, screen.show)
        run_parts([LAST], context, told, screen.begin, screen.show)
    except KeyboardInterrupt:
        stopped = stopping.reason()
        raise
    except BaseException as error:
        stopped = f"the gate crashed: {type(error).__name__}"
        raise
    finally:
        code = _end(context, told, arguments, about, stopped, screen)
    return code


def _end(
    context: Context, told: Gate, arguments: argparse.Namespace, about: str, stopped: str, screen: _Screen
) -> int:
    """Write the report files, print the results to the screen, and return the exit code."""
    tree = worktree(context.project)
    summary = Summary(
        about,
        tuple(told.reports),
        tuple(told.found),
        context.budget.spent_s,
        tree.uncommitted if tree else (),
        stopped,
        graphs(definitions_of_head(context), definitions_of_base(context), context.results)
        if arguments.markdown
        else (),
    )
    problems = list(_write(summary, arguments, screen.root, context))
    code = told.code
    if arguments.write_baseline and not stopped:
        problem = written(arguments.write_baseline, baseline(summary.found))
        problems += [problem] if problem else []
        if code < WRONG and not problem:
            say(f"{arguments.write_baseline}: accepts the current findings; review it", file=screen.stream)
            code = PASSED
    screen.end(summary)
    say(*problems, file=sys.stderr, end="\n" * bool(problems))
    return max(code, WRONG if problems else PASSED)


def _write(summary: Summary, arguments: argparse.Namespace, root: Path, context: Context) -> Iterator[str]:
    """Write the requested reports. Return a sentence for each report that cannot be written."""
    texts = {
        "markdown": lambda: markdown(summary, root),
        "sarif": lambda: sarif(summary.found, root, context.project / "pyproject.toml"),
        "junit": lambda: junit(summary, root),
        "json": lambda: as_json(summary, root),
    }
    for name in FILES:
        if (path := getattr(arguments, name)) is not None and (problem := written(path, texts[name]())):
            yield problem


class _Screen:
    """Show findings as they are found. In GitHub Actions, also emit them as annotations."""

    def __init__(self, stream: TextIO, root: Path) -> None:
        self.stream = stream
        self.root = root
        self._github = os.environ.get("GITHUB_ACTIONS") == "true"
        self._bar = sys.stderr if sys.stderr.isatty() else None

    def begin(self, part: str) -> None:
        """Show the current part on an interactive terminal."""
        if self._bar is not None:
            say(f"{part} ...", file=self._bar, flush=True)

    def show(self, judged: Judged) -> None:
        """Show a finding. Notes and accepted findings appear only in the reports."""
        if judged.level == "note" or judged.accepted is not None:
            return
        say(*finding_lines(judged), file=self.stream, flush=True)
        if self._github:
            say(one_line(command(judged, self.root)), file=self.stream, flush=True)

    def end(self, summary: Summary) -> None:
        """Show the summary."""
        say(*summary_lines(summary), file=self.stream, flush=True)


def _is_stdout(arguments: argparse.Namespace) -> bool:
    return any(getattr(arguments, name) == STDOUT for name in FILES)


def _budget(text: str | None, settings: Settings) -> Budget:
    try:
        return Budget(seconds_of(settings.gate.budget if text is None else text))
    except ValueError as error:
        raise SettingsError(f"--budget: {error}") from None


def _accepted(settings: Settings) -> tuple[Acceptance, ...]:
    file = settings.gate.baseline
    return settings.accept + (read_baseline(file) if file is not None else ())


def _check_rules(settings: Settings, accepted: Sequence[Acceptance]) -> None:
    """Check that every specified rule exists.

    Raises:
        SettingsError: one or more rules do not exist. The message lists them.
    """
    known = [rule.id for rule in rules()]
    file = settings.root / "pyproject.toml"
    named = [
        (f"{file}: [tool.harness] gate.{key}", text) for key in LISTS for text in getattr(settings.gate, key)
    ]
    named += [(f"{each.file}: accept[{each.index}].rule", each.rule) for each in accepted if each.rule]
    problems = []
    for where, pattern in named:
        if not any(like(pattern, name) for name in known):
            from harness.scenario.wording import nearest  # noqa: PLC0415  (rarely needed)

            problems.append(f"{where}: unknown rule {pattern!r}; {nearest(pattern, known)}")
    if problems:
        raise SettingsError("\n".join(problems))


def _base(arguments: argparse.Namespace, settings: Settings, ends: ExitStack) -> Base | None:
    """Return the base commit from the option or the settings; None if neither is set."""
    ref = arguments.base or ("" if arguments.base_template else settings.gate.base)
    if not ref:
        return None
    origin = "--base" if arguments.base else f"{settings.root / 'pyproject.toml'}: [tool.harness.gate] base"
    try:
        return ends.enter_context(checked_out(settings.root, ref))
    except BaseError as error:
        raise SettingsError(f"{origin}: {error}") from error


def _template(path: Path | None) -> Path | None:
    """Check that the base template is readable, and return it.

    Raises:
        SettingsError: it is not readable.
    """
    if path is not None:
        try:
            written_template(path)
        except TemplateError as error:
            raise SettingsError(f"--base-template: {error}") from error
    return path


def _about(context: Context, arguments: argparse.Namespace) -> str:
    """Describe the two sides of the comparison."""
    tree = worktree(context.project)
    head = "this folder, which is not in a repository"
    if tree is not None:
        head = tree.commit[:9] or "a work tree without commits"
        if tree.uncommitted:
            head += f" and {len(tree.uncommitted)} uncommitted file{'s' * (len(tree.uncommitted) != 1)}"
    if context.base is not None:
        return f"{head} against {context.base.ref} ({context.base.commit[:9]})"
    if arguments.base_template is not None:
        return f"{head} against {arguments.base_template}"
    return f"{head}, without a base to compare with"


def _play(projects: Projects, scenarios: Sequence[Scenario], workers: int) -> Iterator[Result]:
    """Install the requirements of functions, then run scenarios in parallel."""
    check_templates(scenarios, projects.of)
    number = min(workers, len(scenarios))
    playing: Playing
    if number > 1:
        playing = SideBySide(scenarios, projects, number, twice=False, definitions=True)
    else:
        engine = engine_of(projects.engine(each.path for each in scenarios))
        playing = OneByOne(projects.of, engine, definitions=True)
    with playing:
        playing.start(_Quiet())
        yield from playing.results(scenarios, lambda _: None)


class _Quiet:
    """A screen that does not show stages."""

    def stage(self, name: str, scenario: Scenario | None = None) -> None:
        """Show nothing."""

    def hold(self) -> None:
        """Show nothing."""

    def go_on(self) -> None:
        """Show nothing."""
