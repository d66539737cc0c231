"""An intermediate form between histories and a scenario file: plain data, with a list of the unknown
parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from harness.histories import Event
from harness.json_types import Json

NOT_KNOWN: Final = "not known: "


@dataclass(frozen=True)
class Entry:
    """An entry in one of the scenario's lists, with its comment lines."""

    fields: Mapping[str, Json]
    comment: tuple[str, ...] = ()


@dataclass(frozen=True)
class Published:
    """A message that the state itself published, with its call parameters."""

    state: str
    parameters: Json


@dataclass
class Told:
    """The entries derived from a history, and sentences about missing information.

    Attributes:
        answers_of: the external answers by run name; "" if there is only one run.
        played: names of states whose work is done by the project's functions or tables.
        published: the messages from states that also publish them in the harness.
        unknown: sentences with the ID of the event that they refer to.
    """

    tasks: list[Entry] = field(default_factory=list)
    faults: list[Entry] = field(default_factory=list)
    durations: list[Entry] = field(default_factory=list)
    answers_of: dict[str, list[Entry]] = field(default_factory=dict)
    published: list[Published] = field(default_factory=list)
    played: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def add(self, other: Told, whose: str) -> None:
        """Add the entries of another history; `whose` identifies the owner of its events."""
        for one, theirs in ((self.tasks, other.tasks), (self.faults, other.faults)):
            one += [replace(each, comment=_of(each.comment, whose)) for each in theirs]
        for run, answers in other.answers_of.items():
            of_it = self.answers_of.setdefault(run, [])
            of_it += [replace(each, comment=_of(each.comment, whose)) for each in answers]
        for each in other.durations:
            known = [{**entry.fields, "takes": ""} for entry in self.durations]
            if {**each.fields, "takes": ""} not in known:
                self.durations.append(replace(each, comment=_of(each.comment, whose)))
        self.played += other.played
        self.published += other.published
        self.unknown += [_named(each, whose) for each in other.unknown]

    def gap(self, sentence: str) -> str:
        """Record a gap. Return the comment that describes it."""
        if sentence not in self.unknown:
            self.unknown.append(sentence)
        return f"{NOT_KNOWN}{sentence}"


def _of(comment: Iterable[str], whose: str) -> tuple[str, ...]:
    return tuple(
        f"{NOT_KNOWN}{_named(each.removeprefix(NOT_KNOWN), whose)}"
        if each.startswith(NOT_KNOWN)
        else _named(each, whose)
        for each in comment
    )


def _named(line: str, whose: str) -> str:
    """Return a line about events, including the execution that they belong to."""
    return f"{whose}, {line}" if line.startswith("event") else line


def events_text(*events: Event | None) -> str:
    """Return event IDs as text: `event 5`, `events 5, 9`."""
    ids = [str(event.id) for event in events if event is not None]
    shown = ", ".join(ids[:12]) + (f" and {len(ids) - 12} more" if len(ids) > 12 else "")
    return f"event{'s' * (len(ids) != 1)} {shown}"


def time_text(seconds: float) -> str:
    """Return a time in the format of scenario files.

    >>> time_text(0.25), time_text(90), time_text(7200), time_text(1.234)
    ('250 ms', '90 s', '2 h', '1.234 s')
    """
    milliseconds = max(1, round(seconds * 1000))
    for unit, size in (("h", 3_600_000), ("min", 60_000)):
        if milliseconds % size == 0 and milliseconds >= 2 * size:
            return f"{milliseconds // size} {unit}"
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    return f"{milliseconds / 1000:.3f}".rstrip("0").rstrip(".") + " s"
