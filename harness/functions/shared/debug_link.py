"""The connection of a process that somebody debugs to the one that has the terminal: JSON, one object a line.

It begins with `{"token": ..., "who": ...}`. Then whoever is debugged sends

    {"text": ...}                   what is to be shown
    {"ask": PROMPT}                 answered with {"line": ...}, null for its end, or {"interrupt": true}
    {"stop": {...Stop}}             answered with {"go": "continue" or "step"}
    {"matches": [...]}              answers {"complete": [TEXT, LINE, BEGIN, END]}, which may precede a line
    {"quit": true}                  somebody wants no more of it; answered with {"go": "on"} if it may go on

Nothing of the standard library's `socket` is in it: a function on virtual time has another one.
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
    """The way to the terminal: a port of 127.0.0.1, and the token that it asks for.

    With `editor` it leads to an editor instead: see `editor_link`.
    """

    editor: bool


class Breaks(TypedDict):
    """The places before which it stops: functions by their names, states, calls such as `s3:putobject`."""

    functions: list[str]
    states: list[str]
    calls: list[str]


class Stop(TypedDict):
    """A moment at which a state machine is held: before a state, or before the call of a task.

    `where` says which it is, `call` is the API call, "" for a state; `history` are lines.
    """

    where: str
    execution: str
    state: str
    call: str
    input: object
    variables: Mapping[str, object]
    history: list[str]


class Messages:
    """Messages over a socket. Methods raise OSError, and `receive` EOFError, when the other end has gone."""

    def __init__(self, connection: _socket.socket) -> None:
        self._socket = connection
        self._unread = b""

    @property
    def pending(self) -> bool:
        """Tell if a message has been read already."""
        return b"\n" in self._unread

    def send(self, message: Mapping[str, object]) -> None:
        """Send a message."""
        self._socket.sendall(json.dumps(message, default=repr).encode() + b"\n")

    def receive(self) -> dict[str, Any]:
        """Wait for a message."""
        while not self.pending:
            data = self._socket.recv(1 << 16)
            if not data:
                raise EOFError("the other end has gone")
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def ready(self) -> bool:
        """Tell if a message, or the end of them, is there already."""
        if self.pending:
            return True
        try:
            self._socket.recv(1, _socket.MSG_PEEK | _socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """End it."""
        self._socket.close()


class Link(Messages):
    """The connection of something that is debugged to the terminal."""

    def __init__(self, setting: DebugSetting, who: str) -> None:
        super().__init__(_socket.socket(_socket.AF_INET, _socket.SOCK_STREAM))
        self._socket.connect(("127.0.0.1", setting["port"]))
        self.send({"token": setting["token"], "who": who})
