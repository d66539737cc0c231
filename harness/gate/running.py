"""Run the gate parts one after another, within the budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from harness.engine.base import EngineError
from harness.exit_codes import FAILED, NO_ENGINE, PASSED, WRONG
from harness.gate.base import BaseError
from harness.gate.finding import Finding
from harness.gate.judged import ORDER, Judged
from harness.gate.part import NO_TIME, Context, LeftOut, Part
from harness.scenario.position import ScenarioError
from harness.settings import SettingsError
from harness.stack.model import DeployError
from harness.stack.template import TemplateError

Verdict = Literal["passed", "warned", "failed", "not done"]
NO_BASE: Final = LeftOut("", "no base to compare with", "harness gate --base REF, or --base-template FILE")


@dataclass(frozen=True)
class Report:
    """The result of one part: its findings, and the work that it left out. `real_s` is real time in
    seconds.
    """

    part: str
    found: tuple[Judged, ...] = ()
    left: tuple[LeftOut, ...] = ()
    real_s: float = 0.0
    begun: bool = True
    code: int = PASSED

    @property
    def verdict(self) -> Verdict:
        """The verdict. An unfinished part is judged by its findings."""
        if any(each.fails for each in self.found):
            return "failed"
        if not self.begun or (self.code and not self.found):
            return "not done"
        return (
            "warned"
            if any(each.level == "warning" and not each.accepted for each in self.found)
            else "passed"
        )

    def count(self) -> Counter[str]:
        """Return the number of findings by level, and of accepted findings."""
        return Counter("accepted" if each.accepted else each.level for each in self.found)


@dataclass
class Gate:
    """The reports from all parts so far."""

    reports: list[Report] = field(default_factory=list)
    under_way: list[Judged] = field(default_factory=list)

    @property
    def found(self) -> list[Judged]:
        """Return all findings: errors first, then in the order of the parts, and accepted findings last."""
        told = [each for report in self.reports for each in report.found] + self.under_way
        return sorted(told, key=lambda each: (each.accepted is not None, ORDER.index(each.level)))

    @property
    def code(self) -> int:
        """Return the exit code.

        The exit code of a part that crashed takes precedence over 1, which means a failed finding.
        """
        codes = [report.code for report in self.reports]
        return max([*codes, FAILED if any(each.fails for each in self.found) else PASSED])


def run_parts(
    parts: Sequence[Part],
    context: Context,
    gate: Gate,
    on_part: Callable[[str], object] = lambda _: None,
    on_finding: Callable[[Judged], object] = lambda _: None,
) -> None:
    """Run the parts, and add a report for each to `gate`. Findings are reported immediately."""
    for part in parts:
        if (left := _obstacle(part, context)) is not None:
            gate.reports.append(Report(part.name, left=(left,), begun=False))
            continue
        on_part(part.name)
        context.left, context.code, begin = [], PASSED, context.budget.spent_s
        gate.under_way.clear()
        try:
            for judged in _found(part, context):
                gate.under_way.append(judged)
                on_finding(judged)
        except BaseException:
            context.leave_out("", "it was stopped")
            _end(part, context, gate, begin)
            raise
        _end(part, context, gate, begin)


def _end(part: Part, context: Context, gate: Gate, begin: float) -> None:
    """Add the report for a part."""
    found, left_out = tuple(gate.under_way), tuple(context.left)
    gate.under_way.clear()
    real_s = context.budget.spent_s - begin
    gate.reports.append(Report(part.name, found, left_out, real_s, code=context.code))
    if not left_out and not context.code:
        context.complete.update(rule.id for rule in part.rules)


def _obstacle(part: Part, context: Context) -> LeftOut | None:
    """Return the reason for skipping a part. None if the part runs."""
    if "base" in part.needs and not context.has_base:
        return NO_BASE
    if "scenarios" in part.needs and context.invalid:
        return LeftOut("", context.invalid)
    if context.budget.over and not part.quick:
        return LeftOut("", NO_TIME, part.command)
    return None


def _found(part: Part, context: Context) -> Iterator[Judged]:
    try:
        for finding in part.run(context):
            if (judged := context.judge.judge(finding, part.name)) is not None:
                yield judged
    except EngineError as error:
        _broke(context, f"the engine cannot run: {error}", NO_ENGINE)
    except (BaseError, DeployError, ScenarioError, SettingsError, TemplateError) as error:
        _broke(context, str(error), WRONG)


def _broke(context: Context, why: str, code: int) -> None:
    context.leave_out("", why)
    context.code = max(context.code, code)


def distinct(found: Iterable[Finding], told: set[tuple[object, ...]]) -> Iterator[Finding]:
    """Yield the findings that are not yet in `told`, compared by location and text."""
    for finding in found:
        key = (finding.place, finding.message.partition(": ")[2] or finding.message)
        if key not in told:
            told.add(key)
            yield finding
