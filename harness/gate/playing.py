"""The `scenarios` part, and the check of definitions that are created during a run."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from harness.expect.model import Mismatch
from harness.gate.finding import Finding, Rule
from harness.gate.part import NO_TIME, Context, Part
from harness.json_types import Json
from harness.lint.definitions import check
from harness.observe.model import Observation, SeenCall
from harness.report.failure import headline
from harness.report.layout import shown_path
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.scenario.position import Position

FAILS: Final = Rule("scenario-failed", "A scenario does not meet its expectations.", "0.1")
BROKE: Final = Rule("scenario-error", "A scenario did not end, so it cannot be compared.", "0.1")
SKIPPED: Final = Rule("scenario-skipped", "The engine cannot run a scenario.", "0.1", "warning")
MADE: Final = Rule(
    "lint-made-definition", "Step Functions rejects a definition that was created during a run.", "0.1"
)
_DETAILS: Final = 30
"""Maximum number of lines from a reason in a finding's details. The reported command shows all lines."""
_OTHERS: Final = 10
"""Maximum number of additional mismatches in a finding's details."""
_MAKE: Final = frozenset({"CreateStateMachine", "UpdateStateMachine"})


def play(context: Context) -> Iterator[Finding]:
    """Run the scenarios until the budget is used up. Store the results in the context."""
    for result in context.budget.within(context.play(context.scenarios)):
        context.results.append(result)
        context.code = max(context.code, result.exit_code if result.broke else 0)
        yield from _of_result(result, context.name(result.scenario.path))
    played = len(context.results)
    if left := context.scenarios[played:]:
        what = f"{len(left)} of {len(context.scenarios)} scenarios"
        context.leave_out(what, NO_TIME, command(left))


def command(scenarios: Iterable[Scenario]) -> str:
    """Return the command that runs scenarios. For many scenarios, it contains the folders instead."""
    paths = [shown_path(each.path) for each in scenarios]
    if len(paths) > 3:
        paths = sorted({str(Path(path).parent) for path in paths})
    return shlex.join(["harness", "run", *paths])


def _of_result(result: Result, name: str) -> Iterator[Finding]:
    scenario = result.scenario
    if result.outcome == "skipped":
        yield Finding(SKIPPED, name, result.reason, "choose another engine", scenario.path)
    elif result.outcome == "error":
        reason = next(iter(result.reason.splitlines()), "")
        details = tuple(result.reason.splitlines()[1:_DETAILS])
        yield Finding(BROKE, name, reason, _again(result), scenario.path, details=details)
    elif result.outcome == "failed":
        first = result.mismatches[0]
        where = first.where if first.where.line else Position(scenario.path)
        details = (*first.remedy.splitlines(), *map(headline, result.mismatches[1:_OTHERS]))
        message = f"{_said(first)}{_more(len(result.mismatches) - 1)}"
        place = (where.path, where.line, where.column)
        yield Finding(FAILS, name, message, _again(result), *place, details=details)


def _said(mismatch: Mismatch) -> str:
    return f"{mismatch.expectation}: {mismatch.summary}"


def _more(number: int) -> str:
    return f" (and {number} more)" if number else ""


def _again(result: Result) -> str:
    return f"run it with: {result.reproduce}" if result.reproduce else ""


def check_made(context: Context) -> Iterator[Finding]:
    """Check the definitions of all state machines that runs created, or tried to create."""
    if not context.results:
        context.leave_out("", "no scenario was run")
    told: set[str] = set()
    for result in context.results:
        for finding in _made_by(result):
            if finding.subject not in told:
                told.add(finding.subject)
                yield finding


def _made_by(result: Result) -> Iterator[Finding]:
    for call in _making(result.observation):
        yield from _of_call(call, result.scenario)
    for made in result.observation.definitions.values() if result.observation else ():
        if not made.name:  # no template declares it
            machine = made.machine_arn.rpartition(":")[2]
            yield from _of_definition(json.loads(made.text), f"machine {machine}", machine, result.scenario)


def _making(seen: Observation | None) -> Iterator[SeenCall]:
    for call in seen.calls if seen else ():
        if call.operation in _MAKE and not call.injected:
            yield call


def _of_call(call: SeenCall, scenario: Scenario) -> Iterator[Finding]:
    maker = call.function or call.state
    if call.error and "InvalidDefinition" in call.error:  # `Sfn.InvalidDefinitionException` of a task
        message = call.cause or "Step Functions rejected the definition"
        remedy = f"correct the definition from {maker}"
        yield Finding(MADE, f"{maker}: {call.state}", f"{maker}: {message}", remedy, scenario.path)
        return
    yield from _of_definition(_read(call.params.get("definition")), maker, maker, scenario)


def _of_definition(definition: Json, who: str, maker: str, scenario: Scenario) -> Iterator[Finding]:
    for each in check(definition, lambda _: Position(scenario.path)) if definition is not None else ():
        message = f"{who}: {each.code}: {each.message}"
        subject = f"{maker}: {each.subject}: {each.code}"
        yield Finding(MADE, subject, message, f"correct the definition from {maker}", scenario.path)


def _read(text: Json) -> Json:
    """Return the definition in a call's parameters. None if it was too long to be recorded."""
    try:
        value: Json = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return value


SCENARIOS: Final = Part(
    "scenarios", play, (FAILS, BROKE, SKIPPED), frozenset({"scenarios"}), command="harness run"
)
MADE_DEFINITIONS: Final = Part("made definitions", check_made, (MADE,), frozenset({"scenarios"}), quick=True)
