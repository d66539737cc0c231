"""Shows judged histories on a terminal.

different  histories/late.json (run-1): event 12, state 'Ship'
           order.asl.json:14:7, state 'Enough'
             expected  TaskStateEntered 'Ship'
             seen      SucceedStateEntered 'Small'
           look around: harness replay histories/late.json --until 12
           and 3 more differences

If one of the project's functions returned the result:

different  histories/late.json (run-1): event 10, state 'Charge': output.total
           order.asl.json:4:5, state 'Charge'
             function  ChargeFunction
             input     {"order": 7}
             expected  20
             seen      21
             log       KeyError: 'price'
                         File "functions/charge.py", line 8, in handler
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, get_args

from harness.printable import one_line, printable
from harness.replay.comparing import Difference
from harness.replay.judging import Judged, Outcome
from harness.report.layout import shown_path

WIDTH: Final = 10
_SAME: Final = "the event"


def title(judged: Judged) -> str:
    """Return a short description of a history: its file, and the execution's name if it is known."""
    file = shown_path(judged.file)
    return one_line(f"{file} ({judged.name})" if judged.name else file)


def headline(judged: Judged) -> str:
    """Return the first difference in one line, or the problem with an unreadable history."""
    if judged.problem:
        return printable(judged.problem)
    first = judged.differences[0]
    return one_line(f"{subject(first)}: expected {first.expected}, seen {first.seen}")


def subject(difference: Difference) -> str:
    """Return the subject of a difference: the event, the state, and the member that differs."""
    what = "" if difference.what == _SAME else f": {difference.what}"
    return f"{difference.subject}{what}"


def details(judged: Judged) -> Iterator[str]:
    """Yield lines that show the first difference, and a line with the number of other differences."""
    if judged.problem or not judged.differences:
        return
    first, *others = judged.differences
    if judged.where is not None:
        about = f", state {judged.about!r}" if judged.about else ""
        yield one_line(f"{shown_place(judged)}{about}")
    if first.asked:
        yield one_line(f"  function  {first.asked.function}")
        yield one_line(f"  input     {first.asked.input}")
    yield one_line(f"  expected  {first.expected}")
    yield one_line(f"  seen      {first.seen}")
    for number, line in enumerate(first.asked.log if first.asked else ()):
        yield one_line(f"  {'' if number else 'log':8}  {line}")
    if first.why:
        yield one_line(f"  {first.why}")
    if command := judged.look_around(first):
        yield one_line(f"look around: {command}")
    if others:
        yield f"and {len(others)} more difference{'s' * (len(others) != 1)}"


def shown_place(judged: Judged) -> str:
    """Return the location in the definition as `file:line:column`, relative to the working directory."""
    where = judged.where
    return "" if where is None else f"{shown_path(where.path)}:{where.line}:{where.column}"


def lines(judged: Judged) -> Iterator[str]:
    """Yield the lines of a history for the terminal."""
    indent = " " * (WIDTH + 1)
    if judged.outcome == "different":
        first = judged.differences[0]
        yield one_line(f"{'different':{WIDTH}} {title(judged)}: {subject(first)}")
        yield from (f"{indent}{line}" for line in details(judged))
    elif judged.problem:
        head, *more = judged.problem.splitlines()
        yield one_line(f"{judged.outcome:{WIDTH}} {head}")
        yield from (f"{indent}{one_line(line)}" for line in more)
    else:
        yield f"{judged.outcome:{WIDTH}} {title(judged)}: {judged.events} events"
    yield from (one_line(f"{indent}{note}") for note in judged.notes)


def summary(judged: Sequence[Judged]) -> str:
    """Return the number of histories for each outcome: `3 histories: 2 the same, 1 different`."""
    numbers = Counter(each.outcome for each in judged)
    counted = [
        f"{numbers[outcome]} {'the same' if outcome == 'same' else outcome}"
        for outcome in get_args(Outcome)
        if numbers[outcome]
    ]
    number = f"{len(judged)} histor{'y' if len(judged) == 1 else 'ies'}"
    return ": ".join(filter(None, (number, ", ".join(counted))))
