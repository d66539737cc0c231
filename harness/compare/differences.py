"""Pictures of one scenario on several engines -> differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.compare.known import Known
from harness.compare.picture import Picture


@dataclass(frozen=True)
class Difference:
    """One part in which an engine differs from the first one.

    `only_first` and `only_here` are the lines that one has and the other has not; `reason` explains a known
    difference and is empty for an unknown one.
    """

    scenario: str
    part: str
    first: str
    engine: str
    only_first: tuple[str, ...]
    only_here: tuple[str, ...]
    reason: str = ""


def differences(
    scenario: str, pictures: Mapping[str, Picture], known: Sequence[Known]
) -> tuple[Difference, ...]:
    """All differences of the engines from the first one of `pictures` (engine -> picture).

    An engine that skipped the scenario is not compared: it said that it cannot run it.
    """
    (first, reference), *others = pictures.items()
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
                reason = next((k.reason for k in known if k.covers(engine, scenario, part)), "")
                found.append(
                    Difference(
                        scenario, part, first, engine, _without(there, here), _without(here, there), reason
                    )
                )
    return tuple(found)


def _without(lines: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    left = list(others)
    only = []
    for line in lines:
        if line in left:
            left.remove(line)
        else:
            only.append(line)
    return tuple(only)
