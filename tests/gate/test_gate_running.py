"""Parts run one after another within the budget. Skipped parts are reported."""

from __future__ import annotations

import pytest
from gate_project import ERROR, NOTE, WARNING, Clock, context, finding

from harness.engine.base import EngineError
from harness.exit_codes import FAILED, NO_ENGINE, PASSED, WRONG
from harness.gate.base import BaseError
from harness.gate.budget import Budget
from harness.gate.part import Part
from harness.gate.running import Gate, run_parts


def part(name, *found, **more):
    return Part(name, lambda _: iter(found), (ERROR, WARNING, NOTE), **more)


def verdicts(gate):
    return {report.part: report.verdict for report in gate.reports}


def test_findings_are_told_as_they_are_found_and_parts_are_judged(tmp_path):
    gate, told = Gate(), []
    parts = [part("a"), part("b", finding(WARNING)), part("c", finding(NOTE), finding())]
    run_parts(parts, context(tmp_path), gate, told.append, told.append)
    assert verdicts(gate) == {"a": "passed", "b": "warned", "c": "failed"}
    assert [each if isinstance(each, str) else each.finding.rule.id for each in told] == [
        "a", "b", "test-warning", "c", "test-note", "test-error",
    ]  # fmt: skip
    assert [each.level for each in gate.found] == ["error", "warning", "note"]
    assert gate.code == FAILED


def test_what_the_budget_has_no_time_for_is_left_out_with_its_command(tmp_path):
    clock, gate = Clock(), Gate()

    def slow(_):
        clock.now += 60
        yield finding(WARNING)

    parts = [Part("slow", slow, (WARNING,)), part("late", finding(), command="harness late")]
    run_parts(parts, context(tmp_path, budget=Budget(60, clock)), gate)
    assert verdicts(gate) == {"slow": "warned", "late": "not done"}
    assert gate.reports[0].real_s == 60
    assert str(gate.reports[1].left[0]) == "no time is left: harness late"
    run_parts([part("quick", quick=True)], context(tmp_path, budget=Budget(0, clock)), gate)
    assert verdicts(gate)["quick"] == "passed"
    assert gate.code == PASSED


def test_without_a_base_what_compares_is_left_out(tmp_path):
    gate = Gate()
    run_parts([part("a", finding(), needs=frozenset({"base"}))], context(tmp_path), gate)
    assert verdicts(gate) == {"a": "not done"}
    assert "--base REF" in str(gate.reports[0].left[0])


def test_without_valid_scenarios_what_needs_them_is_left_out(tmp_path):
    gate, here = Gate(), context(tmp_path)
    here.invalid = "the scenarios are not valid"
    run_parts([part("a", finding(), needs=frozenset({"scenarios"})), part("b")], here, gate)
    assert verdicts(gate) == {"a": "not done", "b": "passed"}


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (EngineError("it has died"), NO_ENGINE, "the engine cannot run: it has died"),
        (BaseError("template.yaml cannot be deployed"), WRONG, "template.yaml cannot be deployed"),
    ],
)
def test_a_part_that_breaks_down_keeps_nothing_from_the_others(tmp_path, error, code, said):
    def breaks(_):
        yield finding(WARNING)
        raise error

    gate = Gate()
    run_parts([Part("a", breaks, (WARNING,)), part("b", finding())], context(tmp_path), gate)
    assert len(gate.found) == 2
    assert str(gate.reports[0].left[0]) == said
    assert gate.code == code


def test_findings_of_a_part_that_was_stopped_are_not_lost(tmp_path):
    def stopped(_):
        yield finding()
        raise KeyboardInterrupt

    gate = Gate()
    with pytest.raises(KeyboardInterrupt):
        run_parts([Part("a", stopped, (ERROR,))], context(tmp_path), gate)
    assert [each.finding.subject for each in gate.found] == ["Table"]
    assert [str(left) for left in gate.reports[0].left] == ["it was stopped"]
