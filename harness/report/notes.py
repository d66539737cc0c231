"""The notes of a report: statements about a run that are no mismatch, each once, by heading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import get_args

from rich.text import Text

from harness.notes import Heading, Note
from harness.report.layout import STRONG, line


def notes_of(groups: Iterable[Iterable[Note]]) -> tuple[Note, ...]:
    """The notes of several results, each once: by heading, place and subject."""
    order = get_args(Heading)
    found = {note for notes in groups for note in notes}
    return tuple(sorted(found, key=lambda note: (order.index(note.heading), note)))


def note_lines(notes: Iterable[Note]) -> Iterator[Text]:
    """The notes under their headings; `notes` are in the order of `notes_of`."""
    heading = ""
    for note in notes:
        if note.heading != heading:
            heading = note.heading
            yield line(heading, STRONG)
        yield line(sentence(note), indent=2)


def sentence(note: Note) -> str:
    """A note in one line: `template.yaml:12: Alarm (AWS::CloudWatch::Alarm): nothing raises it`."""
    return ": ".join(filter(None, (note.place, note.subject, note.text)))
