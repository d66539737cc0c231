"""The GitHub action and the pre-commit hooks use existing commands and options."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from gate_project import repository
from minimal_project import scenario
from ruamel.yaml import YAML

from harness.cli.arguments import parse

ROOT = Path(__file__).parents[1]
ACTION = YAML(typ="safe").load(ROOT / "action.yml")
HOOKS = {hook["id"]: hook for hook in YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")}
BAD = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}'
STEP = ACTION["runs"]["steps"][-1]


@pytest.fixture
def runner(tmp_path):
    """A project, and what a runner of GitHub Actions gives the step of the gate."""
    folder = tmp_path / "project"
    folder.mkdir()
    repository(folder)
    beside = Path(sys.executable).parent
    return {
        **os.environ,
        "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "RUNNER_TEMP": str(tmp_path),
        "GATE_BASE": "",
        "GATE_BUDGET": ACTION["inputs"]["budget"]["default"],
        "GATE_PATHS": "",
    }


def run_step(runner, **more):
    folder = Path(runner["RUNNER_TEMP"]) / "project"
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEP["run"]]
    return subprocess.run(
        command, cwd=folder, env={**runner, **more}, capture_output=True, text=True, check=False
    )


def test_the_action_is_composite_and_each_step_has_a_shell():
    assert ACTION["runs"]["using"] == "composite"
    assert all(step["shell"] == "bash" for step in ACTION["runs"]["steps"])
    for name in re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text()):
        assert name in ACTION["inputs"]
    for output in ACTION["outputs"].values():
        assert re.fullmatch(r"\$\{\{ steps\.gate\.outputs\.\w+ \}\}", output["value"])


def test_texts_of_others_come_to_the_script_as_variables_only():
    assert not any("${{" in step["run"] for step in ACTION["runs"]["steps"])


@pytest.mark.parametrize("base", ["0" * 40, "HEAD~1"])
def test_the_step_of_the_action_runs_the_gate(runner, base):
    folder = Path(runner["RUNNER_TEMP"]) / "project" / "scenarios"
    (folder / "it fails.yaml").write_text(scenario(status="FAILED"))
    done = run_step(runner, GATE_BASE=base, GATE_PATHS="scenarios/first.yaml\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert ("against HEAD~1" in done.stdout) == (base == "HEAD~1")
    assert Path(runner["GITHUB_STEP_SUMMARY"]).read_text().startswith("## harness gate: PASSED")
    outputs = dict(line.split("=", 1) for line in Path(runner["GITHUB_OUTPUT"]).read_text().splitlines())
    assert outputs.keys() == ACTION["outputs"].keys()
    assert all(Path(path).stat().st_size for path in outputs.values())


def test_the_step_fails_with_the_gate_and_takes_paths_without_a_base(runner):
    folder = Path(runner["RUNNER_TEMP"]) / "project" / "scenarios"
    (folder / "it fails.yaml").write_text(scenario(status="FAILED"))
    done = run_step(runner, GATE_PATHS="scenarios/first.yaml\nscenarios/it fails.yaml\n")
    assert done.returncode == 1
    assert "::error file=scenarios/it fails.yaml,line=3," in done.stdout


@pytest.mark.parametrize("name", HOOKS)
def test_each_hook_names_a_command_that_there_is(name):
    hook = HOOKS[name]
    command, *arguments = shlex.split(hook["entry"])
    assert command == "harness"
    parse([*arguments, *([] if hook.get("pass_filenames") is False else ["file"])])
    assert hook["language"] == "python"


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("flow.asl.json", True),
        ("machines/flow.asl.yaml", True),
        ("template.yaml", True),
        ("lambdas/template.yml", True),
        ("cdk.out/App.template.json", True),
        ("my-template.yaml", False),
        ("scenarios/first.yaml", False),
        ("asl.json", False),
    ],
)
def test_the_hook_of_lint_gets_definitions_and_templates(path, fits):
    assert bool(re.search(HOOKS["harness-lint"]["files"], path)) is fits


def play(hook, folder, *files):
    names = [] if hook.get("pass_filenames") is False else files
    command = [sys.executable, "-P", "-m", *shlex.split(hook["entry"]), *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_hook_of_lint_plays_on_files(tmp_path):
    (tmp_path / "good.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}')
    assert play(HOOKS["harness-lint"], tmp_path, "good.asl.json")[0] == 0
    (tmp_path / "bad.asl.json").write_text(BAD)
    code, said = play(HOOKS["harness-lint"], tmp_path, "good.asl.json", "bad.asl.json")
    assert code == 1
    assert "bad.asl.json:1:51: error: MISSING_TRANSITION_TARGET" in said


def test_the_hook_of_validate_plays_on_the_project(tmp_path):
    repository(tmp_path)
    assert play(HOOKS["harness-validate"], tmp_path, "template.yaml")[0] == 0
    (tmp_path / "scenarios" / "first.yaml").write_text("title: x\nexpcet: {}\n")
    code, said = play(HOOKS["harness-validate"], tmp_path, "template.yaml")
    assert code == 2
    assert said.startswith("scenarios/first.yaml:2:1: unknown key 'expcet'; did you mean 'expect'?")


WORKFLOWS = {
    path.name: YAML(typ="safe").load(path) for path in (ROOT / ".github" / "workflows").glob("*.yml")
}
STEPS = [step for flow in WORKFLOWS.values() for job in flow["jobs"].values() for step in job["steps"]]


def test_the_workflows_run_what_is_here_on_the_pythons_that_are_supported():
    commands = [step["run"] for step in STEPS if "run" in step]
    scripts = [word for command in commands for word in command.split() if word.startswith(".ci/")]
    assert set(scripts) == {".ci/run", ".ci/package"}
    assert all(os.access(ROOT / script, os.X_OK) for script in scripts)
    (pythons,) = {
        step["with"]["python-version"]
        for step in WORKFLOWS["tests.yml"]["jobs"]["linux"]["steps"]
        if "with" in step and "python-version" in step["with"]
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    supported = [
        classifier.rpartition(" ")[2]
        for classifier in project["classifiers"]
        if re.search(r"Python :: 3\.\d+$", classifier)
    ]
    assert pythons.split() == supported


def test_the_workflows_may_write_nothing_and_what_was_not_run_says_so():
    assert all(flow["permissions"] == {"contents": "read"} for flow in WORKFLOWS.values())
    jobs = WORKFLOWS["tests.yml"]["jobs"]
    assert [name for name, job in jobs.items() if job.get("continue-on-error")] == ["macos"]
    assert "not yet run" in jobs["macos"]["name"]
    assert not any("${{" in step.get("run", "") for step in STEPS)


def test_hooks_of_this_repository_run_what_tox_runs():
    config = YAML(typ="safe").load(ROOT / ".pre-commit-config.yaml")
    entries = {
        hook["entry"].removeprefix("env PYTHONPATH=lambdas/src ") for hook in config["repos"][0]["hooks"]
    }
    ini = configparser.ConfigParser()
    ini.read(ROOT / "tox.ini")
    lines = (ini["testenv:lint"]["commands"] + "\n" + ini["testenv:type"]["commands"]).splitlines()
    assert entries == {line.strip().removesuffix(" .") for line in lines if line.strip()}


def test_forms_of_issues_ask_for_texts_by_ids_of_their_own():
    for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"):
        form = YAML(typ="safe").load(path)
        assert form["name"]
        assert form["description"]
        ids = [field["id"] for field in form["body"]]
        assert len(set(ids)) == len(ids)
