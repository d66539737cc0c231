"""Runs that code starts as scenarios and results, which is what the harness judges and reports."""

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
    """The code that starts runs, as reports name it: a test, or any other code.

    `title` is its name, "" for that of each run. `reproduce` is the command that plays it again. `guard` is
    around all that is done for it, and `ended` gets each run that has ended, inside of it.
    """

    path: Path
    line: int
    title: str = ""
    reproduce: str = ""
    guard: Callable[[], AbstractContextManager[None]] = nullcontext
    ended: Callable[[Result], object] = lambda _: None


@dataclass(frozen=True)
class Begun:
    """A run that was started: the scenario that it is, where it runs, and since when in real time."""

    scenario: Scenario
    stack: Stack
    inbox: Inbox
    execution_arn: str
    begin_s: float


def result_of(caller: Caller, session: Session, begun: Begun, judged: Judgement) -> Result:
    """A run as a report has it."""
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
    """A run as a scenario, which expects nothing and stands where the caller does.

    Raises:
        SettingsError: an argument of the run is wrong.
    """
    try:
        json.dumps(input)
        run = RunSpec.model_validate({"name": name, "input": input, "timeout": f"{float(timeout_s):f} s"})
    except ValidationError as error:
        first = error.errors()[0]
        problem = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{first['loc'][0]} of a run: {problem}") from None
    except (RecursionError, TypeError, ValueError) as error:
        raise SettingsError(f"input or timeout_s of a run cannot be used: {error}; correct it") from None
    place = (caller.line, 1)
    source = Source(caller.path, _text(caller.path), {(): Marks(place, place)})
    scenario = Scenario.model_construct(title=caller.title or name, expect=Expect.model_construct())
    return scenario.model_copy(update={"runs": (run,)}).at(source)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # typed in, or made
        return ""
