"""Print messages to topics and phone numbers as they are published while an engine is up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from harness.cli.heard import heard
from harness.engine.base import Engine
from harness.engine.seen import SentMessage
from harness.printable import one_line, say
from harness.states.timestamps import format_timestamp


def tell_messages(engine: Engine, screen: TextIO) -> None:
    """Print each message when it is published, until the engine stops."""
    for sent in heard(engine.sent_messages):
        for each in sent:
            say(*map(one_line, lines_of(each)), file=screen, flush=True)


def lines_of(message: SentMessage) -> Iterator[str]:
    """Return a message as shell comments.

    `# 2025-01-01T00:00:00.100Z message to shop-Orders: Order 1`, then `# | ` and each line of its body.
    """
    subject = f": {message.subject}" if message.subject else ""
    to = message.to.rpartition(":")[2]
    yield f"# {format_timestamp(message.at)} message to {to}{subject}"
    yield from (f"# | {text}" for text in message.body.splitlines())
