"""Print function invocation logs while an engine is up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from harness.cli.heard import heard
from harness.engine.base import Engine
from harness.functions.shared.model import Invocation
from harness.printable import one_line, say
from harness.report.printed import log_lines, log_of, of_runtime
from harness.states.timestamps import format_timestamp


def tell_logs(engine: Engine, screen: TextIO) -> None:
    """Print each invocation's log when the invocation ends, until the engine stops."""
    for ended in heard(engine.ended_invocations):
        for each in ended:
            say(*map(one_line, log_of_one(each)), file=screen, flush=True)


def log_of_one(invocation: Invocation) -> Iterator[str]:
    """Return an invocation and its log as shell comments.

    `# 2025-01-01T00:00:00.100Z shop-Charge in state Charge: 0.1 s`, then `# | ` and each log line.
    """
    state = f" in state {invocation.state}" if invocation.state else ""
    failed = f", {invocation.error.type}" if invocation.error else ""
    begin = format_timestamp(invocation.started_at)
    yield f"# {begin} {invocation.function}{state}: {invocation.duration_s:.1f} s{failed}"
    yield from (f"# | {text}" for text in log_lines(log_of(invocation)) if not of_runtime(text))
