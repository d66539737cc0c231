"""Notes: remarks about a run that are not mismatches. Every report shows each note once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Heading = Literal["not served here", "runtime", "template", "accepted", "played once", "events"]
"""The heading that reports list a note under."""


@dataclass(frozen=True, order=True)
class Note:
    """A remark about a run: `Note("not served here", "template.yaml:12", "Alarm (AWS::...)", "...")`.

    `place` is a path with a line and optionally a column, or empty. `subject` is the resource, function or
    rule that the note is about. `text` describes the effect on the run, and the remedy if one exists.
    """

    heading: Heading
    place: str
    subject: str
    text: str
