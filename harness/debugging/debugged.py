"""A function that is debugged from an editor, at the desk's end of its link."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Mapping
from typing import Any

from harness.functions.shared.debug_link import Messages
from harness.functions.shared.editor_link import Go, Wanted


class Refused(Exception):
    """A request cannot be fulfilled; the message is for the user."""


class Debugged(Messages):
    """The link of a function; `number` is that of its thread, as an editor has it."""

    def __init__(self, connection: socket.socket, number: int) -> None:
        super().__init__(connection)
        self.number = number
        self.function = ""
        self._sending = threading.Lock()
        self._answers: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()

    def send(self, message: Mapping[str, object]) -> None:
        """Send a message; any thread may."""
        with self._sending:
            super().send(message)

    def want(self, wanted: Wanted | None) -> None:
        """Let it stop at other places; None: the editor has gone."""
        self.send({"editor": wanted})

    def go(self, way: Go) -> None:
        """Let it go on."""
        self.send({"go": way})

    def ask(self, command: str, arguments: Mapping[str, object]) -> Mapping[str, Any]:
        """Ask one that is held. Raises Refused."""
        self.send({"command": command, "arguments": arguments})
        answer = self._answers.get()
        if answer is None:
            raise Refused("the function has ended")
        if "refused" in answer:
            raise Refused(str(answer["refused"]))
        found: Mapping[str, Any] = answer["answer"]
        return found

    def answered(self, message: Mapping[str, Any] | None) -> None:
        """Hand an answer to whoever asks; None: it has gone."""
        self._answers.put(message)
