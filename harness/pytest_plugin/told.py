"""Text for pytest's output: failure explanations, logs and messages, notes, commands."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import astuple
from typing import TYPE_CHECKING

import pytest
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from harness.hidden import without_secrets
from harness.notes import Note
from harness.printable import one_line, say
from harness.pytest_plugin.state import own_path

if TYPE_CHECKING:
    from harness.report.model import Result

REPRODUCE = "reproduce"
"""The property of a failed item that contains the command to rerun it."""
NOTES = pytest.StashKey["dict[Note, None]"]()
"""The notes for all results in this process and its workers."""


def explanation(text: str, path: str, first: str) -> ReprExceptionInfo:
    """Return an explanation in pytest's failure format. `first` is its line in the short summary.

    The classes are pytest's own, because xdist workers cannot send other classes.
    """
    trace = ReprTraceback([ReprEntryNative([f"{without_secrets(text)}\n"])], None, style="native")
    return ReprExceptionInfo(trace, ReprFileLocation(path, 1, without_secrets(first)))


def tell(item: pytest.Item, result: Result) -> None:
    """Print the function output and messages of a run, and store its notes.

    pytest captures the output. It appears in the item's output section (`-rA`), or on the screen with `-s`.
    """
    with own_path():
        from harness.report.printed import printed_text  # noqa: PLC0415

    # A failure's explanation contains its trace.
    told = result.outcome in ("failed", "error")
    if result.observation is not None and (text := printed_text(result.observation, traces=not told)):
        say(text)
    item.config.stash.setdefault(NOTES, {}).update(dict.fromkeys(result.notes))


def packed(config: pytest.Config) -> list[tuple[str, ...]]:
    """Return a worker's notes in a format that xdist can send."""
    return [astuple(note) for note in config.stash.get(NOTES, {})]


def unpack(config: pytest.Config, notes: Iterable[Iterable[str]]) -> None:
    """Merge a worker's notes."""
    found = [Note(*note) for note in notes]  # type: ignore[arg-type]
    config.stash.setdefault(NOTES, {}).update(dict.fromkeys(found))


def summarise(reporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write the notes for all results, and the commands that rerun the failures."""
    failed = reporter.stats.get("failed", [])
    commands = []
    for number, report in enumerate(failed):
        found = [str(value) for name, value in getattr(report, "user_properties", ()) if name == REPRODUCE]
        if found:
            # Omit the title, because it would leave no room for the first mismatch in the short summary. A
            # file has one scenario, so this still identifies the item.
            failed[number] = copy(report)
            failed[number].nodeid = report.nodeid.partition("::")[0]
        commands += found
    if commands:
        reporter.section("harness: to run the failures again", sep="-")
        for command in commands:
            reporter.write_line(one_line(command))
    if notes := config.stash.get(NOTES, {}):
        with own_path():
            from harness.report.notes import note_lines, notes_of  # noqa: PLC0415

        reporter.section("harness: notes", sep="-")
        for text in note_lines(notes_of([notes])):
            reporter.write_line(text.plain)
