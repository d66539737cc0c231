"""Shows a sweep for users and programs: the table of points and kinds, the violations, JSON."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from harness.functions.faults import KINDS
from harness.json_types import Json
from harness.notes import Note
from harness.report.base import written
from harness.report.notes import note_lines
from harness.report.terminal import is_screen
from harness.scenario_files import fault_lines
from harness.sweep.model import NOTES, Outcome, Swept, Trial

VERSION = 1
SIGNS: Mapping[Outcome, tuple[str, str]] = {
    "same": ("=", "green"),
    "other": ("~", "cyan"),
    "failed": ("x", "yellow"),
    "violation": ("!", "bold red"),
}
UNLIKE: tuple[Outcome, ...] = ("other", "failed")
LISTED = 20
"""Maximum number of commands listed for each outcome."""
DETAILED = 5
"""Maximum number of violations shown in detail. For all others, only a line and the block are shown."""


def show_table(console: Console, swept: Swept) -> None:
    """Show a table with a row for each point and a column for each kind. Cells count the outcomes."""
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
        show_wide(console, table)
    show_totals(console, (verdict.outcome for verdict in swept.verdicts), NOTES)
    trials = "pairs of faults" if pairs else "faults"
    points = len({point for verdict in swept.verdicts for point in verdict.trial.points})
    total = f"{len(swept.verdicts)} {trials} at {points} point{'s' * (points != 1)} in {swept.real_s:.0f} s"
    console.print(total, soft_wrap=True)
    if same := sum(not verdict.played for verdict in swept.verdicts):
        console.print(
            f"({same} of them can fire only once, so the permanent fault gives the same run, which was "
            "judged but not run again)",
            soft_wrap=True,
        )
    if swept.left:
        console.print(Text(f"stopped: {swept.left} more {trials} were not tried", "bold yellow"))


def show_wide(console: Console, table: Table) -> None:
    """Show a table. In a file, the table has its full width."""
    if not is_screen(console):  # a file gets the full width
        needed = Measurement.get(console, console.options.update(width=1_000), table).maximum
        console.width = max(console.width, needed)
    console.print(table)
    console.print()


def show_totals(console: Console, outcomes: Iterable[Outcome], notes: Mapping[Outcome, str]) -> None:
    """Show the number of trials for each outcome, with the outcome's symbol in the table."""
    totals = Counter(outcomes)
    for outcome, note in notes.items():
        sign, style = SIGNS[outcome]
        console.print(Text.assemble((f"{totals[outcome]:6} {sign}", style), f"  {note}"))


def _cell(outcomes: Counter[Outcome] | None) -> Text:
    text = Text()
    for outcome, (sign, style) in SIGNS.items():
        if outcomes and outcomes[outcome]:
            text.append(" " if text else "").append(f"{outcomes[outcome]}{sign}", style)
    return text


def show_unlike(console: Console, swept: Swept, verbose: bool = False) -> None:
    """Show the faults that change the run's outcome, with the commands that run them again."""
    for outcome in UNLIKE:
        entries: dict[str, dict[str, list[str]]] = {}
        for verdict in swept.verdicts:
            if verdict.outcome == outcome:
                ends = entries.setdefault(command(swept.scenario, verdict.trial), {})
                ended = ": ".join(filter(None, (verdict.status, verdict.error)))
                ends.setdefault(ended, []).append(_variant(verdict.trial))
        if entries:
            console.print()
            console.print(Text(NOTES[outcome], "bold"))
        listed = [
            f"{line}  # "
            + "; ".join(f"{', '.join(filter(None, ways))} -> {ended}" for ended, ways in ends.items())
            for line, ends in entries.items()
        ]
        for line in listed if verbose else listed[:LISTED]:
            console.print(Text(f"  {line}"), soft_wrap=True)
        if len(listed) > LISTED and not verbose:
            more = f"  … {len(listed) - LISTED} more commands (-v lists all, --json FILE has every fault)"
            console.print(Text(more, "dim"))


def command(scenario: str, trial: Trial) -> str:
    """Return the command that runs the faults of this kind at a trial's point.

    A pair has only its label.
    """
    if len(trial.points) > 1:
        return trial.label
    (point,), (variant,) = trial.points, trial.variants
    return shlex.join(["harness", "sweep", scenario, "--point", point.label, "--kind", variant.kind])


def _variant(trial: Trial) -> str:
    """Return a fault's variant and frequency, such as `SlowDown for ever`, or "" for a pair."""
    if len(trial.points) > 1:
        return ""
    return f"{trial.variants[0].label} {'once' if trial.times == 'once' else 'for ever'}".strip()


def show_violations(console: Console, swept: Swept) -> None:
    """Show each violation with its messages, its details, and the block that reproduces it."""
    for number, verdict in enumerate(swept.violations):
        console.print()
        console.print(Text(f"VIOLATION  {verdict.trial.label}", "bold red"), soft_wrap=True)
        for text in verdict.violations:
            console.print(Text(f"  {text}", "red"), soft_wrap=True)
        if number < DETAILED:
            lines = verdict.explanation.splitlines()
            console.print(Text("\n".join(f"  {line}" for line in lines)), soft_wrap=True)
        console.print(Text(f"  to reproduce it in a copy of {swept.scenario}:"), soft_wrap=True)
        console.print(
            Text("\n".join(f"    {line}" for line in faults_block(verdict.trial.faults).splitlines())),
            soft_wrap=True,
        )
    commands = dict.fromkeys(command(swept.scenario, v.trial) for v in swept.violations)
    if commands:
        console.print()
        console.print(Text("To reproduce the violations", "bold"))
    for text in commands:
        console.print(Text(f"  {text}"), soft_wrap=True)


def show_notes(console: Console, notes: Sequence[Note]) -> None:
    """Show the notes from the run without faults."""
    for number, text in enumerate(note_lines(notes)):
        if number == 0:
            console.print()
        console.print(text, soft_wrap=True)


def faults_block(faults: Sequence[Mapping[str, Json]]) -> str:
    """Return the scenario's block, ready to paste: `faults:` with one line for each entry."""
    return fault_lines(faults)


def write_json(path: Path, swept: Swept) -> str:
    """Write the sweep as JSON.

    The format is `{"version": 1, "scenario": ..., "points": [label], "trials": [{...}], "not_tried": 0,
    "notes": []}`.

    The trials are in sweep order. `not_tried` counts the trials that a stopped sweep did not run. Return the
    reason if the file could not be written, otherwise "".
    """
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
        "not_tried": swept.left,
        "notes": [asdict(note) for note in swept.notes],
    }
    return written(path, json.dumps(document, indent=1) + "\n")
