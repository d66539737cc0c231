"""The notes in a report: statements about a run that are not mismatches, by heading, without duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, get_args

from rich.text import Text

from harness.notes import Heading, Note
from harness.report.layout import STRONG, line, prose

SHOWN: Final = 3
"""Maximum number of subjects on one line."""


def notes_of(groups: Iterable[Iterable[Note]]) -> tuple[Note, ...]:
    """Return the notes from several results without duplicates, sorted by heading, location and subject."""
    order = get_args(Heading)
    found = {note for notes in groups for note in notes}
    return tuple(sorted(found, key=lambda note: (order.index(note.heading), note)))


def section(notes: Iterable[Note]) -> Iterator[Text]:
    """Yield the notes as the last section of a report. Notes are neither failures nor causes of failures."""
    for number, text in enumerate(note_lines(notes)):
        if number == 0:
            yield line("Notes", STRONG)
        yield prose(text.plain, indent=2)


def note_lines(notes: Iterable[Note]) -> Iterator[Text]:
    """Yield the notes under their headings; `notes` must be sorted as in `notes_of`.

    Notes with the same text about several subjects in a file share one line, at the position of the first.
    """
    heading = ""
    for note in _together(notes):
        if note.heading != heading:
            heading = note.heading
            yield line(heading, STRONG)
        yield prose(sentence(note), indent=2)


def _together(notes: Iterable[Note]) -> Iterator[Note]:
    alike: dict[tuple[str, str, str], list[Note]] = {}
    for note in notes:
        alike.setdefault((note.heading, note.place.partition(":")[0], note.text), []).append(note)
    for first, *others in alike.values():
        subjects = [first.subject, *(other.subject for other in others)]
        shown, more = subjects[:SHOWN], len(subjects) - SHOWN
        named = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
        yield replace(first, subject=named)


def sentence(note: Note) -> str:
    """Return a note as one line: `template.yaml:12: Alarm (AWS::CloudWatch::Alarm): nothing raises it`."""
    return ": ".join(filter(None, (note.place, note.subject, note.text)))
