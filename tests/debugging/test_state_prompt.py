"""The prompt at which a state machine is paused."""

from __future__ import annotations

import io

import pytest

from harness.debugging.state_prompt import StatePrompt
from harness.functions.shared.debug_link import Stop

STOP: Stop = {
    "where": "before the Task state Keep",
    "execution": "arn:aws:states:us-east-1:123456789012:execution:Machine:first",
    "state": "Keep",
    "call": "",
    "input": {"sum": 3, "odd": "\x1b[2J"},
    "variables": {"rounds": 2},
    "history": [f"{number:5}  event" for number in range(1, 15)],
}


def asked(*lines: str) -> tuple[str, str]:
    """The response of a prompt to these lines, and its output."""
    out = io.StringIO()
    prompt = StatePrompt(STOP, io.StringIO("".join(f"{line}\n" for line in lines)), out)
    prompt.cmdloop()
    return prompt.go, out.getvalue()


@pytest.mark.parametrize(
    ("line", "go"),
    [("c", "continue"), ("continue", "continue"), ("s", "step"), ("q", "quit"), ("exit", "quit")],
)
def test_a_letter_is_enough(line: str, go: str) -> None:
    assert asked(line)[0] == go


def test_the_end_of_the_input_quits() -> None:
    assert asked()[0] == "quit"


def test_it_says_where_it_is_held_and_shows_the_input() -> None:
    _, shown = asked("c")
    assert shown.startswith("> before the Task state Keep, execution first\n{\n")
    assert '"sum": 3' in shown
    assert "\x1b" not in shown


def test_it_shows_variables_history_and_execution() -> None:
    _, shown = asked("v", "h", "e", "c")
    assert "(Keep) rounds = 2\n" in shown
    assert "(2 earlier events; h all shows them)\n    3  event\n" in shown
    assert STOP["execution"] in shown
    assert "    1  event\n" in asked("h all", "c")[1]


def test_an_unknown_command_lists_the_known_ones() -> None:
    _, shown = asked("next", "", "c")
    assert "unknown command 'next'; known: c(ontinue), s(tep)" in shown
