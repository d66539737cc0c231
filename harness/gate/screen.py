"""The gate's terminal output: each finding as soon as it is found, and a summary that fits one screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.gate.judged import Judged
from harness.gate.summary import Summary, counted, duration, listed, total
from harness.printable import one_line
from harness.report.layout import shown_path

_MOST: Final = 10
"""Maximum number of findings in the summary. All findings have already been printed."""
_MOST_LEFT: Final = 8
_WIDTH: Final = 140


def finding_lines(judged: Judged) -> Iterator[str]:
    """Yield the lines for a finding: `template.yaml:3:5: error: rule: message; remedy`, and then its details.

    A bar precedes the details, because GitHub Actions interprets log lines that begin with `::`.
    """
    yield _headline(judged)
    yield from (f"    | {one_line(line)}" for line in judged.finding.details)


def _headline(judged: Judged) -> str:
    level = "accepted" if judged.accepted else judged.level
    text = f"{level}: {judged.text}"
    if judged.accepted:
        text += f" (accepted: {judged.accepted.reason})"
    return one_line(f"{_place(judged)}{text}")


def _place(judged: Judged) -> str:
    finding = judged.finding
    if finding.file is None:
        return ""
    numbers = [str(number) for number in (finding.line, finding.column if finding.line else 0) if number]
    return ":".join([shown_path(Path(finding.file)), *numbers]) + ": "


def summary_lines(summary: Summary) -> Iterator[str]:
    """Yield the lines in the summary: findings by level, the parts, and work that was left out."""
    yield ""
    shown = [each for each in summary.found if each.level != "note" and not each.accepted]
    for judged in shown[:_MOST]:
        yield _cut(_headline(judged))
    if len(shown) > _MOST:
        yield f"... {len(shown) - _MOST} more, above"
    if shown:
        yield ""
    width = max([len("part"), *(len(report.part) for report in summary.reports)])
    yield f"{'part':{width}}  {'verdict':8}  {'time':>12}  findings"
    for report in summary.reports:
        time = duration(report.real_s) if report.begun else ""
        yield f"{report.part:{width}}  {report.verdict:8}  {time:>12}  {counted(report.count())}".rstrip()
    yield from _left(summary)
    if summary.uncommitted:
        yield from ("", one_line(f"judged with uncommitted changes: {listed(summary.uncommitted)}"))
    yield ""
    if summary.stopped:
        yield one_line(summary.stopped)
    counts = counted(total(summary.reports)) or "nothing found"
    yield one_line(f"{summary.verdict}  {summary.about}: {counts}, in {duration(summary.real_s)}")


def _left(summary: Summary) -> Iterator[str]:
    if not summary.left:
        return
    yield from ("", "not done")
    for part, left in summary.left[:_MOST_LEFT]:
        lines = str(left).splitlines() or [""]
        yield _cut(one_line(f"  {part}: {lines[0]}"), _WIDTH * 2)
    if len(summary.left) > _MOST_LEFT:
        yield f"  ... {len(summary.left) - _MOST_LEFT} more (--json FILE has all)"


def _cut(line: str, most: int = _WIDTH) -> str:
    return line if len(line) <= most else f"{line[: most - 3]}..."
