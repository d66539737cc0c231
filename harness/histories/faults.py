"""The error for a history that cannot be read."""

from __future__ import annotations

from pathlib import Path

from harness.printable import one_line


class HistoryError(Exception):
    """A history cannot be read.

    As text: `history.json: event 5 (TaskSucceeded): it has no output; export it with execution data`.

    Attributes:
        event: the ID of the invalid event; 0 if the error does not refer to a single event.
    """

    def __init__(
        self, file: Path, message: str, remedy: str = "", *, event: int = 0, type: str = "", place: str = ""
    ) -> None:
        self.file = file
        self.event = event
        self.message = message
        self.remedy = remedy
        about = f"event {event}" + (f" ({type})" if type else "") if event else ""
        parts = [f"{one_line(file)}{place}", about, message]
        super().__init__(": ".join(filter(None, parts)) + (f"; {remedy}" if remedy else ""))
