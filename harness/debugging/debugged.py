"""The desk's end of the link to a function that is debugged from an editor."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Mapping
from typing import Any

from harness.functions.shared.debug_link import Messages
from harness.functions.shared.editor_link import Go, Wanted


class Refused(Exception):
    """A rejected request. The message is for the user."""


class Debugged(Messages):
    """The link to a function. `number` identifies the function's thread in the editor."""

    def __init__(self, connection: socket.socket, number: int) -> None:
        super().__init__(connection)
        self.number = number
        self.function = ""
        self._sending = threading.Lock()
        self._answers: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()

    def send(self, message: Mapping[str, object]) -> None:
        """Send a message. Thread-safe."""
        with self._sending:
            super().send(message)

    def want(self, wanted: Wanted | None) -> None:
        """Replace the function's stops. None means that the editor has disconnected."""
        self.send({"editor": wanted})

    def go(self, way: Go) -> None:
        """Continue the function."""
        self.send({"go": way})

    def ask(self, command: str, arguments: Mapping[str, object]) -> Mapping[str, Any]:
        """Send a request to a stopped function. Raises Refused."""
        self.send({"command": command, "arguments": arguments})
        answer = self._answers.get()
        if answer is None:
            raise Refused("the function has ended")
        if "refused" in answer:
            raise Refused(str(answer["refused"]))
        found: Mapping[str, Any] = answer["answer"]
        return found

    def answered(self, message: Mapping[str, Any] | None) -> None:
        """Pass a reply to the waiting thread. None means that the function has ended."""
        self._answers.put(message)
