"""Shows differences as a table for users and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.compare.differences import Difference
from harness.compare.run import NormalizedResults, unknown
from harness.expect.wording import counted
from harness.notes import Note
from harness.report.base import written
from harness.report.notes import note_lines

VERSION = 1
SHOWN_LINES = 6


def show_table(console: Console, seen: NormalizedResults, found: Sequence[Difference]) -> None:
    """Print a row per scenario and a column per engine: the verdict, and the parts that differ from the first
    engine.
    """
    engines = list(next(iter(seen.values()), {}))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("scenario", overflow="fold")
    for engine in engines:
        table.add_column(engine)
    for path, by_engine in seen.items():
        name = path.rsplit("/", 1)[-1]
        cells = []
        for engine in engines:
            here = [d for d in found if d.scenario == name and d.engine == engine]
            kinds = dict.fromkeys(_kind(d) for d in unknown(here))
            known = dict.fromkeys(_kind(d) for d in here if d.reasons)
            once = dict.fromkeys(_kind(d) for d in here if d.once)
            text = Text(by_engine[engine].verdict)
            if kinds:
                text.append(f" differs: {', '.join(kinds)}", "red")
            if once:
                text.append(f" differed once: {', '.join(once)}", "yellow")
            if known:
                text.append(f" (known: {', '.join(known)})", "dim")
            cells.append(text)
        table.add_row(name, *cells)
    console.print(table)


def _kind(difference: Difference) -> str:
    return difference.part.partition(" of ")[0]


def show_unknown(console: Console, found: Sequence[Difference]) -> None:
    """Print each unknown difference with the lines that only one side has. Differences that occurred once
    come first.
    """
    for difference in (*(d for d in found if d.once), *unknown(found)):
        who = f"{difference.engine} differs from {difference.first}"
        if difference.once:
            who = f"{difference.engine} differed from {difference.first} once, but not in a second run"
        style = "yellow" if difference.once else "red"
        console.print(f"\n{difference.scenario}: {difference.part}: {who}", style=style, markup=False)
        for engine, lines in (
            (difference.first, difference.only_first),
            (difference.engine, difference.only_here),
        ):
            for line in lines[:SHOWN_LINES]:
                console.print(f"  only {engine}: {line}", markup=False, highlight=False)
            if len(lines) > SHOWN_LINES:
                console.print(f"  only {engine}: … {len(lines) - SHOWN_LINES} more", markup=False)


def show_reasons(console: Console, seen: NormalizedResults, found: Sequence[Difference]) -> None:
    """Print the reasons for the known differences, then the reasons for skipped and failed scenarios."""
    console.print()
    for engine, part, reason in sorted({(d.engine, _kind(d), r) for d in found for r in d.reasons}):
        console.print(f"known: {engine}, {part}: {reason}", markup=False, highlight=False)
    reasons: dict[tuple[str, str], list[str]] = {}
    for path, by_engine in seen.items():
        for result in by_engine.values():
            if result.reason:
                reasons.setdefault((result.verdict, result.reason), []).append(path.rsplit("/", 1)[-1])
    for (verdict, reason), names in sorted(reasons.items()):
        console.print(f"{verdict}: {reason}: {', '.join(names)}", markup=False, highlight=False)


def show_summary(console: Console, seen: NormalizedResults, found: Sequence[Difference]) -> None:
    """Print the last line: the scenarios with an unknown difference, and the scenarios that differed once."""
    differ = dict.fromkeys(d.scenario for d in unknown(found))
    once = dict.fromkeys(d.scenario for d in found if d.once)
    told = f"{len(differ)} differ: {', '.join(differ)}" if differ else "no unknown differences"
    told += f"; {len(once)} differed once: {', '.join(once)}" if once else ""
    engines = ", ".join(next(iter(seen.values()), {}))
    text = f"\n{counted(len(seen), 'scenario')} on {engines}: {told}"
    console.print(text, markup=False, highlight=False)


def show_notes(console: Console, notes: Sequence[Note]) -> None:
    """Print the notes from all results on all engines, without duplicates."""
    for number, text in enumerate(note_lines(notes)):
        if number == 0:
            console.print()
        console.print(text)


def write_json(
    path: Path, seen: NormalizedResults, found: Sequence[Difference], notes: Sequence[Note] = ()
) -> str:
    """Write `{"version": 1, "scenarios": {path: {engine: verdict}}, "reasons": ..., "notes": [...], ...}`.

    `reasons` has the format of `scenarios` and says why a scenario was skipped or failed. `differences` is a
    list. Returns a sentence if the file could not be written, otherwise "".
    """
    verdicts = {p: {engine: result.verdict for engine, result in by.items()} for p, by in seen.items()}
    reasons = {
        p: why
        for p, by in seen.items()
        if (why := {e: result.reason for e, result in by.items() if result.reason})
    }
    document = {
        "version": VERSION,
        "scenarios": verdicts,
        "reasons": reasons,
        "notes": [asdict(note) for note in notes],
        "differences": [asdict(d) for d in found],
    }
    return written(path, json.dumps(document, indent=1) + "\n")
