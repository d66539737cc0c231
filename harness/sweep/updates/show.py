"""Shows a sweep of updates for users and programs: the table, the violations with their commands, JSON."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.report.base import written
from harness.sweep.show import DETAILED, SIGNS, show_totals, show_wide
from harness.sweep.updates.model import NOTES, Swept, Trial, Verdict

VERSION = 1
SERIES = (
    ("", "updated"),
    ("back", "and rolled back"),
    ("settings", "code first"),
    ("code", "settings first"),
)
"""Columns of the table."""


def show_table(console: Console, swept: Swept) -> None:
    """Show a row for each event: the outcome of the update, and of an update followed by a rollback."""
    if swept.is_same:
        console.print(
            f"The stack of {swept.ref} is identical to that of the working tree, including code: there is "
            "nothing to update.",
            soft_wrap=True,
        )
        return
    cells: dict[str, dict[str, Verdict]] = {}
    for verdict in sorted(swept.verdicts, key=lambda each: each.trial.at.number):
        trial = verdict.trial
        cells.setdefault(trial.at.label, {})["back" if trial.back else trial.held] = verdict
    shown = [each for each in SERIES if any(each[0] in of for of in cells.values())]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("after this event", no_wrap=True)
    for _, title in shown:
        table.add_column(title, no_wrap=True)
    for label, of in cells.items():
        table.add_row(Text(label), *(_cell(of.get(key)) for key, _ in shown))
    show_wide(console, table)
    show_totals(console, (verdict.outcome for verdict in swept.verdicts), NOTES)
    updates = len(swept.verdicts)
    console.print(
        f"{updates} update{'s' * (updates != 1)} from {swept.ref} tried in {swept.real_s:.0f} s; "
        f"the histories have {swept.events} events",
        soft_wrap=True,
    )
    if swept.alike:
        console.print(
            f"({swept.alike} events were omitted: the stack is not accessed before the next event, "
            "so an update there has the same effect)",
            soft_wrap=True,
        )
    if never := sum(v.trial.back is not None and not v.rolled_back for v in swept.verdicts):
        console.print(f"({never} ended before they were rolled back)", soft_wrap=True)
    if swept.left:
        console.print(Text(f"stopped: {swept.left} more updates were not tried", "bold yellow"))


def _cell(verdict: Verdict | None) -> Text:
    return Text() if verdict is None else Text(*SIGNS[verdict.outcome])


def command(swept: Swept, trial: Trial) -> str:
    """Return the command that runs a trial again."""
    return shlex.join(
        ["harness", "sweep", swept.scenario, "--update-from", swept.ref, "--point", trial.label]
    )


def show_violations(console: Console, swept: Swept) -> None:
    """Show violations, their events, and the commands. Identical violations are shown once."""
    alike: dict[tuple[str, ...], list[Verdict]] = {}
    for verdict in swept.violations:
        alike.setdefault(verdict.violations, []).append(verdict)
    for number, (texts, verdicts) in enumerate(alike.items()):
        console.print()
        console.print(Text(f"VIOLATION  {_way(verdicts[0].trial)}", "bold red"), soft_wrap=True)
        for other in verdicts[1:]:
            console.print(Text(f"           {_way(other.trial)}", "bold red"), soft_wrap=True)
        for text in texts:
            console.print(Text(f"  {text}", "red"), soft_wrap=True)
        if number < DETAILED:
            lines = verdicts[0].explanation.splitlines()
            console.print(Text("\n".join(f"  {line}" for line in lines)), soft_wrap=True)
    if swept.violations:
        console.print()
        console.print(Text("To reproduce the violations", "bold"))
    for verdict in swept.violations:
        console.print(Text(f"  {command(swept, verdict.trial)}"), soft_wrap=True)


def _way(trial: Trial) -> str:
    if trial.held and trial.then:
        other = "code" if trial.held == "settings" else "settings"
        return (
            f"updated after {trial.at.label}, first the functions' {other}, then their {trial.held} after "
            f"{trial.then.label}"
        )
    back = f", rolled back after {trial.back.label}" if trial.back else ""
    return f"updated after {trial.at.label}{back}"


def document(swept: Swept) -> Mapping[str, object]:
    """Return the sweep as JSON; see `write_json`."""
    return {
        "version": VERSION,
        "scenario": swept.scenario,
        "update_from": swept.ref,
        "events": swept.events,
        "left_out_alike": swept.alike,
        "is_same": swept.is_same,
        "trials": [
            {
                "point": verdict.trial.label,
                "updated_after": verdict.trial.at.label,
                "rolled_back_after": verdict.trial.back.label if verdict.trial.back else None,
                "rolled_back": verdict.rolled_back,
                "held_back": verdict.trial.held,
                "held_back_until": verdict.trial.then.label
                if verdict.trial.held and verdict.trial.then
                else None,
                "outcome": verdict.outcome,
                "violations": verdict.violations,
                "status": verdict.status,
                "error": verdict.error,
                "duration_s": verdict.duration_s,
                "command": command(swept, verdict.trial),
            }
            for verdict in swept.verdicts
        ],
        "not_tried": swept.left,
        "notes": [asdict(note) for note in swept.notes],
    }


def write_json(path: Path, swept: Swept) -> str:
    """Write the sweep as JSON, with its trials in order.

    Return the reason if the file could not be written, otherwise "".
    """
    return written(path, json.dumps(document(swept), indent=1) + "\n")
