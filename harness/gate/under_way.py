"""Parts that also run the base: `behaviour`, and `updates` to its stack during a run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from harness.engine import engine_of
from harness.engine.base import Capability
from harness.gate import both_sides
from harness.gate.base import Base
from harness.gate.behaviour import Prices
from harness.gate.both_sides import Compared, compared_on
from harness.gate.budget import Budget
from harness.gate.changed_files import changed_files
from harness.gate.changed_lines import Changed
from harness.gate.compared import sides
from harness.gate.deployed import settings_of_base
from harness.gate.finding import Finding
from harness.gate.growth import lines
from harness.gate.part import NO_TIME, Context, Part
from harness.gate.reaching import reached
from harness.gate.resolved import Resolved
from harness.gate.sweeping import by_value
from harness.gate.updates import VIOLATED, findings, sides_from
from harness.report.layout import shown_path
from harness.report.model import Result
from harness.session import Session
from harness.settings import Settings
from harness.stack.packaging import Code, Package, package
from harness.sweep.trials import BaseFailed
from harness.sweep.updates.model import Sides, Swept, UpdateRefused
from harness.sweep.updates.play import UpdatePlayer
from harness.sweep.updates.points import trials
from harness.sweep.updates.sweep import alone_on, each_verdict

_NEEDS: Final = frozenset({"base", "scenarios"})
_SHARE: Final = 0.5
"""Share of the remaining time for updates. The rest is for the sweep."""
_NO_CODE: Final = "a template contains no code", "harness gate --base REF"


def compare(context: Context) -> Iterator[Finding]:
    """Run the scenarios on the base, and report the differences in the amounts that they use."""
    if (base := _base(context)) is None:
        return
    changed = _causes(context, base)
    results = [*by_value([each for each in context.results if each.observation is not None])]
    before, after, told = [], [], set[tuple[str, str]]()
    played = 0
    for result, both in context.budget.within(_compared(context, base, results)):
        played += 1
        before += [both.before] if both.before else []
        after += [both.after] if both.after else []
        for each in both.findings:
            if (key := (each.rule.id, each.subject)) not in told:  # scenarios create the same machines
                told.add(key)
                yield changed.placed(each, result.scenario.path)
    if left := len(results) - played:
        context.leave_out(f"{left} of {len(results)} scenarios", NO_TIME)
    for each in reached(lines(before), lines(after), context.settings.gate.limit_margin):
        yield changed.placed(each, context.settings.root)


def _compared(context: Context, base: Base, results: Sequence[Result]) -> Iterator[tuple[Result, Compared]]:
    prices = Prices.of(context.settings.gate.prices)
    with Session(engine_of(context.settings), definitions=True) as session:
        for result in results:
            yield result, compared_on(session, _sides(context, base, result), prices, result)


def _base(context: Context) -> Base | None:
    """Return the commit to run. None if there is no base, or the deployed content does not differ."""
    if context.base is None:
        context.leave_out("", *_NO_CODE)
        return None
    if context.differs is None and context.results:
        context.differs = _differs(context, context.base)
    return context.base if context.differs else None


def _differs(context: Context, base: Base) -> bool:
    """Return whether the deployed content differs, including code."""
    earlier, later = sides(context)
    before = [*_packages(earlier, settings_of_base(base, context.project))]
    after = [*_packages(later, context.settings)]
    return [(each.template, each.files) for each in before] != [(each.template, each.files) for each in after]


def _packages(side: Resolved, settings: Settings) -> Iterator[Package]:
    code = Code.of(settings, settings.engine)
    for stack in side.planned:
        yield package(stack.template, "compared", stack.parameters, code=code)


def _sides(context: Context, base: Base, result: Result) -> Sides:
    path = result.scenario.path
    found = sides_from(base, result.scenario, context.settings_of(path))
    return replace(found, path=Path(shown_path(path)))


def _causes(context: Context, base: Base) -> Changed:
    """Return the changed lines in deployed files."""
    _, head = sides(context)
    return Changed.of(changed_files(context.project, base), head)


def update(context: Context) -> Iterator[Finding]:
    """Update the base's stack to the head at events in the run, as long as there is time."""
    if (base := _base(context)) is None:
        return
    budget, changed = context.budget.part(_SHARE), _causes(context, base)
    for result in by_value([each for each in context.results if each.outcome == "passed"]):
        name = shown_path(result.scenario.path)
        again = shlex.join(["harness", "sweep", name, "--update-from", base.ref])
        if budget.over:
            context.leave_out(name, NO_TIME, again)
            continue
        if context.settings_of(result.scenario.path).network:
            context.leave_out(name, "its functions can connect to the network", f"{again} --allow-network")
            continue
        swept = _swept(context, budget, _sides(context, base, result), result, again)
        for found in findings(swept) if swept else ():
            yield changed.placed(found, result.scenario.path)


def _swept(context: Context, budget: Budget, sides_: Sides, result: Result, again: str) -> Swept | None:
    """Return the updates for one scenario within the budget. None if it cannot be updated."""
    name = shown_path(result.scenario.path)
    with Session(engine_of(context.settings_of(result.scenario.path))) as session:
        session.start()
        if Capability.VIRTUAL_CLOCK not in session.engine.capabilities:
            why = f"{session.engine.name} cannot pause at an event"
            context.leave_out(name, why, f"{again} --engine moto")
            return None
        player = UpdatePlayer(session, sides_)
        try:
            alone = alone_on(player, sides_)
        except UpdateRefused as error:
            context.leave_out(name, str(error), again)
            return None
        except BaseFailed as failed:
            context.leave_out(name, f"it fails without an update: {failed}", again)
            return None
        chosen = () if alone.is_same else trials(alone.events, in_halves=alone.in_halves)
        verdicts = tuple(budget.within(each_verdict(player, sides_, alone, chosen, context.workers)))
        if left := len(chosen) - len(verdicts):
            context.leave_out(name, f"{left} of {len(chosen)} updates, {NO_TIME}", again)
    return Swept(name, sides_.ref, len(alone.events), 0, alone.is_same, verdicts, 0.0, left)


BEHAVIOUR: Final = Part("behaviour", compare, both_sides.RULES, _NEEDS)
UPDATES: Final = Part("updates", update, (VIOLATED,), _NEEDS, "harness sweep SCENARIO --update-from REF")
