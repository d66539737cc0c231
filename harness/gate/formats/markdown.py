"""Markdown for a job summary or for the text of a merge request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.gate.formats.mermaid import mermaid
from harness.gate.judged import Judged
from harness.gate.root import relative
from harness.gate.summary import Summary, counted, duration, listed, total
from harness.hidden import without_secrets
from harness.printable import one_line

_MOST: Final = 50
"""Maximum number of findings in the list. GitHub rejects a summary larger than 1 MiB."""
_MACHINES: Final = 5
_STATES: Final = 100
"""Maximum number of graphs, and of states in a graph. Larger graphs are not legible."""
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown(summary: Summary, root: Path) -> str:
    """Return the text. Paths are relative to `root`."""
    return without_secrets("\n".join(_lines(summary, root)) + "\n")


def _lines(summary: Summary, root: Path) -> Iterator[str]:
    yield f"## harness gate: {summary.verdict}"
    yield ""
    counts = counted(total(summary.reports)) or "nothing found"
    yield _escaped(f"{summary.about}: {counts}, in {duration(summary.real_s)}.")
    if summary.stopped:
        yield from ("", f"**{_escaped(summary.stopped)}**")
    if summary.uncommitted:
        yield from ("", f"Judged with uncommitted changes: {_escaped(listed(summary.uncommitted, 10))}.")
    if summary.found:
        yield from ("", "| | rule | place | finding |", "|---|---|---|---|")
        yield from (_row(each, root) for each in summary.found[:_MOST])
        if len(summary.found) > _MOST:
            yield from ("", f"The other reports contain {len(summary.found) - _MOST} more findings.")
    yield from ("", "| part | verdict | time | findings |", "|---|---|---|---|")
    for report in summary.reports:
        time = duration(report.real_s) if report.begun else ""
        yield f"| {_escaped(report.part)} | {report.verdict} | {time} | {counted(report.count())} |"
    if summary.left:
        yield from ("", "Not done:", "")
        for part, left in summary.left:
            command = f": `{left.command}`" if left.command else ""
            why = ": ".join(filter(None, (left.what, left.why)))
            yield f"- {_escaped(part)}: {_escaped(why)}{command}"
    yield from _graphs(summary)


def _row(judged: Judged, root: Path) -> str:
    finding = judged.finding
    level = "accepted" if judged.accepted else judged.level
    place = ""
    if finding.file is not None:
        place = relative(finding.file, root) + (f":{finding.line}" if finding.line else "")
    text = finding.message + (f"; {finding.remedy}" if finding.remedy else "")
    if judged.accepted:
        text += f" (accepted: {judged.accepted.reason})"
    return f"| {level} | {finding.rule.id} | {_escaped(place)} | {_escaped(text)} |"


def _graphs(summary: Summary) -> Iterator[str]:
    drawn = [graph for graph in summary.graphs if graph.size <= _STATES][:_MACHINES]
    for graph in drawn:
        yield from ("", f"### {_escaped(graph.machine)}", "")
        if graph.missed:
            yield f"No scenario entered {_escaped(listed(sorted(graph.missed), 10))} (dashed)."
        if graph.changed:
            yield f"Changed: {_escaped(listed(sorted(graph.changed), 10))} (filled)."
        yield from ("", "```mermaid", mermaid(graph), "```")
    if others := [graph.machine for graph in summary.graphs if graph not in drawn]:
        yield from ("", f"Not drawn: {_escaped(listed(others))}.")


def _escaped(text: str) -> str:
    """Escape text for Markdown and HTML. Quoted parts come from untrusted files."""
    return _SPECIAL.sub(r"\\\1", one_line(text))
