"""Notes: statements about a run that are no mismatch, each shown once by every report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Heading = Literal["not served here", "runtime", "template", "accepted", "played once", "events"]
"""The heading under which reports list a note."""


@dataclass(frozen=True, order=True)
class Note:
    """A statement about a run: `Note("not served here", "template.yaml:12", "Alarm (AWS::...)", "...")`.

    `place` is a path with line and perhaps column, or empty. `subject` names the resource, function or rule
    that the note is about; `text` says what it means for the run, and the remedy where there is one.
    """

    heading: Heading
    place: str
    subject: str
    text: str
