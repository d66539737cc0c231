"""Tasks without an answer: the locations of their states, and the scenario or test lines that answer them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from harness.scenario.model import Scenario
from harness.stack.model import STATE_MACHINE, Stack
from harness.stack.state_places import state_position
from harness.stepfunctions.waiting_task import WaitingTask

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_WORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def remedy(tasks: Sequence[WaitingTask], scenario: Scenario, stack: Stack) -> Iterator[str]:
    """Return the lines shown after an execution that can never continue: the waiting states, and how to
    answer them.
    """
    states = {task.state: task for task in tasks}
    for state, task in states.items():
        yield f"state {state}{_place(task, stack)} {_why(task)}: on AWS it would wait for a year"
    if scenario.path.suffix == ".py":
        yield "answer it between start(...) and wait() of the run:"
        yield f"  run.wait_for_token({next(iter(states))!r}).succeed({{}})"
        return
    where = "answers" if scenario.answers or not any(run.answers for run in scenario.runs) else "run.answers"
    yield f"add an answer in {scenario.path}, under {where}:"
    yield "answers:"
    yield from (f"  - {{state: {_text(state)}, after: 10 min, output: {{}}}}" for state in states)


def _why(task: WaitingTask) -> str:
    if not task.activity_arn:
        return "has no TimeoutSeconds"
    activity = task.activity_arn.rpartition(":")[2]
    return (
        f"waits for a worker of activity {activity}, and its timeouts begin only when a worker takes the task"
    )


def _place(task: WaitingTask, stack: Stack) -> str:
    """Return the location of a state in a template, in brackets. "" if no template declares the machine."""
    before, _, rest = task.execution_arn.partition(":execution:")
    machine = f"{before}:stateMachine:{rest.partition(':')[0].partition('/')[0]}"
    names = {arn: name for name, arn in stack.of_type(STATE_MACHINE).items()}
    origin = stack.origins.get(names.get(machine, ""))
    if origin is None:
        return ""
    where = state_position(origin, task.state)
    path, folder = where.path, Path.cwd()
    return f" ({replace(where, path=path.relative_to(folder) if path.is_relative_to(folder) else path)})"


def _text(state: str) -> str:
    """Return a state's name as YAML."""
    plain = _PLAIN.fullmatch(state) and state.lower() not in _WORDS
    return state if plain else json.dumps(state, ensure_ascii=False)
