"""The command line in this process: exit codes, and output on stdout and stderr."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import minimal_project
import pytest
from minimal_project import OWN, TEMPLATE, scenario

from harness.cli import main
from harness.engine import isolation
from harness.engine.base import Availability, EngineError
from harness.engine.moto.engine import MotoEngine
from harness.exit_codes import BUG, FAILED, NO_ENGINE, PASSED, WRONG
from harness.functions.shared.seccomp import unavailable
from harness.settings import SettingsError
from harness.settings_reading import load_settings
from harness.sweep.network import refuse_network

pytestmark = pytest.mark.usefixtures("kept_engines")

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a machine that succeeds immediately and one scenario."""
    monkeypatch.chdir(tmp_path)
    return minimal_project.project(tmp_path, a=scenario("Nothing is there"))


def _bring(project: Path, expectations: str) -> None:
    with (project / "pyproject.toml").open("a") as settings:
        settings.write('expectations = "expectations.py"\n')
    (project / "expectations.py").write_text(expectations)


def test_all_as_expected_is_0_and_files_are_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--json", "r.json", "--junit", "r.xml"]) == PASSED
    assert "1 passed" in capsys.readouterr().out
    assert json.loads((project / "r.json").read_text())["results"][0]["outcome"] == "passed"
    assert ET.parse(project / "r.xml").getroot().find(".//testcase") is not None


def test_the_iam_report_follows_the_results(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--iam-report", "--json", "r.json"]) == PASSED
    last = "all 1 permission of 1 role in template.yaml were used by 1 scenario"
    assert capsys.readouterr().out.splitlines()[-1] == last
    (found,) = json.loads((project / "r.json").read_text())["iam_report"]
    assert (found["template"], found["unused"]) == ("template.yaml", [])


def test_a_mismatch_is_1_and_explained(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "scenarios" / "b.yaml").write_text(scenario("Nothing is there", "FAILED"))
    assert main(["run"]) == FAILED
    out = capsys.readouterr().out
    assert "scenarios/b.yaml:3: execution: expected FAILED, seen SUCCEEDED" in out
    assert "1 passed, 1 failed" in out


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize("command", ["run", "validate", "list"])
def test_wrong_files_are_2_with_every_problem_and_nothing_starts(
    project: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (project / "scenarios" / "b.yaml").write_text("titel: x\nexpect: {execution: {status: DONE}}\n")
    assert main([command]) == WRONG
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("scenarios/b.yaml:1:1: unknown key 'titel'; did you mean 'title'?")
    assert any(line.startswith("scenarios/b.yaml:2:") and "DONE" in line for line in lines)


@pytest.mark.usefixtures("project", "nothing_starts")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nowhere.yaml"], "nowhere.yaml"),
        (["run", "--engine", "nosuch"], "unknown engine 'nosuch'; known: moto"),
        (
            ["run", "other.yaml"],
            "other.yaml:1:1: not a scenario, because it has no `title` and no `expect` at the",
        ),
        (["config", "nowhere"], "nowhere: file or folder not found; correct the path"),
        (["sweep", "several"], "several has 2 scenarios; name one of them, for example several/a.yaml"),
        (["up", "several"], "several has 2 scenarios; name one of them, for example several/a.yaml"),
    ],
)
def test_wrong_arguments_are_2(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    Path("other.yaml").write_text("services: {}\n")
    several = Path("several")
    several.mkdir()
    for name in ("a.yaml", "b.yaml"):
        (several / name).write_text("title: t\nexpect: {execution: {status: SUCCEEDED}}\n")
    assert main(arguments) == WRONG
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--json", "."], "--json: . is a folder; name a file"),
        (["run", "--junit", "pyproject.toml/x.xml"], "pyproject.toml is not a folder"),
        (["sweep", "a.yaml", "-n", "0"], "-n: invalid number '0': must be a whole number, 1 or more"),
        (
            ["sweep", "a.yaml", "--pairs", "0"],
            "--pairs: invalid number '0': must be a whole number, 1 or more",
        ),
    ],
)
@pytest.mark.usefixtures("project", "nothing_starts")
def test_values_of_options_that_cannot_be_are_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == WRONG
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("nothing_starts")
def test_a_missing_template_is_2(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "template.yaml").unlink()
    assert main(["run"]) == WRONG
    assert "template.yaml: No such file" in capsys.readouterr().err


def test_a_template_that_cannot_be_deployed_names_the_resource(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "template.yaml").write_text(TEMPLATE.replace('"Succeed"', '"Sucseed"'))
    with (project / "pyproject.toml").open("a") as settings:
        settings.write('stack_name = "shop"\n')
    assert main(["run"]) == FAILED
    said = capsys.readouterr().out
    assert "deployment of stack shop ended with CREATE_FAILED" in said
    assert re.search(r"template\.yaml:\d+: Machine \(AWS::StepFunctions::StateMachine\): ", said)


def test_own_expectations_are_checked_explained_and_in_the_schema(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _bring(project, OWN)
    (project / "scenarios" / "a.yaml").write_text("title: t\nexpect:\n  states: {min: 2}\n")
    assert main(["run", "--json", "r.json"]) == FAILED
    assert "scenarios/a.yaml:3: states: expected at least 2, seen 1" in capsys.readouterr().out
    (result,) = json.loads((project / "r.json").read_text())["results"]
    assert [(m["expectation"], m["line"]) for m in result["mismatches"]] == [("states", 3)]
    assert main(["schema"]) == PASSED
    expect = json.loads(capsys.readouterr().out)["$defs"]["Expect"]["properties"]
    assert expect["states"] == {"$ref": "#/$defs/Count", "description": "How many states were entered."}


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize("command", ["run", "validate", "list", "schema"])
def test_a_wrong_file_of_expectations_is_2_with_its_place(
    project: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    _bring(project, OWN.replace('key="states"', 'key="path"'))
    assert main([command]) == WRONG
    place = f"{project / 'expectations.py'}:{OWN.count(chr(10)) - 1}"
    assert capsys.readouterr().err.startswith(f"{place}: the key 'path' is built in; choose another one")


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize("command", ["run", "up", "sweep", "compare"])
def test_a_machine_that_the_template_does_not_declare_is_2_with_its_place(
    project: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (project / "scenarios" / "a.yaml").write_text(
        "title: t\nrun: {state_machine: Machin}\nexpect: {path: []}\n"
    )
    more = ["--engines", "moto,ministack"] if command == "compare" else []
    assert main([command, "scenarios/a.yaml", *more]) == WRONG
    assert capsys.readouterr().err == (
        "scenarios/a.yaml:2:22: the template declares no state machine 'Machin'; "
        "did you mean 'Machine'? declared: Machine\n"
        "for more: harness explain state-machine-choice\n"
    )


@pytest.mark.usefixtures("project")
def test_an_engine_that_cannot_run_is_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: MotoEngine) -> None:
        raise EngineError("no room; make some")

    monkeypatch.setattr(MotoEngine, "start", fail)
    assert main(["run"]) == NO_ENGINE
    assert "no room; make some" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_a_bug_is_4_and_the_only_one_with_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("harness.cli.commands.discover", lambda paths: 1 / 0)
    assert main(["validate"]) == BUG
    err = capsys.readouterr().err
    assert "ZeroDivisionError" in err
    assert "bug in the harness" in err


def test_schema_prints_the_file_that_editors_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["schema"]) == PASSED
    assert capsys.readouterr().out == (ROOT / "scenarios" / "schema.json").read_text(encoding="utf-8")


@pytest.mark.usefixtures("nothing_starts")
def test_engines_tells_what_works_and_starts_nothing_but_the_trial_of_isolation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(isolation, "state", lambda: Availability(False, "not tried"))
    assert main(["engines"]) == PASSED
    said = capsys.readouterr().out
    assert "moto" in said
    assert ("guard                usable" in said) == (unavailable() == "")


@pytest.mark.usefixtures("nothing_starts")
def test_a_sweep_does_not_send_requests_to_the_world_unasked(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write('network = ["hooks.slack.com:443"]\n')
    assert main(["sweep", "scenarios/a.yaml"]) == WRONG
    said = capsys.readouterr().err
    assert said.startswith('network = ["hooks.slack.com:443"] lets functions connect to the network')
    assert "--allow-network" in said
    with pytest.raises(SettingsError, match="hundreds of times"):
        refuse_network(load_settings(project, {}), allowed=False)
    refuse_network(load_settings(project, {}), allowed=True)


@pytest.mark.usefixtures("project", "nothing_starts")
def test_list_shows_titles(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == PASSED
    assert "scenarios/a.yaml  Nothing is there" in capsys.readouterr().out


@pytest.mark.usefixtures("nothing_starts")
def test_other_yaml_in_the_folder_is_left_alone_and_said(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "scenarios" / "compose.yaml").write_text("services: {}\n")
    assert main(["list"]) == PASSED
    said = capsys.readouterr()
    assert said.out == "scenarios/a.yaml  Nothing is there\n"
    reason = "not a scenario, because it has no `title` and no `expect` at the top level"
    assert said.err == f"scenarios/compose.yaml is ignored: {reason}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rn"], "unknown command 'rn'; did you mean 'run'? commands: init, run, watch, validate"),
        (["sweep", "a.yaml", "--seed", "3"], "--seed selects the pairs for --pairs N; add --pairs"),
        (
            ["sweep", "a.yaml", "--kind", "cuts"],
            "unknown fault kind 'cuts'; did you mean 'cut'? known: error",
        ),
        (["compare", "--engines", "moto"], "--engines moto: name two or more different engines"),
        (["compare", "--engines", "moto,moto"], "--engines moto,moto: name two or more different engines"),
        (["run", "--json", "-", "--junit", "-"], "--json and --junit cannot both be written to stdout (-)"),
    ],
)
@pytest.mark.usefixtures("project", "nothing_starts")
def test_commands_and_options_that_say_nothing_are_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == WRONG
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize("command", ["run", "validate", "list"])
def test_a_folder_without_a_project_is_told_how_to_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([command]) == WRONG
    said = capsys.readouterr().err
    assert said.startswith(f"{tmp_path}: no project found: no pyproject.toml with a [tool.harness] ")
    first = said[said.index("title:") :].splitlines()[:3]
    text = "\n".join(line.strip() for line in first)
    scenario_file = tmp_path / "scenarios" / "first.yaml"
    scenario_file.parent.mkdir()
    scenario_file.write_text(text)
    (tmp_path / "template.yaml").write_text(minimal_project.TEMPLATE)
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\ntemplate = "template.yaml"\n')
    assert main(["validate"]) == PASSED  # the suggested text is a valid scenario


@pytest.mark.usefixtures("nothing_starts")
def test_engines_that_are_not_there_are_told_before_anything_is_played(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "--engines", "moto,endpoint"]) == NO_ENGINE
    said = capsys.readouterr()
    assert said.out == ""
    assert "endpoint: no URL is set; set it with --endpoint-url" in said.err
    assert "nothing was run" in said.err


def test_json_and_junit_may_go_to_stdout(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--json", "-"]) == PASSED
    said = capsys.readouterr()
    assert json.loads(said.out)["summary"]["passed"] == 1
    assert "1 passed" in said.err
    assert not (project / "-").exists()


@pytest.mark.usefixtures("project")
def test_a_report_to_a_full_disk_is_2_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--json", "/dev/full", "--junit", "new/r.xml"]) == WRONG
    said = capsys.readouterr()
    assert "1 passed" in said.out
    assert said.err.startswith("/dev/full: cannot be written (No space left on device): free some space")
    assert Path("new/r.xml").is_file()


def test_nothing_but_skipped_scenarios_is_3_unless_that_is_allowed(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(MotoEngine, "capabilities", frozenset())
    (project / "scenarios" / "a.yaml").write_text(scenario(more="run: {clock: virtual}\n"))
    assert main(["run"]) == NO_ENGINE
    assert "nothing was tested: moto" in capsys.readouterr().err
    assert main(["run", "--allow-skipped"]) == PASSED
    (project / "scenarios" / "b.yaml").write_text(scenario("Another"))
    assert main(["run"]) == PASSED


@pytest.mark.parametrize("command", ["run", "validate", "config"])
def test_a_pyproject_that_cannot_be_looked_at_is_2(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    opened = os.open

    def refused(path: Any, *arguments: Any, **more: Any) -> int:
        if Path(path).name == "pyproject.toml":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **more)

    monkeypatch.setattr(os, "open", refused)
    assert main([command]) == WRONG
    assert "pyproject.toml: cannot be read (Permission denied)" in capsys.readouterr().err
