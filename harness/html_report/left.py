"""Shows the messages and table rows that a scenario produced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from markupsafe import Markup

from harness.drawing.elements import element
from harness.drawing.values import shown_text
from harness.expect.values import plain
from harness.html_report.executions import Level
from harness.observe.model import Message, Observation, TableItem

MOST: Final = 20
"""Maximum number of messages, and of rows per table, to show."""


def left_behind(observation: Observation, level: Level) -> Iterator[Markup]:
    """Return messages with their text and tables with their rows; if `brief`, only how many there
    are.
    """
    if observation.messages:
        yield from _messages(observation.messages, level)
    tables = {name: rows for name, rows in observation.tables.items() if rows}
    if tables and level == "short":
        numbers = ", ".join(f"{name} {len(rows):,}" for name, rows in tables.items())
        yield element("p", element("b", "Rows "), numbers)
    elif tables:
        yield from (_table(name, rows) for name, rows in tables.items())


def _messages(messages: tuple[Message, ...], level: Level) -> Iterator[Markup]:
    shown = messages[: 3 if level == "short" else MOST]
    for message in shown:
        subject = message.subject or "(no subject)"
        if level == "short":
            yield element("p", element("b", f"Message to {message.topic} "), subject)
        else:
            yield shown_text(f"Message to {message.topic}: {subject}", message.body)
    if len(messages) > len(shown):
        yield element("p", f"… {len(messages) - len(shown):,} more messages", class_="quiet")


def _table(name: str, rows: tuple[TableItem, ...]) -> Markup:
    lines = [json.dumps(dict(row), default=plain, ensure_ascii=False) for row in rows[:MOST]]
    more = [f"… {len(rows) - MOST:,} more rows"] if len(rows) > MOST else []
    number = f"{len(rows):,} row{'s' * (len(rows) != 1)}"
    return shown_text(f"Table {name}: {number}", "\n".join([*lines, *more]))
