"""`--coverage`: output, files, rejected options and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import minimal_project
import pytest
from minimal_project import PUBLISHES, scenario, write

from harness.cli import main
from harness.exit_codes import FAILED, PASSED, WRONG

pytestmark = pytest.mark.usefixtures("kept_engines")

CHOOSES = PUBLISHES.replace(
    '\'{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}\'',
    """!Sub |
        {"StartAt": "Kind", "States": {
          "Kind": {"Type": "Choice", "Choices": [
            {"Variable": "$.kind", "StringEquals": "gift", "Next": "Wrap"}], "Default": "Done"},
          "Wrap": {"Type": "Pass", "Next": "Done"},
          "Done": {"Type": "Succeed"}}}""",
)
RUNS = "run: {{state_machine: Nothing, input: {}}}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two machines. Only one runs; it has a Choice state."""
    monkeypatch.chdir(tmp_path)
    text = scenario(more=RUNS.format("{kind: book}"))
    return write(minimal_project.project(tmp_path, a=text), {"template.yaml": CHOOSES})


def test_what_was_missed_is_shown_with_the_lines_that_reach_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--coverage"]) == PASSED
    shown = capsys.readouterr().out
    assert "template.yaml:25  Kind: rule 1 -> Wrap" in shown
    assert '      run: {input: {"kind": "gift"}}' in shown
    assert "Publish (template.yaml): 0 of " in shown
    assert "it never ran. no scenario starts this machine" in shown


def test_the_lines_reach_it_as_they_are_written(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = scenario(more=RUNS.format('{"kind": "gift"}'))
    write(project, {"scenarios/b.yaml": given})
    assert main(["run", "--coverage"]) == PASSED
    assert "Nothing (template.yaml): 6 of 6" in capsys.readouterr().out


def test_two_processes_record_the_same_as_one(project: Path) -> None:
    write(project, {"scenarios/b.yaml": scenario(more=RUNS.format("{kind: gift}"))})
    assert main(["run", "--coverage", "one.json", "--", "scenarios"]) == PASSED
    assert main(["run", "-n", "2", "--coverage", "two.json"]) == PASSED
    assert (project / "one.json").read_text() == (project / "two.json").read_text()


def test_scenarios_may_stand_behind_the_option(project: Path) -> None:
    assert main(["run", "--coverage", "c.info", "c.xml", "scenarios/a.yaml"]) == PASSED
    assert (project / "c.info").exists()
    assert (project / "c.xml").exists()


def test_less_than_what_is_asked_for_is_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--coverage-min", "1"]) == PASSED
    assert main(["run", "--coverage-min", "99.5"]) == FAILED
    assert "less than the required 99.5 %" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--coverage-min", "many"], "invalid number 'many': must be from 0 to 100"),
        (["run", "--coverage", "template.yaml/c.info"], "cannot be written"),
        (["sweep", "scenarios/a.yaml", "--coverage", "c.txt"], "c.txt is not a valid file for --coverage"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_starts(
    project: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == WRONG
    assert said in capsys.readouterr().err


def test_trials_of_a_sweep_count(project: Path) -> None:
    text = scenario(more="run: {state_machine: Publish}\n")
    write(project, {"scenarios/a.yaml": text, "template.yaml": _catching()})
    assert main(["run", "--coverage", "run.json"]) == PASSED
    sweep = ["sweep", "scenarios/a.yaml", "-n", "1", "--kind", "error", "--coverage", "sweep.json"]
    assert main(sweep) == PASSED
    assert "Send: Catch States.ALL" in _missed(project / "run.json") - _missed(project / "sweep.json")


def _catching() -> str:
    caught = '"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Off"}], "End": true}'
    return PUBLISHES.replace('"End": true}}}', f'{caught}, "Off": {{"Type": "Succeed"}}}}}}')


def _missed(file: Path) -> set[str]:
    machines = json.loads(file.read_text())["machines"]
    edges = [edge for machine in machines for edge in machine["edges"] if not edge["hits"]]
    return {f"{edge['state']}: {edge['label'].partition(' -> ')[0]}" for edge in edges}


ITEMS = """\
{"StartAt": "M", "States": {"M": {"Type": "Map", "ToleratedFailurePercentage": 60, "ItemProcessor": {
  "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
  "StartAt": "I", "States": {
    "I": {"Type": "Choice", "Choices": [{"Variable": "$.bad", "BooleanEquals": true, "Next": "F"}],
          "Default": "Good"},
    "F": {"Type": "Fail", "Error": "Bad"},
    "Good": {"Type": "Succeed"}}}, "End": true}}}
"""


def test_items_of_a_distributed_map_are_read_from_their_own_executions(project: Path) -> None:
    run = "stack: {definition: ../flow.asl.json}\nrun: {input: [{bad: true}, {bad: false}, {bad: false}]}\n"
    write(project, {"flow.asl.json": ITEMS, "scenarios/a.yaml": scenario(more=run)})
    write(project, {"pyproject.toml": "[tool.harness]\n"})
    assert main(["run", "--coverage", "c.json"]) == PASSED
    assert _missed(project / "c.json") == {"M: Map: none", "M: Map: one"}
