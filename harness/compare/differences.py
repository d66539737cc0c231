"""Compares the normalized results of one scenario on several engines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.compare.known import Known
from harness.compare.normalized import NormalizedResult


@dataclass(frozen=True)
class Difference:
    """A part in which an engine differs from the first one.

    `only_first` and `only_here` are the lines that only one of the engines has. `reasons` explain a known
    difference and cover all of these lines. They are empty for an unknown difference. `once` marks a
    difference that did not occur again in a second run.
    """

    scenario: str
    part: str
    first: str
    engine: str
    only_first: tuple[str, ...]
    only_here: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    once: bool = False


def differences(
    scenario: str, by_engine: Mapping[str, NormalizedResult], known: Sequence[Known]
) -> tuple[Difference, ...]:
    """Return all differences between the first engine in `by_engine` and each other engine.

    An engine that skipped the scenario is not compared, because it cannot run the scenario.
    """
    (first, reference), *others = by_engine.items()
    found = []
    for engine, other in others:
        if "skipped" in (reference.verdict, other.verdict):
            continue
        parts: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
            "verdict": ((reference.verdict,), (other.verdict,))
        }
        for part in reference.parts.keys() & other.parts.keys():
            parts[part] = (reference.parts[part], other.parts[part])
        for part, (there, here) in sorted(parts.items()):
            if there != here:
                only_first, only_here = _without(there, here), _without(here, there)
                reasons = _reasons(known, engine, scenario, part, (*only_first, *only_here) or ("",))
                found.append(Difference(scenario, part, first, engine, only_first, only_here, reasons))
    return tuple(found)


def _reasons(
    known: Sequence[Known], engine: str, scenario: str, part: str, lines: Iterable[str]
) -> tuple[str, ...]:
    """Return the reasons why these lines differ. Empty unless every line is explained.

    One empty line stands for lines that differ only in their order.
    """
    reasons: dict[str, None] = {}
    for line in lines:
        reason = next((k.reason for k in known if k.explains(engine, scenario, part, line)), None)
        if reason is None:
            return ()
        reasons[reason] = None
    return tuple(reasons)


def _without(lines: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    left = list(others)
    only = []
    for line in lines:
        if line in left:
            left.remove(line)
        else:
            only.append(line)
    return tuple(only)
