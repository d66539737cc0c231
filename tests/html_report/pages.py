"""Pages with handmade results."""

from __future__ import annotations

import json
from dataclasses import replace

import report_samples as samples
from drawn import ORDER, PAYLOAD, many, retried

from harness.functions.shared.model import FunctionError
from harness.html_report.overview import page
from harness.notes import Note
from harness.observe.model import Definition, Execution, Run
from harness.report.model import Result
from harness.scenario.position import Position, Problem
from harness.testing import a_message, an_invocation, observed


def result(outcome: str = "passed", *executions: Execution, made: bool = False) -> Result:
    """A result with executions of ORDER."""
    seen = observed(*(Run(f"run-{n}", each) for n, each in enumerate(executions, start=1)))
    text = json.dumps(ORDER)
    definitions = {e.arn: Definition(e.machine_arn, text, "" if made else "Order") for e in executions}
    failed = samples.failed()
    return replace(
        failed,
        outcome=outcome,
        mismatches=failed.mismatches if outcome == "failed" else (),
        observation=replace(seen, definitions=definitions),
    )


def failing() -> list[Result]:
    """A failure with a trace, one with the same cause, one that did not finish, and some that passed."""
    failed = samples.failed()
    return [
        replace(failed, notes=(Note("not served here", "template.yaml:12", "Alarm", "nothing raises it"),)),
        failed,
        replace(failed, outcome="error", mismatches=(), observation=None, reason="did not end\nafter 60 s"),
        result("failed", many(40, 3, 5)),
        result("passed", retried(), many(1000)),
        replace(failed, outcome="skipped", mismatches=(), observation=None, reason="moto cannot fly"),
    ]


def hostile() -> str:
    """A page in which every string is hostile."""
    word = "w" * 1_000_000
    title = "Two buckets are counted by extension and reported once"
    text = samples.SCENARIO.replace(title, json.dumps(PAYLOAD))
    failed = samples.failed(text.replace("photos", f"photos-{'x' * 9}"))
    trace = (f'  File "{PAYLOAD}", line 1, in {PAYLOAD}\n    {PAYLOAD}\n',)
    invocation = an_invocation(
        PAYLOAD, payload=json.dumps(PAYLOAD), error=FunctionError(PAYLOAD, PAYLOAD, trace), log=PAYLOAD + word
    )
    execution = replace(many(2, 1), name=PAYLOAD, machine_name=PAYLOAD, input=word, error=PAYLOAD, cause=word)
    seen = observed(
        Run(PAYLOAD, execution),
        invocations=[invocation],
        functions={PAYLOAD: PAYLOAD},
        tables={PAYLOAD: [{PAYLOAD: PAYLOAD, "big": word}]},
        messages=[a_message(PAYLOAD, PAYLOAD + word, PAYLOAD)],
    )
    definition = Definition(execution.machine_arn, json.dumps(ORDER), PAYLOAD)
    mismatch = replace(failed.mismatches[0], summary=PAYLOAD, expected=PAYLOAD, seen=word, remedy=PAYLOAD)
    result_ = replace(
        failed,
        observation=replace(seen, definitions={execution.arn: definition}),
        mismatches=(mismatch, *failed.mismatches),
        reproduce=PAYLOAD,
    )
    problem = Problem(Position(result_.scenario.path, 2, 3), PAYLOAD, PAYLOAD)
    error = replace(result_, outcome="error", reason=PAYLOAD)
    passed = replace(result_, outcome="passed", mismatches=())
    return page([result_, error, passed], [result_.scenario], PAYLOAD, PAYLOAD, [problem])
