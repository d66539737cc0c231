"""`harness lint`: definitions and templates as files, in four formats, without an engine."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from minimal_project import TEMPLATE

from harness.cli import main

GOOD = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
BAD = '{"StartAt": "A",\n "States": {"A": {"Type": "Pass", "Next": "B"}}}'
REFUSED = TEMPLATE.replace("RoleArn:", "RoleAnr:")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def test_a_definition_that_aws_takes_says_so_and_ends_with_0(folder, capsys):
    (folder / "flow.asl.json").write_text(GOOD)
    assert main(["lint", "flow.asl.json"]) == 0
    assert capsys.readouterr() == ("", "0 errors, 0 warnings in 1 file\n")


def test_a_line_for_each_problem_of_all_files_and_1(folder, capsys):
    (folder / "flow.asl.json").write_text(BAD)
    (folder / "template.yaml").write_text(REFUSED)
    assert main(["lint", "flow.asl.json", "template.yaml"]) == 1
    lines, said = capsys.readouterr()
    assert (
        "flow.asl.json:2:35: error: MISSING_TRANSITION_TARGET: Missing 'Next' target: B; states: A"
        in lines.splitlines()
    )
    assert "template.yaml:10:7: error: E3002: unknown key 'RoleAnr' in Machine; " in lines
    assert "template.yaml:9:5: error: E3003: 'RoleArn' is missing in Machine; add it" in lines
    assert said == "4 errors, 0 warnings in 2 files\n"


def test_the_definition_inside_of_a_template_is_checked_too(folder, capsys):
    (folder / "template.yaml").write_text(TEMPLATE.replace('"Type": "Succeed"', '"Type": "Sucseed"'))
    assert main(["lint", "template.yaml"]) == 1
    (line,) = capsys.readouterr().out.splitlines()  # cfn-lint's own text for it is omitted
    assert line.startswith("template.yaml:11:7: error: SCHEMA_VALIDATION_FAILED: ")


def test_cfn_lint_is_off_where_the_settings_say_so(folder, capsys):
    (folder / "template.yaml").write_text(REFUSED)
    (folder / "pyproject.toml").write_text("[tool.harness]\nlint = false\n")
    assert main(["lint", "template.yaml"]) == 0


@pytest.mark.parametrize("text", [BAD, TEMPLATE.replace('"Done": {', '"Odd": {')])
def test_stdin_is_a_file_as_well(monkeypatch, capsys, text):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    assert main(["lint", "-"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert all(line.startswith("<stdin>:") for line in lines)
    assert not any("/tmp" in line for line in lines)


def test_json_has_each_part_of_a_problem(folder, capsys):
    (folder / "flow.asl.json").write_text(BAD)
    assert main(["lint", "--format", "json", "flow.asl.json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert {each["code"] for each in found} == {"MISSING_TRANSITION_TARGET", "MISSING_END_STATE"}
    assert found[-1] == {
        "file": "flow.asl.json",
        "line": 2,
        "column": 35,
        "severity": "error",
        "code": "MISSING_TRANSITION_TARGET",
        "message": "Missing 'Next' target: B",
        "remedy": "states: A",
        "subject": "/States/A/Next",
    }


@pytest.mark.parametrize("text", [GOOD, BAD])
def test_sarif_is_of_the_schema(folder, capsys, text):
    (folder / "flow.asl.json").write_text(text)
    main(["lint", "--format", "sarif", "flow.asl.json"])
    log = json.loads(capsys.readouterr().out)
    from sarif_kit.validate import assert_valid  # not when only the MiniStack tests run

    assert_valid(log)
    assert len(log["runs"][0]["results"]) == (2 if text == BAD else 0)


def test_github_gets_commands(folder, capsys):
    (folder / "flow.asl.json").write_text(BAD)
    main(["lint", "--format", "github", "flow.asl.json"])
    assert (
        "::error file=flow.asl.json,line=2,col=35,title=MISSING_TRANSITION_TARGET::"
        "Missing 'Next' target: B; states: A" in capsys.readouterr().out.splitlines()
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing.json", "nothing.json: cannot be read (No such file or directory); specify a file"),
        (".", ". is a folder; name files"),
        ("odd.json", "odd.json: not UTF-8"),
    ],
)
def test_what_is_no_file_is_refused_with_2_and_the_others_are_checked(folder, capsys, name, said):
    (folder / "odd.json").write_bytes(b"\xff\xfe{")
    (folder / "flow.asl.json").write_text(BAD)
    assert main(["lint", "flow.asl.json", name]) == 2
    assert said in capsys.readouterr().err


def test_no_engine_and_no_client_of_aws_is_imported(folder):
    (folder / "flow.asl.json").write_text(BAD)
    code = (
        "import sys; from harness.cli import main; main(['lint', 'flow.asl.json']); "
        "print(sorted({'moto', 'boto3', 'flask', 'cfnlint', 'rich'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
