"""Start a template check in parallel, wait for it, and reject the template."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final

from harness import kept_texts
from harness.functions.host.pythons import cache_folder
from harness.lint import remembered
from harness.lint.model import Finding, read
from harness.lint.rules import is_error
from harness.plain import DefinitionPath
from harness.planned import Planned
from harness.regions import REGION, Place
from harness.scenario.position import Position, Problem, ScenarioError
from harness.settings import Settings, SettingsError
from harness.stack.environment import place_of

CPU_S: Final = 120
"""Processor time for cfn-lint per template, in seconds. A template with 500 resources takes about 10."""
NO_PARAMETERS: Final[Mapping[str, str]] = MappingProxyType({})


class TemplateRefused(ScenarioError):
    """A template that AWS rejects. `problems` contains all cfn-lint findings."""

    code = "template-refused"


class Check:
    """The check for one template, either in progress in a separate process or already complete."""

    def __init__(self, template: Path, parameters: Mapping[str, str], region: str = REGION) -> None:
        self.template = template
        self._cache = cache_folder(os.environ) / "lint"
        self._parameters, self._region = parameters, region
        self._key = self._key_now()
        self._found = remembered.recall(self._cache, self._key) if self._key else None
        self._process: subprocess.Popen[str] | None = None
        self._lifeline: IO[str] | None = None

    @property
    def is_known(self) -> bool:
        """Return whether the findings are available without waiting."""
        return self._found is not None

    def findings(self) -> tuple[Finding, ...]:
        """Wait for the findings and return them.

        Raises:
            SettingsError: cfn-lint crashed, or did not finish.
        """
        if self._found is None:
            process = self.start()
            output, log = process.communicate()
            assert self._lifeline is not None, "a running check has a process"
            with suppress(BrokenPipeError):
                self._lifeline.close()
            if process.returncode == -signal.SIGXCPU:
                raise SettingsError(
                    f"{self.template}: cfn-lint {version('cfn-lint')} did not finish within {CPU_S} s of "
                    "processor time; simplify the template, or turn cfn-lint off: [tool.harness] lint = false"
                )
            try:
                self._found = read(output)
            except ValueError:
                raise SettingsError(
                    f"{self.template}: cfn-lint {version('cfn-lint')} crashed: {log.strip()[-1000:]}; "
                    "to turn it off: [tool.harness] lint = false"
                ) from None
            # The file may have been deleted. If it was saved again, the findings may be about the new
            # version.
            with suppress(OSError):
                if self._key and self._key == self._key_now():
                    kept_texts.keep(self._cache, self._key, output)
        return self._found

    def _key_now(self) -> str | None:
        return remembered.key(self.template, self._parameters, self._region, os.environ.get("HOME", "/"))

    def start(self) -> subprocess.Popen[str]:
        """Start the process, unless it is already running."""
        if self._process is not None:
            return self._process
        root = Path(__file__).parents[2]
        path = (
            [os.environ.get("PYTHONPATH"), str(root)]
            if root == Path.cwd()
            else [os.environ.get("PYTHONPATH")]
        )
        self._process = process = subprocess.Popen(
            [sys.executable, "-P", "-m", "harness.lint"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=remembered.configuration_folder(self.template),
            env={**_without_aws(os.environ), "PYTHONPATH": os.pathsep.join(filter(None, path))},
            start_new_session=True,  # Ctrl-C is for the parent; this process exits on its own
        )
        request = {
            "template": str(self.template.resolve()),
            "parameters": dict(self._parameters),
            "region": self._region,
            "cpu_s": CPU_S,
        }
        atexit.register(process.kill)
        assert process.stdin is not None, "standard input is a pipe"
        with suppress(BrokenPipeError):  # it has already exited, and its log has the reason
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        self._lifeline, process.stdin = process.stdin, None  # it exits when our end of the pipe closes
        return process


def _without_aws(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment without keys and Region, so that the result is the same on every machine."""
    return {name: value for name, value in environ.items() if not name.startswith("AWS_")}


@lru_cache(maxsize=64)
def _check(
    template: Path, parameters: tuple[tuple[str, str], ...], region: str, _content: tuple[int, int]
) -> Check:
    return Check(template, dict(parameters), region)


def _of(template: Path, parameters: Mapping[str, str], region: str) -> Check:
    """Create the check for a template in its current state. Raises OSError if it cannot be read."""
    status = template.stat()
    return _check(template, tuple(sorted(parameters.items())), region, (status.st_mtime_ns, status.st_size))


def begin(
    template: Path,
    settings: Settings,
    parameters: Mapping[str, str] = NO_PARAMETERS,
    region: str = REGION,
    *,
    start: bool = True,
) -> Check | None:
    """Start or resume a template check in a Region. Return None if it is turned off in the settings.

    Without `start`, no process is started for unknown templates.

    Raises:
        TemplateRefused: AWS is already known to reject the template.
        SettingsError: the template cannot be read.
    """
    if settings.lint is False or isinstance(template, DefinitionPath):
        return None  # a generated template is valid, and its definition is checked earlier
    try:
        check = _of(template, parameters, region)
    except OSError as error:
        raise SettingsError(f"{template}: {error.strerror}; specify a CloudFormation template") from error
    if check.is_known:
        refuse(check, settings)
    elif start:
        check.start()
    return check


def refuse(check: Check | None, settings: Settings) -> None:
    """Wait for a check to end.

    Raises:
        TemplateRefused: AWS rejects the template.
        SettingsError: cfn-lint crashed.
    """
    if check is not None and (problems := _problems(check, settings, errors=True)):
        raise TemplateRefused(problems)


def begin_all(stacks: Sequence[Planned], settings: Settings, *, start: bool = True) -> tuple[Check, ...]:
    """Start the checks for stacks and nested stacks. Empty if they are turned off in the settings.

    At most the check for the first unknown template is started. The others start when their results are
    required.

    Raises:
        TemplateRefused: AWS is already known to reject some of the templates.
        SettingsError: a template cannot be read.
    """
    checks: list[Check] = []
    problems: list[Problem] = []
    place = place_of(stacks, settings)
    for stack in _with_nested(stacks, place) if settings.lint is not False else ():
        try:
            region = place.region or REGION
            check = begin(stack.template, settings, _parameters(stack), region, start=False)
        except TemplateRefused as error:
            problems += error.problems
            continue
        checks += [check] if check is not None else []
    if problems:
        raise TemplateRefused(problems)
    unknown = next((check for check in checks if not check.is_known), None)
    if unknown is not None and start:
        unknown.start()
    return tuple(checks)


def _parameters(stack: Planned) -> Mapping[str, str]:
    """Return a stack's parameters.

    Return none if only some are known, because cfn-lint would miss the others.
    """
    if not stack.inner:
        return stack.parameters
    from harness.cloudformation.parameters import required_in  # noqa: PLC0415  (start-up)
    from harness.stack.template import written  # noqa: PLC0415

    return stack.parameters if {*required_in(written(stack.template))} <= stack.parameters.keys() else {}


def _with_nested(stacks: Sequence[Planned], place: Place) -> Sequence[Planned]:
    """Return the stacks and nested stacks with readable templates."""
    from harness.stack.nested import with_nested  # noqa: PLC0415  (start-up)
    from harness.stack.template import TemplateError  # noqa: PLC0415

    try:
        return with_nested(stacks, place)
    except TemplateError:
        return stacks


def refuse_all(checks: Iterable[Check], settings: Settings) -> None:
    """Wait for checks to end.

    Raises:
        TemplateRefused: AWS rejects some of the templates.
        SettingsError: cfn-lint crashed.
    """
    if problems := [each for check in checks for each in _problems(check, settings, errors=True)]:
        raise TemplateRefused(problems)


@contextmanager
def linted(stacks: Sequence[Planned], settings: Settings) -> Iterator[None]:
    """Check the stacks' templates while the body of the context runs.

    Raises:
        TemplateRefused: AWS rejects one of them, even if the body failed.
    """
    checks = begin_all(stacks, settings)
    try:
        yield
    finally:
        refuse_all(checks, settings)


def warnings(check: Check | None, settings: Settings, on: date | None = None) -> list[Problem]:
    """Return cfn-lint's warnings. Warnings about runtimes are those that apply on a given day. Default:
    today.
    """
    return _problems(check, settings, errors=False, on=on) if check is not None else []


def errors_and_warnings(
    stack: Planned, settings: Settings, region: str = REGION
) -> tuple[list[Problem], list[Problem]]:
    """Wait for cfn-lint's findings for a stack's template, and return them all. Empty if it is turned off.

    Raises:
        SettingsError: the template cannot be read, or cfn-lint crashed.
    """
    parameters = _parameters(stack)
    with suppress(TemplateRefused):  # known already
        begin(stack.template, settings, parameters, region)
    if settings.lint is False or isinstance(stack.template, DefinitionPath):
        return [], []
    check = _of(stack.template, parameters, region)
    return _problems(check, settings, errors=True), _problems(check, settings, errors=False)


def _construct(template: Path, finding: Finding) -> str:
    """Return the CDK resource that a finding is about, or "" if there is none."""
    if len(finding.path) < 2 or finding.path[0] != "Resources":
        return ""
    from harness.stack.origins import origins_in  # noqa: PLC0415  (rarely needed)
    from harness.stack.template import TemplateError  # noqa: PLC0415

    with suppress(TemplateError):
        origin = origins_in(template).get(str(finding.path[1]))
        return origin.shown() if origin and origin.construct else ""
    return ""


def _problems(check: Check, settings: Settings, *, errors: bool, on: date | None = None) -> list[Problem]:
    off = settings.lint if isinstance(settings.lint, tuple) else ()
    wanted = [
        finding
        for finding in check.findings()
        if is_error(finding) == errors and not finding.rule.startswith(off)
    ]
    if not wanted:
        return []
    from harness.lint.wording import distinct, lifecycle_dates, said  # noqa: PLC0415  (rarely needed)

    day = on or datetime.now(UTC).date()
    path = check.template
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    problems = []
    for finding in distinct(f for f in wanted if min(lifecycle_dates(f), default=day) <= day):
        message, remedy = said(finding, version("cfn-lint"))
        if construct := _construct(path, finding):
            message = f"{construct}: {message}"
        problems.append(Problem(Position(shown, finding.line, finding.column), message, remedy))
    return problems
