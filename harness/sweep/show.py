"""A sweep for people and for machines: the table of points and kinds, the violations, JSON."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from harness.functions.faults import KINDS
from harness.json_types import Json
from harness.sweep.model import NOTES, Outcome, Swept, Verdict

VERSION = 1
SIGNS: Mapping[Outcome, tuple[str, str]] = {
    "same": ("=", "green"),
    "other": ("~", "cyan"),
    "failed": ("x", "yellow"),
    "violation": ("!", "bold red"),
}
DETAILED = 5
"""So many violations are told at length; the others are a line and a block each."""


def show_table(console: Console, swept: Swept) -> None:
    """A row per point, a column per kind; in each cell how many trials ended how."""
    pairs = any(len(v.trial.points) > 1 for v in swept.verdicts)
    if not pairs:
        cells: dict[tuple[str, str], Counter[Outcome]] = {}
        for verdict in swept.verdicts:
            key = (verdict.trial.points[0].label, verdict.trial.variants[0].kind)
            cells.setdefault(key, Counter())[verdict.outcome] += 1
        kinds = [kind.key for kind in KINDS if any(kind.key == seen for _, seen in cells)]
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("point", no_wrap=True)
        for kind in kinds:
            table.add_column(kind, no_wrap=True)
        for label in dict.fromkeys(label for label, _ in cells):
            table.add_row(label, *(_cell(cells.get((label, kind))) for kind in kinds))
        if not console.is_terminal:  # there, as wide as it is
            needed = Measurement.get(console, console.options.update(width=1_000), table).maximum
            console.width = max(console.width, needed)
        console.print(table)
        console.print()
    totals = Counter(verdict.outcome for verdict in swept.verdicts)
    for outcome, note in NOTES.items():
        sign, style = SIGNS[outcome]
        console.print(Text.assemble((f"{totals[outcome]:6} {sign}", style), f"  {note}"))
    trials = "pairs of faults" if pairs else "faults"
    points = len({point for verdict in swept.verdicts for point in verdict.trial.points})
    total = f"{len(swept.verdicts)} {trials} at {points} point{'s' * (points != 1)} in {swept.real_s:.0f} s"
    if same := sum(not verdict.played for verdict in swept.verdicts):
        total += f"; {same} permanent ones not run, as they are the same run as the transient one"
    console.print(total, soft_wrap=True)


def _cell(outcomes: Counter[Outcome] | None) -> Text:
    text = Text()
    for outcome, (sign, style) in SIGNS.items():
        if outcomes and outcomes[outcome]:
            text.append(" " if text else "").append(f"{outcomes[outcome]}{sign}", style)
    return text


def show_violations(console: Console, swept: Swept) -> None:
    """For each violation what does not hold, what happened, and the block that makes it happen again."""
    for number, verdict in enumerate(swept.violations):
        console.print()
        console.print(Text(f"VIOLATION  {verdict.trial.label}", "bold red"))
        for text in verdict.violations:
            console.print(Text(f"  {text}", "red"), soft_wrap=True)
        if number < DETAILED:
            console.print(Text("\n".join(f"  {line}" for line in _happened(verdict))), soft_wrap=True)
        console.print(Text(f"  to see it again, in a copy of {swept.scenario}:"))
        console.print(
            Text("\n".join(f"    {line}" for line in faults_block(verdict.trial.faults).splitlines())),
            soft_wrap=True,
        )


def _happened(verdict: Verdict) -> Iterator[str]:
    lines = verdict.explanation.splitlines()
    begin = next((n for n, line in enumerate(lines) if line.startswith("What happened")), len(lines))
    yield from lines[begin:]


def faults_block(faults: Sequence[Mapping[str, Json]]) -> str:
    """The scenario's block, ready to paste: `faults:` with an entry in a line each."""
    entries = []
    for fault in faults:
        entry = CommentedMap(fault)
        entry.fa.set_flow_style()
        entries.append(entry)
    yaml = YAML()
    yaml.width = 1_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump({"faults": entries}, text)
    return text.getvalue()


def write_json(path: Path, swept: Swept) -> None:
    """`{"version": 1, "scenario": ..., "points": [label], "trials": [{...}]}`, in the order of the sweep."""
    trials = [
        {
            "points": [point.label for point in verdict.trial.points],
            "kinds": [{"kind": v.kind, "label": v.label} for v in verdict.trial.variants],
            "times": verdict.trial.times,
            "faults": verdict.trial.faults,
            "played": verdict.played,
            "outcome": verdict.outcome,
            "violations": verdict.violations,
            "status": verdict.status,
            "error": verdict.error,
            "duration_s": verdict.duration_s,
            "messages": verdict.messages,
        }
        for verdict in swept.verdicts
    ]
    document = {
        "version": VERSION,
        "scenario": swept.scenario,
        "points": [point.label for point in swept.points],
        "trials": trials,
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
