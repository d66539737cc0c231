"""Runs of a test in Python as scenarios and results, which is what the harness judges and reports."""

from __future__ import annotations

import json
import shlex
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from harness.pytest_plugin.state import shown
from harness.settings import SettingsError

if TYPE_CHECKING:
    from harness.judgement import Judgement
    from harness.observe.inbox import Inbox
    from harness.report.model import Result
    from harness.scenario.model import Scenario
    from harness.session import Session
    from harness.stack.model import Stack


@dataclass(frozen=True)
class Begun:
    """A run that was started: the scenario that it is, where it runs, and since when in real time."""

    scenario: Scenario
    stack: Stack
    inbox: Inbox
    execution_arn: str
    begin_s: float


def failure(result: Result) -> str:
    """Explain a run that failed, as `harness run` does."""
    from harness.report.failure import failure_text  # noqa: PLC0415  (failures only)

    return failure_text(result)


def result_of(item: pytest.Item, session: Session, begun: Begun, judged: Judgement) -> Result:
    """A run as a report has it."""
    from harness.observe.lines import lines_in_project  # noqa: PLC0415  (when it is used)
    from harness.observe.sources import in_project  # noqa: PLC0415
    from harness.report.model import Result  # noqa: PLC0415

    origins = begun.stack.origins
    return Result(
        scenario=begun.scenario,
        engine=session.engine.name,
        outcome="error" if judged.reason else "failed" if judged.mismatches else "passed",
        duration_s=time.monotonic() - begun.begin_s,
        mismatches=judged.mismatches,
        observation=lines_in_project(in_project(judged.observation, origins), origins),
        reason=judged.reason,
        reproduce=f"pytest {shlex.quote(_reproduce_id(item))}",
        notes=begun.stack.notes + judged.notes,
        broke=judged.broke,
    )


def _reproduce_id(item: pytest.Item) -> str:
    """The id of a test for the working directory; pytest's own is relative to its root."""
    return f"{shown(item.path)}::{item.nodeid.partition('::')[2]}"


def scenario_of(item: pytest.Item, input: object, name: str, timeout_s: float) -> Scenario:
    """A run of a test as a scenario, which expects nothing and stands where the test does.

    Raises SettingsError for an argument of `harness_run` that is wrong.
    """
    from pydantic import ValidationError  # noqa: PLC0415

    from harness.scenario.expect import Expect  # noqa: PLC0415
    from harness.scenario.model import RunSpec, Scenario  # noqa: PLC0415
    from harness.scenario.source import Marks, Source  # noqa: PLC0415

    try:
        json.dumps(input)
        run = RunSpec.model_validate({"name": name, "input": input, "timeout": f"{float(timeout_s):f} s"})
    except ValidationError as error:
        first = error.errors()[0]
        problem = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"harness_run: {first['loc'][0]}: {problem}") from None
    except (RecursionError, TypeError, ValueError) as error:
        raise SettingsError(f"harness_run: input or timeout_s cannot be used: {error}; correct it") from None
    place = ((item.location[1] or 0) + 1, 1)
    source = Source(shown(item.path), item.path.read_text(encoding="utf-8"), {(): Marks(place, place)})
    scenario = Scenario.model_construct(title=item.name, expect=Expect.model_construct())
    return scenario.model_copy(update={"runs": (run,)}).at(source)
