"""The process that prompts at the terminal (a thread in these tests), and the command's desk."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.debugging.desk import Desk
from harness.debugging.prompts import Prompts
from harness.functions.shared.debug_link import DebugSetting, Link
from harness.polling import poll

TOKEN = "between us"


class Asked:
    """Prompts in a thread, whose command acknowledges everything. `lines` are typed."""

    def __init__(self, *lines: str | type[BaseException], end: str = "run") -> None:
        self.prompts: list[str] = []
        self.told: list[str] = []
        self._lines = list(lines)
        listener = socket.create_server(("127.0.0.1", 0))
        self.setting: DebugSetting = {"port": listener.getsockname()[1], "token": TOKEN}
        self.control, theirs = socket.socketpair()
        prompts = Prompts(listener, theirs, TOKEN, end, self._ask)  # type: ignore[arg-type]
        self._thread = threading.Thread(target=prompts.run, daemon=True)
        self._thread.start()
        threading.Thread(target=self._command, daemon=True).start()

    def _ask(self, prompt: str) -> str:
        self.prompts.append(prompt)
        line = self._lines.pop(0)
        if isinstance(line, str):
            return line
        raise line

    def _command(self) -> None:
        with contextlib.suppress(OSError), self.control.makefile("r") as lines:
            for line in map(str.strip, lines):
                self.told.append(line)
                if line in ("ask", "asked"):
                    self.control.sendall(b"+")

    def end(self) -> None:
        self.control.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def until(self, *told: str) -> None:
        poll(lambda: self.told, lambda seen: tuple(seen) == told, what=f"{told}", timeout_s=10)


@pytest.fixture
def ask() -> Iterator[Callable[..., Asked]]:
    made: list[Asked] = []

    def make(*lines: str | type[BaseException], end: str = "run") -> Asked:
        made.append(Asked(*lines, end=end))
        return made[-1]

    yield make
    for each in made:
        each.end()


def test_a_line_goes_to_who_asked(ask: Callable[..., Asked], capsys: pytest.CaptureFixture[str]) -> None:
    asked = ask("p 1", EOFError, KeyboardInterrupt)
    link = Link(asked.setting, "size")
    link.send({"text": "> app.py\x1b[2J\n"})
    link.send({"ask": "(size) "})
    assert link.receive() == {"line": "p 1"}
    link.send({"ask": "(size) "})
    assert link.receive() == {"line": None}
    link.send({"ask": "(size) "})
    assert link.receive() == {"interrupt": True}
    link.close()
    asked.until("open", *("ask", "asked") * 3, "idle")
    assert asked.prompts == ["(size) "] * 3
    assert capsys.readouterr().out.startswith("> app.py\\x1b[2J\n")


def test_one_is_asked_at_a_time(ask: Callable[..., Asked], capsys: pytest.CaptureFixture[str]) -> None:
    asked = ask("one", "two", "three")
    first, second = Link(asked.setting, "first"), Link(asked.setting, "second")
    first.send({"ask": "(first) "})
    assert first.receive() == {"line": "one"}
    second.send({"ask": "(second) "})
    assert second.receive() == {"line": "two"}
    first.send({"ask": "(first) "})
    assert first.receive() == {"line": "three"}
    first.close()
    second.close()
    poll(lambda: asked.told[-1], lambda last: last == "idle", what="idle", timeout_s=10)
    assert [word for word in asked.told if word.startswith("ask")] == ["ask", "asked"] * 3
    assert capsys.readouterr().out.endswith("--- second\n--- first\n")


def test_a_stranger_is_sent_away(ask: Callable[..., Asked]) -> None:
    asked = ask("one")
    stranger = Link({**asked.setting, "token": "guessed"}, "stranger")
    stranger.send({"ask": "(a) "})
    with pytest.raises((EOFError, ConnectionResetError)):
        stranger.receive()
    known = Link(asked.setting, "size")
    known.send({"ask": "(size) "})
    assert known.receive() == {"line": "one"}


@pytest.mark.parametrize(("end", "told"), [("run", "quit"), ("invocation", "")])
def test_to_quit_ends_the_run_or_the_invocation(ask: Callable[..., Asked], end: str, told: str) -> None:
    asked = ask(end=end)
    link = Link(asked.setting, "size")
    link.send({"quit": True})
    if told:
        asked.until("open", told)
    else:
        assert link.receive() == {"go": "on"}


SCRIPT = """\
import socket, sys
listener, control = socket.socket(fileno=int(sys.argv[1])), socket.socket(fileno=int(sys.argv[2]))
connection, _ = listener.accept()
control.sendall(b"open\\nask\\n")
assert control.recv(1) == b"+"
connection.sendall(b"asked")
control.recv(1)
control.sendall(b"asked\\nidle\\n")
control.recv(1)
connection.sendall(b"gone")
control.recv(1)
"""


class Screen:
    """A screen that is held, and continues."""

    def __init__(self) -> None:
        self.held: list[str] = []

    def hold(self) -> None:
        self.held.append("hold")

    def go_on(self) -> None:
        self.held.append("go on")


def test_the_clock_of_a_desk_stands_still_while_somebody_is_asked(tmp_path: Path) -> None:
    script = tmp_path / "prompts.py"
    script.write_text(SCRIPT)
    screen, taken = Screen(), []
    before_signal = signal.signal(signal.SIGINT, lambda *_: taken.append("Ctrl-C"))
    try:
        with Desk(screen, command=[sys.executable, str(script)]) as desk:
            desk.sleep(0)
            before_s, real_s = desk.monotonic(), time.monotonic()
            with socket.create_connection(("127.0.0.1", desk.setting["port"])) as connection:
                assert connection.recv(5) == b"asked"
                held_s = desk.monotonic() - before_s
                os.kill(os.getpid(), signal.SIGINT)  # belongs to the prompt while it waits for input
                stopped_s = time.monotonic() - real_s
                assert taken == []
                assert held_s < stopped_s
                assert desk.monotonic() - before_s == pytest.approx(held_s, abs=1e-6)
                desk._control.sendall(b"+")
                assert connection.recv(4) == b"gone"
            os.kill(os.getpid(), signal.SIGINT)
            assert taken == ["Ctrl-C"]
            later_s = desk.monotonic()
            assert desk.monotonic() >= later_s
        assert screen.held == ["hold", "go on"]
    finally:
        signal.signal(signal.SIGINT, before_signal)


def test_a_desk_to_which_nobody_comes_starts_nothing() -> None:
    with Desk(command=["no such program"]) as desk:
        assert desk.setting["port"]
