"""Unexpected exceptions: each ends one scenario with an error; the other scenarios still run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from broken_child import broken_engine
from minimal_project import PUBLISHES, PYPROJECT, write

import harness.session
from harness.cli import commands, main
from harness.engine.base import Engine
from harness.exit_codes import BUG, FAILED, NO_ENGINE, WRONG
from harness.report.json_report import JsonReport
from harness.report.terminal import TerminalReport
from harness.settings import Settings

pytestmark = pytest.mark.thorough  # starts many processes; one run on one Python is enough

SCENARIO = "title: {0}\nrun: {{state_machine: Publish, input: {0}}}\nexpect: {{execution: {{status: {1}}}}}\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Run scenarios that send these messages. Return the exit code, and the results by title."""
    template = PUBLISHES.replace('"Message": "hello"', '"Message.$": "$"')
    write(tmp_path, {"pyproject.toml": PYPROJECT, "template.yaml": template})
    monkeypatch.chdir(tmp_path)

    def engine_of(_: Settings, _port: int = 0) -> Engine:
        engine = broken_engine()
        engine.launch()
        return engine

    monkeypatch.setattr(commands, "engine_of", engine_of)

    def run(*messages: str, command: str = "run") -> tuple[int, dict[str, Any]]:
        for number, message in enumerate(messages):
            status = "FAILED" if message in ("raise", "unknown", "simulation") else "SUCCEEDED"
            path = tmp_path / f"scenarios/{number}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(SCENARIO.format(message, status))
        code = main([command, "--json", "results.json"])
        results = json.loads((tmp_path / "results.json").read_text())["results"]
        return code, {result["title"]: result for result in results}

    return run


def outcomes(results: dict[str, Any]) -> list[str]:
    return [result["outcome"] for result in results.values()]


def test_an_exception_in_a_service_is_shown_with_its_call(run: Callable[..., tuple[int, Any]]) -> None:
    code, results = run("first", "raise", "last")
    assert (code, outcomes(results)) == (BUG, ["passed", "error", "passed"])
    reason = results["raise"]["reason"]
    assert "the engine raised an exception for sns:Publish: KeyError: 'no such thing' (" in reason
    assert "Traceback (most recent call last)" in reason
    assert "This is a bug in the harness. Report it with all of this" in reason
    assert "stepfunctions-harness 0.1.0, engine moto" in reason
    assert "harness run scenarios/1.yaml --engine moto" in reason
    (run_,) = results["raise"]["observation"]["runs"]
    assert run_["execution"]["error"] == "SNS.AmazonSNSException"
    assert "sns:Publish: KeyError: 'no such thing'" in run_["execution"]["cause"]


def test_an_exception_in_the_simulation_ends_one_scenario(run: Callable[..., tuple[int, Any]]) -> None:
    code, results = run("first", "simulation", "last")
    assert (code, outcomes(results)) == (BUG, ["passed", "error", "passed"])
    assert "ZeroDivisionError: in the scheduler" in results["simulation"]["reason"]


def test_what_the_engine_does_not_have_is_named(run: Callable[..., tuple[int, Any]]) -> None:
    code, results = run("unknown", "last")
    assert (code, outcomes(results)) == (NO_ENGINE, ["error", "passed"])
    assert results["unknown"]["reason"].startswith("moto does not serve sns:Publish, so the result on AWS is")


def test_an_engine_that_dies_ends_one_scenario(
    run: Callable[..., tuple[int, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    code, results = run("first", "die", "last")
    assert (code, outcomes(results)) == (NO_ENGINE, ["passed", "error", "passed"])
    assert results["die"]["reason"].startswith("the engine broke down: moto ended with signal 9")
    assert "scenarios/1.yaml" in capsys.readouterr().out


def test_a_bug_counts_more_than_a_dead_engine_and_a_mismatch(run: Callable[..., tuple[int, Any]]) -> None:
    code, results = run("die", "raise")
    assert (code, outcomes(results)) == (BUG, ["error", "error"])


@pytest.mark.parametrize("stage", ["observe", "deploy_all"])
def test_an_exception_in_a_stage_ends_one_scenario(
    run: Callable[..., tuple[int, Any]], monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    works, calls = getattr(harness.session, stage), []

    def breaks(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise LookupError(f"odd {stage}")
        return works(*args, **kwargs)

    monkeypatch.setattr(harness.session, stage, breaks)
    code, results = run("first", "second", "third")
    assert (code, outcomes(results)) == (BUG, ["passed", "error", "passed"])
    assert f"LookupError: odd {stage}\nTraceback (most recent call last)" in results["second"]["reason"]


def test_a_reporter_that_fails_leaves_the_others(
    run: Callable[..., tuple[int, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def finished(_: TerminalReport) -> None:
        raise ValueError("no such colour")

    monkeypatch.setattr(TerminalReport, "finished", finished)
    code, results = run("first")
    assert (code, outcomes(results)) == (BUG, ["passed"])
    assert "ValueError: no such colour" in capsys.readouterr().err


def test_a_full_disk_is_said_in_a_sentence(
    run: Callable[..., tuple[int, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    run("first")

    def finished(_: JsonReport) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(JsonReport, "finished", finished)
    assert run("first")[0] == WRONG
    assert capsys.readouterr().err == "results.json cannot be written: No space left on device\n"


def test_a_sweep_and_a_comparison_end_with_the_code_of_a_bug(
    run: Callable[..., tuple[int, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("first")
    works, calls = harness.session.observe, []

    def breaks(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise LookupError("odd")
        return works(*args, **kwargs)

    monkeypatch.setattr(harness.session, "observe", breaks)
    assert main(["sweep", "scenarios/0.yaml", "-n", "1"]) == BUG
    assert len(calls) > 2
    calls[:] = [1]
    assert main(["sweep", "scenarios/0.yaml", "-n", "1"]) == BUG
    assert FAILED < NO_ENGINE < BUG
