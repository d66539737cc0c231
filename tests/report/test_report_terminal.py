from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import report_samples as samples
from rich.console import Console
from rich.text import Text

from harness.expect.model import Mismatch
from harness.functions.shared.model import FunctionError
from harness.notes import Note
from harness.report.columns import Columns
from harness.report.failure import failure_text
from harness.report.model import Result
from harness.report.reporters import reporters
from harness.report.terminal import TerminalReport, console_for
from harness.scenario.model import Scenario
from harness.scenario.position import Position
from harness.testing import a_call

FAILURE = """\
What happened
  execution run-1 of Orchestrator: FAILED in state Failed: ReportFailed: state ListObject2 failed
  execution run-1 of report-run-1: FAILED in state ListObject2
  state ListObject2 (in Buckets), bucket photos: ListObjectsFunction failed 2 times: KeyError
    Traceback (most recent call last):
      /var/task/usage_report/list_objects.py:31: in handler
        return count(event)
      /var/task/usage_report/list_objects.py:44: in count
        for item in page["Contents"]:
    KeyError: 'Contents'
    its event has the key bucket
    its AWS calls:
      s3:ListObjectsV2  403 AccessDenied, fault  Bucket=photos
      s3:ListObjectsV2  403 AccessDenied, fault  Bucket=photos
    log of the invocation (0.21 s, 8f2e):
    | … 4 more lines (-v shows all)
    | {"event": "page", "bucket": "photos", "page": 5}
    | {"event": "page", "bucket": "photos", "page": 6}
    | {"event": "page", "bucket": "photos", "page": 7}
    | {"event": "page", "bucket": "photos", "page": 8}
    | {"event": "page", "bucket": "photos", "page": 9}
    | {"event": "page", "bucket": "photos", "page": 10}
    | {"event": "page", "bucket": "photos", "page": 11}
    | {"event": "page", "bucket": "photos", "page": 12}
    | {"event": "page", "bucket": "photos", "page": 13}
    | {"event": "page", "bucket": "photos", "page": 14}

scenarios/two-buckets.yaml:11: execution: expected SUCCEEDED, seen FAILED with ReportFailed: \
"state ListObject2 failed"
    > 11 |   execution: {status: SUCCEEDED}
         |               ^

scenarios/two-buckets.yaml:13: aggregates: bucket photos, extension .jpg: expected 2 objects, \
seen 1 (1 object too few); expected 4 MiB, seen 2 MiB (2 MiB too few)
    > 13 |     photos: {.jpg: [2, 4 MiB]}
         |              ^
    expected  .jpg: 2 objects, 4 MiB
    seen      .jpg: 1 object, 2 MiB

scenarios/two-buckets.yaml:16: messages: message 1: the subject does not contain "2 buckets" \
(the closest message is "Usage report failed")
    > 16 |     - {subject: {contains: 2 buckets}}
         |        ^

AWS calls that returned errors
  ListObjectsFunction: s3:ListObjectsV2 Bucket=photos: AccessDenied, 2 times (injected by the scenario)

  for more: harness explain execution aggregates messages"""
HEAD = "FAIL  scenarios/two-buckets.yaml on moto, 1.3 s"
REPRODUCE = "reproduce: harness run scenarios/two-buckets.yaml --engine moto"
AGAIN = """\
To rerun the failures
  harness run scenarios/two-buckets.yaml --engine moto  # 3 mismatches"""


def clock(*times: float) -> Iterator[float]:
    yield from times
    yield from count(int(times[-1]))


def shown(*results: Result, verbose: bool = False, left: Sequence[Scenario] = (), **console: object) -> str:
    stream = io.StringIO()
    settings = {"markup": False, "highlight": False, "emoji": False, **console}
    times = clock(0.0, 10.0, 33.4)
    screen = bool(console.get("force_terminal"))
    report = TerminalReport(Console(file=stream, **settings), verbose, lambda: next(times), screen)  # type: ignore[arg-type]
    report.started([*(r.scenario for r in results), *left], "moto")
    for result in results:
        report.scenario_started(result.scenario)
        report.scenario_finished(result)
    report.finished()
    return stream.getvalue()


def passed(title: str = "An empty account is reported", path: str = "scenarios/empty.yaml") -> Result:
    text = f"title: {title}\nexpect: {{machines: {{left: []}}}}\n"
    return Result(
        samples.scenario(text, path), "moto", "passed", 0.42, timings_s={"run": 0.3, "observe": 0.1}
    )


def skipped() -> Result:
    reason = "moto cannot answer the calls of functions with errors"
    return replace(passed("A bucket is denied", "scenarios/denied.yaml"), outcome="skipped", reason=reason)


def test_a_failure_says_where_what_and_why_and_how_to_see_it_again() -> None:
    assert failure_text(samples.failed()) == f"{HEAD}\n      {REPRODUCE}\n\n{FAILURE}"


def test_each_mismatch_stands_once_in_a_report() -> None:
    output = shown(samples.failed(), passed())
    for mismatch in samples.failed().mismatches:
        assert output.count(mismatch.summary) == 1
    assert output.count("Two buckets are counted by extension and reported once") == 1


def test_a_pipe_gets_a_line_per_scenario_then_the_failures_then_the_sum() -> None:
    lines = (
        "PASS   empty.yaml        An empty account is reported                            0.4 s\n"
        "FAIL   two-buckets.yaml  Two buckets are counted by extension and reported once  1.3 s\n"
        "SKIP   denied.yaml       A bucket is denied                                      0.4 s\n"
        "       moto cannot answer the calls of functions with errors\n"
    )
    output = shown(passed(), samples.failed(), skipped())
    assert (
        output
        == f"{lines}\n{HEAD}\n\n{FAILURE}\n\n{AGAIN}\n\n1 passed, 1 failed, 1 skipped in 23.4 s on moto\n"
    )


def test_verbose_shows_the_stages_and_whole_logs() -> None:
    output = shown(passed(), samples.failed(), verbose=True)
    assert "       run 0.30 s, observe 0.10 s\n" in output
    assert '| {"event": "page", "bucket": "photos", "page": 1}\n' in output
    assert "| REPORT RequestId: 8f2e" not in output  # of the runtime, and in the JSON report
    assert "What functions printed\n  ListObjectsFunction, +13 s (8f2e)\n    | " in output
    assert "\nMessages\n  ReportTopic: Usage report failed\n    | run run-1 failed\n" in output
    assert output.count('"page": 1}') == 1  # not again in the explanation
    assert "\n    │       └── lambda:Invoke  succeeded  ListObjectsFunction\n" in output
    assert "its AWS calls:" not in output  # they are in the tree
    assert "-v shows all" not in output


def test_a_narrow_terminal_gets_a_shorter_title_and_no_broken_lines() -> None:
    output = shown(samples.failed(), width=60, force_terminal=True, color_system=None)
    line = next(line for line in output.splitlines() if "FAIL" in line and "two-buckets.yaml" in line)
    text = line[line.index("FAIL") :]
    assert text == "FAIL   two-buckets.yaml  Two buckets are counted…  1.3 s"
    columns = Columns([samples.failed().scenario], 40)
    assert [text.plain for text in columns.lines(Text("FAIL "), samples.failed())] == [
        "FAIL   two-buckets.yaml  1.3 s",
        "       Two buckets are counted by",
        "       extension and reported once",
    ]


@pytest.mark.parametrize("width", [1, 20, 30, 40])
def test_the_narrowest_terminals_get_all_words_of_a_title(width: int) -> None:
    columns = Columns([samples.failed().scenario], width)
    first, *title = (text.plain for text in columns.lines(Text("FAIL "), samples.failed()))
    assert first.startswith("FAIL   two-buckets")
    assert " ".join(text.strip() for text in title) == samples.failed().scenario.title


def test_titles_are_read_beside_the_name_of_a_long_file() -> None:
    long = passed("A title that says what happens here", "scenarios/" + "x" * 34 + ".yaml")
    short = passed("Short", "scenarios/a.yaml")
    columns = Columns([long.scenario, short.scenario, samples.failed().scenario], 80)
    lines = [
        text.plain
        for result in (long, short, samples.failed())
        for text in columns.lines(Text("PASS "), result)
    ]
    assert lines == [
        f"PASS   {'x' * 34}.yaml  0.4 s",
        "       A title that says what happens here",
        f"PASS   a.yaml{' ' * 18}  Short{' ' * 31}  0.4 s",
        "PASS   two-buckets.yaml          Two buckets are counted by extensio…  1.3 s",
    ]


def test_colours_are_for_terminals_only() -> None:
    assert "\x1b[" not in shown(samples.failed())
    assert "\x1b[1;31mFAIL" in shown(
        samples.failed(), force_terminal=True, color_system="standard", width=200
    )


def test_what_a_function_logs_cannot_take_over_the_terminal_or_be_markup() -> None:
    failed = samples.failed()
    assert failed.observation is not None
    evil = samples.failed_invocation("8f2e", "\x1b[2J[bold]gone[/bold] {x}")
    text = shown(replace(failed, observation=replace(failed.observation, invocations=(evil,))))
    assert "| \\x1b[2J[bold]gone[/bold] {x}\n" in text
    assert "\x1b" not in text


def test_an_error_shows_its_reason_and_what_was_seen_so_far() -> None:
    reason = "run run-1 did not end within 60 s; its executions:\n  RUNNING M/run-1 in state Wait"
    result = replace(samples.failed(), outcome="error", mismatches=(), reason=reason)
    output = shown(result)
    assert output.splitlines()[0].startswith("ERROR  two-buckets.yaml  Two buckets")
    assert "ERROR  scenarios/two-buckets.yaml on moto" not in output  # of one scenario it stands above
    assert "\n  run run-1 did not end within 60 s; its executions:\n    RUNNING M/run-1" in output
    assert "state ListObject2 (in Buckets), bucket photos" in output
    assert output.endswith("\n1 error in 23.4 s on moto\n")


def test_what_the_reason_says_is_still_running_is_not_said_again() -> None:
    failed = samples.failed()
    assert failed.observation is not None
    (run,) = failed.observation.runs
    running = replace(run, execution=samples.orchestrator("RUNNING"), children=())
    result = replace(
        failed,
        outcome="error",
        mismatches=(),
        reason="run-1 did not end",
        observation=replace(failed.observation, runs=(running,)),
    )
    assert "execution run-1" not in failure_text(result)
    assert "execution run-1 of Orchestrator: RUNNING" in failure_text(replace(result, reason=""))


def test_many_calls_of_a_failed_function_are_left_to_the_tree() -> None:
    failed = samples.failed()
    assert failed.observation is not None
    calls = [a_call(f"s3:Operation{'x' * n}") for n in range(6)]
    for number, shown in ((5, True), (6, False)):
        made = samples.failed_invocation("8f2e", "", *calls[:number], at_s=13)
        text = failure_text(replace(failed, observation=replace(failed.observation, invocations=(made,))))
        assert ("its AWS calls:" in text) is shown


def test_a_remedy_is_shown_as_it_is_to_be_pasted() -> None:
    failed = samples.failed()
    mismatch = replace(
        failed.mismatches[0], expected="", seen="", remedy="- Effect: Allow\n  Action: s3:Get*"
    )
    assert "\n    - Effect: Allow\n      Action: s3:Get*\n" in failure_text(
        replace(failed, mismatches=(mismatch,))
    )


def test_of_many_mismatches_the_first_are_laid_out_and_the_rest_listed() -> None:
    failed = samples.failed()
    many = replace(failed, mismatches=(failed.mismatches[1],) * 30)
    text = failure_text(many)
    assert text.count("> 13 |") == 1  # the same line is shown once
    assert text.count("expected  .jpg") == 5
    assert text.count(":13: aggregates:") == 5 + 20  # in detail, and in a line each
    assert "… 5 more mismatches (-v shows all)" in text
    assert failure_text(many, verbose=True).count(":13: aggregates:") == 30


def test_files_of_the_same_name_are_told_apart() -> None:
    output = shown(passed(path="a/x.yaml"), passed(path="b/x.yaml"))
    assert "PASS   a/x.yaml" in output
    assert "PASS   b/x.yaml" in output


def test_nothing_to_run_is_said() -> None:
    assert shown() == "\nno scenarios in 23.4 s on moto\n"


def test_reporters_are_those_that_are_asked_for() -> None:
    (only,) = reporters(io.StringIO(), files={})
    assert isinstance(only, TerminalReport)


def like_it(path: str) -> Result:
    return replace(
        samples.failed(),
        mismatches=samples.failed().mismatches[:1],
        scenario=samples.scenario(path=path),
        reproduce=f"harness run {path} --engine moto",
    )


def test_a_trace_that_several_scenarios_share_is_told_once_with_their_names() -> None:
    output = shown(samples.failed(), passed(), like_it("scenarios/b.yaml"), like_it("scenarios/c.yaml"))
    assert output.count("Traceback (most recent call last):") == 1
    assert "\n2 more with the same cause: scenarios/b.yaml, scenarios/c.yaml\n" in output
    assert output.count("      the same cause as scenarios/two-buckets.yaml\n") == 2
    again = output[output.index("To rerun the failures") :].splitlines()
    assert again[1:4] == [
        "  harness run scenarios/two-buckets.yaml --engine moto  # 3 mismatches",
        "  harness run scenarios/b.yaml --engine moto            # 1 mismatch",
        "  harness run scenarios/c.yaml --engine moto            # 1 mismatch",
    ]
    verbose = shown(samples.failed(), like_it("scenarios/b.yaml"), verbose=True)
    assert verbose.count("Traceback (most recent call last):") == 2


def test_a_deployment_that_fails_for_all_scenarios_is_told_once() -> None:
    reason = "stack usage: Function: the role does not exist"
    broken = [
        replace(passed(path=f"{name}.yaml"), outcome="error", reason=reason, reproduce=f"harness run {name}")
        for name in ("a", "b", "c")
    ]
    output = shown(*broken)
    assert output.count(reason) == 1
    assert "2 more with the same cause: b.yaml, c.yaml" in output


def test_notes_are_shown_once_under_their_headings() -> None:
    alarm = Note("not served here", "template.yaml:12", "Alarm (AWS::CloudWatch::Alarm)", "nothing raises it")
    python = Note("runtime", "", "ran on 3.11, declared 3.13", "harness engines install python3.13")
    results = [replace(passed(), notes=(python, alarm)), replace(passed(path="b.yaml"), notes=(alarm,))]
    said = (
        "\nNotes\n"
        "  not served here\n"
        "    template.yaml:12: Alarm (AWS::CloudWatch::Alarm): nothing raises it\n"
        "  runtime\n"
        "    ran on 3.11, declared 3.13: harness engines install python3.13\n"
        "\n2 passed in"
    )
    assert said in shown(*results)


def test_what_a_run_that_was_cut_short_did_not_play_is_named() -> None:
    left = [samples.scenario(path=f"scenarios/{n}.yaml") for n in range(23)]
    output = shown(passed(), left=left)
    assert "\nNot run, because the run stopped early\n  scenarios/0.yaml\n  scenarios/1.yaml\n" in output
    assert "  scenarios/22.yaml\n" in output
    assert output.endswith("\n1 passed, 23 not run in 23.4 s on moto\n")


def test_a_mismatch_whose_place_is_the_template_shows_its_line(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources:\n  Role:\n    Type: AWS::IAM::Role\n")
    denied = "Role is not authorized to perform: sns:Publish"
    missing = Mismatch("permissions", Position(template, 2, 3), denied, remedy="# add it")
    first = replace(samples.failed(), mismatches=(missing,), observation=None)
    text = failure_text(first)
    assert f"{template}:2: permissions: {denied}" in text
    assert "    > 2 |   Role:\n" in text
    assert text.endswith("\n    # add it\n\n  for more: harness explain permissions")
    output = shown(first, replace(first, scenario=samples.scenario(path="b.yaml")))
    assert "1 more with the same cause: b.yaml" in output


def test_a_pipe_gets_colours_when_they_are_forced_and_never_the_cursor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    stream = io.StringIO()
    report = TerminalReport(console_for(stream))
    report.started([samples.failed().scenario], "moto")
    report.scenario_started(samples.failed().scenario)
    report.stage("deploy")
    report.scenario_finished(samples.failed())
    report.finished()
    codes = set(re.findall(r"\x1b\[[0-9;?]*([A-Za-z])", stream.getvalue()))
    assert codes == {"m"}
    assert "\r" not in stream.getvalue()


class Terminal(io.StringIO):
    """A stream that acts as a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def test_a_terminal_shows_which_stage_is_under_way_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    scenario = samples.failed().scenario
    report = TerminalReport(console_for(stream := Terminal()))

    def line_after(stage: str) -> str:
        report.stage(stage)
        report._progress.refresh()
        return stream.getvalue().rpartition("\r")[2]

    assert "starting the engine" in line_after("start")
    report.started([scenario], "moto")
    report.scenario_started(scenario)
    assert "deploying" in line_after("deploy")
    far = line_after("run: 1,204 AWS calls, 26 Nov 10:00:00 on the clock, and much more of it")
    assert "running: 1,204 AWS calls" in far
    assert "starting" not in far
    assert "\n" not in far
    report.stop()


def test_the_advice_of_the_runtime_is_no_log_of_the_function() -> None:
    advice = '{"level": "WARNING", "message": "LAMBDA_WARNING: Unhandled exception. The most likely ...\\r"}'
    result = samples.failed()
    assert result.observation is not None
    invocation = samples.failed_invocation("8f2e", f"{advice}\nmine\rand more\n", at_s=13)
    text = failure_text(replace(result, observation=replace(result.observation, invocations=(invocation,))))
    assert "LAMBDA_WARNING" not in text
    assert "    | mine\n    | and more" in text


def test_an_error_while_importing_has_its_trace_once() -> None:
    trace = (
        '  File "/usr/lib/python3.11/importlib/__init__.py", line 126, in import_module\n    return _x()\n',
        '  File "<frozen importlib._bootstrap>", line 690, in _load_unlocked\n',
        '  File "src/app.py", line 1, in <module>\n    import part\n',
    )
    log = f"mine\n[ERROR] NameError: no\n{'Traceback (most recent call last):'}\n{''.join(trace)}after\n"
    result = samples.failed()
    assert result.observation is not None
    failed = samples.failed_invocation("8f2e", log, at_s=13)
    failed = replace(failed, error=FunctionError("NameError", "no", trace))
    text = failure_text(replace(result, observation=replace(result.observation, invocations=(failed,))))
    shown_trace = "last):\n      src/app.py:1: in <module>\n        import part\n    NameError: no\n"
    assert f"    Traceback (most recent call {shown_trace}" in text
    assert text.count("import part") == 1
    assert "\n    | mine\n    | after" in text
    assert "importlib" not in text
