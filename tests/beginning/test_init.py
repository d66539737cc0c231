"""`harness init`: from a repository to a passing scenario. For empty folders, see test_tutorial.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from minimal_project import PUBLISHES, TEMPLATE, write

from harness.beginning.example import FILES, INPUT
from harness.cli import main
from harness.exit_codes import PASSED, WRONG

pytestmark = pytest.mark.usefixtures("kept_engines")

FIRST = """\
# yaml-language-server: $schema=schema.json
title: The first run
run: {input: {}}
expect:
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.parent / "cache"))
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_run_that_lacks_its_input_is_recorded_and_says_how_to_go_on(here, capsys):
    write(
        here,
        {path: text.replace('event.get("name", "world")', 'event["name"]') for path, text in FILES.items()},
    )
    assert main(["init"]) == PASSED
    assert [
        line for line in capsys.readouterr().out.splitlines() if "ended" in line or "record " in line
    ] == [
        "its first run ended with FAILED: KeyError: 'name'",
        "if its input is missing: change `run: {input: ...}` in scenarios/first.yaml, and record it "
        "again: harness record --update scenarios/first.yaml",
    ]
    scenario = here / "scenarios/first.yaml"
    recorded = """execution: {status: FAILED, error: KeyError, cause: {contains: "'name'"}}"""
    assert recorded in scenario.read_text()
    assert main(["run"]) == PASSED
    scenario.write_text(scenario.read_text().replace("{input: {}}", f"{{input: {INPUT}}}"))
    assert main(["record", "--update", "scenarios/first.yaml"]) == PASSED
    assert "status: SUCCEEDED" in scenario.read_text()
    assert "KeyError" not in scenario.read_text()
    assert main(["run"]) == PASSED


def test_a_repository_keeps_its_files(here, capsys):
    other = '[project]\nname = "shop"  # ours\n'
    write(here, {"pyproject.toml": other, "infra/template.yaml": TEMPLATE})
    assert main(["init"]) == PASSED
    table = '\n[tool.harness]\ntemplate = "infra/template.yaml"\n'
    assert (here / "pyproject.toml").read_text() == other + table
    assert (here / "scenarios/first.yaml").read_text().startswith(FIRST)
    assert main(["validate"]) == PASSED
    capsys.readouterr()


@pytest.mark.usefixtures("nothing_starts")
def test_of_several_one_is_asked_for_and_nothing_is_written(here, capsys):
    write(here, {"a/template.yaml": TEMPLATE, "b/template.yaml": PUBLISHES})
    before = names(here)
    assert main(["init"]) == WRONG
    assert (
        "harness init --template a/template.yaml\n  harness init --template b/template.yaml"
        in capsys.readouterr().err
    )
    assert main(["init", "--template", "b/template.yaml"]) == WRONG
    assert "--machine Publish or --machine Nothing" in capsys.readouterr().err
    assert main(["init", "--template", "b/template.yaml", "--machine", "Publsh"]) == WRONG
    assert "contains Publish, Nothing; name one of them" in capsys.readouterr().err
    assert main(["init", "--template", "c.yaml"]) == WRONG
    write(here, {"scenarios/first.yaml": "mine"})
    assert main(["init", "--template", "a/template.yaml"]) == WRONG
    assert "scenarios/first.yaml already exists and is not overwritten" in capsys.readouterr().err
    assert names(here) == [*before, "scenarios/first.yaml"]


def test_a_first_run_that_comes_to_no_end_leaves_a_draft(here, capsys):
    write(here, {"template.yaml": TEMPLATE.replace('"Type": "Succeed"', '"Type": "Sucseed"')})
    assert main(["init"]) == PASSED
    assert "scenarios/first.yaml is a draft, because its first run did not end:" in capsys.readouterr().err
    assert (here / "scenarios/first.yaml").read_text() == FIRST.replace(
        "expect:\n", "expect: {execution: {status: SUCCEEDED}}\n"
    )


def test_a_definition_alone_is_enough(here, capsys):
    definition = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": 3, "End": True}}}
    write(here, {"flow.asl.json": json.dumps(definition)})
    assert main(["init"]) == PASSED
    assert 'definition = "flow.asl.json"' in (here / "pyproject.toml").read_text()
    assert "output: 3" in (here / "scenarios/first.yaml").read_text()
    capsys.readouterr()
