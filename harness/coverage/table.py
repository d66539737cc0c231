"""A readable table of missed edges, each with its location and the lines that would reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.coverage.edges import Edge
from harness.coverage.hints import Hint, hint
from harness.coverage.model import Coverage, Machine, Missed
from harness.coverage.places import Places
from harness.report.layout import shown_path


def table(coverage: Coverage, places: Mapping[str, Places]) -> Iterator[str]:
    """Yield the lines of the table."""
    hit, of = coverage.counted()
    parts = ", ".join(f"{name} {value:.0f} %" for name, value in coverage.percentages.items())
    yield f"State machine coverage: {coverage.percent:.1f} % ({hit} of {of})" + (
        f": {parts}" if parts else ""
    )
    for machine in coverage.machines:
        yield from _of_machine(coverage, machine, places[machine.key])
    for name in coverage.unknown:
        yield f"{name}: it ran, but the engine does not report its definition, so it is not counted"


def _of_machine(coverage: Coverage, machine: Machine, places: Places) -> Iterator[str]:
    hit, of = machine.covered()
    first = next(iter(machine.edges.values()), None)
    place = places.of(first) if first else None
    kind = ", created at run time" if machine.made else ""
    where = f" ({shown_path(place.file)}{kind})" if place else f" ({kind[2:]})" if kind else ""
    yield f"{machine.shown}{where}: {hit} of {of}"
    if not machine.executions:
        yield f"  it never ran. {hint(coverage, Missed(machine, first)).why}" if first else "  it never ran"
        return
    for found, edges in _grouped(coverage, machine):
        for edge in edges:
            yield f"  missed {_shown(machine, edge, places)}"
        yield from _lines(found)


def _grouped(coverage: Coverage, machine: Machine) -> list[tuple[Hint, Sequence[Edge]]]:
    """Group the missed edges by hint. For a state that was never entered, list only the missing visit."""
    groups: dict[tuple[str, ...], tuple[Hint, list[Edge]]] = {}
    for edge in machine.told:
        found = hint(coverage, Missed(machine, edge))
        key = (found.scenario, found.why, *found.lines)
        groups.setdefault(key, (found, []))[1].append(edge)
    return list(groups.values())


def _shown(machine: Machine, edge: Edge, places: Places) -> str:
    place = places.of(edge)
    where = f"{shown_path(place.file)}:{place.line}  " if place else ""
    own = sum(each.state == edge.state for each in machine.edges.values()) - 1
    rest = f" (and its outgoing edges: {own})" if edge.kind == "state" and own else ""
    label = f"{edge.state}: {edge.label}" if edge.state else edge.label
    return f"{where}{label.replace(': entered', ': never entered')}{rest}"


def _lines(found: Hint) -> Iterator[str]:
    if found.why:
        yield f"    {found.why}"
        return
    as_scenario = "a scenario with the same steps as this test: " if found.scenario.endswith(".py") else ""
    instead = f" (instead of the input of its run {found.run + 1})" if found.input else ""
    yield f"    would be reached by this in {as_scenario}{found.scenario}{instead}:"
    yield from (f"      {line}" for line in found.lines)
