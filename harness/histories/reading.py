"""Reads files with histories.

A file contains one or more executions. The pages of one execution may be in several files, sorted by
name, or in command-line order. The output of DescribeExecution is in the same file, or in
`NAME.describe.json` next to `NAME.json`. Its definition, the output of DescribeStateMachine, is there
too, or in `NAME.definition.json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.files import is_file, is_folder, is_there, path_remedy
from harness.histories.definitions import GIVEN
from harness.histories.documents import documents_in
from harness.histories.faults import HistoryError
from harness.histories.forms import Described, Found, by_execution, found_in
from harness.histories.joining import is_whole, joined
from harness.histories.model import Event, GivenDefinition, RecordedExecution

DESCRIBED: Final = ".describe.json"
"""Suffix of a file with DescribeExecution output for the execution in the file next to it."""


def files_in(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the history files at the given paths. A folder represents all of its `*.json` files, sorted.

    Raises:
        HistoryError: a path does not exist, or is a folder without histories.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if is_folder(path):
            inside = [each for each in sorted(path.rglob("*.json")) if is_file(each)]
            if not inside:
                raise HistoryError(
                    path, "the folder contains no *.json files", "add histories to it, or specify a file"
                )
            found |= dict.fromkeys(each for each in inside if not each.name.endswith((DESCRIBED, GIVEN)))
        elif not is_there(path):
            raise HistoryError(path, "file or folder not found", path_remedy(path))
        elif not path.name.endswith(DESCRIBED):
            found[path] = None
    return tuple(found)


def read_histories(paths: Iterable[Path]) -> Iterator[RecordedExecution | HistoryError]:
    """Yield the executions in files and folders, with an error in place of each unreadable execution.

    Raises:
        HistoryError: a path does not exist.
    """
    return _executions(files_in(paths))


@dataclass
class _Pages:
    """The pages of one execution that were read so far, from one or more files."""

    file: Path
    events: list[Event] = field(default_factory=list)
    described: list[Described] = field(default_factory=list)
    definitions: list[GivenDefinition] = field(default_factory=list)
    unfinished: bool = False

    def execution(self) -> RecordedExecution:
        """Return the execution."""
        if self.unfinished and not is_whole(self.events):
            message = "its last page refers to another page, which is missing"
            remedy = "export all pages: `aws stepfunctions get-execution-history` without --max-items"
            raise HistoryError(self.file, message, remedy)
        described = self.described[0] if len(self.described) == 1 else None
        return _with_definition(joined(self.file, self.events, described=described), self.definitions)


def _executions(files: Sequence[Path]) -> Iterator[RecordedExecution | HistoryError]:
    pages: _Pages | None = None
    for file in files:
        try:
            found = _read(file)
        except HistoryError as error:
            yield error
            continue
        groups = list(by_execution(found))
        is_page = [arn for arn, _ in groups] == [""] and not is_whole(groups[0][1])
        if pages is not None and not (is_page and _fits(pages, groups[0][1])):
            yield from _ended(pages)
            pages = None
        if is_page:
            pages = pages or _Pages(file)
            pages.events += groups[0][1]
            pages.described += found.described
            pages.definitions += found.definitions
            pages.unfinished = found.unfinished
            if is_whole(pages.events):
                yield from _ended(pages)
                pages = None
            continue
        for arn, events in groups:
            try:
                made = joined(file, events, arn, _described(found.described, arn, len(groups)))
                yield _with_definition(made, found.definitions)
            except HistoryError as error:
                yield error
    if pages is not None:
        yield from _ended(pages)


def _fits(pages: _Pages, events: Sequence[Event]) -> bool:
    """Return whether a page may be the next page of an execution: it repeats none of its events."""
    return not {event.id for event in pages.events} & {event.id for event in events}


def _ended(pages: _Pages) -> Iterator[RecordedExecution | HistoryError]:
    try:
        yield pages.execution()
    except HistoryError as error:
        yield error


def _read(file: Path) -> Found:
    found = found_in(file, documents_in(file))
    beside = file.with_name(f"{file.name.removesuffix('.json')}{DESCRIBED}")
    if is_file(beside):
        found.described += found_in(beside, documents_in(beside)).described
    beside = file.with_name(f"{file.name.removesuffix('.json')}{GIVEN}")
    if is_file(beside):
        found.definitions += _definitions(beside)
    if not found.events:
        message = (
            "it has no events, only the output of DescribeExecution"
            if found.described
            else "it has no events"
        )
        raise HistoryError(file, message, "add the history: aws stepfunctions get-execution-history")
    return found


def _described(described: Sequence[Described], arn: str, executions: int) -> Described | None:
    """Return the description of an execution."""
    if arn:
        return next((each for each in described if each.arn == arn), None)
    return described[0] if len(described) == 1 and executions == 1 else None


def _definitions(file: Path) -> list[GivenDefinition]:
    """Return the definitions in a file: output of DescribeStateMachine, or plain definitions."""
    documents = documents_in(file)
    only = documents[0] if len(documents) == 1 else None
    if isinstance(only, dict) and "States" in only:
        return [GivenDefinition(only, str(file))]
    return found_in(file, documents).definitions


def _with_definition(
    execution: RecordedExecution, definitions: Sequence[GivenDefinition]
) -> RecordedExecution:
    """Return an execution with the definition of its machine, or with the only definition."""
    fitting = [
        each
        for each in definitions
        if not (execution.machine_name and each.name) or each.name == execution.machine_name
    ]
    if len(fitting) != 1:
        return execution
    return replace(
        execution, definition=fitting[0], machine_arn=execution.machine_arn or fitting[0].machine_arn
    )
