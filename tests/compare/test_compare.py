"""Properties that must be the same on every engine, and messages for differences."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.cli import compare as command
from harness.compare import run
from harness.compare.differences import differences
from harness.compare.known import Known, read_known
from harness.compare.normalized import NormalizedResult, collapsed, normalized, straight
from harness.compare.run import compared
from harness.compare.show import show_notes, show_reasons, show_summary, show_table, show_unknown, write_json
from harness.expect.project import expectations_of
from harness.notes import Note
from harness.observe.access import Access
from harness.observe.model import Observation
from harness.report.model import Result
from harness.scenario.load import load
from harness.settings import SettingsError
from harness.settings_reading import load_settings
from harness.testing import ACCOUNT_ID, a_history, a_message, an_execution, observed

ROOT = Path(__file__).parents[2]
(TWO_BUCKETS,) = load([ROOT / "scenarios" / "two-buckets.yaml"], expectations_of(load_settings(ROOT, {})))
FLOW = ["Create", "Describe", "Choice"]
POLL = ["Wait", "Describe", "Choice"]


@pytest.mark.parametrize("polls", [1, 2, 7])
def test_how_often_one_polls_does_not_matter(polls: int) -> None:
    assert collapsed([*FLOW, *POLL * polls, "Delete"]) == collapsed([*FLOW, *POLL, "Delete"])


@pytest.mark.parametrize("polls", [0, 1, 7])
def test_whether_one_polls_does_not_matter(polls: int) -> None:
    assert straight([*FLOW, *POLL * polls, "Delete"]) == (*FLOW, "Delete")


def test_another_way_stays_another_way() -> None:
    assert collapsed([*FLOW, "Delete"]) != collapsed([*FLOW, "Error", "Failed"])
    assert straight([*FLOW, "Delete"]) != straight([*FLOW, "Error", "Failed"])
    assert collapsed([]) == ()


def result(rows: tuple[str, ...], verdict: str = "passed") -> NormalizedResult:
    return NormalizedResult(verdict, parts={"rows": rows, "path": ("A B",)})


def test_what_only_one_side_has_is_told() -> None:
    (difference,) = differences("x.yaml", {"moto": result(("a", "b", "b")), "other": result(("b", "c"))}, [])
    assert (difference.part, difference.first, difference.engine) == ("rows", "moto", "other")
    assert difference.only_first == ("a", "b")
    assert difference.only_here == ("c",)


def test_an_engine_that_cannot_run_a_scenario_is_not_compared() -> None:
    assert differences("x.yaml", {"moto": result(("a",)), "other": NormalizedResult("skipped")}, []) == ()


def test_a_verdict_that_differs_is_a_difference() -> None:
    (difference,) = differences("x.yaml", {"moto": result(("a",)), "other": NormalizedResult("error")}, [])
    assert difference.part == "verdict"


def test_a_known_difference_has_its_reason() -> None:
    known = [Known("oth*", "x*.yaml", "rows", "it sorts otherwise")]
    seen = {"moto": result(("a",)), "other": result(("b",))}
    assert differences("x1.yaml", seen, known)[0].reasons == ("it sorts otherwise",)
    assert differences("y.yaml", seen, known)[0].reasons == ()


def test_a_difference_is_known_when_each_of_its_lines_is() -> None:
    known = [Known("*", "*", "rows", "no a", lines="a+"), Known("*", "*", "rows", "no b", lines="b")]
    seen = {"moto": result(("aa", "b")), "other": result(())}
    assert differences("x.yaml", seen, known)[0].reasons == ("no a", "no b")
    assert differences("x.yaml", seen, known[:1])[0].reasons == ()


def test_another_order_is_a_difference_too() -> None:
    seen = {"moto": result(("a", "b")), "other": result(("b", "a"))}
    (difference,) = differences("x.yaml", seen, [])
    assert (difference.only_first, difference.only_here, difference.reasons) == ((), (), ())
    assert differences("x.yaml", seen, [Known("*", "*", "rows", "sorts")])[0].reasons == ("sorts",)


def test_an_execution_that_one_engine_does_not_tell_of_is_one_line() -> None:
    both = {"executions": ("usage/run-1: SUCCEEDED",), "history of usage/run-1": ("A PassStateEntered",)}
    more = {
        "executions": (*both["executions"], "report/run-1: SUCCEEDED"),
        "history of report/run-1": ("B PassStateEntered",),
    }
    seen = {
        "moto": NormalizedResult("passed", parts=both | more),
        "other": NormalizedResult("passed", parts=both),
    }
    (difference,) = differences("x.yaml", seen, [])
    assert (difference.part, difference.only_first) == ("executions", ("report/run-1: SUCCEEDED",))


def polled(polls: int) -> Observation:
    """The observation of an execution that polls N times."""
    history = a_history().event("ExecutionStarted")
    for state in [*FLOW, *POLL * polls, "Delete"]:
        history.enters(state).calls("sns:publish")
    rows = {"T": [{"n": 20 * 10**12, "of": f"arn:{ACCOUNT_ID}:x"}]}
    return observed(an_execution(history=history, machine="machine"), tables=rows)


def played(observation: Observation) -> NormalizedResult:
    return normalized(
        Result(TWO_BUCKETS, "moto", "passed", 1.0, (), observation, reason="", reproduce="", timings_s={})
    )


def test_a_normalized_result_is_the_same_however_often_one_polls() -> None:
    never, once, often = (played(polled(polls)).parts for polls in (0, 1, 5))
    assert once == often
    assert never.keys() ^ once.keys() == {"loops of machine/run-1"}
    assert never == {part: lines for part, lines in once.items() if part in never}
    assert "Choice TaskScheduled x 1" in never["history of machine/run-1"]
    assert "Wait TaskScheduled x 1" in once["loops of machine/run-1"]


def test_a_normalized_result_does_not_tell_whose_account_it_was() -> None:
    mine, other = polled(1), "000000000000"
    theirs = replace(mine, account_id=other, tables={"T": ({"n": 20 * 10**12, "of": f"arn:{other}:x"},)})
    assert played(mine).parts == played(theirs).parts


def test_attributes_that_differ_from_run_to_run_are_left_out() -> None:
    seen = observed(an_execution(), tables={"T": [{"n": 1, "expires_at": 5}]})
    result = Result(TWO_BUCKETS, "moto", "passed", 1.0, (), seen)
    assert normalized(result).parts["rows"] == ('T: {"expires_at": 5, "n": 1}',)
    assert normalized(result, ["expires_at"]).parts["rows"] == ('T: {"n": 1}',)


def test_a_reason_for_histories_is_one_for_each_of_them() -> None:
    known = Known("*", "*", "history", "why", lines="A .*")
    assert known.explains("other", "x.yaml", "history of usage/run-1", "A PassStateEntered")
    assert not known.explains("other", "x.yaml", "history of usage/run-1", "B PassStateEntered")
    assert not known.explains("other", "x.yaml", "executions", "A PassStateEntered")


def test_the_file_of_known_differences_is_read(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_text('[[difference]]\nengine = "e"\nscenario = "*"\npart = "rows"\nreason = "because"\n')
    assert read_known(path) == (Known("e", "*", "rows", "because"),)
    assert read_known(tmp_path / "none.toml") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[difference]]\nengine = "e"\n',
            "difference 1: has engine; requires engine, part, reason, scenario",
        ),
        (
            '[[difference]]\nengine="e"\nscenario="*"\npart="row"\nreason="r"\n',
            "unknown part 'row'; known: verdict",
        ),
        ('[[difference]]\nengine="e"\nscenario="*"\npart="rows"\nreason=" "\n', "the reason is empty"),
        (
            '[[difference]]\nengine="e"\nscenario="*"\npart="rows"\nreason="r"\nlines="("\n',
            "lines is not a regular expression",
        ),
        ("[[difference\n", "invalid TOML"),
    ],
)
def test_a_wrong_entry_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "known.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        read_known(path)


def test_the_table_and_the_json_tell_the_same(tmp_path: Path) -> None:
    seen = {
        "scenarios/x.yaml": {"moto": result(("a",)), "other": result(("b",))},
        "scenarios/y.yaml": {"moto": result(("a",)), "other": NormalizedResult("skipped", "it cannot")},
    }
    x, y = (differences(name, seen[f"scenarios/{name}"], []) for name in ("x.yaml", "y.yaml"))
    found = (*x, *y, replace(x[0], part="messages", once=True))
    stream = io.StringIO()
    console = Console(file=stream, width=80)
    show_table(console, seen, found)
    show_reasons(console, seen, found)
    show_unknown(console, found)
    show_summary(console, seen, found)
    assert [line.rstrip() for line in stream.getvalue().splitlines()] == [
        "scenario  moto    other",
        "x.yaml    passed  passed differs: rows differed once: messages",
        "y.yaml    passed  skipped",
        "",
        "skipped: it cannot: y.yaml",
        "",
        "x.yaml: messages: other differed from moto once, but not in a second run",
        "  only moto: a",
        "  only other: b",
        "",
        "x.yaml: rows: other differs from moto",
        "  only moto: a",
        "  only other: b",
        "",
        "2 scenarios on moto, other: 1 differ: x.yaml; 1 differed once: x.yaml",
    ]
    write_json(tmp_path / "o.json", seen, found)
    written = json.loads((tmp_path / "o.json").read_text())
    assert written["scenarios"]["scenarios/y.yaml"] == {"moto": "passed", "other": "skipped"}
    assert written["reasons"] == {"scenarios/y.yaml": {"other": "it cannot"}}
    assert [d["part"] for d in written["differences"]] == ["rows", "messages"]
    assert [d["once"] for d in written["differences"]] == [False, True]


@pytest.mark.parametrize(
    ("counts", "plays", "once"), [([3, 3], 1, []), ([4, 4], 2, [False]), ([4, 3], 2, [True])]
)
def test_an_unknown_difference_is_played_again(
    monkeypatch: pytest.MonkeyPatch, counts: list[int], plays: int, once: list[bool]
) -> None:
    """The second engine counts like this, run by run."""
    played: list[str] = []

    class FakeSession:
        def __init__(self, engine: Any) -> None:
            self.engine = engine

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def run(self, scenario: Any, _settings: Any) -> Result:
            count = 3 if self.engine == "moto" else counts[played.count("other")]
            return Result(scenario, self.engine, "passed", 1.0, (), observed(tables={"T": [{"n": count}]}))

    monkeypatch.setattr(run, "Session", FakeSession)
    engines: dict[str, Any] = {"moto": lambda: "moto", "other": lambda: "other"}
    settings = load_settings(ROOT, {})
    made = run.comparison(
        [TWO_BUCKETS], engines, lambda _: settings, lambda _: (), lambda name, _: played.append(name)
    )
    assert played == ["moto", *["other"] * plays]
    assert [each.once for each in made.found] == once
    assert len(run.unknown(made.found)) == once.count(False)


def test_scenarios_that_an_engine_skipped_are_not_compared() -> None:
    skipped, passed = NormalizedResult("skipped"), result(("a",))
    assert not compared({"x.yaml": {"moto": passed, "other": skipped}})
    assert not compared({"x.yaml": {"moto": skipped, "other": passed}})
    assert compared(
        {"x.yaml": {"moto": skipped, "other": passed}, "y.yaml": {"moto": passed, "other": passed}}
    )


@pytest.mark.parametrize(("allowed", "code"), [(False, 3), (True, 0)])
def test_nothing_compared_is_3_unless_that_is_allowed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], allowed: bool, code: int
) -> None:
    seen = {str(TWO_BUCKETS.path): dict.fromkeys(("moto", "other"), NormalizedResult("skipped", "cannot"))}
    monkeypatch.setattr(command, "comparison", lambda *_: run.Comparison(seen, ()))
    settings = load_settings(ROOT, {})
    assert command.compare_engines([TWO_BUCKETS], {}, lambda _: settings, None, allowed) == code
    assert ("nothing was compared" in capsys.readouterr().err) is not allowed


def test_a_comparison_that_is_stopped_names_what_was_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(scenarios: Any, _engines: Any, _settings: Any, _known: Any, on_result: Any) -> Any:
        on_result("moto", Result(scenarios[0], "moto", "passed", 1.0))
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "comparison", stopped)
    engines: dict[str, Any] = {"moto": None, "other": None}
    settings = load_settings(ROOT, {})
    with pytest.raises(KeyboardInterrupt):
        command.compare_engines([TWO_BUCKETS], engines, lambda _: settings, None, False)
    said = capsys.readouterr().err.splitlines()
    assert said == ["moto: two-buckets.yaml: passed", "other: 1 of 1 not run: two-buckets.yaml"]


def test_notes_are_shown_and_written_once(tmp_path: Path) -> None:
    note = Note("runtime", "template.yaml:3", "Works", "ran on 3.11")
    stream = io.StringIO()
    show_notes(Console(file=stream), [note])
    assert stream.getvalue() == "\nruntime\n  template.yaml:3: Works: ran on 3.11\n"
    assert write_json(tmp_path / "c.json", {}, [], [note]) == ""
    assert [each["subject"] for each in json.loads((tmp_path / "c.json").read_text())["notes"]] == ["Works"]
    assert write_json(Path("/dev/full"), {}, []).startswith("/dev/full: cannot be written (")


STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/usage/1a2b3c4d-0000-4000-8000-000000000000"


def test_made_up_names_and_times_of_messages_are_no_difference() -> None:
    body = "On {} from {} to 10:11:12, in Usage-T-{} by usage-{}-list: usage-1 and 2,502"
    seen = [
        observed(
            an_execution(machine=f"usage-{stack}-report-run-1"),
            messages=(a_message("m", body.format(day, time, suffix, stack)),),
            access=Access(
                names={f"Usage-T-{suffix}": "${T}"}, stacks={"usage": STACK_ID.replace("1a2b3c4d", stack)}
            ),
        )
        for day, time, suffix, stack in (
            ("2026-11-27", "07:08:09", "ABC", "1a2b3c4d"),
            ("2025-01-01T00:00:00.000Z", "00:00:00", "XYZ", "deadbeef"),
        )
    ]
    first, second = (played(each) for each in seen)
    assert first == second
    assert "On TIME from TIME to TIME, in ${T} by usage-STACK-ID-list: usage-1 and 2,502" in str(first)
    assert "usage-STACK-ID-report-run-1/run-1: SUCCEEDED" in first.parts["executions"]
