"""The `histories` part: replays the project's recorded executions with the current definitions."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.gate.finding import Finding, Rule
from harness.gate.part import NO_TIME, Context, Part
from harness.histories import read_histories
from harness.replay.finding import folders_of
from harness.replay.judging import HistoryJudge, Judged
from harness.replay.show import details, headline
from harness.report.layout import shown_path

DIFFERS: Final = Rule(
    "history-differs", "A recorded execution takes a different path with the current definition.", "0.1"
)
NOT_READ: Final = Rule("history-not-read", "A recorded execution cannot be replayed.", "0.1")


def replay(context: Context) -> Iterator[Finding]:
    """Replay the histories until the budget is used up."""
    folders = [Path(shown_path(each)) for each in folders_of(context.settings)]
    if not folders:
        return
    judge = HistoryJudge(context.settings_of)
    number = 0
    executions = list(read_histories(folders))
    for judged in context.budget.within(judge.judged(executions)):
        number += 1
        if judged.outcome != "same":
            yield _finding(context, judged)
    if left := len(executions) - number:
        command = shlex.join(["harness", "replay", *map(str, folders)])
        context.leave_out(f"{left} of {len(executions)} histories", NO_TIME, command)


def _finding(context: Context, judged: Judged) -> Finding:
    again = f"replay it with: {shlex.join(['harness', 'replay', shown_path(judged.file)])}"
    subject = context.name(judged.file) + (f": {judged.name}" if judged.name else "")
    if judged.problem:
        message, *more = judged.problem.splitlines()
        return Finding(NOT_READ, subject, message, again, judged.file, details=tuple(more))
    where = judged.where
    place = (where.path, where.line, where.column) if where else (judged.file, 0, 0)
    remedy = f"{again}; accept an intended change in [tool.harness.replay]"
    message = f"{shown_path(judged.file)}: {headline(judged)}"
    return Finding(DIFFERS, subject, message, remedy, *place, details=tuple(details(judged)))


HISTORIES: Final = Part(
    "histories", replay, (DIFFERS, NOT_READ), frozenset({"scenarios"}), command="harness replay"
)
