"""The connection from a debugged process to the process that has the terminal: JSON, one object per line.

It begins with `{"token": ..., "who": ...}`. Then the debugged process sends

    {"text": ...}                   text to show
    {"ask": PROMPT}                 the reply is {"line": ...}, null at the end, or {"interrupt": true}
    {"stop": {...Stop}}             the reply is {"go": "continue" or "step"}
    {"matches": [...]}              the reply to {"complete": [TEXT, LINE, BEGIN, END]}, sent before a line
    {"quit": true}                  the user quits; the reply is {"go": "on"} if the process may continue

It does not use the standard library's `socket`, which is replaced in a function on virtual time.
"""

from __future__ import annotations

import _socket
import json
from collections.abc import Mapping
from typing import Any, TypedDict


class _Way(TypedDict):
    port: int
    token: str


class DebugSetting(_Way, total=False):
    """The address of the terminal: a port on 127.0.0.1, and the token that it requires.

    With `editor`, it is the address of an editor instead: see `editor_link`.
    """

    editor: bool


class Breaks(TypedDict):
    """The breakpoints: functions by name, states, and calls such as `s3:putobject`."""

    functions: list[str]
    states: list[str]
    calls: list[str]


class Stop(TypedDict):
    """A stop in a state machine: before a state, or before a task's call.

    `where` is the location. `call` is the API call, or "" for a state. `history` contains lines of text.
    """

    where: str
    execution: str
    state: str
    call: str
    input: object
    variables: Mapping[str, object]
    history: list[str]


class Messages:
    """Messages over a socket. If the other end closes, methods raise OSError, except that `receive` raises
    EOFError.
    """

    def __init__(self, connection: _socket.socket) -> None:
        self._socket = connection
        self._unread = b""

    @property
    def pending(self) -> bool:
        """Return whether a message has already been read."""
        return b"\n" in self._unread

    def send(self, message: Mapping[str, object]) -> None:
        """Send a message."""
        self._socket.sendall(json.dumps(message, default=repr).encode() + b"\n")

    def receive(self) -> dict[str, Any]:
        """Wait for a message."""
        while not self.pending:
            data = self._socket.recv(1 << 16)
            if not data:
                raise EOFError("the other end has closed the connection")
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def ready(self) -> bool:
        """Return whether a message, or the end of the connection, has arrived."""
        if self.pending:
            return True
        try:
            self._socket.recv(1, _socket.MSG_PEEK | _socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


class Link(Messages):
    """The connection from a debugged process to the terminal."""

    def __init__(self, setting: DebugSetting, who: str) -> None:
        super().__init__(_socket.socket(_socket.AF_INET, _socket.SOCK_STREAM))
        self._socket.connect(("127.0.0.1", setting["port"]))
        self.send({"token": setting["token"], "who": who})
