"""Answers in a scenario file: their meaning, and the exact text of errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_samples import parse

from harness.scenario.answers import AnswerSpec, Heartbeats, placed_answers
from harness.scenario.position import ScenarioError

GIVE = (
    "add output (SendTaskSuccess), error (SendTaskFailure) or heartbeats, or the worker that takes an "
    "activity's task and never responds"
)
ONE = "keep one of them, or split it into two answers"
EARLIER = "remove the heartbeats, or shorten their interval"


def answer(entry: str) -> AnswerSpec:
    return parse(f"title: t\nanswers: [{{{entry}}}]\nexpect: {{messages: []}}", Path("a.yaml")).answers[0]


def problems(entry: str) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        answer(entry)
    assert all(problem.where.line == 2 for problem in error.value.problems)
    return [f"{problem.message}; {problem.remedy}" for problem in error.value.problems]


@pytest.mark.parametrize(
    ("entry", "kind", "which", "after_s"),
    [
        ("state: Ask, output: {}", "success", (1, None), 0),
        ("state: Ask, output: null, after: 10 min", "success", (1, None), 600),
        ("state: Ask, nth: 2, error: Refused", "failure", (2, 2), 0),
        ("state: Ask, first: 2, cause: no", "failure", (1, 2), 0),
        ("state: Ask, from: 3, heartbeats: 30 s", "silence", (3, None), 0),
        ("state: Ask, worker: vm-1", "silence", (1, None), 0),
        ("state: Ask, worker: vm-1, output: {}, after: 1 min", "success", (1, None), 60),
    ],
)
def test_an_answer_is_typed(entry: str, kind: str, which: object, after_s: float) -> None:
    spec = answer(entry)
    assert (spec.kind, spec.which, spec.after_s) == (kind, which, after_s)


def test_heartbeats_have_a_short_form() -> None:
    short = answer("state: A, heartbeats: 30 s")
    assert short.heartbeats == Heartbeats.model_validate({"every": "30 s"})
    long = answer("state: A, heartbeats: {every: 30 s, times: 2}")
    assert long.heartbeats == Heartbeats.model_validate({"every": "30 s", "times": 2})


def test_those_of_runs_come_after_those_of_the_file() -> None:
    scenario = parse(
        "title: t\nanswers: [{state: A, output: 1}]\nrun:\n- {}\n- {answers: [{state: B, output: 2}]}\n"
        "- {answers: []}\nexpect: {messages: []}"
    )
    found = [(placed.at, placed.spec.state, placed.run) for placed in placed_answers(scenario)]
    assert found == [(("answers", 0), "A", ""), (("run", 1, "answers", 0), "B", "run-2")]
    assert [run.answers is None for run in scenario.runs] == [True, False, False]
    (only,) = placed_answers(
        parse("title: t\nrun: {answers: [{state: B, output: 2}]}\nexpect: {messages: []}")
    )
    assert (only.run, scenario.position(*found[1][0]).line) == ("run-1", 5)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            "output: 1",
            "'state' is missing in answers[0]; add it: name of the state, in any state machine, including",
        ),
        ("state: '', output: 1", "state is empty; add text"),
        ("state: A", f"the answer is empty; {GIVE}"),
        ("state: A, after: 5 min", f"the answer is empty; {GIVE}"),
        (
            "state: A, heartbeats: 5 s, after: 5 min",
            "after sets the time of an answer, but there is no answer; add output or error, or remove it",
        ),
        ("state: A, output: 1, error: E", f"the answer has both output and error; {ONE}"),
        ("state: A, output: 1, cause: E", f"the answer has both output and cause; {ONE}"),
        ("state: A, output: 1, nth: 1, from: 2", "nth and from cannot be combined; keep one"),
        ("state: A, output: 1, nth: 0", "nth: invalid value 0; write 1 or more"),
        ("state: A, output: 1, when: null", "when has no value; add a value or remove the key"),
        (
            "state: A, output: 1, after: 5",
            "5 is not a valid time; write a number and a unit, such as 500 ms,",
        ),
        ("state: A, output: 1, after: -5 s", "invalid time -5 s; write 0 s or more"),
        (
            "state: A, output: 1, after: 1 min, heartbeats: 2 min",
            f"the answer comes after 60 s, before the first heartbeat at 120 s; {EARLIER}",
        ),
        (
            "state: A, output: 1, heartbeats: {every: 2 min}",
            f"the answer comes after 0 s, before the first heartbeat at 120 s; {EARLIER}",
        ),
        (
            "state: A, output: 1, after: 900 h, heartbeats: 1 s",
            "there are 3,240,000 heartbeats before the answer; use at most 100,000",
        ),
        ("state: A, heartbeats: 0 s", "a heartbeat every 0 s would never end; set the time between two"),
        ("state: A, heartbeats: {times: 2}", "'every' is missing in answers[0].heartbeats; add it: time"),
        (
            "state: A, heartbeats: 5",
            "heartbeats: expected a time, or a mapping with every and times, found 5",
        ),
        (
            "state: A, output: {a.$: b}",
            "invalid output: 'b' is neither a path nor an intrinsic function; use a path",
        ),
        ("state: A, output: {a: 1, a.$: $.b}", "invalid output: The fields 'a' and 'a.$' can not"),
        ("state: A, output: .nan", "the output is not valid JSON; use strings, numbers, lists and mappings"),
        ("state: A, outputs: 1", "unknown key 'outputs' in answers[0]; did you mean 'output'? known: state,"),
        (
            "state: A, worker: vm-1, after: 5 min",
            "after sets the time of an answer, but there is no answer; add",
        ),
        (
            "state: A, worker: ''",
            "invalid length of a worker's name: 0 characters; GetActivityTask accepts 1 to",
        ),
        ("state: A, output: 1, params: 5", "params: expected a mapping, found 5; write key: value pairs"),
    ],
)
def test_what_is_wrong(entry: str, problem: str) -> None:
    assert any(each.startswith(problem) for each in problems(entry)), problems(entry)


def test_what_is_too_long_is_refused() -> None:
    assert problems(f"state: A, error: {'e' * 257}") == [
        "the error is too long: 257 characters; SendTaskFailure accepts 256: use a short name here and put "
        "the rest into cause"
    ]
    assert problems(f"state: A, cause: {'e' * 32_769}")[0].startswith(
        "the cause is too long: 32,769 characters"
    )
    assert problems(f"state: A, output: {'e' * 262_144}")[0].startswith("the output has 262,146 bytes, but")


@pytest.mark.parametrize("answers", ["{state: A, output: 1}", "5", "[5]", "null", "[]", "[{}]"])
def test_forms_of_the_whole(answers: str) -> None:
    text = f"title: t\nanswers: {answers}\nexpect: {{messages: []}}"
    if answers == "[]":
        assert parse(text).answers == ()
        return
    with pytest.raises(ScenarioError) as error:
        parse(text, Path("a.yaml"))
    assert all(str(problem).startswith("a.yaml:2:") for problem in error.value.problems)
