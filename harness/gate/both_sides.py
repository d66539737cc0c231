"""Run a scenario on the stacks of both sides, and compare the results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.gate import behaviour, made_machines
from harness.gate.behaviour import NO_PRICES, Prices
from harness.gate.finding import Finding, Rule
from harness.gate.measures import measured
from harness.gate.reaching import LATER, SOONER
from harness.observe.model import Observation
from harness.report.model import Result
from harness.scenario.position import ScenarioError
from harness.session import Session
from harness.settings import SettingsError
from harness.stack.template import TemplateError
from harness.sweep.updates.model import Side, Sides

BROKEN: Final = Rule("behaviour-broken", "A scenario that passes on the base fails.", "0.1")
NOT_COMPARED: Final = Rule("behaviour-not-compared", "A scenario cannot run on the base.", "0.1", "note")
RULES: Final = (
    BROKEN,
    behaviour.CHANGED,
    behaviour.NEAR,
    behaviour.EXCEEDED,
    SOONER,
    LATER,
    made_machines.HANDLING,
    made_machines.DEFINITION,
    NOT_COMPARED,
)


@dataclass(frozen=True)
class Compared:
    """The result of a scenario on both sides: the differences, and the observations if both runs finished."""

    findings: tuple[Finding, ...]
    before: Observation | None = None
    after: Observation | None = None


def compared_on(
    session: Session, sides: Sides, prices: Prices = NO_PRICES, after: Result | None = None
) -> Compared:
    """Run a scenario on the stacks of both sides, and compare the results. `sides.old` is the base.

    `after` is the result on the new side, if it is already known.

    Raises:
        EngineError: the engine does not start.
    """
    name = str(sides.path)
    ends: list[tuple[Result, Observation]] = []
    for side in (sides.old, sides.new):
        try:
            known = after if side is sides.new else None
            result = known or session.run(side.scenario, side.settings)
        except (ScenarioError, SettingsError, TemplateError) as error:
            return Compared((_not_compared(name, side, str(error)),))
        if result.observation is None or result.outcome in ("error", "skipped"):
            return Compared((_not_compared(name, side, result.reason),))
        ends.append((result, result.observation))
    (was, before), (now, seen) = ends
    return Compared(tuple(_differences(name, sides.old.name, was, now, prices)), before, seen)


def _differences(name: str, base: str, was: Result, now: Result, prices: Prices) -> Iterator[Finding]:
    assert was.observation is not None, "the run has an observation"
    assert now.observation is not None, "the run has an observation"
    before, after = measured(was.observation), measured(now.observation)
    if was.outcome == "passed" and now.outcome == "failed":
        # All other decreases result from the failure, because the scenario ended early.
        yield _broken(name, base, now)
        told = (behaviour.NEAR, behaviour.EXCEEDED)
        yield from (each for each in behaviour.limits(name, before, after) if each.rule in told)
        return
    yield from behaviour.compared(name, before, after, prices)
    yield from made_machines.compared(was.observation, now.observation)


def _broken(name: str, base: str, now: Result) -> Finding:
    first, *others = now.mismatches
    more = f" (and {len(others)} more)" if others else ""
    return Finding(
        BROKEN,
        name,
        f"{name} passes on {base} and fails now: {first.expectation}: {first.summary}{more}",
        "correct the change, or the scenario if the change is intended",
    )


def _not_compared(scenario: str, side: Side, reason: str) -> Finding:
    """Return a note about a scenario that cannot run on one side, for example because it needs the new
    template.
    """
    text = reason.replace(f"{side.settings.root}/", "").partition("\n")[0] or "it does not end"
    return Finding(
        NOT_COMPARED,
        scenario,
        f"{scenario} cannot be compared on {side.name}: {text}",
        "no action is needed if this change added it",
    )
