"""A small Debug Adapter Protocol client, like the client in an editor."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

LONGEST_S = 60.0


class Refused(Exception):
    """The other end rejected a request."""


class Client:
    """Attaches to a port on this machine; a context manager that disconnects on exit.

    Attributes:
        events: received events that have not been waited for.
    """

    def __init__(self, port: int) -> None:
        self.events: list[dict[str, Any]] = []
        self._connection = socket.create_connection(("127.0.0.1", port), LONGEST_S)
        self._reader = self._connection.makefile("rb")
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect, like an editor that is closed."""
        self._reader.close()
        self._connection.close()

    def attach(self, breakpoints: Mapping[Path, Sequence[Any]], filters: Sequence[str] = ()) -> list[Any]:
        """Run the initial handshake of an editor, and return the breakpoints from the response."""
        self.ask("initialize", clientID="test", adapterID="debugpy", pathFormat="path")
        self.ask("attach", connect={"host": "127.0.0.1", "port": 1})
        self.event("initialized")
        answered = [each for file, lines in breakpoints.items() for each in self.set(file, lines)]
        self.ask("setExceptionBreakpoints", filters=list(filters))
        self.ask("configurationDone")
        return answered

    def set(self, file: Path, lines: Sequence[Any]) -> list[Any]:
        """Set the breakpoints in a file: lines, or objects."""
        asked = [{"line": each} if isinstance(each, int) else each for each in lines]
        breakpoints: list[Any] = self.ask("setBreakpoints", source={"path": str(file)}, breakpoints=asked)[
            "breakpoints"
        ]
        return breakpoints

    def ask(self, command: str, **arguments: object) -> Any:
        """Send a request, and wait for its response. Raises Refused."""
        self._number += 1
        data = json.dumps(
            {"seq": self._number, "type": "request", "command": command, "arguments": arguments}
        ).encode()
        self._connection.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        while (message := self._receive())["type"] != "response":
            self.events.append(message)
        assert message["request_seq"] == self._number
        assert message["command"] == command
        if not message["success"]:
            raise Refused(message["message"])
        return message["body"]

    def event(self, name: str) -> Any:
        """Wait for an event with this name."""
        for number, event in enumerate(self.events):
            if event["event"] == name:
                return self.events.pop(number)["body"]
        while (message := self._receive()).get("event") != name:
            self.events.append(message)
        return message["body"]

    def stopped(self) -> tuple[str, int, str, int]:
        """Wait for a stop. Return its file, line and reason, and its thread number."""
        event = self.event("stopped")
        top = self.ask("stackTrace", threadId=event["threadId"])["stackFrames"][0]
        return top["source"]["path"], top["line"], event["reason"], event["threadId"]

    def evaluate(self, expression: str, context: str = "watch", frame: int = 1) -> str:
        """Evaluate an expression at the current stop."""
        result: str = self.ask("evaluate", expression=expression, frameId=frame, context=context)["result"]
        return result

    def variables(self, scope: str = "Locals", frame: int = 1) -> dict[str, Any]:
        """Return the variables in a frame by name."""
        scopes = self.ask("scopes", frameId=frame)["scopes"]
        (reference,) = [each["variablesReference"] for each in scopes if each["name"] == scope]
        return {each["name"]: each for each in self.members(reference)}

    def members(self, reference: int) -> list[Any]:
        """Return the children of a value."""
        found: list[Any] = self.ask("variables", variablesReference=reference)["variables"]
        return found

    def go(self, way: str = "continue") -> None:
        """Continue."""
        self.ask(way, threadId=1)

    def _receive(self) -> dict[str, Any]:
        length = 0
        while header := self._reader.readline().strip():
            name, _, value = header.partition(b": ")
            assert name == b"Content-Length"
            length = int(value)
        if not length:
            raise EOFError("the other end has gone")
        message: dict[str, Any] = json.loads(self._reader.read(length))
        return message
