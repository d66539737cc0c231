"""`harness gate` as a command: verdicts, exit codes, reports, baselines, and input that is rejected
immediately.
"""

from __future__ import annotations

import json
import shutil

import pytest
from gate_project import ERROR, commit, finding, git, repository
from minimal_project import PUBLISHES, PYPROJECT, TEMPLATE, project, scenario

from harness.cli import main
from harness.gate.part import Part

pytestmark = pytest.mark.usefixtures("kept_engines")

FAILING = scenario(status="FAILED")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / ".gitignore").write_text("cache\n")
    return tmp_path


def gate(*arguments):
    return main(["gate", "-n", "1", *arguments])


def test_an_unchanged_commit_passes_and_the_sweep_is_part_of_it(folder, capsys):
    repository(folder)
    (folder / "template.yaml").write_text(PUBLISHES)
    (folder / "pyproject.toml").write_text(PYPROJECT + 'state_machine = "Publish"\n')
    commit(folder)
    (folder / "notes.txt").write_text("of no matter")
    commit(folder)
    assert gate("--base", "HEAD~1", "--json", "g.json", "--markdown", "g.md") == 0
    out = capsys.readouterr().out
    assert "PASSED  " in out
    document = json.loads((folder / "g.json").read_text())
    parts = {part["part"]: part["verdict"] for part in document["parts"]}
    assert set(parts.values()) == {"passed"}
    assert list(parts)[:3] == ["validate", "data loss", "access"]
    assert "sweep" in parts
    assert document["uncommitted"] == []
    assert "against HEAD~1" in document["about"]
    text = (folder / "g.md").read_text()
    assert "### Publish" in text
    assert '["Send"]' in text


def test_a_scenario_that_fails_is_a_finding_at_its_line_and_ends_with_1(folder, capsys):
    repository(folder, good=scenario(), bad=FAILING)
    assert gate("--sarif", "-", "--junit", "g.xml") == 1
    out, err = capsys.readouterr()
    (result,) = json.loads(out)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["level"]) == ("scenario-failed", "error")
    assert place["artifactLocation"]["uri"] == "scenarios/bad.yaml"
    assert place["region"]["startLine"] == 3
    assert "scenarios/bad.yaml:3:" in err
    assert "run it with: harness run scenarios/bad.yaml" in err
    assert "FAILED" in err.splitlines()[-1]
    assert "scenario-failed" in (folder / "g.xml").read_text()


def test_in_github_actions_findings_are_annotations_at_once(folder, capsys, monkeypatch):
    repository(folder, bad=FAILING)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert gate() == 1
    (line,) = (each for each in capsys.readouterr().out.splitlines() if each.startswith("::"))
    assert line.startswith("::error file=scenarios/bad.yaml,line=3,col=")


def test_an_invalid_scenario_leaves_the_other_parts_to_be_done_and_ends_with_2(folder, capsys):
    repository(folder, bad="title: x\nexpcet: {}\n")
    (folder / "template.yaml").write_text(TEMPLATE.replace('"Type": "Succeed"', '"Type": "Sucseed"'))
    assert gate() == 2
    out = capsys.readouterr().out
    assert "scenarios/bad.yaml:2:1: error: validate-scenario: unknown key 'expcet'" in out
    assert "template.yaml:11:7: error: lint-definition: SCHEMA_VALIDATION_FAILED" in out
    assert "scenarios: the scenarios are not valid" in out


def test_a_template_that_aws_refuses_is_found_once_and_nothing_is_played(folder, capsys):
    repository(folder)
    (folder / "template.yaml").write_text(TEMPLATE.replace("      RoleArn: !GetAtt Role.Arn\n", ""))
    for _ in range(2):  # found by cfn-lint, and already in the baseline
        assert gate() == 1
        out = capsys.readouterr().out
        assert (
            out.count("error: lint-template: E3003: 'RoleArn' is missing") == 2
        )  # when it is found, and at the end
        assert "scenarios: AWS rejects the template" in out


def test_a_definition_that_a_run_makes_is_checked(folder, capsys):
    template = PUBLISHES.replace(
        "arn:aws:states:::sns:publish", "arn:aws:states:::aws-sdk:sfn:createStateMachine"
    )
    made = r"{\"StartAt\": \"A\", \"States\": {}}"
    template = template.replace(
        '"TopicArn": "${Topic}", "Message": "hello"',
        f'"Name": "m", "RoleArn": "${{Role.Arn}}", "Definition": "{made}"',
    ).replace("sns:Publish", "states:CreateStateMachine")
    repository(folder, first=scenario(status="FAILED"))
    (folder / "template.yaml").write_text(template)
    (folder / "pyproject.toml").write_text(PYPROJECT + 'state_machine = "Publish"\n')
    assert gate() == 1
    assert "lint-made-definition: Send: " in capsys.readouterr().out


def test_uncommitted_files_are_said(folder, capsys):
    repository(folder)
    (folder / "scenarios" / "new.yaml").write_text(scenario())
    assert gate() == 0
    out = capsys.readouterr().out
    assert "judged with uncommitted changes: scenarios/new.yaml" in out
    assert "and 1 uncommitted file" in out


def test_without_a_repository_what_needs_none_is_done(folder, capsys):
    project(folder, first=scenario())
    assert gate() == 0
    assert (
        "this folder, which is not in a repository, without a base to compare with" in capsys.readouterr().out
    )


def test_a_budget_that_is_over_leaves_parts_out_and_says_how_to_do_them(folder, capsys, monkeypatch):
    repository(folder, a=scenario(), b=FAILING)
    assert gate("--budget", "0.001s") == 0
    out = capsys.readouterr().out
    assert "  scenarios: no time is left: harness run" in out
    assert "PASSED IN PART" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--base", "nothing"], "--base: commit 'nothing' not found; give a branch"),
        (["--base", "-x"], "expected one argument"),
        (["--base-template", "nothing.yaml"], "--base-template: nothing.yaml: No such file or directory"),
        (["--base-template", "pyproject.toml"], "--base-template: pyproject.toml"),
        (["--base", "main", "--base-template", "template.yaml"], "not allowed with argument"),
        (["--budget", "0s"], "--budget: a budget of 0s is too short"),
        (["--budget", ""], "--budget: invalid budget '': write a number and a unit"),
        (["--budget", "soon"], "--budget: invalid budget 'soon'"),
        (["--json", "-", "--sarif", "-"], "--json and --sarif cannot both be written to stdout"),
        (["--json", "."], ". is a folder; name a file"),
    ],
)
def test_what_is_wrong_is_refused_with_2_before_anything_starts(folder, capsys, arguments, said):
    repository(folder)
    try:
        code = gate(*arguments)
    except SystemExit as ended:
        code = ended.code
    assert code == 2
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""


def test_a_base_without_a_repository_and_in_a_shallow_clone_is_refused(folder, capsys):
    project(folder, first=scenario())
    assert gate("--base", "main") == 2
    assert "--base: " in (said := capsys.readouterr().err)
    assert "not a git repository" in said
    repository(folder / "origin")
    git(folder, "clone", "-q", "--depth", "1", f"file://{folder}/origin", "clone")
    shutil.copytree(folder / "clone", folder, dirs_exist_ok=True)
    assert gate("--base", "HEAD~1") == 2
    assert "fetch-depth: 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("gate.base = 'nothing'", "pyproject.toml: [tool.harness.gate] base: commit 'nothing' not found"),
        ("gate.fail = ['scenario-fail']", "gate.fail: unknown rule 'scenario-fail'; did you mean"),
        (
            "accept = [{rule = 'scenario-x', subject = 'a', reason = 'b'}]",
            "accept[0].rule: unknown rule 'scenario-x'",
        ),
        ("gate.baseline = 'none.toml'", "none.toml: cannot be read"),
    ],
)
def test_wrong_settings_are_refused_with_2(folder, capsys, settings, said):
    repository(folder)
    (folder / "pyproject.toml").write_text(PYPROJECT + settings + "\n")
    assert gate() == 2
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""


def test_a_baseline_accepts_what_there_is_until_it_is_mended(folder, capsys):
    repository(folder, bad=FAILING)
    assert gate("--write-baseline", "baseline.toml") == 0
    assert "baseline.toml: accepts the current findings; review it" in capsys.readouterr().out
    (folder / "pyproject.toml").write_text(PYPROJECT + "gate.baseline = 'baseline.toml'\n")
    assert gate("--json", "g.json") == 0
    (found, note) = json.loads((folder / "g.json").read_text())["findings"]
    assert (found["rule"], found["accepted"]) == ("accept-unreviewed", None)
    assert (note["rule"], note["accepted"]) == ("scenario-failed", "to be reviewed")
    (folder / "scenarios" / "bad.yaml").write_text(scenario())
    assert gate("--json", "g.json") == 0
    assert [each["rule"] for each in json.loads((folder / "g.json").read_text())["findings"]] == [
        "accept-unused"
    ]


def test_an_entry_that_has_ended_fails_the_gate(folder, capsys):
    repository(folder)
    entry = '\n[[tool.harness.accept]]\nlimit = "sns-message"\nreason = "why"\nuntil = 2020-01-31\n'
    (folder / "pyproject.toml").write_text(PYPROJECT + entry)
    assert gate() == 1
    assert (
        "pyproject.toml:4: error: accept-ended: the acceptance of sns-message expired on 2020-01-31"
        in capsys.readouterr().out
    )


def test_subjects_are_the_same_wherever_the_gate_is_started(folder, monkeypatch):
    repository(folder / "inner", bad=FAILING)
    subjects = []
    for place, path in ((folder, "inner/scenarios"), (folder / "inner", "scenarios")):
        monkeypatch.chdir(place)
        assert gate("--json", str(folder / "g.json"), path) == 1
        (found,) = json.loads((folder / "g.json").read_text())["findings"]
        subjects.append((found["subject"], found["fingerprint"], found["file"]))
    assert subjects[0] == subjects[1]
    assert subjects[0][0] == "scenarios/bad.yaml"


def test_settings_decide_what_fails(folder, capsys):
    repository(folder, bad=FAILING)
    (folder / "pyproject.toml").write_text(PYPROJECT + "gate.warn = ['scenario-*']\n")
    assert gate() == 0
    assert "warning: scenario-failed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code", "stopped"),
    [
        (KeyboardInterrupt, 130, "the run was stopped by Ctrl-C"),
        (ZeroDivisionError, 4, "the gate crashed: ZeroDivisionError"),
    ],
)
def test_what_was_found_before_the_end_is_in_the_reports(folder, monkeypatch, error, code, stopped):
    def run(_):
        yield finding()
        raise error

    repository(folder)
    monkeypatch.setattr("harness.cli.gate.PARTS", (Part("odd", run, (ERROR,)),))
    assert gate("--json", "g.json", "--write-baseline", "b.toml") == code
    document = json.loads((folder / "g.json").read_text())
    assert (document["stopped"], document["verdict"]) == (stopped, "FAILED")
    assert [each["rule"] for each in document["findings"]] == ["test-error"]
    assert not (folder / "b.toml").exists()


def test_an_empty_folder_says_how_to_begin(folder, capsys):
    assert gate() == 2
    assert "To begin, write" in capsys.readouterr().err
