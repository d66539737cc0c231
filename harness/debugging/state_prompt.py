"""The prompt for a stopped state machine."""

from __future__ import annotations

import cmd
import json
from typing import IO, Any, ClassVar, Literal

from harness.functions.shared.debug_link import Stop
from harness.printable import printable

Go = Literal["continue", "step", "quit"]
_LAST = 12


class StatePrompt(cmd.Cmd):
    """Prompts for a command at a stop. After `cmdloop`, `go` is the user's choice."""

    doc_header = "commands (the first letter is enough):"
    undoc_header = ""
    aliases: ClassVar = {
        "c": "continue",
        "s": "step",
        "i": "input",
        "v": "variables",
        "h": "history",
        "q": "quit",
        "e": "execution",
        "w": "where",
        "EOF": "quit",
        "exit": "quit",
        "?": "help",
    }

    def __init__(self, stop: Stop, given: IO[str] | None = None, out: IO[str] | None = None) -> None:
        super().__init__(stdin=given, stdout=out)
        self.use_rawinput = given is None
        self._stop = stop
        self._said = False
        self.go: Go = "quit"
        self.prompt = f"({stop['state']}) "

    def preloop(self) -> None:
        """Show the location of the stop, once."""
        if not self._said:
            self._said = True
            self.do_where("")
            self.do_input("")

    def cmdloop(self, intro: object = None) -> None:
        """Prompt until the user continues; Ctrl-C discards a line."""
        while True:
            try:
                super().cmdloop()
            except KeyboardInterrupt:
                self._say("--KeyboardInterrupt--")
            else:
                return

    def precmd(self, line: str) -> str:
        """Accept a command's first letter."""
        word, blank, rest = line.strip().partition(" ")
        return self.aliases.get(word, word) + blank + rest

    def emptyline(self) -> bool:
        """Do nothing."""
        return False

    def default(self, line: str) -> None:
        """List the commands."""
        known = "c(ontinue), s(tep), i(nput), v(ariables), h(istory), e(xecution), w(here), q(uit)"
        self._say(f"unknown command {line.split(maxsplit=1)[0]!r}; known: {known}")

    def do_continue(self, _: str) -> bool:
        """c(ontinue): continue to the next stop."""
        self.go = "continue"
        return True

    def do_step(self, _: str) -> bool:
        """s(tep): continue to the next state of this execution."""
        self.go = "step"
        return True

    def do_quit(self, _: str) -> bool:
        """q(uit): end the run."""
        self.go = "quit"
        return True

    def do_input(self, _: str) -> None:
        """i(nput): show the state's input, or the call's request."""
        self._say(_text(self._stop["input"]))

    def do_variables(self, _: str) -> None:
        """v(ariables): show the variables that the state can read."""
        shown = [f"{name} = {_text(value)}" for name, value in self._stop["variables"].items()]
        self._say(*(shown or ["no variables are set"]))

    def do_history(self, argument: str) -> None:
        """h(istory) [all]: show the latest events, or all of them."""
        lines = self._stop["history"]
        left_out = 0 if argument.strip() == "all" else max(len(lines) - _LAST, 0)
        self._say(
            *([f"({left_out} earlier events; h all shows them)"] if left_out else []), *lines[left_out:]
        )

    def do_execution(self, _: str) -> None:
        """e(xecution): show the ARN of the execution."""
        self._say(self._stop["execution"])

    def do_where(self, _: str) -> None:
        """w(here): show the location of the stop."""
        name = self._stop["execution"].rpartition(":")[2]
        self._say(f"> {self._stop['where']}, execution {name}")

    def _say(self, *lines: str) -> None:
        self.stdout.write("".join(f"{printable(line)}\n" for line in lines))


def _text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
