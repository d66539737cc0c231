from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import report_samples as samples

from harness.notes import Note
from harness.report.base import Context
from harness.report.failure import failure_text
from harness.report.json_report import JsonReport
from harness.report.junit import JUnitReport
from harness.report.model import Result
from harness.report.printed import LONGEST_LOG
from harness.report.reporters import reporters
from harness.scenario.model import Scenario


def written(folder: Path, *results: Result, left: tuple[Scenario, ...] = ()) -> tuple[ET.Element, Any]:
    xml, plain = folder / "out" / "junit.xml", folder / "results.json"
    listeners = reporters(io.StringIO(), files={"json": plain, "junit": xml})
    for listener in listeners:
        listener.started([*(r.scenario for r in results), *left], "moto")
        for result in results:
            listener.scenario_started(result.scenario)
            listener.scenario_finished(result)
        listener.finished()
    return ET.parse(xml).getroot(), json.loads(plain.read_text("utf-8"))


def results() -> tuple[Result, ...]:
    failed = samples.failed()
    return (
        replace(failed, outcome="passed", mismatches=()),
        failed,
        replace(failed, outcome="skipped", mismatches=(), observation=None, reason="moto cannot fly"),
        replace(failed, outcome="error", mismatches=(), observation=None, reason="did not end\x1b"),
    )


def test_junit_has_a_case_per_scenario_with_its_explanation(tmp_path: Path) -> None:
    root, _ = written(tmp_path, *results())
    suite = root.find("testsuite")
    assert suite is not None
    numbers = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
    assert numbers == {"tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "5.360"}
    assert [(p.get("name"), p.get("value")) for p in suite.findall("properties/property")] == [
        ("engine", "moto")
    ]
    passed, failed, skipped, error = suite.findall("testcase")
    assert passed.get("classname") == "scenarios/two-buckets.yaml"
    assert passed.get("name") == "Two buckets are counted by extension and reported once"
    assert {p.get("name"): p.get("value") for p in passed.findall("properties/property")} == {
        "tag": "happy",
        "seed_s": "0.100",
        "run_s": "1.000",
    }
    failure = failed.find("failure")
    assert failure is not None
    assert failure.text == failure_text(samples.failed())
    assert (failure.get("message") or "").startswith("scenarios/two-buckets.yaml:11: execution: expected")
    assert [e.get("message") for e in skipped.findall("skipped")] == ["moto cannot fly"]
    assert [e.get("message") for e in error.findall("error")] == ["did not end\\x1b"]


def test_json_has_results_mismatches_and_what_was_seen(tmp_path: Path) -> None:
    _, document = written(tmp_path, *results())
    assert document["version"] == 2
    assert [set(each) for each in document["real_time"]] == [{"file", "duration_s", "timings_s"}] * 4
    assert document["engine"] == "moto"
    assert document["summary"] == {"passed": 1, "failed": 1, "skipped": 1, "error": 1, "not_run": 0}
    passed, failed, skipped, _ = document["results"]
    assert passed["mismatches"] == []
    assert skipped["reason"] == "moto cannot fly"
    assert skipped["observation"] is None
    assert failed["mismatches"][1] == {
        "expectation": "aggregates",
        "file": "scenarios/two-buckets.yaml",
        "line": 13,
        "column": 14,
        "run": "run-1",
        "subject": "bucket photos, extension .jpg",
        "summary": "bucket photos, extension .jpg: expected 2 objects, seen 1 (1 object too few); "
        "expected 4 MiB, seen 2 MiB (2 MiB too few)",
        "expected": ".jpg: 2 objects, 4 MiB",
        "seen": ".jpg: 1 object, 2 MiB",
        "remedy": "",
    }
    seen = failed["observation"]
    assert seen["runs"][0]["execution"]["path"] == ["CreateStateMachine", "Failed"]
    assert seen["runs"][0]["execution"]["duration_s"] == 2.0
    assert seen["runs"][0]["children"][0]["machine"] == "report-run-1"
    assert len(seen["tables"]["UsageTable"]) == 3
    assert seen["messages"][0]["subject"] == "Usage report failed"
    assert seen["invocations"][1] == {
        "function": "ListObjectsFunction",
        "request_id": "8f2e",
        "duration_s": 0.214,
        "init_duration_s": None,
        "error": "KeyError: 'Contents'",
        "stack_trace": [
            "/var/task/usage_report/list_objects.py:31: in handler",
            "return count(event)",
            "/var/task/usage_report/list_objects.py:44: in count",
            'for item in page["Contents"]:',
        ],
        "state": "",
        "execution": "",
        "log": samples.LOG,
    }
    assert len(seen["calls"]) == 5
    scheduled, call, _ = seen["calls"][-3:]
    assert (scheduled["service"], scheduled["operation"], scheduled["invokes"], scheduled["function"]) == (
        "lambda",
        "Invoke",
        "ListObjectsFunction",
        "",
    )
    assert call == {
        "service": "s3",
        "operation": "ListObjectsV2",
        "params": {"Bucket": "photos"},
        "at": "2026-01-01T00:00:13+00:00",
        "outcome": "failed",
        "status": 403,
        "error": "AccessDenied",
        "cause": "",
        "attempts": 1,
        "execution": samples.report_execution().arn,
        "state": "ListObject2",
        "bucket": "photos",
        "function": "ListObjectsFunction",
        "resource": "",
        "invokes": "",
        "request_id": "8f2e",
        "injected": True,
        "faults": [],
    }


def test_scenarios_that_were_not_run_are_named(tmp_path: Path) -> None:
    left = (samples.scenario(path="scenarios/later.yaml"),)
    root, document = written(tmp_path, results()[0], left=left)
    assert document["summary"]["not_run"] == 1
    assert document["not_run"] == [{"title": left[0].title, "file": "scenarios/later.yaml"}]
    suite = root.find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("errors"), suite.get("skipped")) == ("2", "1", "0")
    last = suite.findall("testcase")[-1]
    assert last.get("file") == "scenarios/later.yaml"
    assert [e.get("message") for e in last.findall("error")] == ["not run"]


def test_notes_are_there_once(tmp_path: Path) -> None:
    note = Note("template", "template.yaml:3", "W1", "a warning")
    noted = replace(results()[0], notes=(note,))
    root, document = written(tmp_path, noted, noted)
    assert document["notes"] == [
        {"heading": "template", "place": "template.yaml:3", "subject": "W1", "text": "a warning"}
    ]
    assert root.findtext("testsuite/system-out") == "template\n  template.yaml:3: W1: a warning"


def test_what_functions_printed_and_the_messages_are_there_when_all_went_well(tmp_path: Path) -> None:
    root, document = written(tmp_path, results()[0])
    text = root.findtext("testsuite/testcase/system-out")
    assert text is not None
    assert (
        'ListObjectsFunction, +13 s (8f2e)\n    | {"event": "page", "bucket": "photos", "page": 1}\n' in text
    )
    assert "Messages\n  ReportTopic: Usage report failed\n    | run run-1 failed" in text
    assert document["results"][0]["observation"]["messages"][0]["body"] == "run run-1 failed"


def test_a_log_is_cut_at_its_beginning(tmp_path: Path) -> None:
    result = results()[0]
    assert result.observation is not None
    long = samples.failed_invocation("8f2e", "first\n" + "x" * (LONGEST_LOG - 4) + "end", at_s=13)
    _, document = written(
        tmp_path, replace(result, observation=replace(result.observation, invocations=(long,)))
    )
    log = document["results"][0]["observation"]["invocations"][0]["log"]
    assert log.startswith("… 5 earlier characters\n\nx")
    assert log.endswith("xend")


def test_a_report_that_cannot_be_written_is_told_and_others_are_written(tmp_path: Path) -> None:
    full = JsonReport(Path("/dev/full"), Context())
    missing = JUnitReport(tmp_path / "new" / "r.xml", Context())
    (tmp_path / "file").write_text("")
    below = JsonReport(tmp_path / "file" / "r.json", Context())
    for report in (full, missing, below):
        report.started([], "moto")
        report.finished()
    remedy = "free some space, or choose another file"
    assert full.problem == f"/dev/full: cannot be written (No space left on device): {remedy}"
    assert missing.problem == ""
    assert below.problem.startswith(f"{tmp_path}/file/r.json: cannot be written (")
