"""Coverage as JSON.

    {"version": 1, "percent": 72.1, "percentages": {"states": 95.2, ...},
     "machines": [
       {"name": "Orchestrator", "made_at_run_time": false, "executions": 57, "covered": 47, "of": 58,
        "edges": [{"state": "Choice", "kind": "choice", "label": "rule 1 -> Wait", "hits": 3,
                   "file": "orchestrator.asl.json" or null, "line": 12 or null,
                   "hint": null or {"scenario": ..., "lines": ["faults:", ...], "why": ""}}]}],
     "unknown": ["names of machines whose definitions the engine does not report"]}

Only edges that no run reached have a `hint`. `version` changes when a key is renamed, removed or changes
meaning.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from harness.coverage.edges import Edge
from harness.coverage.hints import hint
from harness.coverage.model import Coverage, Machine, Missed
from harness.coverage.places import Places
from harness.printable import printable_json
from harness.report.layout import shown_path

VERSION = 1


def json_text(coverage: Coverage, places: Mapping[str, Places]) -> str:
    """Return the document."""
    document = {
        "version": VERSION,
        "percent": round(coverage.percent, 2),
        "percentages": {name: round(value, 2) for name, value in coverage.percentages.items()},
        "machines": [_machine(coverage, each, places[each.key]) for each in coverage.machines],
        "unknown": list(coverage.unknown),
    }
    return printable_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _machine(coverage: Coverage, machine: Machine, places: Places) -> dict[str, object]:
    hit, of = machine.covered()
    return {
        "name": machine.shown,
        "made_at_run_time": machine.made,
        "executions": machine.executions,
        "covered": hit,
        "of": of,
        "edges": [_edge(coverage, machine, edge, places) for edge in machine.edges.values()],
    }


def _edge(coverage: Coverage, machine: Machine, edge: Edge, places: Places) -> dict[str, object]:
    place, hits = places.of(edge), machine.hits[edge.id]
    found = hint(coverage, Missed(machine, edge)) if not hits else None
    return {
        "state": edge.state,
        "kind": edge.kind,
        "label": edge.label,
        "hits": hits,
        "file": shown_path(place.file) if place else None,
        "line": place.line if place else None,
        "hint": found and {"scenario": found.scenario, "lines": list(found.lines), "why": found.why},
    }
