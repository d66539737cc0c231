from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import report_samples as samples

from harness.report.failure import failure_text
from harness.report.model import Result
from harness.report.reporters import reporters


def written(folder: Path, *results: Result) -> tuple[ET.Element, Any]:
    xml, plain = folder / "out" / "junit.xml", folder / "results.json"
    listeners = reporters(io.StringIO(), files={"json": plain, "junit": xml})
    for listener in listeners:
        listener.started([r.scenario for r in results], "moto")
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
    assert [e.get("message") for e in error.findall("error")] == ["did not end\ufffd"]


def test_json_has_results_mismatches_and_what_was_seen(tmp_path: Path) -> None:
    _, document = written(tmp_path, *results())
    assert document["version"] == 1
    assert document["engine"] == "moto"
    assert document["summary"] == {"passed": 1, "failed": 1, "skipped": 1, "error": 1}
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
