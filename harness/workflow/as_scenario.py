"""Converts runs started by code to scenarios and results, which the harness evaluates and reports."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from harness.judgement import Judgement
from harness.observe.inbox import Inbox
from harness.observe.lines import lines_in_project
from harness.observe.sources import in_project
from harness.report.model import Result
from harness.scenario.expect import Expect
from harness.scenario.model import RunSpec, Scenario
from harness.scenario.source import Marks, Source
from harness.session import Session
from harness.settings import SettingsError
from harness.stack.model import Stack


@dataclass(frozen=True)
class Caller:
    """The code that starts runs, as shown in reports: a test, or any other code.

    `title` is its name, or "" to use the name of each run. `reproduce` is the command that repeats it.
    `guard` returns a context manager that encloses every operation for this code. Inside the context, `ended`
    is called with each run that has ended.
    """

    path: Path
    line: int
    title: str = ""
    reproduce: str = ""
    guard: Callable[[], AbstractContextManager[None]] = nullcontext
    ended: Callable[[Result], object] = lambda _: None


@dataclass(frozen=True)
class Begun:
    """A started run: its scenario, its stack, and the real time at which it started."""

    scenario: Scenario
    stack: Stack
    inbox: Inbox
    execution_arn: str
    begin_s: float


def result_of(caller: Caller, session: Session, begun: Begun, judged: Judgement) -> Result:
    """Return a run in report format."""
    origins = begun.stack.origins
    return Result(
        scenario=begun.scenario,
        engine=session.engine.name,
        outcome="error" if judged.reason else "failed" if judged.mismatches else "passed",
        duration_s=time.monotonic() - begun.begin_s,
        mismatches=judged.mismatches,
        observation=lines_in_project(in_project(judged.observation, origins), origins),
        reason=judged.reason,
        reproduce=caller.reproduce,
        notes=begun.stack.notes + judged.notes,
        broke=judged.broke,
    )


def scenario_of(caller: Caller, input: object, name: str, timeout_s: float) -> Scenario:
    """Return a run as a scenario without expectations, located at the caller's line.

    Raises:
        SettingsError: an argument for the run is invalid.
    """
    try:
        json.dumps(input)
        run = RunSpec.model_validate({"name": name, "input": input, "timeout": f"{float(timeout_s):f} s"})
    except ValidationError as error:
        first = error.errors()[0]
        problem = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"invalid {first['loc'][0]} for a run: {problem}") from None
    except (RecursionError, TypeError, ValueError) as error:
        raise SettingsError(f"invalid input or timeout_s for a run: {error}; correct it") from None
    place = (caller.line, 1)
    source = Source(caller.path, _text(caller.path), {(): Marks(place, place)})
    scenario = Scenario.model_construct(title=caller.title or name, expect=Expect.model_construct())
    return scenario.model_copy(update={"runs": (run,)}).at(source)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # typed in, or generated
        return ""
