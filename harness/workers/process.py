"""The code of a worker process, which runs tasks."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from types import FrameType
from typing import Final, Literal, TypeAlias

from harness.functions.shared.lifeline import wake_with_parent
from harness.hidden import secrets
from harness.workers.player import Done, Hello, Player, Task
from harness.workers.raised import Raised

Kind: TypeAlias = Literal["ready", "told", "done", "failed"]

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def work(player: Player[Hello, Task, Done], connection: Connection) -> None:
    """Run tasks in this process until there are no more tasks, or until the process is stopped."""
    os.setsid()  # the parent process handles Ctrl-C and the closing of the terminal
    threading.Thread(target=_end_with_parent, daemon=True).start()
    wake_with_parent()

    def send(kind: Kind, value: object) -> None:
        connection.send((kind, value, secrets()))

    with suppress(KeyboardInterrupt, EOFError, OSError):
        try:
            _listen_to_signals()
            _play(player, connection, send)
        finally:
            player.stop()


def _play(
    player: Player[Hello, Task, Done], connection: Connection, send: Callable[[Kind, object], None]
) -> None:
    try:
        send("ready", player.start(lambda text: send("told", text)))
    except Exception as error:
        send("failed", Raised(error))
        return
    for (task,) in iter(connection.recv, None):
        try:
            send("done", player.play(task))
        except Exception as error:
            send("failed", Raised(error))


def _listen_to_signals() -> None:
    """Stop when the parent requests it. The signal is not ignored, because child processes would inherit
    that.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number, handler in zip(SIGNALS, (_nothing, stop, _nothing), strict=True):
        if signal.getsignal(number) != signal.SIG_IGN or number == signal.SIGTERM:
            signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    pass


def _end_with_parent() -> None:
    """Exit at once if the parent was killed; an engine exits with the process that started it."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
