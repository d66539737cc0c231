"""Prints the messages of topics, and those to phones, as they are published, while an engine is up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TextIO

from harness.engine.base import Engine, EngineError
from harness.engine.seen import SentMessage
from harness.printable import one_line, say
from harness.states.timestamps import format_timestamp

_ASK_S: Final = 600.0


def tell_messages(engine: Engine, screen: TextIO) -> None:
    """Print each message when it is published, until the engine ends."""
    seen = 0
    while True:
        try:
            sent = engine.sent_messages(seen, _ASK_S)
        except (AssertionError, EngineError):  # it was stopped
            return
        seen += len(sent)
        for each in sent:
            say(*map(one_line, lines_of(each)), file=screen, flush=True)


def lines_of(message: SentMessage) -> Iterator[str]:
    """The lines about a message, which a shell takes for comments.

    `# 2025-01-01T00:00:00.100Z message to shop-Orders: Order 1`, then `# | ` and each line of its text.
    """
    subject = f": {message.subject}" if message.subject else ""
    to = message.to.rpartition(":")[2]
    yield f"# {format_timestamp(message.at)} message to {to}{subject}"
    yield from (f"# | {text}" for text in message.body.splitlines())
