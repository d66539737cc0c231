"""The process that shows prompts: `python -m harness.debugging.prompts LISTENER CONTROL TOKEN END`.

It accepts connections from debugged processes, and prompts for one at a time. The most recently prompted
process is served first. It sends `open` to the command when debugging starts, `idle` when debugging ends, and
`quit` when the user quits. It sends `ask` before each prompt, and `asked` after it. The command replies with
a `+` when its screen is hidden or shown again. Between `ask` and `asked`, the command ignores Ctrl-C, because
the terminal sends it to both processes.
"""

from __future__ import annotations

import contextlib
import os
import readline
import select
import signal
import socket
import sys
import termios
from collections.abc import Callable, Iterator
from typing import Any, Literal

from harness.debugging.state_prompt import StatePrompt
from harness.debugging.terminal import TERMINAL
from harness.functions.shared.debug_link import Messages
from harness.printable import printable

_PREFERRED_S = 0.5
"""The time for which the most recently prompted process has priority over the others."""
_DELIMITERS = " \t\n`@#$%^&*()=+[{]}\\|;:'\",<>?"  # pdb's


class Client(Messages):
    """A debugged process."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection)
        self.who = ""
        self.text = ""

    def fileno(self) -> int:
        """Return the file descriptor of the connection."""
        return self._socket.fileno()


class Prompts:
    """Shows debugged processes' prompts until the command has exited. `ask` reads a line from the user."""

    def __init__(
        self,
        listener: socket.socket,
        control: socket.socket,
        token: str,
        end: Literal["run", "invocation"],
        ask: Callable[[str], str] = input,
    ) -> None:
        self._listener = listener
        self._control = control
        self._token = token
        self._end = end
        self._ask_line = ask
        self._clients: list[Client] = []
        self._last: Client | None = None
        self.asking = False

    def run(self) -> None:
        """Serve until the command has exited."""
        with contextlib.suppress(EOFError, ConnectionError):
            while True:
                self._serve(self._next())

    def _next(self) -> Client | None:
        """Wait for the next process with a message; return None for a new connection."""
        if self._last is not None and (
            self._last.pending or select.select([self._last], [], [], _PREFERRED_S)[0]
        ):
            return self._last
        while True:
            for client in self._clients:
                if client.pending:
                    return client
            listened: list[socket.socket | Client] = [self._control, self._listener, *self._clients]
            ready, _, _ = select.select(listened, [], [])
            if self._control in ready:
                raise EOFError  # the command sends only replies
            for client in self._clients:
                if client in ready:
                    return client
            self._take()

    def _take(self) -> None:
        connection, _ = self._listener.accept()
        client = Client(connection)
        try:
            hello = client.receive()
        except (EOFError, ValueError, OSError):
            client.close()
            return
        if hello.get("token") != self._token:
            client.close()
            return
        client.who = str(hello.get("who"))
        self._clients.append(client)
        self._tell("open")

    def _serve(self, client: Client | None) -> None:
        if client is None:
            return
        try:
            message = client.receive()
            if "text" in message:
                client.text += message["text"]
            elif "ask" in message:
                self._switch(client)
                self._prompt(client, message["ask"])
            elif "stop" in message:
                self._switch(client)
                self._stop(client, message["stop"])
            elif "quit" in message:
                self._quit(client)
        except (EOFError, OSError):
            self._forget(client)

    def _forget(self, client: Client) -> None:
        if client.text.strip():
            with self._asking():
                self._show(client)
        client.close()
        self._clients.remove(client)
        self._last = None
        if not self._clients:
            self._tell("idle")

    def _switch(self, client: Client) -> None:
        if client is not self._last and len(self._clients) > 1:
            client.text = f"--- {client.who}\n{client.text}"
        self._last = client

    def _prompt(self, client: Client, prompt: str) -> None:
        with self._asking():
            self._show(client)
            readline.set_completer(Completer(client).complete)
            try:
                answer: dict[str, object] = {"line": self._ask_line(printable(prompt))}
            except EOFError:
                print(flush=True)
                answer = {"line": None}
            except KeyboardInterrupt:
                print(flush=True)
                answer = {"interrupt": True}
            finally:
                readline.set_completer(None)
        client.send(answer)

    def _stop(self, client: Client, stop: Any) -> None:
        with self._asking():
            self._show(client)
            prompt = StatePrompt(stop)
            prompt.cmdloop()
        if prompt.go == "quit":
            self._quit(client)
        else:
            client.send({"go": prompt.go})

    def _quit(self, client: Client) -> None:
        if self._end == "run":
            self._tell("quit")
        else:
            client.send({"go": "on"})

    def _show(self, client: Client) -> None:
        text, client.text = client.text, ""
        print(printable(text), end="", flush=True)

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        self._tell("ask")
        self._wait()
        self.asking = True
        try:
            yield
        finally:
            self.asking = False
            self._tell("asked")
            self._wait()

    def _tell(self, word: str) -> None:
        self._control.sendall(f"{word}\n".encode())

    def _wait(self) -> None:
        if not self._control.recv(1):
            raise EOFError


class Completer:
    """Completes words with the help of a debugged process."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._matches: list[str] = []

    def complete(self, text: str, state: int) -> str | None:
        """Return the match with this number, as readline requires."""
        if state == 0:
            line, begin, end = readline.get_line_buffer(), readline.get_begidx(), readline.get_endidx()
            stripped = len(line) - len(line.lstrip())
            place = [text, line.lstrip(), begin - stripped, end - stripped]
            self._client.send({"complete": place})
            self._matches = self._client.receive()["matches"]
        return self._matches[state] if state < len(self._matches) else None


def main(listener: str, control: str, token: str, end: Literal["run", "invocation"]) -> None:
    """Show prompts at this process's terminal until the command has exited."""
    terminal = os.open(TERMINAL, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(terminal, number)
    before = termios.tcgetattr(terminal)
    readline.set_completer_delims(_DELIMITERS)
    readline.parse_and_bind("tab: complete")
    prompts = Prompts(socket.socket(fileno=int(listener)), socket.socket(fileno=int(control)), token, end)

    def interrupted(*_: object) -> None:
        if prompts.asking:
            raise KeyboardInterrupt

    def terminated(*_: object) -> None:
        termios.tcsetattr(terminal, termios.TCSANOW, before)
        os._exit(0)

    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, terminated)
    signal.signal(signal.SIGHUP, terminated)
    try:
        prompts.run()
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)


if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]
