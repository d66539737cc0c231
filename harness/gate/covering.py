"""The `coverage` part: parts of the state machines that no scenario reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.coverage.hints import hint
from harness.coverage.model import Missed
from harness.coverage.places import Places
from harness.coverage.record import covered
from harness.gate.finding import Finding, Rule
from harness.gate.part import Context, Part
from harness.report.layout import shown_path

MISSED: Final = Rule("coverage-missed", "No scenario reaches a part of a state machine.", "0.1", "note")
_NEEDS: Final = frozenset({"scenarios"})


def cover(context: Context) -> Iterator[Finding]:
    """Report everything that the scenarios did not reach, with the lines that would reach it.

    For a state that no scenario entered, report only the state.
    """
    if len(context.results) < len(context.scenarios):
        context.leave_out("", "not all scenarios were run")
        return
    seen = [
        (shown_path(each.scenario.path), each.observation) for each in context.results if each.observation
    ]
    coverage = covered(seen)
    for machine in coverage.machines:
        places = Places(machine)
        for edge in machine.told:
            missed = Missed(machine, edge)
            found, place = hint(coverage, missed), places.of(edge)
            subject = f"{machine.shown}: {missed.label}"
            where = f" in {found.scenario}" if found.scenario else ""
            remedy = found.why or f"these lines{where} reach it: {' / '.join(found.lines)}"
            file, line = (place.file, place.line) if place else (None, 0)
            yield Finding(MISSED, subject, f"{subject} is never reached", remedy, file, line)


COVERAGE: Final = Part("coverage", cover, (MISSED,), _NEEDS, "harness run --coverage", quick=True)
