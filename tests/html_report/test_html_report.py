"""The report as a single page."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import report_samples as samples
from drawn import Read, many, retried
from pages import failing, hostile, result

from harness.html_report import HtmlReport
from harness.html_report.overview import MOST_STATES, page
from harness.report.base import Context
from harness.report.reporters import reporters
from harness.scenario.position import Position, Problem


def read(text: str) -> Read:
    found = Read(text)
    assert found.active == ["link href=data:,"]
    assert len(set(found.ids)) == len(found.ids)
    assert set(found.links) <= set(found.ids), set(found.links) - set(found.ids)
    return found


@pytest.fixture(scope="module")
def failures() -> str:
    return page(failing(), (), "moto")


def test_failures_come_first_with_their_cause(failures: str) -> None:
    seen = read(failures)
    assert seen.texts.count("4 of 6 scenarios failed") == 2  # the title, too
    first = failures.index('class="card is-failed"')
    head = failures[:first]
    assert "line 11: execution: expected SUCCEEDED" in head
    assert (
        "state ListObject2: ListObjectsFunction: KeyError: &#39;Contents&#39;, at "
        "/var/task/usage_report/list_objects.py:44" in head
    )
    assert failures.index("2 as expected") < failures.index('class="card is-succeeded"')


def test_a_mismatch_stands_beside_its_line(failures: str) -> None:
    seen = read(failures)
    assert "> 13 |     photos: {.jpg: [2, 4 MiB]}" in seen.text
    for text in ("Rerun it: ", "harness run scenarios/two-buckets.yaml --engine moto"):
        assert text in seen.texts
    assert "for item in page[&#34;Contents&#34;]:" in failures
    assert "Same cause as " in seen.texts


def test_a_failure_without_an_end_says_why(failures: str) -> None:
    assert "did not end\nafter 60 s" in read(failures).texts


def test_executions_have_graph_time_line_and_states(failures: str) -> None:
    seen = read(failures)
    assert (seen.classes["graph"], seen.classes["times"]) == (3, 7)  # four of them have unknown definitions
    assert "40 iterations: 2 failed, 38 succeeded" in seen.text
    assert "Message to ReportTopic: Usage report failed" in seen.text
    assert "Table UsageTable: 3 rows" in seen.text
    assert "moto cannot fly" in seen.texts
    assert "nothing raises it" in seen.text


def test_many_that_passed_are_told_in_short() -> None:
    few, passed = [result("passed", retried())], [result("passed", retried()) for _ in range(MOST_STATES)]
    assert read(page(few, (), "moto")).classes["visits"] == 1
    text = page(passed, (), "moto")
    seen = read(text)
    assert (seen.classes["visits"], seen.classes["graph"]) == (0, MOST_STATES)
    assert "to see them, run fewer" in seen.text
    assert len(text) < 4_000 * MOST_STATES


def test_a_thousand_branches_that_are_alike_are_small() -> None:
    text = page([result("failed", many(1000, 3, 500, 999))], (), "moto")
    assert len(text.encode()) < 100_000
    assert "1,000 iterations: 3 failed, 997 succeeded; including One" in text


def test_a_file_that_cannot_be_read_has_its_place(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("title: a\nrun: [\nexpect: {}\n")
    seen = read(page([], (), "", "", [Problem(Position(broken, 2, 6), "this is not YAML", "correct it")]))
    assert "1 problem in the files: nothing was run" in seen.texts
    assert f"{broken}:2:6: this is not YAML; correct it" in seen.texts
    assert "> 2 | run: [\n    |      ^" in seen.text


def test_scenarios_that_were_not_run_are_named() -> None:
    left = samples.scenario(path="scenarios/left.yaml")
    seen = read(page([result()], [left], "moto", "stopped by SIGTERM"))
    assert "1 scenario passed, 1 not run" in seen.texts
    assert "Not run: stopped by SIGTERM" in seen.texts
    assert f"scenarios/left.yaml: {left.title}" in seen.texts


def test_hostile_texts_stay_text() -> None:
    text = hostile()
    seen = read(text)
    assert not set(seen.tags) & {"script", "img"}
    assert not re.search("[\u202e\x00\x1b]", text)
    assert len(text) < 1_000_000


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "new" / "r.html"
    _, report = reporters(sys.stderr, files={"html": file})
    assert isinstance(report, HtmlReport)
    report.started([], "moto")
    report.finished()
    assert report.problem == ""
    assert file.read_text().startswith("<!DOCTYPE html>")
    assert [each.name for each in file.parent.iterdir()] == ["r.html"]
    refused = HtmlReport(file / "x.html", Context())
    refused.finished()
    assert refused.problem.startswith(f"{file}/x.html: cannot be written (")


def test_the_same_results_give_the_same_page() -> None:
    assert page(failing(), (), "moto") == page(failing(), (), "moto")


def test_a_failure_whose_observation_is_partial() -> None:
    failed = samples.failed()
    assert failed.observation is not None
    seen = replace(failed.observation, runs=(), invocations=())
    assert read(page([replace(failed, observation=seen)], (), "moto")).tags["h1"] == 1


def test_nothing_of_it_is_imported_without_the_option() -> None:
    code = (
        "import sys, harness.cli, harness.cli.arguments, harness.cli.commands, harness.cli.run, "
        "harness.cli.playing, harness.report.reporters, harness.pytest_plugin.items\n"
        "parts = ('harness.drawing', 'harness.html_report', 'markupsafe')\n"
        "print([name for name in sys.modules if name.startswith(parts)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
