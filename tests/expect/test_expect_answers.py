"""Answers that were not sent, or differ from the file, and the explanation for each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.expect import BUILT_IN
from harness.expect.answers import compare
from harness.scenario.answers import placed_answers
from harness.scenario.load import parse
from harness.stepfunctions.answer import AnswerSeen, AnswersSeen, Missed
from harness.testing import a_history, an_execution, observed

STATES = {"Ask": "", "Charge": "lambda:invoke", "Both": "Parallel"}
ENTERED = a_history().enters("Ask").exits("Ask")


def said(answer: str, seen: AnswerSeen, history: Any = ENTERED, runs: str = "{}") -> list[str]:
    text = f"title: t\nanswers: [{{{answer}}}]\nrun: {runs}\nexpect: {{messages: []}}"
    scenario = parse(text, BUILT_IN, Path("a.yaml"))
    given = [AnswerSeen(given=1) for placed in placed_answers(scenario) if placed.run]
    answered = AnswersSeen((seen, *given), STATES)
    observation = replace(observed(an_execution(history=history)), answered=answered)
    return [f"{m.where}: {m.expectation}: {m.summary}" for m in compare(scenario, observation)]


WAITED = AnswerSeen(waited=2, fitted=2)
THOSE = "waiting states: Ask"
NEVER = "the answer of Ask was never sent:"
LATE = Missed("late", "arn:m:r", 60)


@pytest.mark.parametrize(
    ("answer", "seen", "why"),
    [
        (
            "state: Asks, output: 1",
            AnswerSeen(),
            "the answer of Asks was never sent: no state machine has this state; "
            f"did you mean 'Ask'? {THOSE}",
        ),
        (
            "state: Charge, output: 1",
            AnswerSeen(),
            "the answer of Charge was never sent: the state does not wait for an answer, it is "
            f"lambda:invoke; {THOSE}",
        ),
        (
            "state: Ask, output: 1",
            AnswerSeen(),
            f"{NEVER} the state was entered, but its task failed before it waited",
        ),
        (
            "state: Ask, when: 5, output: 1",
            AnswerSeen(waited=2, other_input={"n": 6}),
            f'{NEVER} the state waited 2 times, with different input, such as {{"n": 6}}',
        ),
        (
            "state: Ask, nth: 3, output: 1",
            WAITED,
            f"{NEVER} the state waited 2 times, but this entry is for match number 3",
        ),
        (
            "state: Ask, nth: 3, when: 5, output: 1",
            WAITED,
            f"{NEVER} the state waited with such input 2 times, but this entry is for match number 3",
        ),
        (
            "state: Ask, output: 1",
            WAITED,
            f"{NEVER} the state waited 2 times, but an earlier entry answered",
        ),
        (
            "state: Ask, output: 1",
            AnswerSeen(2, 2, 2, aborted=2),
            f"{NEVER} 2 tasks for it ended earlier, with the execution or the enclosing branch",
        ),
        (
            "state: Ask, output: 1, after: 2 h",
            AnswerSeen(1, 1, 1, missed=(LATE,)),
            "the answer of Ask after 2 h came too late: the task had timed out 1 min earlier, in execution r",
        ),
        (
            "state: Ask, heartbeats: 2 h",
            AnswerSeen(1, 1, 1, missed=(LATE,)),
            "the heartbeats of Ask came too late: the task had timed out 1 min before the first of them, "
            "in execution r",
        ),
        (
            "state: Ask, output: 1",
            AnswerSeen(2, 2, 2, 1, missed=(Missed("answered", "arn:m:r", 60),) * 2),
            "the answer of Ask came too late: the task had been answered by another caller 1 min earlier, "
            "in execution r (and 1 other task)",
        ),
        (
            "state: Ask, output: 1",
            AnswerSeen(1, 1, 1, missed=(Missed("output", "arn:m:r", 0, "no such path"),)),
            "the answer of Ask was not sent: no such path, in execution r",
        ),
        (
            "state: Ask, heartbeats: 1 s",
            AnswerSeen(1, 1, 1, missed=(Missed("endless", "arn:m:r"),)),
            "the heartbeats of Ask would never end: the task has neither an answer nor TimeoutSeconds; "
            "add output, error, or a number of heartbeats (times), in execution r",
        ),
        (
            "state: Ask, worker: vm-1",
            AnswerSeen(1, 1, 1, missed=(Missed("endless", "arn:m:r"),)),
            "the worker of Ask would wait forever: the task has neither TimeoutSeconds nor "
            "HeartbeatSeconds; add output or error, in execution r",
        ),
        (
            "state: Ask, output: 1, worker: vm-1",
            AnswerSeen(1, 1, 1, 1, missed=(Missed("worker", "arn:m:r"),)),
            "the answer of Ask has a worker, vm-1, but a task with a token is never taken by a worker; "
            "remove worker, in execution r",
        ),
    ],
)
def test_why(answer: str, seen: AnswerSeen, why: str) -> None:
    assert said(answer, seen) == [f"a.yaml:2:11: answers: {why}"]


def test_nothing_is_said_of_what_was_given_or_is_not_known() -> None:
    assert said("state: Ask, output: 1", AnswerSeen(1, 1, 1, 1)) == []
    scenario = parse("title: t\nanswers: [{state: A, output: 1}]\nexpect: {messages: []}", BUILT_IN)
    assert list(compare(scenario, observed(an_execution()))) == []


def test_a_state_that_was_not_entered_or_in_another_run() -> None:
    assert said("state: Ask, output: 1", AnswerSeen(), a_history()) == [
        "a.yaml:2:11: answers: the answer of Ask was never sent: the state was never entered"
    ]
    own = "{answers: [{state: Ask, output: 1}]}"
    (found,) = said("state: Ask, output: 1", AnswerSeen(), runs=own)
    assert found.endswith("the state was entered only in run run-1, which has its own answers")
