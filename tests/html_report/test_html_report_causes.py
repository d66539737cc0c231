"""The cause of a failure in the single-page report, with the location in the project's files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import report_samples as samples

from harness.expect.compare import compare
from harness.html_report.cause import cause_in_words
from harness.html_report.departure import departure_in_words
from harness.html_report.overview import page
from harness.notes import Note
from harness.observe.access import Access
from harness.observe.model import Execution, Run
from harness.report.model import Result
from harness.stack.origin import Origin
from harness.testing import a_history, an_execution, observed

BROKEN = (
    "An error occurred while executing the state 'Shipped?' (entered at the event id #7). Invalid path "
    "'$.refund.state': The choice state's condition path references an invalid value."
)
SCENARIO = """\
title: A parcel is too heavy
expect:
  execution: {status: FAILED, error: ParcelTooHeavy}
  path: [Ship, "Shipped?", NotShipped]
"""
DEFINITION = {
    "StartAt": "Ship",
    "States": {"Ship": {"Type": "Task"}, "Shipped?": {"Type": "Choice"}, "Tell": {"Type": "Pass"}},
}


def too_heavy(error: str = "ParcelTooHeavy") -> Execution:
    """Ship's error is caught; then the Choice itself fails."""
    history = (
        a_history()
        .event("ExecutionStarted")
        .enters("Ship")
        .calls("sqs:sendMessage")
        .fails(error, "45 kg")
        .exits("Ship")
        .enters("Shipped?", "Choice")
        .event("ExecutionFailed", error="States.Runtime", cause=BROKEN)
    )
    return an_execution("FAILED", history=history, error="States.Runtime", cause=BROKEN)


def result(folder: Path, execution: Execution, text: str = SCENARIO) -> Result:
    """A result of an execution whose machine is declared in a template in a folder."""
    (folder / "order.asl.json").write_text(json.dumps(DEFINITION, indent=1))
    template = folder / "template.yaml"
    template.write_text(
        "Resources:\n  Order:\n    Type: AWS::Serverless::StateMachine\n"
        "    Properties: {DefinitionUri: order.asl.json}\n"
    )
    origin = Origin(template, "shop", "Order", "AWS::StepFunctions::StateMachine")
    access = Access(origins={"Order": origin}, named={execution.machine_arn: "Order"})
    seen = replace(observed(Run("run-1", execution)), access=access)
    played = samples.scenario(text)
    return replace(samples.failed(), scenario=played, observation=seen, mismatches=compare(played, seen))


def test_the_end_of_an_execution_is_the_cause_where_its_state_failed_by_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cause_in_words(result(tmp_path, too_heavy())) == (
        "state Shipped? (order.asl.json:7): States.Runtime: Invalid path '$.refund.state': "
        "The choice state's condition path references an invalid value."
    )


def test_a_state_that_failed_by_itself_comes_before_errors_that_were_caught(tmp_path):
    assert cause_in_words(result(tmp_path, too_heavy("Surprise"))).startswith("state Shipped? (")


def test_an_error_that_the_scenario_expects_is_no_cause(tmp_path):
    history = (
        a_history()
        .event("ExecutionStarted")
        .enters("Ship")
        .calls("sqs:sendMessage")
        .fails("ParcelTooHeavy", "45 kg")
        .exits("Ship")
        .enters("NotShipped", "Fail")
        .event("ExecutionFailed", error="ParcelTooHeavy", cause="45 kg")
    )
    ended = an_execution("FAILED", history=history, error="ParcelTooHeavy", cause="45 kg")
    assert cause_in_words(result(tmp_path, ended)) == ""
    assert cause_in_words(result(tmp_path, ended, SCENARIO.replace("ParcelTooHeavy", "Late"))).startswith(
        "state Ship ("
    )


def test_a_run_that_leaves_the_path_names_the_state_before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    history = (
        a_history()
        .event("ExecutionStarted")
        .enters("Ship")
        .exits("Ship")
        .enters("Tell", "Pass")
        .exits("Tell")
    )
    text = "title: One\nexpect:\n  path: [Ship, Done]\n"
    assert departure_in_words(result(tmp_path, an_execution(history=history), text)) == (
        "Ship (order.asl.json:4) was followed by Tell, expected Done"
    )
    assert departure_in_words(result(tmp_path, too_heavy(), text)) == ""  # Ship's error explains it


def test_expected_is_red_and_seen_is_green_as_in_pytest(tmp_path):
    failed = result(tmp_path, too_heavy())
    differs = replace(failed.mismatches[0], expected="Ship\nNotShipped", seen="Ship\nTell")
    shown = page([replace(failed, mismatches=(differs,))], (), "moto")
    assert '<span class="bad">- NotShipped</span>' in shown
    assert '<span class="good">+ Tell</span>' in shown
    assert '<b class="bad">-</b> expected' in shown


def test_notes_stand_at_the_end(tmp_path):
    note = Note("runtime", "template.yaml:5", "ShipFunction", "ran on Python 3.11")
    text = page([replace(result(tmp_path, too_heavy()), notes=(note,))], (), "moto")
    assert text.index("<h2>Notes</h2>") > text.rindex('class="card')
    assert text.index("ran on Python 3.11") > text.index("<h2>Notes</h2>")
