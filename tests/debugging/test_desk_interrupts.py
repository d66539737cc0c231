"""Ctrl-C at a prompt, which the command receives as well, and may handle late."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Iterator

import pytest

from harness.debugging.desk import Desk


@pytest.fixture
def stops() -> Iterator[list[int]]:
    """The signals that stop the command."""
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: seen.append(number))
    yield seen
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("lost", [0, 2])
def test_ctrl_c_at_a_prompt_never_stops_the_command_however_late_it_is_handled(
    stops: list[int], monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    read, write = os.pipe()
    wakes: list[int] = []

    def kill(thread: int, number: int) -> None:
        """Lose the first signals to the main thread, as if they arrived just before its system call."""
        if number == signal.SIGURG:
            wakes.append(number)
        if number != signal.SIGURG or len(wakes) > lost:
            send(thread, number)

    send = signal.pthread_kill
    monkeypatch.setattr(signal, "pthread_kill", kill)

    def prompts() -> None:
        # The signal goes to this thread, so it does not wake the main thread.
        desk._take("ask")
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        for word in ("asked", "ask", "asked"):
            desk._take(word)
        os.write(write, b"+")

    with Desk() as desk:
        thread = threading.Thread(target=prompts)
        thread.start()
        assert select.select([read], [], [], 20)[0]
        thread.join()
        assert stops == []
        os.kill(os.getpid(), signal.SIGINT)
        assert stops == [signal.SIGINT]
    os.close(read)
    os.close(write)
